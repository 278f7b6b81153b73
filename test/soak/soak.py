"""Random runs of vlmshim, with random endings, descendants and kills, and an oracle that is independent of vlmshim.

A run is drawn from the seed and its number alone: --seed S --only K repeats that one. Started by ./dev soak.
"""

import argparse
import collections
import itertools
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
for _name in ("VLMSHIM", "VLMSHIM_FIXTURE"):
    if not os.access(os.environ.get(_name, ""), os.X_OK):
        sys.exit(f"soak.py: ${_name} must be the path of an executable")
    os.environ[_name] = os.path.abspath(os.environ[_name])

import harness  # noqa: E402 - now that the environment says where the binaries are
from draw import ACTS, NEEDS_ROOT, draw  # noqa: E402
from oracle import free_port  # noqa: E402
from play import play  # noqa: E402
from sweep import Sweep  # noqa: E402

PROBLEMS = {"leak": "leaks", "port": "held ports", "status": "wrong statuses", "stuck": "stuck runs", "bystander": "innocents hurt"}
SAY_EVERY = 10.0  # seconds
SWEEP_EVERY = 20  # runs of a worker


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.runs = 0
        self.failed = []
        self.problems = collections.Counter()
        self.acts = collections.Counter()
        self.teardowns = []  # (seconds, seed, number, act)
        self.kills = []      # seconds from a SIGKILL of the keeper until all processes had ended
        self.orphans = self.orphaned_runs = self.recovered = 0
        self.started = time.monotonic()

    def add(self, seed, scenario, played):
        with self.lock:
            self.runs += 1
            self.acts[scenario.act] += 1
            if played.teardown is not None and not played.problems:
                self.teardowns.append((played.teardown, seed, scenario.number, scenario.act))
                if scenario.act == "keeper_killed":
                    self.kills.append(played.teardown)
            self.orphans += played.orphans
            self.orphaned_runs += played.orphans > 0
            self.recovered += played.recovered
            self.problems.update(kind for kind, _text in played.problems)
            if played.problems:
                self.failed.append((seed, scenario.number))
                print_failure(seed, scenario, played)

    def add_late(self, found):
        """Processes that a later look found of a run that was taken for clean."""
        with self.lock:
            for (seed, number, act), text in found:
                if act == "both_killed":
                    self.orphans += 1
                    continue
                self.problems["leak"] += 1
                self.failed.append((seed, number))
                print(f"\nFAILED --seed {seed} --only {number}: {act}, found later: {text}", flush=True)

    def line(self):
        seconds = time.monotonic() - self.started
        bad = ", ".join(f"{self.problems[kind]} {name}" for kind, name in PROBLEMS.items())
        return f"{self.runs} runs in {seconds:.0f} s ({self.runs / max(seconds, 0.1):.1f}/s): {bad}"


def print_failure(seed, scenario, played):
    words = scenario.left + scenario.body.words
    print(f"\nFAILED --seed {seed} --only {scenario.number}: {scenario.act}, status {played.status}, of {sorted(scenario.allowed)}")
    for kind, text in played.problems:
        print(f"  {kind}: {text}")
    print(f"  server: {scenario.server and scenario.server.words}\n  test: {words}\n  options: {scenario.options} {scenario.config}, isolate {scenario.isolate}")
    print(f"  signals {[number.name for number in scenario.signals]}, delay {scenario.delay:.4f}, gap {scenario.gap:.4f}, "
          f"early {scenario.early}, first_term {scenario.first_term}")
    print("  " + "\n  ".join(played.log.splitlines()[-30:]), flush=True)


def can_isolate():
    """As root, or where unprivileged user namespaces are allowed."""
    run = subprocess.run([harness.VLMSHIM, "--no-config", "-p", str(free_port()), "--isolate", "--", "true"],
                         stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if run.returncode != 0:
        print("NOT RUN: nothing with --isolate, which this system does not allow", flush=True)
        if harness.IN_CI:
            sys.exit("cannot be left out in CI")
    return run.returncode == 0


def acts_left_out():
    """Of those that need root."""
    if os.geteuid() == 0 and shutil.which("pkill") and shutil.which("setpriv"):
        return ()
    print(f"NOT RUN: {', '.join(NEEDS_ROOT)}: they need root, pkill and setpriv", flush=True)
    if harness.IN_CI:
        sys.exit("cannot be left out in CI")
    return NEEDS_ROOT


class Soak:
    def __init__(self, seeds, jobs, only=None, limit=None, act=None):
        """seeds: (seed, seconds) one after the other. act: only the runs that end in this way."""
        self.seeds, self.jobs, self.only, self.limit, self.act = seeds, jobs, only, limit, act
        self.tally, self.sweep = Tally(), Sweep()
        self.isolation_possible, self.left_out = can_isolate(), acts_left_out()
        self.stopped = False

    def numbers(self, seed, seconds):
        """Each number once over all workers; ends when the time is over."""
        if self.only is not None:
            yield self.only
            return
        end = time.monotonic() + seconds
        acts = ((number, draw(seed, number).act) for number in itertools.count())
        wanted = (number for number, act in acts if self.act in (None, act) and act not in self.left_out)
        for number in itertools.islice(wanted, self.limit):
            if self.stopped or time.monotonic() > end:
                return
            yield number

    def stop(self, *_):
        """For ^C: running scenarios are finished and reported; the second one ends at once."""
        self.stopped = True
        signal.signal(signal.SIGINT, harness.give_up)

    def work(self, seed, numbers, lock):
        ports = (free_port(), free_port())  # always the same ones: each run finds what the one before left
        bystander = subprocess.Popen(harness.fixture("pause"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                scenario = draw(seed, number)
                played = play(scenario, ports, self.isolation_possible)
                if bystander.poll() is not None:
                    played.blame("bystander", f"a process outside the run was ended ({bystander.returncode})")
                    bystander = subprocess.Popen(harness.fixture("pause"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
                self.tally.add(seed, scenario, played)
                self.sweep.add(played.cookie, (seed, number, scenario.act))
                if number % SWEEP_EVERY == 0:
                    self.tally.add_late(self.sweep.look())
        finally:
            bystander.kill()
            bystander.wait()

    def run(self):
        for seed, seconds in self.seeds:
            print(f"seed {seed}", flush=True)
            numbers, lock = self.numbers(seed, seconds), threading.Lock()
            workers = [threading.Thread(target=self.work, args=(seed, numbers, lock)) for _ in range(self.jobs)]
            for worker in workers:
                worker.start()
            said = time.monotonic()
            for worker in workers:
                while worker.is_alive():
                    worker.join(0.5)
                    if time.monotonic() - said > SAY_EVERY:
                        said = time.monotonic()
                        print(self.tally.line(), flush=True)
        self.tally.add_late(self.sweep.last_look())

    def report(self):
        tally = self.tally
        print("\n" + tally.line())
        for kind, name in PROBLEMS.items():
            print(f"{name:20} {tally.problems[kind]}")
        if tally.teardowns:
            worst = max(tally.teardowns)
            median = statistics.median(seconds for seconds, *_ in tally.teardowns)
            print(f"{'teardown':20} median {median * 1000:.0f} ms, worst {worst[0] * 1000:.0f} ms "
                  f"({worst[3]}, --seed {worst[1]} --only {worst[2]})")
        if tally.kills:
            print(f"{'keeper killed':20} all ended: median {statistics.median(tally.kills) * 1000:.0f} ms, "
                  f"worst {max(tally.kills) * 1000:.0f} ms")
        print(f"{'double kills':20} {tally.acts['both_killed']}: {tally.recovered} ports freed by the next run; "
              f"{tally.orphans} processes of {tally.orphaned_runs} runs orphaned by double kill, ended by the soak")
        print(f"{'endings':20} " + ", ".join(f"{act} {count}" for act, count in sorted(tally.acts.items())))
        for seed, number in tally.failed[:20]:
            print(f"repeat: ./dev soak --seed {seed} --only {number}")
        return not tally.failed and tally.runs > 0


def main():
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.splitlines()[0])
    parser.add_argument("minutes", nargs="?", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, help="what the runs are drawn from (random, and printed)")
    parser.add_argument("--jobs", type=int, default=3, help="runs side by side (3)")
    parser.add_argument("--runs", type=int, help="at most so many")
    parser.add_argument("--act", choices=sorted(ACTS), help="only the runs that end in this way")
    parser.add_argument("--only", type=int, metavar="K", help="run number K of the seed, once")
    parser.add_argument("--short", action="store_true", help="25 s: a fixed seed, then a random one; for the tests")
    options = parser.parse_args()
    harness.hear_typed_signals()
    fresh = random.randrange(1_000_000)
    seeds = [(fresh if options.seed is None else options.seed, options.minutes * 60)]
    if options.short:
        seeds = [(1, 12.0), (fresh, 13.0)]
    signal.signal(signal.SIGTERM, harness.give_up)  # ends the processes of the runs first
    soak = Soak(seeds, 1 if options.only is not None else options.jobs, options.only, options.runs, options.act)
    signal.signal(signal.SIGINT, soak.stop)
    soak.run()
    sys.exit(0 if soak.report() else 1)


if __name__ == "__main__":
    main()
