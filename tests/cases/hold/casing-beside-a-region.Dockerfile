from e
RUN a
#dockfix:format off
FROM y
run b
run c
