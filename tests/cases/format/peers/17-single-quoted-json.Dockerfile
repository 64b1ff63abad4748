FROM alpine:3.20
CMD ['python',   'main.py']
