FROM alpine
RUN <<-'END'
	echo a
	END
