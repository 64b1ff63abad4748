FROM a
run 
#dockfix:format off
run