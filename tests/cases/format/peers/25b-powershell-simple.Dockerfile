FROM mcr.microsoft.com/windows/nanoserver:1809
RUN   powershell -Command   Get-Date   ;   exit 0
