FROM alpine AS base
RUN a
FROM debian
RUN b
