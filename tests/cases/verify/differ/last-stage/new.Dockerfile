FROM alpine AS b
RUN b
FROM alpine AS a
RUN a
