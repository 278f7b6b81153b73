"""What has to hold after every run."""

import time

from harness import fixture
from oracle import alive, boot_id, carriers, listening
from procs import READY, until

NOT_MEASURED = ("stalled_reader", "pkill")  # the unread lines are waited for; a namespace ends later than the run in it
AFTER_A_KILL = 1.5  # seconds that keeper or supervisor have when the other one was killed


class Played:
    def __init__(self):
        self.problems = []    # (kind, text): kind is leak, port, status, stuck or bystander
        self.teardown = None  # seconds
        self.status = None
        self.orphans = 0      # ended by the soak after keeper and supervisor were killed at once
        self.cookie = ""
        self.recovered = 0    # next runs that found the port held by the dead run, and freed it
        self.log = ""

    def blame(self, kind, text):
        self.problems.append((kind, text))


class Aftermath:
    """Needs from its subclass: limit (seconds), scenario, ports, stage, run, supervisor, holder, innocents, end_began,
    killed_at, played."""

    def finish(self):
        status = self.played.status = self.run.wait(self.limit)
        if self.scenario.act not in NOT_MEASURED:
            self.measure()
        self.look_at_innocents()
        if status not in self.scenario.allowed:
            kind = "leak" if self.scenario.act == "pkill" else "status"  # the status of pkill.py, which looks for leftovers in the namespace
            self.played.blame(kind, f"status {status}, right would be {sorted(self.scenario.allowed)}")
        if self.scenario.act == "both_killed" and self.killed_at is not None:
            self.finish_double_kill()
            return
        if self.killed_at is not None and until(self.clean, AFTER_A_KILL):
            self.played.teardown = self.looked_at - self.killed_at
        self.look_at_holder()
        self.check_nothing_is_left()

    def clean(self):
        self.looked_at = time.monotonic()
        return not self.stage.left_over() and not any(listening(port) for port in self.ports)

    def measure(self):
        started = self.end_began
        if started is None:  # the test ended by itself: just after the last file was written
            times = [path.stat().st_mtime for path in self.stage.folder.glob("*.pid")]
            started = time.monotonic() - (time.time() - max(times)) if times else None
        if started is not None:
            self.played.teardown = max(0.0, self.run.ended - started)

    def look_at_innocents(self):
        for what, process in self.innocents:
            if process.poll() is not None:
                self.played.blame("bystander", f"{what} was ended ({process.returncode})")
            process.kill()
            process.wait()
            process.stdout.close()

    def look_at_holder(self):
        if self.holder is None:
            return
        spared = self.scenario.act == "busy" and self.scenario.busy != "kill"
        if spared and self.holder.poll() is not None:
            self.played.blame("bystander", "the port's holder was ended, which had it before the run")
        if not spared and not until(lambda: self.holder.poll() is not None, AFTER_A_KILL):
            self.played.blame("port", "the port's holder was not ended")
        if self.holder.poll() is None:
            self.holder.kill()
        self.holder.wait()

    def check_nothing_is_left(self):
        left = self.stage.left_over()
        if left:
            late = self.killed_at is not None and until(self.clean, READY)
            when = f" (ended {time.monotonic() - self.killed_at:.1f} s after the kill)" if late else ""
            self.played.blame("leak", f"left over: {left}{when}")
        for port in self.ports:
            if listening(port):
                self.played.blame("port", f"port {port} is still listened on")

    def finish_double_kill(self):
        """Server and test die with the supervisor; their descendants may live. The next run ends the holder of the
        port, and with it the rest of that run; what still lives is ended here, and only counted."""
        if self.supervisor is not None:
            until(lambda: not alive(self.supervisor), READY)
        if self.scenario.isolate:  # the kernel itself ends a PID namespace
            until(self.clean, AFTER_A_KILL)
            self.check_nothing_is_left()
        settled, before = time.monotonic() + 0.5, None
        while time.monotonic() < settled:
            now = sorted(pid for pid, _name in self.stage.left_over())
            if now == before:
                break
            before = now
            time.sleep(0.01)
        following = self.stage.plain("-g", "100ms", "-p", self.ports[0], "-p", self.ports[1], "--", *fixture("exit", 0))
        status = following.wait(self.limit)
        if status != 0:
            self.played.blame("port", f"the next run got {status}:\n{following.err}")
        if "left over from a vlmshim run that died" in following.err:  # the holder had not exited by itself in between
            self.played.recovered += 1
            left = carriers([f"VLMSHIM_RUN={boot_id()}.{self.run.pid}.".encode()])
            # A storm has other pids at each look: only a subreaper above it can end it.
            if left and "storm" not in self.scenario.left:
                self.played.blame("leak", f"the next run freed the port, but left of the dead run: {left}\n{following.err}")
        for port in self.ports:
            if listening(port):
                self.played.blame("port", f"port {port} is listened on after the next run")
        self.played.orphans = len(self.stage.left_over())  # Stage.__exit__ ends them
