FROM alpine
CMD run it
SHELL ["/bin/ash", "-c"]
RUN make
