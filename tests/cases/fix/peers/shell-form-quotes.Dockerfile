FROM alpine:3.20
CMD printf "%s" \"q\" 'a b'
