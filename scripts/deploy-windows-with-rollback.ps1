# Deploys the stack in this folder; a deployment that fails is undone.
# Only a wrapper: flags are translated for `backstay deploy`, whose --help lists them; what is not known here is passed on.
[CmdletBinding(PositionalBinding = $false)]
param(
    [switch]$SkipCert,
    [switch]$SkipEnv,
    [switch]$NoBackup,
    [switch]$NoBuild,
    [switch]$Force,
    [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest = @()
)

$arguments = @('deploy')
if ($SkipCert) { $arguments += '--skip-cert' }
if ($SkipEnv) { $arguments += '--skip-env' }
if ($NoBackup) { $arguments += '--no-backup' }
if ($NoBuild) { $arguments += '--no-build' }
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
