# syntax=docker/dockerfile:1
# a note
from alpine   as base
