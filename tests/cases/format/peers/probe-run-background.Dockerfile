FROM alpine:3.20
RUN a   &   b
RUN server   & \
  sleep 1;   test
