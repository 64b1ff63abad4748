FROM python
RUN set -eux; \
	find /usr/local -depth \
		\( \
			\( -type d -a \( -name test -o -name tests -o -name idle_test \) \) \
			-o \( -type f -a \( -name '*.pyc' -o -name '*.pyo' \) \) \
		\) -exec rm -rf '{}' + \
	; \
	find / -type f '(' \
	-name a -o \
	-name b ')' \
	-delete
RUN find . \( -name a \
  -o -name b \) \
  -print
RUN find . \) \
 -name a \( \
  -name b
