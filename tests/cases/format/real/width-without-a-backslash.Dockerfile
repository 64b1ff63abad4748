FROM debian:bookworm
RUN mkdir -p /usr/local/lib/docker/cli-plugins && ln -s /usr/bin/plugin-name /usr/local/lib/docker/plugins/ppppppppppppp
RUN mkdir -p /usr/local/lib/docker/cli-plugins && ln -s /usr/bin/plugin-name /usr/local/lib/docker/plugins/pppppppppppppp
RUN a; mkdir -p /usr/local/lib/docker/cli-plugins && ln -s /usr/bin/plugin-name /usr/local/lib/docker/plugins/pppppppppp; b
