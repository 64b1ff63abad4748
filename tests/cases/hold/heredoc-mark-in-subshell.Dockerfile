FROM a
RUN ( <<N cat)
1
N
RUN (<<N cat)
RUN b
