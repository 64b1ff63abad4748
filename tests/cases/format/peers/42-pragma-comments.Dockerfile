# syntax=docker/dockerfile:1

# hadolint global ignore=DL3008
#region build
FROM alpine
#!not a shebang
# hadolint ignore=DL3018
   # check=skip=JSONArgsRecommended
RUN apk add curl
#  +-------+
#  | a   b |
#  +-------+
#endregion
CMD x
