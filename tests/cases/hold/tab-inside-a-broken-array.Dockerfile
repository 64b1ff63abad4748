FROM a
COPY  ["a	", 	"/b"]
VOLUME  ["	/a"]
