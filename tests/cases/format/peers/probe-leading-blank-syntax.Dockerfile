
# syntax=example.com/other
FROM alpine
