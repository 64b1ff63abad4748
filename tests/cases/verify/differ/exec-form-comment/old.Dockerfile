FROM alpine
CMD ["a"]
