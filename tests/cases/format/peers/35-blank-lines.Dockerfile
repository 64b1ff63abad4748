


FROM alpine



RUN a


# c


RUN b



