"""As a container's ENTRYPOINT: what `docker stop` does, TERM at every moment; and a server beside it."""

import os
import signal
import subprocess
import sys
import time

from harness import Case, check, check_equal, fixture, FIXTURE, need, toml, VLMSHIM
from oracle import children_of, stat_fields, wait_for

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
DOCKER = 10  # seconds from `docker stop`'s TERM to its KILL
VOLLEY = 1000 if os.environ.get("VLMSHIM_E2E_LONG", "") not in ("", "0") else 300


class Stop(Case):
    def setUp(self):
        possible = subprocess.run([*UNSHARE, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        need(self, os.getuid() == 0 and possible, "needs root and a PID namespace")

    def stop(self, stage, words, config, *ready):
        """The seconds from the SIGTERM to the end."""
        run = stage.plain("--", *fixture(*words), config=config, wrap=UNSHARE)
        for name in ready:
            wait_for(lambda: stage.file(name).exists() or run.process.poll() is not None, f"{name} to be ready")
            check(stage.file(name).exists(), f"{name} never came", run)
        one = wait_for(lambda: next((pid for pid in children_of(run.pid) if len(stat_fields(pid)) > 1), None), "PID 1")
        os.kill(one, signal.SIGTERM)
        run.signalled_at = time.monotonic()
        run.wait()
        stage.prove_clean()
        return run

    def config(self, stage, *server):
        return f'[server]\ncommand = {toml(fixture(*server))}\nport = {stage.port}\n'

    def test_everything_ignores_it(self):
        """With the default graces: SIGKILL to all processes before Docker's own."""
        stage = self.stage()
        run = self.stop(stage, ["spawn", "setsid,double-fork,ignore-term", "pause", "--", "count-signals", "test.log", "--ready", "test.ready"],
                        self.config(stage, "wedge", "{port}"), "test.ready")
        check_equal(run.process.returncode, 128 + 9, "status", run)
        check(run.seconds_since_signal() < DOCKER, f"took {run.seconds_since_signal():.1f} s", run)
        print(f"\n    everything ignores TERM: {run.seconds_since_signal():.2f} s", file=sys.stderr)
        names = [line.split()[0] for line in stage.file("test.log").read_text().splitlines()]
        check_equal([name for name in names if name not in ("CONT", "CHLD")], ["TERM"], "signals the test got", run)

    def test_everything_listens(self):
        """Test, daemon, server and its helper get one stop signal each; the run ends with the last of them."""
        stage = self.stage()
        linger = ["--exit-on", "TERM", "--linger", 200]
        run = self.stop(stage, ["spawn", "setsid,double-fork", "count-signals", "daemon.log", *linger, "--", "count-signals", "test.log", *linger, "--status", 3, "--ready", "test.ready"],
                        self.config(stage, "spawn", "setsid", "count-signals", "helper.log", *linger, "--", "two-signals", "{port}", "server.log", 200),
                        "test.ready")
        check_equal(run.process.returncode, 3, "status", run)
        for log in ("daemon.log", "test.log", "helper.log", "server.log"):
            names = [line.split()[0] for line in stage.file(log).read_text().splitlines()]
            check_equal([name for name in names if name not in ("CONT", "CHLD")], ["TERM"], log, run)
        print(f"\n    everything listens, 200 ms each: {run.seconds_since_signal():.2f} s", file=sys.stderr)
        check(run.seconds_since_signal() < 3, f"took {run.seconds_since_signal():.1f} s: it waited for a clock", run)

    def test_zombies_of_a_running_test(self):
        """Two hundred orphans that have exited are reaped before the test ends."""
        stage = self.stage()
        run = stage.plain("--", "/bin/sh", "-c", f'for i in $(seq 200); do "{FIXTURE}" spawn setsid,double-fork exit 0 --ready o.ready -- exit 0; done; : > made; exec "{FIXTURE}" wait-file go 4',
                          config=f"[ports]\nguard = [{stage.port}]\n", wrap=UNSHARE)
        wait_for(lambda: stage.file("made").exists(), "the orphans", 60)
        one = wait_for(lambda: next((pid for pid in children_of(run.pid) if len(stat_fields(pid)) > 1), None), "PID 1")
        wait_for(lambda: len(children_of(one)) == 1, "only the test to be left")
        stage.file("go").touch()
        check_equal(run.wait(), 4, "status", run)

    def volley(self, mode, statuses, *test):
        stage = self.stage()
        done = subprocess.run([*fixture("volley", VOLLEY, 5000, mode, "--"), VLMSHIM, "--no-config", "-p", str(stage.port), "-g", "5s", "--", *fixture(*test)],
                              capture_output=True, text=True, env=stage.environment(), cwd=stage.folder, timeout=120, check=False)
        seen = {int(status): int(count) for status, count in (line.split() for line in done.stdout.splitlines())}
        print(f"\n    {VOLLEY} times TERM in the first 5 ms, {mode}: {seen}", file=sys.stderr)
        check(set(seen) <= statuses and sum(seen.values()) == VOLLEY, f"statuses {seen}, allowed {statuses}\n{done.stderr[-2000:]}")
        stage.prove_clean()

    def test_term_in_the_first_milliseconds(self):
        """As PID 1, from the moment when the kernel keeps it pending: none is lost [tini, dumb-init lose 2-4 %]."""
        self.volley("pid1", {128 + 15}, "pause")

    def test_term_that_was_blocked_at_the_start(self):
        self.volley("pid1-early", {128 + 15}, "count-signals", "/dev/null", "--exit-on", "TERM", "--status", 128 + 15)

    def test_term_in_the_first_milliseconds_outside_a_container(self):
        self.volley("plain", {-1000 - 15}, "pause")


class Sidecar(Case):
    """A server in another container of the pod: its process is in another PID namespace, and its port in ours."""

    def check_left_alone(self, *options):
        need(self, os.getuid() == 0, "needs root to look from another PID namespace")
        stage = self.stage()
        server = stage.outsider("serve", stage.port)
        words = [word.replace("PORT", str(stage.port)) for word in options]
        run = stage.plain(*words, "--", *fixture("client", "127.0.0.1", stage.port, "--ready", "client.ready"), wrap=UNSHARE)
        wait_for(lambda: stage.file("client.ready").exists(), "the test to reach the server")
        one = wait_for(lambda: next((pid for pid in children_of(run.pid) if len(stat_fields(pid)) > 1), None), "PID 1")
        os.kill(one, signal.SIGTERM)
        check_equal(run.wait(), 128 + 15, "status", run)
        check(server.poll() is None, "the sidecar was harmed", run)

    def test_a_busy_port_is_used_as_it_is(self):
        self.check_left_alone("-p", "PORT", "--busy", "reuse")

    def test_an_external_server(self):
        self.check_left_alone("-r", "http://localhost:PORT/health")
