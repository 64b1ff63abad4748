FROM alpine:3.20
RUN PYTHONDONTWRITEBYTECODE=1 \
 pip install --no-cache-dir \
   -r requirements.txt
RUN a && \
  CGO_ENABLED=0 GOOS=linux \
  go build -o /x \
     ./cmd/x && \
  FOO=1 make \
    all
RUN A=1 \
  B=2 \
  && export A
