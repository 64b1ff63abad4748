ENV T \
 