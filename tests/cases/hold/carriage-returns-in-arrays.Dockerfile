FROM a
CMD ["a", "b" ]
SHELL ["a"]
VOLUME [	"a","b"]
