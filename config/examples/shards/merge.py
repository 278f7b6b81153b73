"""Adds up what the shards found.

    python3 merge.py --of 4 results

The folder has, for each shard K, result-K.json of evaluate.py and report-K.json of `vlmshim --report`. Exit status 0:
every shard has both, vlmshim ended none of them (124, 125), and all answers are right. The shards that are to be run
again are named.
"""

import argparse
import json
import pathlib
import sys


def read(path):
    """None: the file is not there, or is not whole."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def problem_of(result, report, count):
    """Why the shard does not count; None: it does."""
    if report is None:
        return "no report: vlmshim did not run, or what it wrote was lost"
    if report["exit_code"] in (124, 125):
        return f"vlmshim ended it with {report['exit_code']}: {report['reason']}"
    if report["verdict"] == "running":
        return "vlmshim did not get to its end"
    if result is None or result["run"] != report["run"]:  # the result of an earlier run may lie there
        end = f"killed by {report['signal']}" if report["signal"] else f"exit status {report['exit_code']}"
        return f"no result, {end} (the report says: {report['verdict']})"
    if result["of"] != count:
        return f"it is one of {result['of']} shards, not of {count}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--of", type=int, required=True)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()

    asked = right = 0
    again = []
    for shard in range(options.of):
        result = read(options.folder / f"result-{shard}.json")
        report = read(options.folder / f"report-{shard}.json")
        problem = problem_of(result, report, options.of)
        if problem:
            print(f"shard {shard}: {problem}")
            again.append(str(shard))
        else:
            print(f"shard {shard}: {result['right']} of {result['asked']} right, in {report['duration_ms'] / 1000:.1f} s")
            asked += result["asked"]
            right += result["right"]
    print(f"together: {right} of {asked} right")
    if again:
        print(f"to be run again: {','.join(again)}")
    return 0 if asked and right == asked and not again else 1


if __name__ == "__main__":
    sys.exit(main())
