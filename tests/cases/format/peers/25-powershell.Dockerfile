FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL [ "powershell","-Command", "$ErrorActionPreference = 'Stop';" ]
RUN Write-Host   "a  b";   \
    if (Test-Path C:\x) {   Remove-Item C:\x  }
run [Net.ServicePointManager]::SecurityProtocol   =  'tls12'
