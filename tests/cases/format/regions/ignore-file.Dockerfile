# dockfix: ignore-file  made by a machine
from   alpine
