#!/bin/sh
# serve.sh PORT: the model server of `./dev demo`. With VLMSHIM_STANDIN the stand-in that it
# names; otherwise llama-server, which takes its model from LLAMA_ARG_HF_REPO or LLAMA_ARG_MODEL.
# `exec`, so that no shell stays between vlmshim and the server.
if [ -n "$VLMSHIM_STANDIN" ]; then
    exec "$VLMSHIM_STANDIN" --port "$1"
fi
exec llama-server --host 127.0.0.1 --port "$1"
