#  Syntax = docker/dockerfile:1
#check=skip=all
# note   about the file
from alpine
