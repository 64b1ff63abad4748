FROM alpine
RUN a   && \
   b
ENV A=1 \
  B=2


CMD ["x"]