FROM alpine:3.20
CMD java $JAVA_OPTS -jar app.jar
