FROM alpine
RUN <<END
#!/bin/sh
a
END
