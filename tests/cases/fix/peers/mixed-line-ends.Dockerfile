FROM debian
MAINTAINER Jo
ENV A b
run a  &&   b
CMD x
