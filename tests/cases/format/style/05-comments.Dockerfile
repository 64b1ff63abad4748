RUN a && \
# why b
    b && \

    c   # not a comment line: shell text to the end of the line
