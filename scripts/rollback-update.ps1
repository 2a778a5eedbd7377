# Rolls services of the stack in this folder back to how they were before an update.
# Only a wrapper: flags are translated for `backstay rollback --updates`, whose --help lists them; what is not known here is passed on.
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Position = 0)][string]$BackupPath = '',
    [switch]$Force,
    [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest = @()
)

$arguments = @('rollback', '--updates')
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
