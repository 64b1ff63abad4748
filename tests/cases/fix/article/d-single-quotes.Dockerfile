FROM python:3.12
COPY . .
CMD ['python', 'main.py']
