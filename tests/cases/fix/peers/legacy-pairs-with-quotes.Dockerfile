FROM alpine:3.20
ENV JAVA_OPTS "-Xmx1g -Xms1g"
LABEL maintainer "Jo Doe <jo@example.com>"
ENV Q 'single $PATH'
ENV G a\ b
ENV W C:\\x\\y z
ENV T b	c
ENV Z a​b
