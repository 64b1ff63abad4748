FROM alpine
SHELL ["/bin/bash", "-c"]
RUN a
CMD run it
SHELL ["/bin/ash", "-c"]
