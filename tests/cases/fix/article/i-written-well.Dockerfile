FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]

FROM debian:12
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential \
    && make \
    && apt-get purge -y build-essential \
    && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["ping"]
CMD ["localhost"]
