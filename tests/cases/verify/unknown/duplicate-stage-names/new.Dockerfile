FROM alpine AS a
RUN a
FROM debian AS b
COPY --from=a /x /y
FROM alpine AS a
RUN d
