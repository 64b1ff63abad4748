FROM debian
SHELL ["/bin/bash", "-c"]
RUN a=( 1   2 \
3 ) && \
   echo "${a[@]}"   <(cat x)   && [[ $a == b*   ]] && ((   i++   ))
