FROM --platform=$BUILDPLATFORM alpine
RUN a
