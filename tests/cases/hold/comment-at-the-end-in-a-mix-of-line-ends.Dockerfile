RUN\

#
#