FROM alpine AS a
ENV A=1
RUN a
FROM a
RUN b
