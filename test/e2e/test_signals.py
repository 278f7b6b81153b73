"""Signals to vlmshim: each arrives once, none is lost, none echoes."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time

from harness import Case, check, check_equal, fixture, FIXTURE, toml, VLMSHIM
from oracle import parent_of, wait_for

COUNT = ("count-signals", "test.log", "--exit-on", "TERM", "--status", 3, "--linger", 200, "--ready", "test.pid")


def names(stage, log="test.log"):
    return [line.split()[0] for line in stage.file(log).read_text().splitlines()]


class Forwarding(Case):
    def test_each_arrives_exactly_once(self):
        stage = self.stage()
        run = stage.run("--", *fixture(*COUNT))
        stage.ready("test.pid", run)
        sent = []
        for name in ("USR1", "USR2", "WINCH", "ALRM", "RTMIN+1", "USR1", "VTALRM", "RTMIN+3"):
            number = signal.SIGRTMIN + int(name[6:]) if name.startswith("RTMIN") else signal.Signals["SIG" + name]
            run.send(number)
            sent.append(name)
            wait_for(lambda: len(names(stage)) >= len(sent), f"{name} to arrive")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal(names(stage), [*sent, "TERM"], "signals", run)
        stage.prove_clean()

    def test_a_signal_after_the_end_of_the_test(self):
        """It reaches no process, and ends nothing."""
        stage = self.stage()
        text = (f'[server]\ncommand = {toml(fixture("count-signals", "server.log", "--exit-on", "TERM", "--linger", 400, "--ready", "server.pid"))}\n'
                f'port = "none"\nready.exec = ["test", "-e", "server.pid"]\n')
        run = stage.plain("-v", "-g", "1m", "--", *fixture("count-signals", "test.log", "--exit-on", "USR2", "--status", 3, "--ready", "test.pid"), config=text)
        stage.ready("test.pid", run)
        for number, count in ((signal.SIGUSR1, 1), (signal.SIGUSR2, 2)):
            run.send(number)
            wait_for(lambda count=count: len(names(stage)) >= count, "the signal")
        wait_for(lambda: "TERM" in names(stage, "server.log"), "the stop signal of the server")
        run.send(signal.SIGUSR1)
        check_equal(run.wait(), 3, "status", run)
        check_equal([name for name in names(stage, "server.log") if name != "CONT"], ["TERM"], "the server's signals", run)
        stage.prove_clean()

    def test_queued_real_time_signals_are_all_forwarded(self):
        stage = self.stage()
        run = stage.run("--", *fixture(*COUNT))
        stage.ready("test.pid", run)
        for _ in range(50):
            os.kill(run.pid, signal.SIGRTMIN + 2)
        wait_for(lambda: len(names(stage)) >= 50, "50 signals")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal(names(stage), ["RTMIN+2"] * 50 + ["TERM"], "signals", run)

    def test_a_flood_through_the_supervisor(self):
        """More than the socket between keeper and supervisor holds; and then the end."""
        stage = self.stage()
        text = f'[ports]\nguard = [{stage.port}]\n[signals]\nrewrite = {{ "SIGRTMIN+2" = "SIGRTMIN+4" }}\n'
        run = stage.plain("-g", "1m", "--", *fixture(*COUNT), config=text)
        supervisor = parent_of(stage.ready("test.pid", run).pid)
        os.kill(supervisor, signal.SIGSTOP)  # the keeper continues it, but for the moment it does not read
        for _ in range(3000):
            os.kill(run.pid, signal.SIGRTMIN + 2)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        got = names(stage)
        check_equal((got.count("RTMIN+4"), got.count("TERM"), len(got)), (3000, 1, 3001), "signals", run)

    def test_a_flood_while_the_supervisor_is_stopped(self):
        """The keeper must not block on a full link: only it can continue the supervisor and notice its end."""
        stage = self.stage()
        text = f'[ports]\nguard = [{stage.port}]\n[signals]\nrewrite = {{ "SIGRTMIN+2" = "SIGRTMIN+4" }}\n'
        run = stage.plain("-g", "1m", "--", *fixture(*COUNT), config=text)
        supervisor = parent_of(stage.ready("test.pid", run).pid)
        os.kill(run.pid, signal.SIGSTOP)
        for _ in range(600):
            os.kill(run.pid, signal.SIGRTMIN + 2)
        os.kill(run.pid, signal.SIGCONT)
        for _ in range(50):
            os.kill(supervisor, signal.SIGSTOP)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check(run.seconds_since_signal() < 5, f"took {run.seconds_since_signal():.1f} s", run)
        check_equal(names(stage).count("TERM"), 1, "the end", run)

    def test_ending_signals_arrive_exactly_once(self):
        def one(name):
            stage = self.stage()
            run = stage.run("-g", "1m", "--", *fixture("count-signals", "test.log", "--exit-on", name, "--status", 3, "--linger", 200, "--ready", "test.pid"))
            stage.ready("test.pid", run)
            run.send(signal.Signals["SIG" + name])
            check_equal(run.wait(), 3, "status", run)
            check_equal(names(stage), [name], "signals", run)
            stage.prove_clean()
        self.each(["INT", "TERM", "HUP", "QUIT"], one)

    def test_the_same_to_every_process_of_the_job_is_one(self):
        """pkill, systemd, CI agents: keeper and supervisor both get it, and it must not count as a second signal."""
        def one(number):
            stage = self.stage()
            run = stage.run("--", *fixture(*COUNT))
            supervisor = parent_of(stage.ready("test.pid", run).pid)
            for pid in (run.pid, supervisor) if number % 2 else (supervisor, run.pid):
                os.kill(pid, signal.SIGTERM)
            check_equal(run.wait(), 3, "status", run)
            check_equal(names(stage), ["TERM"], "signals the test got", run)
            stage.prove_clean()
        self.each(range(6), one)

    def test_the_server_gets_none_of_them(self):
        stage = self.stage()
        text = (f'[server]\ncommand = {toml(fixture("count-signals", "server.log", "--exit-on", "TERM", "--linger", 200, "--ready", "server.pid"))}\n'
                f'port = "none"\nready.exec = ["test", "-e", "server.pid"]\n')
        run = stage.plain("-g", "1m", "--", *fixture(*COUNT), config=text)
        stage.ready("test.pid", run)
        run.send(signal.SIGUSR1)
        wait_for(lambda: names(stage) == ["USR1"], "the signal")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal([name for name in names(stage, "server.log") if name != "CONT"], ["TERM"], "the server's signals", run)
        stage.prove_clean()

    def test_child_signals_from_outside_are_harmless(self):
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 5, "--ready", "test.pid"))
        stage.ready("test.pid", run)
        for _ in range(20):
            run.send(signal.SIGCHLD)
        stage.file("go").touch()
        check_equal(run.wait(), 5, "status", run)

    def test_sender_is_logged(self):
        stage = self.stage()
        run = stage.run("-v", "--", *fixture(*COUNT))
        stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check("SIGTERM" in run.err and str(os.getpid()) in run.err, "signal and sender are not logged", run)

    def test_rewrite(self):
        stage = self.stage()
        text = f'[ports]\nguard = [{stage.port}]\n[signals]\nrewrite = {{ SIGTERM = "SIGINT", SIGUSR1 = "SIGUSR2" }}\n'
        run = stage.plain("--", *fixture("count-signals", "test.log", "--exit-on", "INT", "--status", 3, "--linger", 200, "--ready", "test.pid"), config=text)
        stage.ready("test.pid", run)
        for count, number in enumerate((signal.SIGWINCH, signal.SIGUSR1, signal.SIGUSR1), 1):
            run.send(number)
            wait_for(lambda count=count: len(names(stage)) >= count, "the signal")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal(names(stage), ["WINCH", "USR2", "USR2", "INT"], "signals", run)
        stage.prove_clean()

    def test_group_without_an_echo_storm(self):
        """In the group that one signals, without si_pid: one SIGUSR1 became 1000 handler runs."""
        stage = self.stage()
        text = (f'[server]\ncommand = {toml(fixture("count-signals", "server.log", "--exit-on", "TERM", "--linger", 300, "--ready", "server.pid"))}\n'
                f'port = "none"\nready.exec = ["test", "-e", "server.pid"]\n[signals]\nforward = "group"\n')
        run = stage.plain("-g", "1m", "--", *fixture(*COUNT), config=text)
        stage.ready("test.pid", run)
        for number in (signal.SIGUSR1, signal.SIGRTMIN + 1):
            before = len(names(stage)), len(names(stage, "server.log"))
            run.send(number)
            wait_for(lambda: len(names(stage)) > before[0] and len(names(stage, "server.log")) > before[1], "the signal in both")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        for log in ("test.log", "server.log"):
            check_equal([name for name in names(stage, log) if name != "CONT"], ["USR1", "RTMIN+1", "TERM"], log, run)
        stage.prove_clean()

    def test_group_reaches_the_tests_children(self):
        stage = self.stage()
        text = f'[ports]\nguard = [{stage.port}]\n[signals]\nforward = "group"\n'
        run = stage.plain("--", *fixture("spawn", "plain", "count-signals", "child.log", "--exit-on", "TERM", "--", *COUNT), config=text)
        stage.ready("test.pid", run)
        run.send(signal.SIGUSR1)
        wait_for(lambda: names(stage) and names(stage, "child.log"), "the signal in both")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal(names(stage, "child.log").count("USR1"), 1, "the child's signals", run)
        stage.prove_clean()

    # Sends the signal to its parent, and another one when that has reached all other processes. Signals are passed on
    # in order: then the first has been delivered.
    SENDER = """
import os, signal, sys, time
number, child_log, others = int(sys.argv[1]), sys.argv[2], []
for one in (number, signal.SIGUSR1):
    signal.signal(one, lambda got, _frame: others.append(signal.Signals(got).name[3:]))
for one in (number, signal.SIGUSR1):
    os.kill(os.getppid(), one)
    while signal.Signals(one).name[3:] not in open(child_log).read().split():
        time.sleep(0.002)
open("sender.log", "w").write(" ".join(others))
os.kill(os.getpid(), signal.SIGKILL)
"""

    def test_a_signal_to_the_group_is_not_sent_back_to_its_sender(self):
        def one(number):
            stage = self.stage()
            stage.file("child.log").touch()
            run = stage.plain("--", *fixture("spawn", "plain", "count-signals", "child.log", "--ready", "child.pid", "--", "with", "nice=0", "--",
                                             sys.executable, "-c", self.SENDER, int(number), "child.log"),
                              config=f'[ports]\nguard = [{stage.port}]\n[shutdown]\ngrace = "100ms"\n[test]\ngrace = "1m"\n[signals]\nforward = "group"\n')
            check_equal(run.wait(), -signal.SIGKILL, "status", run)
            check_equal(stage.file("sender.log").read_text(), "", "what the sender got", run)
            check_equal([name for name in names(stage, "child.log") if name != "CONT"][:2], [number.name[3:], "USR1"], "what the other one got", run)
            stage.prove_clean()
        self.each([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR2], one)

    def test_what_a_test_sends_its_parent_comes_to_the_test(self):
        """The default: kill -TERM $PPID."""
        def one(number):
            stage = self.stage()
            run = stage.run("-g", "1m", "--", "sh", "-c", f'trap "exit 6" {number.name[3:]}; kill -{number.name[3:]} $PPID; while :; do sleep 0.02; done')
            check_equal(run.wait(), 6, "status", run)
            stage.prove_clean()
        self.each([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1], one)

    def test_ignored_by_the_caller_ends_no_run(self):
        """nohup vlmshim: a hang-up reaches the test, which may have a handler for it as in a bare run, but does not
        start the shutdown clock. If it did, the TERM would be the second signal: now."""
        stage = self.stage()
        run = stage.run("-g", "1m", "--", *fixture(*COUNT), wrap=fixture("with", "ignore=HUP", "--"))
        stage.ready("test.pid", run)
        run.send(signal.SIGHUP)
        run.send(signal.SIGUSR1)
        wait_for(lambda: "USR1" in names(stage), "the signal after it")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 3, "status", run)
        check_equal(names(stage), ["HUP", "USR1", "TERM"], "signals", run)


class Early(Case):
    """tini and dumb-init lose 2-4 % of the SIGTERMs that arrive in the first 3 ms."""

    def volley(self, times, longest, arguments, wanted):
        stage = self.stage()
        environment = stage.environment()

        def one(index):
            number = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)[index % 4]
            process = subprocess.Popen([VLMSHIM, *arguments(stage)], env=environment, cwd=stage.folder, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            end = time.perf_counter() + longest * (index % 97) / 97
            while time.perf_counter() < end:
                pass
            process.send_signal(number)
            try:
                _, said = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return f"#{index}: {number.name} was lost"
            return None if process.returncode in wanted(number) else f"#{index}: {number.name}: status {process.returncode}: {said.decode()}"

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            failed = [text for text in pool.map(one, range(times)) if text]
        self.assertEqual(failed, [], f"{len(failed)} of {times}")
        stage.prove_clean()

    def test_no_signal_is_lost_from_the_start_on(self):
        self.volley(400, 0.005, lambda stage: ["--no-config", "-p", str(stage.port), "--", FIXTURE, "pause"], lambda number: (-number,))

    def test_no_signal_is_lost_while_the_server_starts(self):
        def arguments(stage):
            path = stage.file("early.toml")
            if not path.exists():
                fresh = stage.file(f"early-{time.monotonic_ns()}")
                fresh.write_text(f'[server]\ncommand = ["{FIXTURE}", "serve", "{{port}}", "--reuseport"]\nport = {stage.port}\n')
                fresh.rename(path)
            return ["-c", str(path), "-q", "--", FIXTURE, "pause"]
        # Two at a time on one port would refuse each other: a run may also end as "port busy".
        self.volley(150, 0.03, arguments, lambda number: (-number, 125))
