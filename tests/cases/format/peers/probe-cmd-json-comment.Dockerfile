FROM alpine:3.20
CMD ["a",\
# why b
"b"]
CMD ["x"]   # note
