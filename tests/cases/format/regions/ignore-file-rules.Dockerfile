# dockfix: ignore-file[all]
from   alpine
