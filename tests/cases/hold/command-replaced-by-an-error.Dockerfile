FROM a
CMD a
CMD --n
