"""The kill against processes that fork without end, and against very many. Always under a pids limit."""

import os
import pathlib
import sys

from harness import Case, check, check_equal, fixture, FREED_IS_FREE, need
from limits import PidsLimit, Watcher
from oracle import parent_of, wait_for

MEMORY = 64 * 1024  # KiB, for each of the two processes
QUICK = "200ms"


class Limited(Case):
    def under(self, most, *words, grace=QUICK, status=2, seconds=15):
        """Runs the fixture below vlmshim, with a pids limit; bounded time, bounded memory, nothing left."""
        limit = PidsLimit(most)
        need(self, limit.possible(), "no pids cgroup can be made: storms do not run without a limit")
        self.addCleanup(limit.close)
        stage = self.stage()
        run = stage.run("-g", grace, "--", *fixture(*words), wrap=limit.wrap(), env=FREED_IS_FREE)
        watcher = Watcher(run)
        watcher.until_end(run.process, seconds + 10)
        check_equal(run.wait(1), status, "status", run)
        stage.prove_clean()
        check_equal(limit.members(), [], "members of the cgroup", run)
        memory = ", ".join(f"{role} {peak / 1024:.1f} MiB" for role, peak in watcher.peak.items())
        print(f"\n    {' '.join(map(str, words))}: {run.seconds():.2f} s, {memory}", file=sys.stderr)
        check(run.seconds() < seconds, f"took {run.seconds():.1f} s", run)
        check(watcher.peak and all(peak < MEMORY for peak in watcher.peak.values()), f"memory: {memory}", run)
        return run


class Storms(Limited):
    def test_chains_from_several_parents(self):
        """fork, setsid, exit, without end: from parents that stay and ignore TERM, and on their own."""
        for parents, width in ((0, 16), (4, 0), (4, 32)):
            self.under(1500, "chains", 20_000, parents, width, "--", "exit", 2)

    def test_chains_while_the_test_still_runs(self):
        """The timeout ends the test in the middle of it."""
        limit = PidsLimit(1500)
        need(self, limit.possible(), "no pids cgroup can be made: storms do not run without a limit")
        self.addCleanup(limit.close)
        stage = self.stage()
        run = stage.run("-g", QUICK, "-t", "1s", "--", *fixture("chains", 20_000, 2, 16, "--", "pause"), wrap=limit.wrap())
        check_equal(run.wait(), 124, "status", run)
        stage.prove_clean()
        check(run.seconds() < 15, f"took {run.seconds():.1f} s", run)

    def test_respawn_on_term(self):
        """The handler starts a detached replacement before it exits."""
        self.under(1500, "respawn", 10_000, 1, "--", "exit", 2)
        self.under(1500, "respawn", 10_000, 50, "--", "exit", 2)

    def test_twins(self):
        """Two processes of which each starts the other anew when it dies: SIGKILL has to meet both."""
        self.under(1500, "twins", 10_000, 1, "--", "exit", 2)
        self.under(1500, "twins", 10_000, 50, "--", "exit", 2)

    def test_the_supervisor_is_killed_in_a_storm(self):
        """The keeper has the same storm to end."""
        limit = PidsLimit(1500)
        need(self, limit.possible(), "no pids cgroup can be made: storms do not run without a limit")
        self.addCleanup(limit.close)
        for victim in ("supervisor", "keeper"):
            stage = self.stage()
            run = stage.run("--", *fixture("chains", 20_000, 2, 16, "--", "pause", "--ready", "test.pid"), wrap=limit.wrap())
            test = stage.ready("test.pid", run)
            supervisor = parent_of(test.pid)
            os.kill(supervisor if victim == "supervisor" else run.pid, 9)
            check_equal(run.wait(), 125 if victim == "supervisor" else -9, "status", run)
            self.empty(limit, victim)
            stage.prove_clean()

    def empty(self, limit, what):
        wait_for(lambda: not limit.members(), f"the end of the storm after the kill of the {what}", 10)


class Many(Limited):
    def test_deep(self):
        self.under(600, "fork-tree", 200, 1, "--", "exit", 2, grace="1m")
        self.under(800, "fork-tree", 500, 1, "--", "exit", 2, grace="1m")

    def most(self, wanted):
        """The size that this machine has pids and memory for; a smaller one is printed."""
        free = int(next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable")).split()[1])
        numbers = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text()) - 4 * len(os.listdir("/proc"))
        fits = min(wanted, free // 400, numbers // 2)
        if fits < wanted:
            print(f"\n    ONLY {fits} of {wanted} processes fit on this machine", file=sys.stderr)
        return fits

    def test_wide(self):
        count = self.most(10_000)
        self.under(count + 50, "fork-tree", 1, count, "--", "exit", 2, grace="1m", seconds=40)

    def test_wide_and_deaf(self):
        """All of them have to be killed."""
        count = self.most(3_000)
        self.under(count + 50, "fork-tree", 1, count, "--ignore-term", "--", "exit", 2, seconds=30)

    def test_the_limit_is_reached(self):
        """The test has used up all pids; vlmshim needs none to end it."""
        self.under(300, "chains", 20_000, 4, 64, "--", "exit", 2)


