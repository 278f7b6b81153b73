"""Leftovers by the hundred: each gets one stop signal, wherever it is in the tree."""

import signal
import sys

from harness import Case, check, check_equal, fixture, script, toml
from trees import TREE

AMPLE = "30s"
QUICK = "300ms"
WORKERS, BELOW = 12, 9


class Many(Case):
    def leave(self, mode, *options, workers=WORKERS, below=BELOW, status=5):
        stage = self.stage()
        run = stage.run(*options, "--", sys.executable, "-c", TREE, mode, workers, below)
        check_equal(run.wait(), status, "status", run)
        stage.prove_clean()
        log = stage.file("terms.log").read_text(encoding="ascii").split()
        return run, log

    def each_was_signalled_once(self, run, log, count=WORKERS * (1 + BELOW)):
        check_equal(len(set(log)), count, "processes that got a signal", run)
        check_equal(len(log), count, "signals", run)
        check(f"ended {count} processes in " in run.err, "not all were counted", run)
        check(run.seconds() < 10, f"took {run.seconds():.1f} s", run)

    def test_each_is_signalled_once(self):
        """Two hundred and forty below twelve, and a hundred beside each other."""
        for workers, below in ((12, 20), (100, 0)):
            run, log = self.leave("obedient", "-g", AMPLE, workers=workers, below=below)
            self.each_was_signalled_once(run, log, workers * (1 + below))

    def test_parents_that_wait_for_their_children(self):
        """The children get the stop signal although their parents live."""
        self.each_was_signalled_once(*self.leave("waits", "-g", AMPLE))

    def test_parents_that_wait_while_others_exit_all_the_time(self):
        """The children get the stop signal although there is never a quiet moment to look for them."""
        run, log = self.leave("trickle", "-g", "4s")
        check_equal(len(set(log)), WORKERS * (1 + BELOW), "processes that got a signal", run)
        check_equal(len(log), WORKERS * (1 + BELOW), "signals", run)
        check(run.seconds() < 3.5, f"took {run.seconds():.1f} s", run)

    def test_what_they_start_to_end_in_order_is_left_alone(self):
        """A trap that runs another program: that one started after the stop signals were sent."""
        def one(count):
            stage = self.stage()
            left = "trap 'sleep 0.3 && echo clean >> log; exit' TERM; : > up.$$; (sleep 888 & wait) & wait"
            run = stage.run("-g", AMPLE, "--", "sh", "-c",
                            f'for i in $(seq {count}); do setsid sh -c "$0" & done; while [ $(ls up.* | wc -l) -lt {count} ]; do sleep 0.01; done',
                            left)
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
            check_equal(stage.file("log").read_text(encoding="ascii").count("clean"), count, "of those that ended in order", run)
        self.each([2, 3, 12], one)

    def test_stopped_processes_are_continued(self):
        self.each_was_signalled_once(*self.leave("stopped", "-g", AMPLE))

    def test_the_deaf_are_killed(self):
        run, log = self.leave("ignore", "-g", QUICK)
        check_equal(log, [], "signals", run)
        check(f"ended {WORKERS * (1 + BELOW)} processes in " in run.err, "not all were counted", run)
        check(run.seconds() < 10, f"took {run.seconds():.1f} s", run)

    def test_some_are_named(self):
        run, _log = self.leave("obedient", "-g", AMPLE)
        check_equal(run.err.count("left behind by the test: pid "), 10, "that are named", run)
        check(f"left behind by the test: {WORKERS * (1 + BELOW) - 10} more" in run.err, "the rest is not counted", run)

    def test_a_report_lists_all_of_them(self):
        run, log = self.leave("obedient", "-g", AMPLE, "--report", "report.json")
        self.each_was_signalled_once(run, log)
        check_equal(run.stage.file("report.json").read_text(encoding="utf-8").count('"asked"'), len(log), "listed", run)


# Ends its workers first.
SERVER = '''
import os, signal, sys, time
workers = []
for _ in range(int(sys.argv[1])):
    workers.append(os.fork())
    if workers[-1] == 0:
        signal.pause()

def end(*_):
    time.sleep(float(sys.argv[2]))
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    os._exit(0)

signal.signal(signal.SIGTERM, end)
open("up", "w").close()
while True:
    signal.pause()
'''


class ServersBeside(Case):
    def run_beside(self, test, leftovers, count):
        """A server whose launcher has daemonised processes before the test begins."""
        stage = self.stage()
        daemons = []
        for index in range(count):
            daemons += ["spawn", "double-fork", "pause", "--ready", f"daemon-{index}.pid", "--"]
        server = fixture(*daemons, "hold-port", "{port}", "--ready", "server.pid")
        run = stage.plain("--", *test, config=f'''
[server]
command = {toml(server)}
port = {stage.port}
[test]
leftovers = "{leftovers}"
[shutdown]
grace = "{AMPLE}"
''')
        status = run.wait()
        stage.prove_clean()
        check(run.seconds() < 10, f"took {run.seconds():.1f} s", run)
        return run, status

    def test_the_servers_are_not_taken_for_the_tests(self):
        for count in (5, 20):
            run, status = self.run_beside(fixture("exit", 0), "fail", count)
            check_equal(status, 0, "status", run)
            check("left behind" not in run.err, "a daemon of the server's", run)

    def test_one_of_the_tests_is_found_among_them(self):
        for count in (5, 8, 20):
            run, status = self.run_beside(fixture("spawn", "setsid", "pause", "--ready", "left.pid", "--", "exit", 0), "fail", count)
            check_equal(status, 125, "status", run)
            check_equal(run.err.count("left behind by the test"), 1, "lines about it", run)

    def test_processes_that_end_with_the_server_are_counted(self):
        """The server ends its three workers itself; or it has already got the same signal from another sender."""
        def one(item):
            forward, left, workers, takes, count = item
            stage = self.stage()
            server = script(stage.file("server.py"), SERVER)
            test = ["kill-self", "TERM"] if forward == "test" else ["pause", "--ready", "test.pid"]
            run = stage.plain("--", *fixture("fork-tree", 1, left, "--", *test), config=f'''
[server]
command = {toml([sys.executable, server, workers, takes])}
port = "none"
ready.exec = ["test", "-e", "up"]
[signals]
forward = "{forward}"
[log]
level = "info"
''')
            if forward == "group":
                stage.ready("test.pid", run)
                run.send(signal.SIGTERM)
            check_equal(run.wait(), -signal.SIGTERM, "status", run)
            stage.prove_clean()
            check(f"ended server ({count})" in run.err, "not all were counted", run)
        self.each([("test", 0, 3, 0, "4 processes"), ("test", 20, 3, 0, "24 processes"), ("group", 0, 0, 0.3, "1 process")], one)
