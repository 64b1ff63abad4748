from a as x
# last of x
run a
from b as y
from c
# about d
 # more
from d
