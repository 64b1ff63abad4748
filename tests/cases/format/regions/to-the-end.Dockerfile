from alpine



  # dockfix:format off
run   b



FROM y
run c  