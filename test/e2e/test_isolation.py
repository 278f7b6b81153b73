"""--isolate: the run in a PID namespace of its own, so that the kernel ends it when keeper and supervisor cannot."""

import os
import signal
import socket
import subprocess
import sys

from harness import Case, check, check_equal, fixture, need, toml, VLMSHIM
from oracle import children_of, listening, wait_for
from trees import TREE


class Isolation(Case):
    def setUp(self):
        possible = subprocess.run([VLMSHIM, "--no-config", "-p", str(self.stage().port), "--isolate", "--", "true"],
                                  stderr=subprocess.DEVNULL, check=False).returncode == 0
        need(self, possible, "no PID namespace can be made here")

    def test_statuses_are_the_same(self):
        def one(item):
            words, status = item
            stage = self.stage()
            run = stage.run("--isolate", "--", *words)
            check_equal(run.wait(), status, "status", run)
            stage.prove_clean()
        self.each([(fixture("exit", 0), 0), (fixture("exit", 7), 7), (fixture("segv"), -signal.SIGSEGV),
                   (fixture("kill-self", "KILL"), -signal.SIGKILL), (["/no/such/command"], 127), (["/"], 126)], one)

    def test_the_test_sees_a_namespace_and_its_own_proc(self):
        stage = self.stage()
        run = stage.run("--isolate", "--", "sh", "-c", "echo $$; cat /proc/self/stat | cut -d' ' -f1; pwd")
        check_equal(run.wait(), 0, "status", run)
        shell, stat, folder = run.out.split("\n")[:3]
        check(int(shell) < 20, f"the test's pid is {shell}", run)
        check(int(stat) < 20, f"/proc says {stat}", run)
        check_equal(os.path.realpath(folder), os.path.realpath(stage.folder), "working directory", run)

    def test_from_a_folder_that_was_removed(self):
        """As without --isolate: no path leads to it any more."""
        for options in ([], ["--isolate"]):
            stage = self.stage()
            run = stage.run(*options, "--", *fixture("exit", 7), wrap=["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"])
            check_equal(run.wait(), 7, f"status with {options}", run)
            stage.prove_clean()

    def test_few_and_many_are_signalled_once(self):
        """Orphans go to the namespace's init, not to the supervisor."""
        for workers, below in ((2, 0), (12, 9)):
            stage = self.stage()
            run = stage.plain("-p", stage.port, "--isolate", "-g", "30s", "--", sys.executable, "-c", TREE, "obedient", workers, below,
                              config='[test]\nleftovers = "fail"\n[log]\nlevel = "info"\n')
            check_equal(run.wait(), 5, "status", run)
            log = stage.file("terms.log").read_text(encoding="ascii").split()
            check_equal((len(log), len(set(log))), (workers * (1 + below),) * 2, "signals, and processes that got one", run)
            check("left behind by the test: pid " in run.err, "none is named", run)
            check(run.seconds() < 10, f"took {run.seconds():.1f} s", run)
            stage.prove_clean()

    def test_every_process_is_signalled_and_ended(self):
        def one(traits):
            stage = self.stage()
            run = stage.run("--isolate", "-g", "300ms", "--", *fixture("spawn", traits, "pause", "--", "exit", 3))
            check_equal(run.wait(), 3, "status", run)
            stage.prove_clean()
        self.each(["plain", "setsid", "setsid,double-fork,close-stdio,ignore-term"], one)

    def test_signals_reach_the_test(self):
        stage = self.stage()
        run = stage.run("--isolate", "-g", "1m", "--", "sh", "-c", 'trap "exit 5" TERM; echo up >up; while :; do sleep 0.02; done')
        wait_for(lambda: stage.file("up").exists(), "the test")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 5, "status", run)
        stage.prove_clean()

    def test_group_signal_is_no_second_one(self):
        """A signal to a group with members in a namespace below arrives at its sender with si_pid 0: that was taken for a
        second signal from outside, and every process was killed."""
        stage = self.stage()
        run = stage.run("--isolate", "-g", "1m", "--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 3,
                                                                "--linger", 300, "--ready", "test.pid"),
                        config='[signals]\nforward = "group"\n')
        stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        stage.prove_clean()

    def test_server_is_ready_and_ended(self):
        stage = self.stage()
        run = stage.plain("--isolate", "--", *fixture("exit", 0),
                          config=f"[server]\nport = {stage.port}\ncommand = {toml(fixture('serve', stage.port))}\n")
        check_equal(run.wait(), 0, "status", run)
        check("ready after" in run.err, "the server was not seen", run)
        stage.prove_clean()

    def test_both_killed_at_once(self):
        """The kernel ends the processes when keeper and supervisor are dead."""
        def one(index):
            stage = self.stage()
            run = stage.run("--isolate", "--", "sh", "-c",
                            f"setsid sh -c 'trap \"\" TERM; echo >deep; sleep 1000; :' & setsid sleep 1000 & echo >up; sleep {1000 + index}; :")
            wait_for(lambda: stage.file("up").exists() and stage.file("deep").exists(), "the test")
            supervisor = children_of(run.pid)[0]
            os.kill(run.pid, signal.SIGKILL)
            os.kill(supervisor, signal.SIGKILL)
            check_equal(run.wait(), -signal.SIGKILL, "status", run)
            # No process of the run is left to wait for the kernel, so the case does.
            wait_for(lambda: not stage.left_over(), "the end of the namespace")
            stage.prove_clean()
        self.each(range(6), one)

    def test_port_busy_leaves_nothing(self):
        stage = self.stage()
        with socket.create_server(("127.0.0.1", stage.port)):
            run = stage.run("--isolate", "--", "true")
            check_equal(run.wait(), 125, "status", run)
            check(listening(stage.port), "the holder was touched", run)
