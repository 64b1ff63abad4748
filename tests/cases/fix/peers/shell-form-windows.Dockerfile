FROM mcr.microsoft.com/windows/nanoserver:1809
CMD echo hello
