"""vlmshim beside its peers, in the same run: prints tables with ratios and aims. Started by ./dev bench."""

import argparse
import importlib
import os
import signal
import sys

from bulk import enter_namespace
from common import Bench, HELPER, LOOKUP, VLMSHIM, say
import report

# name -> module, in the order in which they run.
GROUPS = {"start-up": "start_up", "rest": "rest", "signals": "signals", "readiness": "readiness", "teardown": "teardown",
          "look-up": "look_up", "growth": "growth"}


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split(". Started")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all")
    parser.add_argument("--quick", action="store_true", help="fewer runs: a look, no result")
    parser.add_argument("--smoke", action="store_true", help=argparse.SUPPRESS)  # for the tests: does it work at all?
    parser.add_argument("--json", metavar="FILE", help="write all figures")
    parser.add_argument("--results", metavar="FILE", help="write the tables as Markdown, if all groups were run in full")
    options = parser.parse_args()
    for name in options.groups:
        if name not in GROUPS:
            parser.error(f"no group '{name}', but {', '.join(GROUPS)}")
    return options


def measure(bench, names):
    """(tables by group, aims, whether all went well)"""
    groups, aims, well = {}, report.binary_aims(), True
    for name in names:
        say(f"{name} ...")
        try:
            tables, more = importlib.import_module(GROUPS[name]).run(bench)
        except Exception as error:  # the other groups continue
            bench.note(f"{name}: not measured: {type(error).__name__}: {error}")
            well = False
            continue
        for table in tables:
            report.show(table)
        groups[name] = tables
        aims += more
    return groups, aims, well


def main():
    options = parse()
    for name, path in (("VLMSHIM", VLMSHIM), ("VLMSHIM_BENCH", HELPER), ("VLMSHIM_BENCH_LOOKUP", LOOKUP)):
        if not (os.path.isfile(path) and os.access(path, os.X_OK)):
            sys.exit(f"bench.py: ${name} must be the path of an executable")
    enter_namespace()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))  # cleans up what was started
    pace = "smoke" if options.smoke else "quick" if options.quick else "full"
    names = options.groups or list(GROUPS)
    bench = Bench(pace)
    if pace != "smoke" and report.LOAD > os.cpu_count() / 2:
        bench.note(f"load average {report.LOAD} on {os.cpu_count()} cores before the start: the machine is used by others, which affects all figures")
    try:
        groups, aims, well = measure(bench, names)
        report.show_aims(aims)
        figures = options.json or bench.file("json")
        report.write_json(figures, pace, groups, aims, bench.notes)
        complete = list(groups) == list(GROUPS)
        if options.results and pace == "full" and complete:
            report.draw_charts(bench, figures)
            report.write_markdown(options.results, groups, aims, bench.notes)
        elif pace == "smoke" and complete:
            report.draw_charts(bench, figures, bench.folder / "charts")
    finally:
        bench.close()
    # A smoke run has to find what does not work: a note is a failure.
    sys.exit(0 if well and not (pace == "smoke" and bench.notes) else 1)


if __name__ == "__main__":
    main()
