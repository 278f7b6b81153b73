"""Carries one scenario out and looks, independently of vlmshim, at what it left."""

import contextlib
import os
import pathlib
import signal
import time

from harness import Stage, fixture, toml
from oracle import alive, boot_id, carriers, environment_of, listening, stat_fields
from scenario import OTHER_PORT, PORT

STUCK = 25.0          # seconds: nothing in here takes that long
AFTER_A_KILL = 1.5    # seconds that keeper or supervisor have when the other one was killed
READY = 8.0


class Played:
    def __init__(self):
        self.problems = []    # (kind, text): kind is leak, port, status, stuck or bystander
        self.teardown = None  # seconds
        self.status = None
        self.orphans = 0      # ended by the soak after keeper and supervisor were killed in one instant
        self.recovered = 0    # next runs that found the port held by the dead run, and freed it
        self.log = ""

    def blame(self, kind, text):
        self.problems.append((kind, text))


def until(condition, patience):
    """Whether condition() became true in time."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


# --- processes ----------------------------------------------------------------------------------


def kill_ours(pid, cookie, number=signal.SIGKILL, parent=None):
    """Only a process that carries our cookie or is the child of one of ours, held by a pidfd while we look."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        fields = stat_fields(pid)
        ours = environment_of(pid).get("E2E_COOKIE") == cookie or (parent is not None and fields and int(fields[1]) == parent)
        if ours:
            signal.pidfd_send_signal(handle, number)
        return ours
    except OSError:
        return False
    finally:
        os.close(handle)


def supervisor_of(keeper):
    with contextlib.suppress(OSError, ValueError):
        words = pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text(encoding="ascii").split()
        return int(words[0]) if words else None
    return None


class Play:
    def __init__(self, scenario, ports):
        self.scenario, self.ports, self.played = scenario, ports, Played()
        self.stage = Stage(ports[0])
        self.asked = None      # monotonic: what ends the run was done then
        self.killed_at = None  # monotonic: SIGKILL of keeper or supervisor
        self.holder = self.run = self.supervisor = None

    def play(self):
        try:
            self.start()
            getattr(self, self.scenario.act)()
            self.finish()
        except AssertionError as problem:
            self.played.blame("stuck", str(problem))
        finally:
            if self.run is not None:
                self.played.log = self.run.err
            self.stage.__exit__()
        return self.played

    # --- starting -------------------------------------------------------------------------------

    def fill(self, words):
        return [{PORT: self.ports[0], OTHER_PORT: self.ports[1]}.get(word, word) for word in words]

    def configuration(self):
        scenario, text = self.scenario, ""
        servers = [(scenario.server, self.ports[0], "first")] if scenario.server else []
        for server, port, name in servers:
            command = server.words if server.words[0].startswith("/") else fixture(*self.fill(server.words))
            text += (f'[[server]]\nname = "{name}"\ncommand = {toml(command)}\nport = {port}\non_exit = "{server.on_exit}"\n'
                     f"[server.ready]\n{server.probe}\n")
        if scenario.second_server:
            text += (f'[[server]]\nname = "second"\nport = {self.ports[1]}\n'
                     f'command = {toml(fixture("serve", self.ports[1], "--ready", "second.pid"))}\n')
        return text + "\n".join(scenario.config) + f"\n[ports]\nguard = [{self.ports[0]}, {self.ports[1]}]\n"

    def start(self):
        scenario = self.scenario
        if scenario.act == "busy":
            self.holder = self.stage.outsider("hold-port", self.ports[0])
        command = fixture(*self.fill(scenario.left + scenario.body.words))
        if scenario.act == "no_command":
            command = ["/no/such/command"] if scenario.pick < 0.5 else [str(self.stage.folder)]
        self.run = self.stage.plain(*scenario.options, "--", *command, config=self.configuration())

    def over(self):
        return self.run.process.poll() is not None

    def await_ready(self, name):
        path = self.stage.file(name)
        until(lambda: path.exists() or self.over(), READY)
        with contextlib.suppress(OSError, ValueError):
            return int(path.read_text(encoding="ascii").split()[0])
        return None

    def await_moment(self):
        if not self.scenario.early:
            self.await_ready("test.pid")
        time.sleep(self.scenario.delay)
        self.supervisor = supervisor_of(self.run.pid)

    def send(self, number):
        self.asked = time.monotonic()
        if not self.over():
            self.run.process.send_signal(number)

    # --- acts: named as in draw.py ----------------------------------------------------------------

    def itself(self):
        pass

    server_fails = timeout = busy = no_command = itself

    def signal(self):
        self.await_ready("test.pid")
        time.sleep(self.scenario.delay)
        if self.scenario.stop_server and self.stage.file("server.pid").exists():
            kill_ours(self.await_ready("server.pid"), self.stage.cookie, signal.SIGSTOP)
        self.send(self.scenario.signals[0])

    def early_signal(self):
        time.sleep(self.scenario.delay)
        self.send(self.scenario.signals[0])

    def twice(self):
        self.signal()
        time.sleep(self.scenario.gap)
        self.send(self.scenario.signals[1])

    def server_killed(self):
        self.await_ready("test.pid")
        server = self.await_ready("server.pid")
        self.asked = time.monotonic()
        if server is None or not kill_ours(server, self.stage.cookie):
            self.played.blame("status", f"the server was not there to be killed (pid {server})")

    def test_killed(self):
        test = self.await_ready("test.pid")
        time.sleep(self.scenario.delay)
        self.asked = time.monotonic()
        if test is None or not kill_ours(test, self.stage.cookie):
            self.played.blame("status", f"the test was not there to be killed (pid {test})")

    def descendant_killed(self):
        self.await_moment()
        spared = (self.run.pid, self.supervisor)
        found = [pid for pid, _command in carriers([b"E2E_COOKIE=" + self.stage.cookie.encode()]) if pid not in spared]
        if found:
            kill_ours(found[int(self.scenario.pick * len(found))], self.stage.cookie)
        if self.scenario.body.natural is None:
            self.send(signal.SIGTERM)

    def await_kill_moment(self):
        self.await_moment()
        if self.scenario.first_term:
            self.send(signal.SIGTERM)
            time.sleep(self.scenario.gap + self.scenario.delay / 2)

    def kill_keeper(self):
        if not self.over():
            self.run.process.kill()

    def kill_supervisor(self):
        self.supervisor = self.supervisor or supervisor_of(self.run.pid)
        if self.supervisor is not None:
            kill_ours(self.supervisor, self.stage.cookie, parent=self.run.pid)

    def keeper_killed(self):
        self.await_kill_moment()
        self.asked = self.killed_at = time.monotonic()
        self.kill_keeper()

    def supervisor_killed(self):
        self.await_kill_moment()
        self.asked = time.monotonic()
        until(lambda: self.over() or supervisor_of(self.run.pid) is not None, READY)
        self.kill_supervisor()

    def both_killed(self):
        self.await_kill_moment()
        self.asked = self.killed_at = time.monotonic()
        first, second = self.kill_keeper, self.kill_supervisor
        if self.scenario.supervisor_first:
            first, second = second, first
        first()
        time.sleep(self.scenario.gap)
        second()
        if self.supervisor is None:  # it had not been forked yet
            self.kill_keeper()

    def newcomer(self):
        self.await_ready("test.pid")
        self.holder = self.stage.outsider("hold-port", self.ports[0])
        self.stage.file("go").touch()

    # --- afterwards -------------------------------------------------------------------------------

    def finish(self):
        status = self.played.status = self.run.wait(STUCK)
        self.measure()
        if status not in self.scenario.allowed:
            self.played.blame("status", f"status {status}, right would be {sorted(self.scenario.allowed)}")
        if self.scenario.act == "both_killed" and self.killed_at is not None:
            self.finish_double_kill()
            return
        if self.killed_at is not None and until(self.clean, AFTER_A_KILL):
            self.played.teardown = time.monotonic() - self.killed_at
        self.look_at_holder()
        self.blame_what_is_left()

    def clean(self):
        return not self.stage.left_over() and not any(listening(port) for port in self.ports)

    def measure(self):
        started = self.asked
        if started is None:  # the test ended by itself: just after the last file was written
            times = [path.stat().st_mtime for path in self.stage.folder.glob("*.pid")]
            started = time.monotonic() - (time.time() - max(times)) if times else None
        if started is not None:
            self.played.teardown = max(0.0, self.run.ended - started)

    def look_at_holder(self):
        if self.holder is None:
            return
        spared = self.scenario.act == "busy" and self.scenario.busy != "kill"
        if spared and self.holder.poll() is not None:
            self.played.blame("bystander", "the port's holder was ended, which was there before the run")
        if not spared and not until(lambda: self.holder.poll() is not None, AFTER_A_KILL):
            self.played.blame("port", "the port's holder was not ended")
        if self.holder.poll() is None:
            self.holder.kill()
        self.holder.wait()

    def blame_what_is_left(self):
        left = self.stage.left_over()
        if left:
            self.played.blame("leak", f"left over: {left}")
        for port in self.ports:
            if listening(port):
                self.played.blame("port", f"port {port} is still listened on")

    def finish_double_kill(self):
        """Server and test die with the supervisor; what they had started may live. The next run ends whatever holds
        the port, and all of that run with it; the rest is ended here, and only counted."""
        if self.supervisor is not None:
            until(lambda: not alive(self.supervisor), READY)
        settled, before = time.monotonic() + 0.5, None
        while time.monotonic() < settled:
            now = sorted(pid for pid, _name in self.stage.left_over())
            if now == before:
                break
            before = now
            time.sleep(0.01)
        held = any(listening(port) for port in self.ports)
        following = self.stage.plain("-g", "100ms", "-p", self.ports[0], "-p", self.ports[1], "--", *fixture("exit", 0))
        status = following.wait(STUCK)
        if status != 0:
            self.played.blame("port", f"the next run got {status}:\n{following.err}")
        if held:
            self.played.recovered += 1
            left = carriers([f"VLMSHIM_RUN={boot_id()}.{self.supervisor}.".encode()])
            if left:
                self.played.blame("leak", f"the next run freed the port, but left of the dead run: {left}\n{following.err}")
        for port in self.ports:
            if listening(port):
                self.played.blame("port", f"port {port} is listened on after the next run")
        self.played.orphans = len(self.stage.left_over())  # Stage.__exit__ ends them


def play(scenario, ports):
    return Play(scenario, ports).play()

