FROM python:3.12
COPY . .
CMD ["python", "old.py"]
CMD ["python", "main.py"]
