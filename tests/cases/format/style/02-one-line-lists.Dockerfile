RUN curl -fsSL https://example.com/a.tar.gz | tar -xz -C /opt && ln -s /opt/a/bin/a /usr/local/bin/a
RUN curl -fsSL https://example.com/releases/download/v1.2.3/some-long-name-linux-amd64.tar.gz | tar -xz -C /opt && ln -s /opt/a/bin/a /usr/local/bin/a
