FROM alpine \
  # the first stage
    as   base
FROM \
# the second
base
