# escape=`
FROM alpine
RUN a   && `
# c
      b   |   c\d
CMD [ "a\\b" ]
COPY C:\a\   C:\b\
