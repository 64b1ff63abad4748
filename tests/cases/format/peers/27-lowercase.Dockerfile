from alpine as base
env a=1
run echo hi
copy . .
healthcheck none
cmd ["sh"]
