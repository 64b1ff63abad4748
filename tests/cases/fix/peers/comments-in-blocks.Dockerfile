FROM alpine:3.20
COPY . .

# note one, separated by a blank line

# note two
# note three
#
# note four

# about the next
RUN x
