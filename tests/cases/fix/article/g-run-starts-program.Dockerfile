FROM python:3.12
WORKDIR /app
COPY . .
RUN python main.py
