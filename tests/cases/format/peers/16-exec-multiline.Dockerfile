FROM alpine:3.20
ENTRYPOINT [ "/bin/app", \
# the port
  "--port","80" \
]
CMD [ \
"a" , \
# last
"b\u00e9\"c" ]
