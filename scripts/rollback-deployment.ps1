# Rolls the stack in this folder back to a backup.
# Only a wrapper: flags are translated for `backstay rollback`, whose --help lists them; what is not known here is passed on.
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)][string]$BackupPath = '',
    [switch]$Force,
    [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest = @()
)

$arguments = @('rollback')
if ($BackupPath) { $arguments += $BackupPath }
if ($Force) { $arguments += '--force' }
$arguments += @($Rest | Where-Object { $_ })

if (-not (Get-Command backstay -ErrorAction SilentlyContinue)) {
    # Windows PowerShell reads this file in the local code page: the Chinese words are made of their code points.
    $missing = -join ([char[]](0x4E2D, 0x627E, 0x4E0D, 0x5230))
    [Console]::Error.WriteLine("backstay is not in PATH / PATH $missing backstay")
    exit 127
}
Push-Location -LiteralPath $PSScriptRoot
try {
    & backstay @arguments
    $code = $LASTEXITCODE
}
finally {
    Pop-Location
}
exit $code
