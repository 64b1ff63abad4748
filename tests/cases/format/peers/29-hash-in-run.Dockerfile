FROM alpine:3.20
RUN echo a#b   "# c" '# d'   \
    '#e' && \
 echo $#   ${x#y}   # to the end   of it
