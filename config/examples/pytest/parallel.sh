#!/bin/sh
# Runs side by side. pytest-xdist's workers share one server; several runs of vlmshim have a server each, since
# port = "auto" gives each its own port.
set -eu
cd "$(dirname "$0")"

vlmshim -- python3 -m pytest -q -n 4    # one server, four workers

jobs=
for part in health answer; do           # a server for each part, as a CI matrix does it
    vlmshim -- python3 -m pytest -q -k "$part" &
    jobs="$jobs $!"
done
status=0
for job in $jobs; do
    wait "$job" || status=$?
done
exit "$status"
