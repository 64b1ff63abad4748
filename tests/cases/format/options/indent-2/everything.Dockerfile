FROM debian:bookworm
RUN set -eux; \
    if [ -n "$x" ]; then \
        apt-get install -y \
            curl; \
    fi; \
    make \
        && make install
ENV A=1 \
    B=2
LABEL a=1 \
      b=2
COPY a \
     b \
     /c/
CMD ["a", \
     "b"]
ENTRYPOINT [ \
  "a", \
  "b" \
]
