run t\
#dockfix:format off
#dockfix:format on
 r