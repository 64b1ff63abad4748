from alpine
RUN   a  
CMD [ "b" ]
EXPOSE 443
EXPOSE 80/tcp
LABEL a 1
