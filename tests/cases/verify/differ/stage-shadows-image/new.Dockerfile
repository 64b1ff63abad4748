FROM alpine AS debian
RUN a
FROM debian
RUN b
