FROM
RUN   a
COPY   x
