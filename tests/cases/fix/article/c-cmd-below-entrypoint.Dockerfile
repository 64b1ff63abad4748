FROM debian:12
ENTRYPOINT ["ping"]
CMD localhost
