FROM alpine
SHELL ["/bin/ash", "-c"]
CMD run it
RUN make
