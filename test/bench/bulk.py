"""Thousands of processes, safely: below a limit, and only as many as fit."""

import contextlib
import os
import pathlib
import subprocess
import sys
import time
import uuid

from common import Series, helper, wait_for
from limits import PidsLimit

KIB_A_PROCESS = 200  # with the kernel memory of a process
OUR_OWN = 2000       # pids for the bench itself


def enter_namespace():
    """Where no limit can be set (not root), this program continues in a PID namespace, if that is allowed."""
    limit = PidsLimit(OUR_OWN)
    limit.close()
    if limit.possible() or os.getpid() == 1:
        return
    words = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    with contextlib.suppress(OSError):
        if subprocess.run(words + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.execvp(words[0], words + [sys.executable, *sys.argv])


class Bulk:
    """A limit for everything that is started through it. `sizes` leaves out what the machine has no room for."""

    MOST = 20000

    def __init__(self, bench):
        self.bench = bench
        self.limit = PidsLimit(self.MOST + OUR_OWN)
        self.most = self._room()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.limit.close()

    def _room(self):
        with open("/proc/sys/kernel/pid_max", encoding="ascii") as file:
            most = int(file.read()) // 2
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable"))
        most = min(most, available // 2 // KIB_A_PROCESS, self.MOST)
        # A PID namespace ends all its processes with PID 1. Without one and without a limit: few processes.
        if not self.limit.possible() and os.getpid() != 1:
            most = min(most, 1000)
        return most

    def sizes(self, wanted, what):
        fitting = [size for size in wanted if size <= self.most]
        if len(fitting) < len(wanted):
            self.bench.note(f"{what}: no more than {self.most} processes here: {[size for size in wanted if size not in fitting]} left out")
        return fitting

    def wrap(self):
        return self.limit.wrap() if self.limit.possible() else []

    @contextlib.contextmanager
    def crowd(self, count, descriptors=3):
        """So many processes outside the run, for the time of the block."""
        if count == 0:
            yield
            return
        there = self.bench.file("crowd")
        process = subprocess.Popen(self.wrap() + helper("crowd", count, descriptors, there), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: there.exists() and there.read_bytes(), f"{count} processes", 60)
            yield
        finally:
            process.stdin.close()
            process.wait()

    def teardown(self, commands, count, rounds):
        """{name: wrapper}, in turns -> from the test's last instruction to the wrapper's exit, and how many processes were left then.

        The test is the tree with `count` descendants; FOLDER in a command is a name that is not taken.
        """
        series = [Series(name, []) for name in commands]
        left = dict.fromkeys(commands, 0)
        for turn in range(rounds):
            # Each round starts with another one, so that none always follows the same.
            for index in sorted(range(len(series)), key=lambda one: (one + turn) % len(series)):
                one = series[index]
                stamp = self.bench.file("stamp")
                wrapper = [str(word).replace("FOLDER", f"vlmshim-bench-{uuid.uuid4().hex[:12]}") for word in commands[one.name]]
                out = self.bench.output(self.wrap() + helper("until-exit", stamp, "--") + wrapper + helper("tree", count, stamp))
                taken, more, status, _ended = map(int, out.split())
                one.values.append(taken)
                left[one.name] = max(left[one.name], more)
                if status != 0:
                    self.bench.note(f"teardown of {count}: {one.name} ended with {status}")
        return series, left


def writable_cgroup2():
    """A folder of a cgroup v2 hierarchy where we may make groups and kill them, or None."""
    own = next((line.split("::", 1)[1].strip() for line in open("/proc/self/cgroup", encoding="ascii") if line.startswith("0::")), "/")
    for line in open("/proc/self/mountinfo", encoding="utf-8"):
        fields = line.split()
        if fields[fields.index("-") + 1] != "cgroup2":
            continue
        for folder in (pathlib.Path(fields[4]) / own.lstrip("/"), pathlib.Path(fields[4])):
            trial = folder / f"vlmshim-bench-{uuid.uuid4().hex[:12]}"
            try:
                trial.mkdir()
            except OSError:
                continue
            usable = os.access(trial / "cgroup.kill", os.W_OK) and _takes_processes(trial)
            with contextlib.suppress(OSError):
                trial.rmdir()
            if usable:
                return folder
    return None


def _takes_processes(folder):
    command = ["/bin/sh", "-ec", f'echo $$ > "{folder}/cgroup.procs"']
    done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    deadline = time.monotonic() + 1
    while "populated 1" in (folder / "cgroup.events").read_text() and time.monotonic() < deadline:
        time.sleep(0.001)
    return done


def unshare():
    """The prefix of a PID namespace that its parent's death ends; None where that is not allowed."""
    plain = ["unshare", "--pid", "--fork", "--kill-child"]
    for words in (plain, plain + ["--user", "--map-root-user"]):
        with contextlib.suppress(OSError):
            if subprocess.run(words + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                return words
    return None
