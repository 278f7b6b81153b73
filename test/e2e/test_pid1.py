"""vlmshim as PID 1 of a PID namespace, as a container's ENTRYPOINT."""

import os
import signal
import subprocess

from harness import Case, check, check_equal, fixture, let_request_pass, need, toml
from oracle import children_of, stat_fields, wait_for

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
if os.getuid() != 0:
    UNSHARE[1:1] = ["--user", "--map-root-user"]


class PidOne(Case):
    def setUp(self):
        possible = subprocess.run([*UNSHARE, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        need(self, possible, "no PID namespace can be made here")

    def start(self, stage, *arguments, **options):
        return stage.plain(*arguments, wrap=UNSHARE, **options) if "config" in options else stage.run(*arguments, wrap=UNSHARE, **options)

    def pid_one(self, run):
        """vlmshim's pid as seen from here: the child of unshare."""
        return wait_for(lambda: next((pid for pid in children_of(run.pid) if len(stat_fields(pid)) > 1), None), "PID 1")

    def see(self, stage, name, run):
        """Pids in a ready file are those of the namespace: the file is taken away from the oracle."""
        path = stage.file(name)
        wait_for(lambda: path.exists() or run.process.poll() is not None, f"{name} to be ready")
        check(path.exists(), f"{name} never came", run)

    def end(self, stage, run, status):
        check_equal(run.wait(), status, "status", run)
        stage.prove_clean()

    def test_statuses(self):
        def one(item):
            words, status = item
            stage = self.stage()
            self.end(stage, self.start(stage, "--", *fixture(*words)), status)
        self.each([(("exit", 0), 0), (("exit", 7), 7), (("exit", 127), 127), (("exit", 255), 255), (("segv",), 128 + 11), (("abort",), 128 + 6),
                   (("kill-self", "KILL"), 128 + 9), (("kill-self", "TERM"), 128 + 15)], one)

    def test_signals(self):
        def one(number):
            stage = self.stage()
            run = self.start(stage, "-g", "1m", "--", *fixture("pause", "--ready", "test.ready"))
            self.see(stage, "test.ready", run)
            os.kill(self.pid_one(run), number)
            self.end(stage, run, 128 + number)
        self.each([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], one)

    def test_timeout_and_missing_command(self):
        stage = self.stage()
        self.end(stage, self.start(stage, "-t", "300ms", "--", *fixture("pause")), 124)
        stage = self.stage()
        self.end(stage, self.start(stage, "--", "/no/such/command"), 127)

    def test_second_signal_is_now(self):
        stage = self.stage()
        run = self.start(stage, "-g", "1m", "--", *fixture("count-signals", "test.log", "--ready", "test.ready"))
        self.see(stage, "test.ready", run)
        one = self.pid_one(run)
        os.kill(one, signal.SIGTERM)
        wait_for(lambda: "TERM" in stage.file("test.log").read_text(), "the first signal")
        let_request_pass()
        os.kill(one, signal.SIGTERM)
        self.end(stage, run, 128 + 9)

    def test_every_process_gets_one_term_and_a_trap_completes(self):
        """Exit only when the tree is empty or the grace is over [tini, dumb-init, catatonit all fail]."""
        stage = self.stage()
        shell = "trap 'sleep 1; echo done > trap-done; exit 0' TERM; : > trap-ready; while :; do sleep 0.02; done"
        run = self.start(stage, "-g", "10s", "--", *fixture(
            "spawn", "setsid,double-fork", "count-signals", "daemon.log", "--exit-on", "TERM", "--linger", 500, "--",
            "spawn", "plain", "count-signals", "child.log", "--exit-on", "TERM", "--linger", 500, "--",
            "with", "--", "/bin/sh", "-c", f"/bin/sh -c \"{shell}\" & exec {fixture()[0]} count-signals test.log --exit-on TERM --status 3 --ready test.ready"))
        self.see(stage, "trap-ready", run)
        self.see(stage, "test.ready", run)
        os.kill(self.pid_one(run), signal.SIGTERM)
        self.end(stage, run, 3)
        check(stage.file("trap-done").exists(), "the grandchild's trap did not complete", run)
        for log in ("daemon.log", "child.log", "test.log"):
            names = [line.split()[0] for line in stage.file(log).read_text().splitlines()]
            check_equal([name for name in names if name not in ("CONT", "CHLD")], ["TERM"], log, run)

    def test_zombies_are_reaped_while_the_test_runs(self):
        stage = self.stage()
        run = self.start(stage, "--", "/bin/sh", "-c", f"for i in 1 2 3 4 5 6 7 8 9; do (true & true &); done; : > made; exec {fixture()[0]} wait-file go 4")
        self.see(stage, "made", run)
        one = self.pid_one(run)
        wait_for(lambda: [stat_fields(pid)[:1] for pid in children_of(one)] in ([["S"]], [["R"]]), "only the test to be left below PID 1")
        stage.file("go").touch()
        self.end(stage, run, 4)

    def test_daemons(self):
        def one(traits):
            stage = self.stage()
            run = self.start(stage, "-g", "500ms", "--", *fixture("spawn", traits, "hold-port", stage.port, "--", "exit", 5))
            self.end(stage, run, 5)
        self.each(["plain", "setsid", "setsid,double-fork", "setsid,double-fork,close-stdio,ignore-term", "setsid,stop-self"], one)

    def test_with_a_server(self):
        stage = self.stage()
        run = self.start(stage, "-g", "1m", "--", *fixture("exit", 6),
                         config=f'[server]\ncommand = {toml(fixture("two-signals", "{port}", "signals.log", 100))}\nport = {stage.port}\n')
        self.end(stage, run, 6)
        check_equal(stage.file("signals.log").read_text(), "TERM\n", "signals the server got", run)

    def test_signal_while_the_server_loads(self):
        stage = self.stage()
        run = self.start(stage, "-g", "1m", "--", *fixture("exit", 0),
                         config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ok-when", "never", "--ready", "server.ready"))}\n'
                         f'port = {stage.port}\nready.http = "http://localhost:{{port}}/"\n')
        self.see(stage, "server.ready", run)
        os.kill(self.pid_one(run), signal.SIGTERM)
        self.end(stage, run, 128 + 15)

    def test_orphans_die_with_the_test(self):
        stage = self.stage()
        self.end(stage, self.start(stage, "--", *fixture("orphans", 500, 6)), 6)
