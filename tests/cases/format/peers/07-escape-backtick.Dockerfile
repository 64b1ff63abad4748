# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
# where things go
WORKDIR   C:\app\
COPY   bin\x.exe   C:\app\
RUN dir   C:\app `
    &&   whoami
