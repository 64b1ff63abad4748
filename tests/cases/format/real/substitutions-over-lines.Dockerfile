FROM alpine:3.20
RUN set -eux; \
	runDeps="$( \
		scanelf --needed   /usr/local \
			| tr ',' "\n" | \
# why sort
			sort -u \
	)"; \
	apk add "$(cat x   | \
	 sort)"; \
	x=$(find .   -name a \
 -o -name b \
   ) y=`a \
   b`; \
   echo "$(a   b)  $( \
   c   "d \
     e" && f )  g" \
  $(h \
  i)
RUN a && b="$( \
  c \
 )" && d
RUN for s in $(shuf -e \
      one \
    two) ; do   echo "$s"; done
RUN diff <(a |   b) <( \
  c )   && ( a $( (b \
 ) ) )
