# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
RUN   `
  Function Test() { `
    Write-Host   a `
  } ; `
  Test
RUN   `
  Write-Host b
RUN   --mount=type=cache,target=C:\x   `
  a `
  b
