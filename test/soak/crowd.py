"""Many runs side by side, as a node of a cluster or a CI machine has them: each with a server on a port of its own, and one
in ten killed with SIGKILL. Started by ./dev soak crowd.

What is checked, without vlmshim: no two runs have the same port at the same time, each ends as it should, and nothing of it
is left. What is measured: memory and descriptors of keeper and supervisor, in the middle of a run.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
for _name in ("VLMSHIM", "VLMSHIM_FIXTURE"):
    if not os.access(os.environ.get(_name, ""), os.X_OK):
        sys.exit(f"crowd.py: ${_name} must be the path of an executable")
    os.environ[_name] = os.path.abspath(os.environ[_name])

import harness  # noqa: E402 - now that the environment says where the binaries are
from harness import fixture, Stage, toml  # noqa: E402
from oracle import get, listening  # noqa: E402
from procs import READY, STUCK, supervisor_of, until  # noqa: E402

KILLED_EVERY = 10
TEST = 'echo "$VLMSHIM_PORT" > port.part && mv port.part port; exec sleep "$0"'
AFTER_A_KILL = 5.0  # seconds; an idle machine needs 0.1


class Crowd:
    def __init__(self, seconds):
        self.seconds = seconds
        self.lock = threading.Lock()
        self.live = {}   # port: number of the run that has it
        self.ports = set()
        self.failed = []
        self.runs = 0
        self.memory, self.descriptors = [], []
        self.end = {"by itself": [], "SIGKILL": []}  # seconds from the end of the test, or from the SIGKILL, until all is over

    def one(self, number):
        try:
            with Stage() as stage:
                self.play(stage, number)
        except AssertionError as problem:
            with self.lock:
                self.failed.append(f"run {number}: {problem}")

    def play(self, stage, number):
        server = fixture("serve", "{port}", "--ready", "server.pid")
        run = stage.plain("--", "sh", "-c", TEST, self.seconds, config=f'[server]\nport = "auto"\ncommand = {toml(server)}\n')
        path = stage.file("port")
        until(lambda: path.exists() or run.process.poll() is not None, READY + STUCK)
        harness.check(path.exists(), f"the test was not started; status {run.process.poll()}", run)
        port, begun = int(path.read_text()), time.monotonic()
        with self.lock:
            other = self.live.setdefault(port, number)
            self.ports.add(port)
        harness.check(other == number, f"port {port} is that of run {other}", run)
        try:
            harness.check(get(port, "/")[0] == 200, f"nobody answers on port {port}", run)
            supervisor = supervisor_of(run.pid)
            self.measure(run.pid, supervisor)
            if number % KILLED_EVERY == 0:
                self.kill(stage, run, port, begun)
            else:
                harness.check_equal(run.wait(self.seconds + STUCK), 0, "status", run)
                self.end["by itself"].append(time.monotonic() - begun - self.seconds)
                stage.prove_clean(port)
        finally:
            with self.lock:
                self.live.pop(port)
                self.runs += 1

    def kill(self, stage, run, port, begun):
        """The keeper, which is what the caller knows, at any moment of the test."""
        time.sleep(random.uniform(0, max(0.0, self.seconds - 0.5)))
        killed_at = time.monotonic()
        run.process.kill()
        run.process.wait()
        gone = until(lambda: not stage.left_over() and not listening(port), AFTER_A_KILL)
        harness.check(gone, f"left after SIGKILL: {stage.left_over()}, port {port} listened on: {listening(port)}", run)
        self.end["SIGKILL"].append(time.monotonic() - killed_at)

    def measure(self, *processes):
        memory = descriptors = 0
        for pid in processes:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith(("Private_Clean", "Private_Dirty")):
                    memory += int(line.split()[1])
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        with self.lock:
            self.memory.append(memory)
            self.descriptors.append(descriptors)

    def report(self, seconds):
        for text in self.failed[:20]:
            print(f"FAILED {text}\n")
        print(f"{self.runs} runs in {seconds:.0f} s, {len(self.failed)} failed; {len(self.ports)} different ports; "
              f"{len(self.end['SIGKILL'])} ended by SIGKILL")
        for name, unit, values in (("private memory of a run", "KiB", self.memory), ("descriptors of a run", "", self.descriptors)):
            if values:
                print(f"{name + ' (keeper and supervisor)':50} median {statistics.median(values):.0f} {unit}, most {max(values)} {unit}")
        for name, values in self.end.items():
            if values:
                print(f"{'until all is over, ended ' + name:50} median {statistics.median(values) * 1000:.0f} ms, most {max(values) * 1000:.0f} ms")


def main():
    parser = argparse.ArgumentParser(prog="./dev soak crowd")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=20, help="side by side")
    parser.add_argument("--seconds", type=float, default=2.0, help="that each test takes")
    options = parser.parse_args()
    crowd, started = Crowd(options.seconds), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(crowd.one, range(options.runs)))
    crowd.report(time.monotonic() - started)
    return 0 if crowd.runs == options.runs and not crowd.failed else 1


if __name__ == "__main__":
    sys.exit(main())
