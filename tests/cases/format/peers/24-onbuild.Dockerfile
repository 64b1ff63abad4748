FROM alpine:3.20
onbuild   run   echo  a  && \
    # inside
  echo   b
ONBUILD copy . /src
ONBUILD env A  b
ONBUILD run   a   
