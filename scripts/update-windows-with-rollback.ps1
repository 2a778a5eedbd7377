# Updates services of the stack in this folder; an update that fails is undone.
# Only a wrapper: flags are translated for `backstay update`, whose --help lists them; what is not known here is passed on.
[CmdletBinding(PositionalBinding = $false)]
param(
    [string[]]$Services = @(),
    [switch]$Force,
    [switch]$NoBuild,
    [switch]$NoBackup,
    [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest = @()
)

$arguments = @('update')
if ($Services) { $arguments += @('--services', ($Services -join ',')) }
if ($Force) { $arguments += '--force' }
if ($NoBuild) { $arguments += '--no-build' }
if ($NoBackup) { $arguments += '--no-backup' }
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
