"""A run that does not end is described before it is ended; and the soak's own fixtures do not make one."""

import os
import pathlib
import re
import signal
import subprocess
import sys

from harness import Case, check, check_equal, fixture, need, PID_NAMESPACE
from oracle import children_of, free_port, wait_for
from play import PKILL, Play
from procs import kill_ours
from scenario import PORT, Body, Scenario, Server


class Frozen(Play):
    """The keeper is stopped first, so that it cannot continue the supervisor; signals to it stay pending."""

    limit = 1.0

    def freeze(self):
        self.test = self.await_ready("test.pid")
        self.left = self.await_ready("left.pid")
        self.supervisor = children_of(self.run.pid)[0]
        self.run.process.send_signal(signal.SIGSTOP)
        kill_ours(self.supervisor, self.stage.cookie, signal.SIGSTOP, parent=self.run.pid)
        self.send(signal.SIGTERM)


class Stuck(Case):
    def test_it_is_described_before_it_is_ended(self):
        scenario = Scenario(0, "freeze", server=Server(["serve", PORT, "--ready", "server.pid"]), body=Body(["pause", "--ready", "test.pid"], None),
                            left=["spawn", "setsid", "pause", "--ready", "left.pid", "--"])
        frozen = Frozen(scenario, (free_port(), free_port()), isolation_possible=False)
        played = frozen.play()
        check_equal([kind for kind, _text in played.problems], ["stuck"], "its problems")
        named = re.search(r"what its processes are doing is in (\S+)", played.problems[0][1])
        check(named, f"no file is named: {played.problems}")
        kept = pathlib.Path(named[1])
        self.addCleanup(kept.unlink)
        text = kept.read_text(encoding="utf-8")
        parts = dict(re.findall(r"\n--- pid (\d+), (.*(?:\n(?!---|=====).*)*)", text.split("===== look 2")[0]))
        wanted = {frozen.run.pid: "keeper\n", frozen.supervisor: "supervisor\n", frozen.test: f"below {frozen.supervisor}\n",
                  frozen.left: "below "}
        for pid, role in wanted.items():
            part = parts.get(str(pid), "")
            check(part.startswith(role), f"pid {pid} is not described as {role!r}: {text}")
            state = "T (stopped)" if pid in (frozen.run.pid, frozen.supervisor) else "S (sleeping)"
            for line in (f"State:\t{state}", "wchan ", "syscall ", "children ", "fd 0: "):
                check(line in part, f"pid {pid}: no {line!r} in {part}")
        waits = int(re.search(r"ShdPnd:\t(\w+)", parts[str(frozen.run.pid)])[1], 16)
        check(waits & 1 << signal.SIGTERM - 1, f"the SIGTERM that waits is not shown: {text}")
        check(re.search(rf"fd 1: pipe:\S+, also held by \[{frozen.supervisor}\]", text), f"the reader of the server's output is not shown: {text}")
        check(str(frozen.run.command) in text and "standard error so far\nvlmshim: first: started" in text, f"not the whole story: {text}")


class Pkill(Case):
    def test_what_was_not_hit_is_reported(self):
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        ready = stage.file("here.up")
        done = subprocess.run([*PID_NAMESPACE, sys.executable, str(PKILL), str(ready), "0", "-9", "-x", "nobody", "--", *fixture("pause", "--ready", ready)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=stage.environment(), check=False)
        check_equal(done.returncode, 1, f"status\n{done.stderr}")
        check("pkill -9 -x nobody left [(" in done.stderr and "pause" in done.stderr, f"it is not reported: {done.stderr}")
        stage.prove_clean()


class Fixtures(Case):
    def test_a_descendant_that_is_killed_while_it_starts(self):
        """The other children held the write end of the pipe on which readiness is reported, so its reader got no end of file
        and waited for ever: a stuck run of the soak now and then."""
        for _ in range(50):
            process = subprocess.Popen(fixture("orphans", 3000, 5), stderr=subprocess.DEVNULL)
            self.addCleanup(process.kill)
            middle = wait_for(lambda: children_of_now(process.pid) or process.poll() is not None, "the process that forks them")
            wait_for(lambda: process.poll() is not None or children_of_now(middle[0]), "the first of them")
            if process.poll() is None:
                os.kill(middle[0], signal.SIGKILL)
            status = process.wait(20)
            if status == 99:
                return
            check_equal(status, 5, "status of one that was faster")
        check(False, "it was always faster")


def children_of_now(pid):
    """Without a walk through /proc: the process exits in a moment."""
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
