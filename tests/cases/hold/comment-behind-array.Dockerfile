FROM a
CMD [""] # c
