FROM a
COPY  <<-'X\
 Y'  /b
a
X Y
