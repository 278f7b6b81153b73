"""Every ending of a run, combined with every kind of process that a test leaves behind."""

import signal

from endings import AMPLE, ENDINGS, QUICK, finish, needs_grace, options_of, words_of
from harness import Case, check, check_equal, fixture, IS_SUBREAPER, REFUSED, SANITIZED, toml
from oracle import LIMIT, wait_for

LEFT = ["pause", "--ready", "left.pid"]


def holding(stage, *more):
    return ["hold-port", stage.port, "--ready", "left.pid", *more]


# name: (words before the ending's own, does it need SIGKILL)
LEFTOVERS = {
    "nothing": (lambda s: [], False),
    "plain child": (lambda s: ["spawn", "plain", *LEFT, "--"], False),
    "setsid": (lambda s: ["spawn", "setsid", *LEFT, "--"], False),
    "double fork": (lambda s: ["spawn", "double-fork", *LEFT, "--"], False),
    "closed stdio": (lambda s: ["spawn", "close-stdio", *LEFT, "--"], False),
    "own group": (lambda s: ["spawn", "setpgrp", *LEFT, "--"], False),
    "ignores TERM": (lambda s: ["spawn", "ignore-term", *LEFT, "--"], True),
    "daemon that ignores TERM": (lambda s: ["spawn", "setsid,double-fork,close-stdio,ignore-term", *LEFT, "--"], True),
    "daemon without an environment": (lambda s: ["spawn", "setsid,double-fork,clear-env", *LEFT, "--"], False),
    "stopped": (lambda s: ["spawn", "setsid,stop-self", *LEFT, "--"], False),
    "stopped, ignores TERM": (lambda s: ["spawn", "setsid,ignore-term,stop-self", *LEFT, "--"], True),
    "holds the port": (lambda s: ["spawn", "setsid,double-fork", *holding(s), "--"], False),
    "holds the port, ignores TERM": (lambda s: ["spawn", "setsid,double-fork,ignore-term", "wedge", s.port, "--ready", "left.pid", "--"], True),
    "workers hold the port, their master has exited": (lambda s: ["spawn", "double-fork", "prefork", 3, s.port, "--master", "exit", "--"], False),
    "launcher with a server": (lambda s: ["spawn", "setsid", "launcher", "die", *holding(s), "--"], False),
    "tree": (lambda s: ["fork-tree", 3, 3, "--"], False),
}
# Where PR_SET_CHILD_SUBREAPER is refused a daemon is init's child: only its environment and the port show which run it belongs to.
LOST_WITHOUT_SUBREAPER = {"daemon without an environment": "left.pid"}


class EveryEndingTimesEveryLeftover(Case):
    def multiply(self, ending):
        def one(kind):
            words, stubborn = LEFTOVERS[kind]
            stage = self.stage()
            quick = stubborn or needs_grace(ending)
            run = stage.run("-g", QUICK if quick else AMPLE, *options_of(ending), "--",
                            *fixture(*words(stage)) if words(stage) else [], *words_of(ending)[bool(words(stage)):])
            finish(stage, run, ending, quick, lost=None if IS_SUBREAPER else LOST_WITHOUT_SUBREAPER.get(kind))
            check_equal(run.warned(), not IS_SUBREAPER, "whether it is said what is weaker", run)
        self.each(LEFTOVERS, one)


def add(ending):
    def test(self):
        self.multiply(ending)
    name = "test_" + "".join(letter if letter.isalnum() else "_" for letter in ending)
    test.__name__, test.__doc__ = name, f"{ending} x {len(LEFTOVERS)} leftovers"
    setattr(EveryEndingTimesEveryLeftover, name, test)


for _ending in ENDINGS:
    add(_ending)


class Many(Case):
    def test_orphans_die_with_the_test(self):
        """500 orphans die in the same millisecond as the test [catatonit #4]."""
        for _ in range(5):
            stage = self.stage()
            run = stage.run("--", *fixture("orphans", 500, 6))
            check_equal(run.wait(), 6, "status", run)
            stage.prove_clean()

    def test_two_hundred_nested(self):
        stage = self.stage()
        run = stage.run("-g", AMPLE, "--", *fixture("fork-tree", 200, 1, "--", "exit", 3))
        check_equal(run.wait(), 3, "status", run)
        stage.prove_clean()

    def test_a_thousand_beside_each_other(self):
        stage = self.stage()
        run = stage.run("-g", AMPLE, "--", *fixture("fork-tree", 1, 1000, "--", "exit", 0))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check(run.seconds() < 30, f"took {run.seconds():.1f} s", run)

    def test_storm(self):
        """Processes that fork and setsid without end. Where PR_SET_CHILD_SUBREAPER is refused, each look at /proc finds other
        processes than the one before, and eight chains are faster than the kill: a PID namespace helps there."""
        for width in (1, 8):
            stage = self.stage()
            namespace = [] if IS_SUBREAPER or width == 1 else ["--isolate"]
            run = stage.tethered("-g", "200ms", *namespace, "--", *fixture("storm", 60000, width, "--", "exit", 2))
            # With sanitizers a kill may be slower than eight chains, and then they end by themselves.
            limit = 100 if SANITIZED else 15
            check_equal(run.wait(limit + LIMIT), 2, "status", run)
            stage.prove_clean()
            check(run.seconds() < limit, f"took {run.seconds():.1f} s", run)

    def test_storm_without_a_subreaper(self):
        """No ECHILD shows then that nothing is left: a run that could not prove it does not pass."""
        refused = () if REFUSED else fixture("with", "seccomp=subreaper:EPERM", "--")
        for width in (1, 8):
            stage = self.stage()
            run = stage.tethered("-g", "200ms", "--", *fixture("storm", 60000, width, "--", "exit", 0), wrap=refused)
            status = run.wait(2 * LIMIT)
            if status == 0:
                stage.prove_clean()
            else:
                check_equal(status, 125, "status", run)
                check("cannot be ended" in run.err or "not proven" in run.err, "it is not said why", run)

    def test_leader_exits_on_term_its_child_does_not(self):
        """Escalation continues [process-compose #520]."""
        stage = self.stage()
        run = stage.run("-g", QUICK, "--", "/bin/sh", "-c",
                        f'"{fixture()[0]}" spawn ignore-term pause --ready left.pid -- pause --ready test.pid')
        stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        stage.prove_clean()

    def test_each_leftover_is_signalled_once(self):
        stage = self.stage()
        run = stage.run("-g", AMPLE, "--", *fixture(
            "spawn", "setsid", "count-signals", "left.log", "--exit-on", "TERM", "--linger", 300, "--ready", "left.pid", "--",
            "spawn", "plain", "count-signals", "near.log", "--exit-on", "TERM", "--linger", 300, "--ready", "near.pid", "--", "exit", 0))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        for log in ("left.log", "near.log"):
            got = [line.split()[0] for line in stage.file(log).read_text().splitlines()]
            check_equal(sorted(name for name in got if name != "CONT"), ["TERM"], f"signals in {log}", run)

    def test_forked_by_a_signal_handler(self):
        """A shell whose trap starts another daemon: that one has to be ended as well."""
        stage = self.stage()
        left = " ".join(fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "late.pid"))
        run = stage.run("-g", QUICK, "--", "/bin/sh", "-c", f"trap '{left}; exit 4' TERM; : > up; while :; do {fixture()[0]} wait-file never 0; done")
        wait_for(lambda: stage.file("up").exists(), "the shell")
        run.send(signal.SIGTERM)
        status = run.wait()
        check(status in (4, -signal.SIGKILL), f"status {status}", run)  # sh runs its trap after its child has exited
        stage.prove_clean()

    def test_exec_into_a_process_that_has_a_child(self):
        """That child is not taken for the test [bubblewrap #146]."""
        stage = self.stage()
        run = stage.run("--", *fixture("exit", 7), wrap=fixture("with", "child=9", "--"))
        check_equal(run.wait(), 7, "status", run)
        stage.prove_clean()

    def test_leftovers_fail(self):
        def one(item):
            words, wanted = item
            stage = self.stage()
            run = stage.plain("--", *fixture(*words), config=f'[test]\nleftovers = "fail"\n[ports]\nguard = [{stage.port}]\n')
            check_equal(run.wait(), wanted, "status", run)
            stage.prove_clean()
            if wanted == 125:
                check("vlmshim: error:" in run.err.strip().splitlines()[-1], "the last line does not say why", run)
        self.each([(("spawn", "setsid", "pause", "--", "exit", 0), 125), (("spawn", "plain", "pause", "--", "exit", 6), 6),
                   (("exit", 0), 0)], one)

    def test_the_servers_helpers_are_no_leftovers_of_the_test(self):
        stage = self.stage()
        text = (f'[server]\ncommand = {toml(fixture("prefork", 2, stage.port))}\nport = {stage.port}\n'
                '[test]\nleftovers = "fail"\n')
        run = stage.plain("--", *fixture("exit", 0), config=text)
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
