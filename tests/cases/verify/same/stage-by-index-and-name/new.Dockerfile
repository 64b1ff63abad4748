FROM alpine AS build
RUN a
FROM scratch
COPY --from=BUILD x /y
