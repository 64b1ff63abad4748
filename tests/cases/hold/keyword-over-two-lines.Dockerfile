FRO\
M u