"""The table of endings that test_endings and test_descendants combine with the processes that have to be ended."""

import signal

from harness import check, check_equal, fixture, IS_SUBREAPER, let_request_pass
from oracle import wait_for

QUICK = "500ms"   # the grace where a process ignores the stop signal
AMPLE = "1m"      # the grace where every process exits at the stop signal: a run that waits for it is too slow
# Without a subreaper each look for orphans goes through all processes of the machine.
QUICK_BOUND = (3 if IS_SUBREAPER else 9) * (0.5 + 0.5) + 3
AMPLE_BOUND = 15


def nothing(_stage, _run):
    """The test ends by itself."""


def send(number):
    def act(stage, run):
        stage.ready("test.pid", run)
        run.send(number)
    return act


def send_twice(number):
    def act(stage, run):
        stage.ready("test.pid", run)
        run.send(number)
        log = stage.file("test.log")
        wait_for(lambda: signal.Signals(number).name[3:] in log.read_text(), "the first signal to arrive")
        let_request_pass()
        run.send(number)
    return act


STAY = ["pause", "--ready", "test.pid"]
LISTEN = ["count-signals", "test.log", "--ready", "test.pid"]  # never ends by itself

# name: (what the test does, vlmshim's options, what the harness does, status, does the test need its grace?)
ENDINGS = {
    "exit 0": (["exit", 0], [], nothing, 0, False),
    "exit 1": (["exit", 1], [], nothing, 1, False),
    "exit 7": (["exit", 7], [], nothing, 7, False),
    "exit 127": (["exit", 127], [], nothing, 127, False),
    "exit 255": (["exit", 255], [], nothing, 255, False),
    "segmentation fault": (["segv"], [], nothing, -signal.SIGSEGV, False),
    "abort": (["abort"], [], nothing, -signal.SIGABRT, False),
    "killed by KILL": (["kill-self", "KILL"], [], nothing, -signal.SIGKILL, False),
    "killed by TERM": (["kill-self", "TERM"], [], nothing, -signal.SIGTERM, False),
    "INT": (STAY, [], send(signal.SIGINT), -signal.SIGINT, False),
    "TERM": (STAY, [], send(signal.SIGTERM), -signal.SIGTERM, False),
    "HUP": (STAY, [], send(signal.SIGHUP), -signal.SIGHUP, False),
    "QUIT": (STAY, [], send(signal.SIGQUIT), -signal.SIGQUIT, False),
    "TERM handled": ([*LISTEN, "--exit-on", "TERM", "--status", 3], [], send(signal.SIGTERM), 3, False),
    "TERM ignored": (LISTEN, [], send(signal.SIGTERM), -signal.SIGKILL, True),
    "INT twice": (LISTEN, [], send_twice(signal.SIGINT), -signal.SIGKILL, False),
    "timeout": (STAY, ["-t", "300ms"], nothing, 124, False),
    "timeout, TERM ignored": (LISTEN, ["-t", "300ms"], nothing, 124, True),
}


def finish(stage, run, ending, quick, lost=None):
    """Carries an ending through and checks every promise about it. `lost`: the --ready file of a process that lives on."""
    _words, _options, act, status, _grace = ENDINGS[ending]
    act(stage, run)
    check_equal(run.wait(), status, "status", run)
    if lost is None:
        stage.prove_clean()
    else:
        stage.prove_only_left(lost)
    bound = QUICK_BOUND if quick else AMPLE_BOUND
    check(run.seconds() < bound, f"took {run.seconds():.1f} s, allowed are {bound} s", run)


def words_of(ending):
    return fixture(*ENDINGS[ending][0])


def options_of(ending):
    return ENDINGS[ending][1]


def needs_grace(ending):
    return ENDINGS[ending][4]
