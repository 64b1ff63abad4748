maintainer a
run `