FROM alpine
# café   
ENV A=café   B=1
run echo "ÿ   þ"   &&   true
