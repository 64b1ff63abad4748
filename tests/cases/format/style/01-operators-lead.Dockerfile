RUN apt-get update && apt-get upgrade -y && \
  apt-get install -y --no-install-recommends curl \
     git  python3 && \
  rm -rf /var/lib/apt/lists/*
