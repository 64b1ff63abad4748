FROM a
RUN cat <<EOF ;
a
EOF
RUN (cat <<EOF )
a
EOF
RUN (cat  <<EOF)
a
EOF)
RUN cat <<EOF&&b
a
EOF&&b
RUN cat <<EOF && b
a
EOF
