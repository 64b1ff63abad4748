FROM alpine AS a
RUN a
FROM alpine AS b
RUN b
FROM scratch
COPY --from=b /x /x
