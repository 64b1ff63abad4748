FROM a
ADD ["" ]
COPY [ "a"]
