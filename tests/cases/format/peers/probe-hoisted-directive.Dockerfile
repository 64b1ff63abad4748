FROM \
# escape=`
alpine
RUN   a
