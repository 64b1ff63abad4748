# one


#   two
