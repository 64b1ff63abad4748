FROM a AS x
RUN a
FROM b AS y
RUN b


# third
FROM c
