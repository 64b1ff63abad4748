# escape=`
FROM mcr.microsoft.com/windows/nanoserver:1809
COPY --from=0   ["C:\\Program Files\\Go",   "C:\\Go"]
