FROM a AS x
FROM b:1 AS b
# the third
FROM c AS c
RUN a
FROM x
