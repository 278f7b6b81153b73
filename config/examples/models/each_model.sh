#!/bin/sh
# pytest with each of several models: a run for each, one after another, so that one model is in memory at a time. The next
# one starts when nothing of the one before is left. Status 0: all passed; else that of the last one that did not.
set -eu
cd "$(dirname "$0")"

status=0
for model in small large; do
    MODEL=$model vlmshim -p auto -s "python3 ../server.py {port} $model" -r /health --report "report-$model.json" -- \
        python3 -m pytest -q --junitxml "result-$model.xml" || status=$?
done
exit "$status"
