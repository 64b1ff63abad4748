FROM alpine AS a
CMD ["x"]
FROM a
ENTRYPOINT ["e"]
CMD ["x"]
