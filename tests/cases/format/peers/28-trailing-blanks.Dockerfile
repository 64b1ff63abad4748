FROM alpine   
# note   
ENV A=1   \  
    B=2  
RUN a   \	
    b   
   
CMD ["x"]   
