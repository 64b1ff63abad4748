CMD [ "nginx","-g" , "daemon off;" ]
ENTRYPOINT ["java", \
"-jar","app.jar"]
COPY  --from=build   /a  \
   /b  /dst/
healthcheck --interval=5s \
 cmd curl -f http://localhost/ || exit 1
RUN <<EOF
set -e
  echo   as it is
EOF
