FROM alpine:3.20
CMD ["one", \
  "two"]
# the one that counts
CMD ["three"]
