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
    [Console]::Error.WriteLine('backstay is not in PATH')
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
