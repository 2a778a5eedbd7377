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
