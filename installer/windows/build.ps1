# Build, install, try and remove Cinecor for Windows, on a Windows x64 runner with Python 3.11 and NSIS 3 on PATH:
#   powershell -ExecutionPolicy Bypass -File installer\windows\build.ps1
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")
function Check([string]$what) { if ($LASTEXITCODE -ne 0) { throw "$what failed with exit code $LASTEXITCODE" } }

$python = "build\installer\venv\Scripts\python.exe"
py -3.11 installer\build.py --payload-only; Check "build.py"
& $python installer\windows\compile.py --payload build\installer\cinecor; Check "makensis"

# Sign build\installer\Cinecor-*-setup.exe here, where there is a certificate:
#   signtool sign /fd SHA256 /tr http://timestamp.example /td SHA256 <file>

$setup = (Get-ChildItem build\installer\Cinecor-*-setup.exe | Sort-Object LastWriteTime | Select-Object -Last 1).FullName
$run = Start-Process $setup -ArgumentList "/S", "/CurrentUser" -Wait -PassThru
if ($run.ExitCode -ne 0) { throw "the installer ended with exit code $($run.ExitCode)" }
$folder = (Get-ItemProperty HKCU:\Software\Microsoft\Windows\CurrentVersion\Uninstall\Cinecor).InstallLocation
$run = Start-Process "$folder\cinecor.exe" -ArgumentList "selftest", "--json", "--out", "build\installer\selftest.json" -Wait -PassThru
if ($run.ExitCode -ne 0) { throw "the self-test ended with exit code $($run.ExitCode)" }
& "$folder\cinecor-cli.exe" model list; Check "cinecor-cli"
$run = Start-Process "$folder\uninstall.exe" -ArgumentList "/S", "/CurrentUser", "_?=$folder" -Wait -PassThru
if ($run.ExitCode -ne 0) { throw "the uninstaller ended with exit code $($run.ExitCode)" }
if (Test-Path "$folder\_internal") { throw "$folder\_internal was left behind" }
Get-FileHash $setup -Algorithm SHA256 | ForEach-Object { "$($_.Hash.ToLower())  $(Split-Path $_.Path -Leaf)" }
