RUN { echo 'opcache.memory_consumption=128'; \
		echo 'opcache.fast_shutdown=1'; \
	} > "$PHP_INI_DIR/conf.d/opcache.ini" && \
 ( cd /src && make )
