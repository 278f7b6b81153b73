"""One run of the soak, drawn from its seed and number: what is started, what is done to it, and which
statuses are right. Nothing in here starts anything."""

import dataclasses
import random
import signal

PORT, OTHER_PORT = "@PORT@", "@OTHER@"  # filled in by play.py
TRAITS = ("setsid", "setpgrp", "double-fork", "close-stdio", "ignore-term", "stop-self", "clear-env", "wipe-env", "wipe-title")
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
FAILED, TIMED_OUT = 125, 124


@dataclasses.dataclass
class Server:
    words: list
    on_exit: str = "fail"
    probe: str = ""          # lines of [server.ready]
    fails: bool = False      # never becomes ready
    killable: bool = False   # server.pid names a process whose end is the server's end
    wiped: bool = False      # its environment has no mark


@dataclasses.dataclass
class Body:
    words: list
    natural: int | None      # the status without interference; None: it does not exit
    ready: bool = True       # writes test.pid
    handles: tuple = ()      # (signal, status)
    ignores: bool = False    # ignores every signal but SIGKILL (and the handled one)
    waits: bool = False      # for the file "go"


@dataclasses.dataclass
class Scenario:
    number: int
    act: str
    server: Server | None = None
    second_server: bool = False
    body: Body | None = None
    left: list = dataclasses.field(default_factory=list)
    options: list = dataclasses.field(default_factory=list)
    config: list = dataclasses.field(default_factory=list)
    shutdown_grace: int = 100        # milliseconds
    leftovers_fail: bool = False
    to_group: bool = False           # signals.forward = "group"
    rewrite: dict = dataclasses.field(default_factory=dict)
    signals: list = dataclasses.field(default_factory=list)
    delay: float = 0.0               # seconds, before the act
    gap: float = 0.0                 # seconds, between two parts of it
    times: int = 0                   # how often the first signal comes again
    before: bool = False             # what others do to the port is done before the run
    early: bool = False              # the delay counts from the start, not from the test's being ready
    first_term: bool = False         # SIGTERM before the kill, so that it meets a teardown
    supervisor_first: bool = False
    busy: str = "fail"
    stop_server: bool = False
    isolate: bool = False            # where that is possible
    pick: float = 0.0                # which descendant
    allowed: set = dataclasses.field(default_factory=set)


def draw_server(rng):
    serve = ["serve", PORT, "--ready", "server.pid"]
    http = 'http = "http://127.0.0.1:{port}/health"'
    return rng.choice([
        lambda: Server(serve, killable=True),
        lambda: Server([*serve, "--any"], probe='tcp = "localhost:{port}"', killable=True),
        lambda: Server(serve, probe=http, killable=True),
        lambda: Server([*serve, "--listen-after", rng.randrange(60), "--ok-after", rng.randrange(90)], probe=http, killable=True),
        lambda: Server(["wedge", PORT, "--ready", "server.pid"], killable=True),
        lambda: Server([*serve, "--on-term", "close-port"], killable=True),
        lambda: Server(["two-signals", PORT, "signals.log", rng.randrange(120), "--ready", "server.pid"], killable=True),
        lambda: Server(["launcher", rng.choice(["forward", "die", "ignore"]), *serve], killable=True),
        lambda: Server(["spawn", "wipe-env,wipe-title", *serve, "--", "launcher", "die", "pause"], wiped=True),
        lambda: Server(["spawn", "setsid,double-fork,wipe-env,wipe-title", *serve, "--", "exit", 0], on_exit="ignore", wiped=True),
        lambda: Server(["launcher", "die", "launcher", "ignore", "wedge", PORT, "--ready", "server.pid"], killable=True),
        lambda: Server(["prefork", rng.randint(1, 4), PORT, "--ready", "server.pid"], killable=True),
        lambda: Server(["prefork", 2, PORT, "--workers", "setsid,ignore-term", "--ready", "server.pid"], killable=True),
        lambda: Server(["prefork", 3, PORT, "--master", "exit", "--ready", "server.pid"], on_exit="ignore"),
        lambda: Server(["spawn", "setsid,double-fork,close-stdio", *serve, "--", "exit", 0], on_exit="ignore"),
        lambda: Server(["spawn", "setsid,double-fork,close-stdio,ignore-term", "wedge", PORT, "--ready", "server.pid", "--", "exit", 0],
                       on_exit="ignore"),
    ])()


def draw_failing_server(rng):
    serve, brief = ["serve", PORT, "--ready", "server.pid"], f'timeout = "{rng.randint(30, 150)}ms"'
    http = 'http = "http://127.0.0.1:{port}/health"\n' + brief
    return rng.choice([
        Server(["exit", rng.choice([0, 1, 127])], fails=True),
        Server(["kill-self", rng.choice(["KILL", "SEGV", "TERM"])], fails=True),
        Server(["spawn", "setsid,ignore-term", "pause", "--ready", "left-server.pid", "--", "exit", 3], fails=True),
        Server([*serve, "--ok-when", "never"], probe=http, fails=True),
        Server([*serve, "--ok-when", "never", "--on-term", "ignore"], probe=http, fails=True),
        Server([*serve, "--listen-when", "never"], probe=brief, fails=True),
        Server(["/no/such/server"], fails=True),
    ])


def draw_ending_body(rng):
    kind = rng.randrange(8)
    if kind < 4:
        status = rng.choice([0, 0, 0, 1, 7, 42, 124, 125, 126, 127, 137, 255])
        return Body(["exit", status, "--ready", "test.pid"], status)
    if kind == 4:
        return Body(["abort"], -signal.SIGABRT, ready=False)
    if kind == 5:
        return Body(["segv"], -signal.SIGSEGV, ready=False)
    if kind == 6:
        number = rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGPIPE])
        return Body(["kill-self", number.name[3:]], -number, ready=False)
    status = rng.choice([0, 5])
    return Body(["orphans", rng.randint(1, 60), status], status, ready=False)


def draw_staying_body(rng):
    kind = rng.randrange(4)
    if kind == 0:
        return Body(["pause", "--ready", "test.pid"], None)
    if kind == 1:
        number, status = rng.choice(ENDING_SIGNALS), rng.choice([0, 3])
        return Body(["count-signals", "test.log", "--exit-on", number.name[3:], "--status", status, "--linger", rng.choice([0, 0, 15]),
                     "--ready", "test.pid"], None, handles=(number, status), ignores=True)
    if kind == 2:
        return Body(["count-signals", "test.log", "--ready", "test.pid"], None, ignores=True)
    return Body(["wait-file", "never", 0, "--ready", "test.pid"], None)


def draw_left(rng, index, port_is_free):
    """The words of one leftover of the test, placed before those of the test itself; and whether it takes the port."""
    ready = ["--ready", f"left{index}.pid"]
    traits = {trait for trait in TRAITS if rng.random() < 0.35}
    bare = [lambda: ["pause", *ready],
            lambda: ["leaderless", *ready],
            lambda: ["count-signals", f"left{index}.log", *ready],
            lambda: ["count-signals", f"left{index}.log", "--exit-on", "TERM", "--linger", rng.randrange(60), *ready]]
    below = [lambda: ["launcher", rng.choice(["forward", "die", "ignore"]), *rng.choice(bare)()],
             lambda: ["launcher", "ignore", "launcher", "die", *rng.choice(bare)()]]
    holders = [lambda: ["hold-port", PORT, *ready], lambda: ["wedge", PORT, *ready],
               lambda: ["launcher", "die", "hold-port", PORT, *ready],
               lambda: ["prefork", rng.randint(1, 3), PORT, "--master", rng.choice(["stay", "exit"]), *ready]]
    kind = rng.random()
    if kind < 0.08:
        return ["fork-tree", *rng.choice([(1, 30), (3, 3), (20, 1), (2, 8)]), "--"], False
    if kind < 0.14:
        return ["storm", rng.randint(100, 1200), rng.randint(1, 4), "--"], False
    if kind < 0.35 and port_is_free:
        action, takes_port = rng.choice(holders)(), True
    else:
        action, takes_port = rng.choice(bare + below)(), False
    if action[0] in ("prefork", "launcher") or takes_port:
        traits -= {"clear-env", "wipe-env"}  # without a mark neither the oracle nor the next run recognises it
    if action[0] == "prefork" or "leaderless" in action:  # neither has a single process whose stop could be observed
        traits.discard("stop-self")
    return ["spawn", ",".join(sorted(traits)) or "plain", *action, "--"], takes_port
