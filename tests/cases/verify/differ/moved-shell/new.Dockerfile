FROM alpine
SHELL ["/bin/bash", "-c"]
RUN a
SHELL ["/bin/ash", "-c"]
CMD run it
