FROM	alpine	as	base
ENV	A=1	\
		B=2
RUN	echo	a	&&	\
		echo	"b	c"
