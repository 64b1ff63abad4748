# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
shell [ "powershell","-Command" ]
run   Write-Host   a;   `
   Write-Host b; `
  # why
Write-Host c
