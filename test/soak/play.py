"""Carries one scenario out."""

import contextlib
import fcntl
import os
import pathlib
import signal
import time

from aftermath import Aftermath, Played
from evidence import keep
import strangers
from harness import FIXTURE, PID_NAMESPACE, Stage, fixture, toml
from oracle import carriers
from procs import READY, STUCK, kill_ours, supervisor_of, until
from scenario import OTHER_PORT, PORT

SAME_REQUEST = 0.3  # seconds: less than what counts as one request, by what a busy machine may add
PKILL = pathlib.Path(__file__).with_name("pkill.py")
HITS = (["-9", "vlmshim"], ["-9", "-x", "vlmshim"], ["-9", "-f", "vlmshim"], ["-9", "-f", "worker"], ["-9", "-x", "vlm-supervisor"])


class Play(Aftermath):
    limit = STUCK

    def __init__(self, scenario, ports, isolation_possible):
        scenario.isolate = scenario.isolate and isolation_possible
        self.scenario, self.ports, self.played = scenario, ports, Played()
        self.stage = Stage(ports[0])
        self.played.cookie = self.stage.cookie
        self.end_began = None  # monotonic: when the act that ends the run was done
        self.killed_at = None  # monotonic: SIGKILL of keeper or supervisor
        self.looked_at = 0.0   # monotonic: last look for leftovers
        self.holder = self.run = self.supervisor = None
        self.innocents = []    # (what it is, its process): they have to outlive the run
        self.unread = None     # the read end of a pipe that is not read

    def play(self):
        try:
            self.start()
            getattr(self, self.scenario.act)()
            self.finish()
        except AssertionError as problem:
            self.played.blame("stuck", self.kept(str(problem)) + str(problem))
        finally:
            if self.run is not None:
                self.played.log = self.run.err
            self.stage.__exit__()
            if self.unread is not None:
                os.close(self.unread)
        return self.played

    def kept(self, why):
        """Evidence of runs that still run: after they are killed it is lost."""
        files = [keep(run, self.stage.cookie, why) for run in self.stage.runs if run.process.poll() is None]
        return "".join(f"what its processes are doing is in {file}\n" for file in files)

    # --- starting -------------------------------------------------------------------------------

    def fill(self, words):
        return [{PORT: self.ports[0], OTHER_PORT: self.ports[1]}.get(word, word) for word in words]

    def configuration(self):
        scenario, text = self.scenario, ""
        servers = [(scenario.server, self.ports[0], "first")] if scenario.server else []
        for server, port, name in servers:
            command = server.words if server.words[0].startswith("/") else self.fixture(server.words)
            text += (f'[[server]]\nname = "{name}"\ncommand = {toml(command)}\nport = {port}\non_exit = "{server.on_exit}"\n'
                     f'output = "{"inherit" if scenario.act == "stalled_reader" else "capture"}"\n'
                     f"[server.ready]\n{server.probe}\n")
        if scenario.second_server:
            text += (f'[[server]]\nname = "second"\nport = {self.ports[1]}\n'
                     f'command = {toml(fixture("serve", self.ports[1], "--ready", "second.pid"))}\n')
        return text + "\n".join(scenario.config) + f"\n[ports]\nguard = [{self.ports[0]}, {self.ports[1]}]\n"

    def start(self):
        scenario = self.scenario
        if scenario.act == "busy":
            self.holder = self.stage.outsider("hold-port", self.ports[0])
        if scenario.before:
            self.others_take_port()
        command = self.fixture(scenario.left + scenario.body.words)
        if scenario.act == "no_command":
            command = ["/no/such/command"] if scenario.pick < 0.5 else [str(self.stage.folder)]
        options = scenario.options + (["--isolate"] if scenario.isolate else [])
        self.run = self.stage.plain(*options, "--", *command, config=self.configuration(), wrap=self.wrap(), **self.streams())

    def fixture(self, words):
        """Under another name for pkill(1), which would hit the fixtures as well."""
        name = self.stage.file("worker")
        if self.scenario.act == "pkill" and not name.exists():
            name.symlink_to(FIXTURE)
        return [str(name) if self.scenario.act == "pkill" else FIXTURE, *(str(word) for word in self.fill(words))]

    def wrap(self):
        if self.scenario.act != "pkill":
            return []
        hit = HITS[int(self.scenario.pick * len(HITS))]
        return [*PID_NAMESPACE, strangers.PYTHON, str(PKILL), str(self.stage.file("test.pid")), str(self.scenario.delay), *hit, "--"]

    def streams(self):
        """A pipe that is full from the start."""
        if self.scenario.act != "stalled_reader":
            return {}
        self.unread, end = os.pipe()
        os.set_blocking(end, False)
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(end, b"x" * 4096)
        os.set_blocking(end, True)
        self.written = end
        return {"stdout": end, "stderr": end}

    def others_take_port(self):
        if self.scenario.act == "passed_on":
            self.innocents.append(("the bystander that was given a socket", strangers.passed_to_bystander(self.stage)))
            return
        impostor = strangers.start(self.stage, strangers.MALLORY, strangers.LISTEN, "127.0.0.1", self.ports[0])
        strangers.said(impostor, "listens")
        self.innocents.append(("another user's process on the port", impostor))

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
        self.end_began = time.monotonic()
        if not self.over():
            self.run.process.send_signal(number)

    # --- acts: named as in draw.py ----------------------------------------------------------------

    def itself(self):
        pass

    server_fails = timeout = busy = no_command = pkill = itself

    def signal(self):
        self.await_ready("test.pid")
        time.sleep(self.scenario.delay)
        if self.scenario.stop_server and self.stage.file("server.pid").exists():
            kill_ours(self.await_ready("server.pid"), self.stage.cookie, signal.SIGSTOP)
        self.send(self.scenario.signals[0])

    def stalled_reader(self):
        os.close(self.written)
        if self.scenario.body.natural is None:
            self.signal()

    def repeated(self):
        self.signal()
        for _ in range(self.scenario.times):
            time.sleep(self.scenario.gap)
            if not self.over():
                self.run.process.send_signal(self.scenario.signals[0])
        if time.monotonic() - self.end_began > SAME_REQUEST:  # too slow: the last ones may have been another request
            self.scenario.allowed = self.scenario.allowed | {-signal.SIGKILL}

    def impostor(self):
        if not self.scenario.before:
            self.await_ready("test.pid")
            self.others_take_port()
            self.stage.file("go").touch()

    passed_on = impostor

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
        self.end_began = time.monotonic()
        if server is None or not kill_ours(server, self.stage.cookie):
            self.played.blame("status", f"the server was not there to be killed (pid {server})")

    def test_killed(self):
        test = self.await_ready("test.pid")
        time.sleep(self.scenario.delay)
        self.end_began = time.monotonic()
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
        self.end_began = self.killed_at = time.monotonic()
        self.kill_keeper()

    def supervisor_killed(self):
        self.await_kill_moment()
        self.end_began = time.monotonic()
        until(lambda: self.over() or supervisor_of(self.run.pid) is not None, READY)
        self.kill_supervisor()

    def supervisor_stopped(self):
        """The keeper continues it, however often that happens."""
        self.await_moment()
        for _ in range(3):
            if self.supervisor is not None:
                kill_ours(self.supervisor, self.stage.cookie, signal.SIGSTOP, parent=self.run.pid)
            time.sleep(self.scenario.gap)
        if self.scenario.body.natural is None:
            self.send(signal.SIGTERM)

    def both_killed(self):
        self.await_kill_moment()
        self.end_began = self.killed_at = time.monotonic()
        # Stopped, so that the keeper cannot fork the supervisor right after the look for it.
        if not self.over():
            self.run.process.send_signal(signal.SIGSTOP)
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


def play(scenario, ports, isolation_possible):
    return Play(scenario, ports, isolation_possible).play()
