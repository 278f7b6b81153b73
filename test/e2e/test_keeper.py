"""kill -9, or a crash, of the keeper (the pid that the caller knows) or of the supervisor, at any moment."""

import os
import random
import signal
import statistics
import subprocess
import sys
import time

from harness import Case, check, check_equal, fixture, IS_SUBREAPER, need, toml, vlmshim_command
from oracle import alive, carriers, listening, parent_of, read_bytes, stat_fields, wait_for

GRACE = 0.3    # time in which processes may exit by themselves
PROMISED = 1.0 + GRACE if IS_SUBREAPER else 6.0 + GRACE  # each look for orphans goes through all processes of the machine
NOISE = 3.0    # for a single run on a busy machine; the median has to keep the promise

# name: what the test leaves, all of it holding the port or beside a holder
KINDS = {
    "plain": ("plain", "hold-port"),
    "setsid": ("setsid", "hold-port"),
    "double fork": ("setsid,double-fork", "hold-port"),
    "ignores TERM": ("setsid,double-fork,ignore-term", "wedge"),
    "closed stdio": ("setsid,double-fork,close-stdio", "hold-port"),
    "stopped": ("setsid,stop-self", "hold-port"),
    "no environment": ("setsid,double-fork,clear-env,ignore-term", "wedge"),
}


def first_child(pid):
    words = read_bytes(f"/proc/{pid}/task/{pid}/children").split()
    return int(words[0]) if words else None


def crash(pid):
    subprocess.run(fixture("crash", pid), check=True)


def killer(number):
    return lambda pid: os.kill(pid, number)


WAYS = {"KILL": killer(signal.SIGKILL), "fault": crash, "SEGV": killer(signal.SIGSEGV), "ABRT": killer(signal.SIGABRT)}
DEADLY = ("KILL", "fault")  # SEGV and ABRT of kill(2) are signals like others: they reach the test


class Killed(Case):
    """Ends with no descendant and no held port within a second, plus the short grace."""

    def setUp(self):
        self.took = []

    def tearDown(self):
        if self.took:
            print(f"\n    {self.id().rpartition('.')[2]}: {len(self.took)} runs, all ended after {statistics.median(self.took):.3f} s (median), "
                  f"{max(self.took):.3f} s (worst)", file=sys.stderr)
            self.assertLess(statistics.median(self.took), PROMISED)

    def ended(self, stage, run, since):
        wait_for(lambda: not stage.left_over() and not listening(stage.port), "the end of everything", PROMISED + NOISE)
        self.took.append(time.monotonic() - since)
        run.wait()
        stage.prove_clean()

    def victim(self, killed, run, test):
        return run.pid if killed == "keeper" else parent_of(test.pid)

    def status_after(self, killed, way):
        """As the caller sees it."""
        if way in ("SEGV", "ABRT"):
            return -signal.Signals["SIG" + way]
        if killed == "supervisor":
            return 125
        return -signal.SIGKILL if way == "KILL" else -signal.SIGSEGV

    def test_while_testing(self):
        def one(item):
            killed, way, kind = item
            stage = self.stage()
            traits, holder = KINDS[kind]
            run = stage.run("--", *fixture("spawn", traits, holder, stage.port, "--ready", "left.pid", "--", "pause", "--ready", "test.pid"))
            test = stage.ready("test.pid", run)
            since = time.monotonic()
            WAYS[way](self.victim(killed, run, test))
            if kind == "no environment" and not IS_SUBREAPER:
                self.lost(stage, run, killed)
            elif way not in DEADLY:
                run.wait()
                stage.prove_clean()
            else:
                self.ended(stage, run, since)
            check_equal(run.wait(), self.status_after(killed, way), "status", run)
            if killed == "supervisor" and way in DEADLY:
                check("exit status 125" in run.err.strip().splitlines()[-1], "the last line does not say why", run)
        self.each([(killed, way, kind) for killed in ("keeper", "supervisor") for way in WAYS for kind in KINDS
                   if way in DEADLY or kind in ("plain", "double fork")], one)

    def lost(self, stage, run, killed):
        """Where PR_SET_CHILD_SUBREAPER is refused, a daemon that has wiped its environment is found only by its port. The
        supervisor knows that the port was free before, and ends it as an outsider, with an outsider's grace. The keeper does
        not know that: it reports the holder and lets it live."""
        run.wait()
        if killed == "keeper":
            wait_for(lambda: not listening(stage.port), "the end of the daemon")
            wait_for(lambda: not stage.left_over(), "the end of everything else")
            return
        stage.prove_only_left("left.pid")
        holder = stage.ready("left.pid").pid
        check(f"port {stage.port} is not free: pid {holder} " in run.err, "the holder is not named", run)

    def test_right_after_the_start(self):
        """0-20 ms: before, while and after the second process, the test and its leftovers are started."""
        seed = random.randrange(1 << 30)
        delays = random.Random(seed)

        def one(item):
            killed, delay = item
            stage = self.stage()
            run = stage.plain("--", *fixture("spawn", "setsid,double-fork,ignore-term", "hold-port", stage.port, "--", "pause", "--ready", "test.pid"),
                              config=f'[server]\ncommand = {toml(fixture("pause"))}\nready.exec = ["/bin/true"]\nport = "none"\n[ports]\nguard = [{stage.port}]\n')
            until = time.monotonic() + delay
            victim = run.pid
            if killed == "supervisor":
                victim = wait_for(lambda: first_child(run.pid) or run.process.poll() is not None and -1, "the supervisor")
            while time.monotonic() < until:
                pass
            since = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            self.ended(stage, run, since)
            check(run.wait() == (125 if killed == "supervisor" else -signal.SIGKILL), f"status {run.wait()}, seed {seed}", run)
        self.each([(killed, delays.random() * 0.02) for _ in range(60) for killed in ("keeper", "supervisor")], one)

    def test_while_waiting_for_the_server(self):
        def one(item):
            killed, way = item
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"), config=
                              f'[server]\ncommand = {toml(fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "helper.pid", "--", "serve", "{port}", "--ok-when", "never", "--ready", "server.pid"))}\n'
                              f'port = {stage.port}\nready.http = "http://localhost:{{port}}/"\n')
            server = stage.ready("server.pid", run)
            since = time.monotonic()
            WAYS[way](self.victim(killed, run, server))
            self.ended(stage, run, since)
            check_equal(run.wait(), self.status_after(killed, way), "status", run)
            check(not stage.file("test.pid").exists(), "the test was started", run)
        self.each([(killed, way) for _ in range(3) for killed in ("keeper", "supervisor") for way in DEADLY], one)

    def test_in_the_middle_of_a_teardown(self):
        """The server has its stop signal already: it must not get a second one, at which llama-server would abort."""
        def one(item):
            killed, way = item
            stage = self.stage()
            run = stage.plain("-g", "1m", "--", *fixture("exit", 0), config=
                              f'[server]\ncommand = {toml(fixture("two-signals", "{port}", "signals.log", 50_000, "--ready", "server.pid"))}\nport = {stage.port}\n')
            server = stage.ready("server.pid", run)
            log = stage.file("signals.log")
            wait_for(lambda: log.exists() and "TERM" in log.read_text(), "the stop signal of the server")
            since = time.monotonic()
            WAYS[way](self.victim(killed, run, server))
            self.ended(stage, run, since)
            check_equal(log.read_text(), "TERM\n", "signals the server got", run)
            check_equal(run.wait(), self.status_after(killed, way), "status", run)
        self.each([(killed, way) for _ in range(3) for killed in ("keeper", "supervisor") for way in DEADLY], one)

    def test_one_clean_up(self):
        """A listener that ends 100 ms after its TERM gets one, and is not killed before the grace is over."""
        def one(killed):
            stage = self.stage()
            run = stage.plain("-g", "1m", "--", *fixture(
                "spawn", "setsid,double-fork", "count-signals", "daemon.log", "--exit-on", "TERM", "--linger", 100, "--ready", "daemon.pid", "--",
                "pause", "--ready", "test.pid"),
                config=f'[server]\ncommand = {toml(fixture("two-signals", "{port}", "signals.log", 100, "--ready", "server.pid"))}\nport = {stage.port}\n')
            test = stage.ready("test.pid", run)
            since = time.monotonic()
            os.kill(self.victim(killed, run, test), signal.SIGKILL)
            self.ended(stage, run, since)
            names = [line.split()[0] for line in stage.file("daemon.log").read_text().splitlines()]
            check_equal([name for name in names if name != "CONT"], ["TERM"], "signals the daemon got", run)
            log = stage.file("signals.log")  # a direct child of a killed supervisor dies by parent-death signal
            check_equal(log.read_text() if log.exists() else "", "TERM\n" if killed == "keeper" else "", "signals the server got", run)
        self.each(["keeper", "supervisor"] * 4, one)

    def test_a_killed_teardown_under_a_second_signal(self):
        """TERM, then KILL: what CI systems do."""
        stage = self.stage()
        run = stage.run("-g", "1m", "--", *fixture("spawn", "setsid,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--",
                                                   "count-signals", "test.log", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        wait_for(lambda: "TERM" in stage.file("test.log").read_text(), "the first signal")
        since = time.monotonic()
        run.send(signal.SIGKILL)
        self.ended(stage, run, since)


class Caller(Case):
    def test_subprocess_run_with_a_timeout(self):
        """subprocess.run kills, then waits for the end of the pipes: no process may hold them."""
        stage = self.stage()
        started = time.monotonic()
        with self.assertRaises(subprocess.TimeoutExpired):
            subprocess.run([*vlmshim_command("--no-config", "-p", stage.port, "--"),
                            *fixture("spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--", "pause", "--ready", "test.pid")],
                           timeout=1, capture_output=True, env=stage.environment(), cwd=stage.folder, check=False)
        wait_for(lambda: not stage.left_over() and not listening(stage.port), "the end of everything", PROMISED + NOISE)
        took = time.monotonic() - started - 1
        print(f"\n    subprocess.run(timeout=1): all ended {took:.3f} s later", file=sys.stderr)
        check(stage.file("test.pid").exists(), "the test had not even started")
        stage.prove_clean()

    def test_a_stranger_lives_on(self):
        """sh -c 'sleep 1000 & exec vlmshim ...': vlmshim has a child that it did not start."""
        def one(how):
            stage = self.stage()
            words = ["exit", 3] if how == "exit" else ["pause", "--ready", "test.pid"]
            run = stage.run("--", *fixture(*words), wrap=["/bin/sh", "-c", f'"{fixture()[0]}" pause --ready outside-stranger.pid & '
                            'while [ ! -e outside-stranger.pid ]; do :; done; exec "$@"', "sh"])
            stranger = stage.ready("outside-stranger.pid", run)
            status = 3
            if how != "exit":
                test = stage.ready("test.pid", run)
                supervisor = parent_of(test.pid)
                os.kill(run.pid if how == "keeper killed" else supervisor, signal.SIGTERM if how == "TERM" else signal.SIGKILL)
                status = {"keeper killed": -signal.SIGKILL, "supervisor killed": 125, "TERM": -signal.SIGTERM}[how]
                wait_for(lambda: not test.lives() and not alive(supervisor), "the end of the run", PROMISED + NOISE)
            check_equal(run.wait(), status, "status", run)
            check(stranger.lives(), "the stranger was ended", run)
            os.kill(stranger.pid, signal.SIGKILL)
            wait_for(lambda: not stranger.lives(), "the stranger's end")
            stage.prove_clean()
        self.each(["exit", "TERM", "keeper killed", "supervisor killed"], one)

    def test_a_stopped_keeper_ends_the_rest_when_it_goes_on(self):
        """See CAVEATS in vlmshim(1): until SIGCONT the descendants live. The direct children of the supervisor die with it."""
        def one(isolate):
            stage = self.stage()
            ready = [".up", ".pid"][not isolate]  # in a namespace the pids differ
            run = stage.run(*isolate, "--", *fixture("spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left" + ready, "--",
                                                     "pause", "--ready", "test" + ready))
            stage.ready("test" + ready, run)
            supervisor = first_child(run.pid)
            os.kill(run.pid, signal.SIGSTOP)
            wait_for(lambda: stat_fields(run.pid)[0] == "T", "the keeper to stop")
            os.kill(supervisor, signal.SIGKILL)
            wait_for(lambda: stat_fields(supervisor)[0] == "Z", "the supervisor's end")
            mark = b"E2E_COOKIE=" + stage.cookie.encode()
            left = 0 if isolate else 1  # the kernel itself ends a PID namespace
            wait_for(lambda: len([pid for pid, _command in carriers([mark]) if pid != run.pid]) == left, "the test's end")
            check_equal(listening(stage.port), not isolate, "whether the port is held", run)
            since = time.monotonic()
            os.kill(run.pid, signal.SIGCONT)
            wait_for(lambda: not listening(stage.port) and len(carriers([mark])) == 0, "the end of everything", PROMISED + NOISE)
            print(f"\n    all ended {time.monotonic() - since:.3f} s after SIGCONT", file=sys.stderr)
            check_equal(run.wait(), 125, "status", run)
            stage.prove_clean()
        namespace = subprocess.run(vlmshim_command("--no-config", "-p", "auto", "--isolate", "--", "true"), stderr=subprocess.DEVNULL, check=False)
        need(self, namespace.returncode == 0, "no PID namespace can be made here")
        self.each([[], ["--isolate"]], one)

    def test_both_killed_in_the_same_instant(self):
        """Neither can react to the death of the other. The direct children die with the supervisor; the next run
        on that port ends the rest."""
        def one(kind):
            stage = self.stage()
            traits, holder = KINDS[kind]
            first = stage.plain("--", *fixture("spawn", traits, holder, stage.port, "--ready", "left.pid", "--", "spawn", "setsid,double-fork,ignore-term",
                                               "pause", "--ready", "more.pid", "--", "pause", "--ready", "test.pid"),
                                config=f'[server]\ncommand = {toml(fixture("pause", "--ready", "server.pid"))}\nready.exec = ["/bin/true"]\nport = "none"\n[ports]\nguard = [{stage.port}]\n')
            test = stage.ready("test.pid", first)
            server, left, more = stage.ready("server.pid"), stage.ready("left.pid"), stage.ready("more.pid")
            supervisor = parent_of(test.pid)
            # The keeper cannot act; the supervisor is not stopped, or its group would get a SIGHUP as an orphaned one.
            os.kill(first.pid, signal.SIGSTOP)
            wait_for(lambda: stat_fields(first.pid)[0] == "T", "the keeper to be stopped")
            os.kill(supervisor, signal.SIGKILL)
            os.kill(first.pid, signal.SIGKILL)
            check_equal(first.wait(), -signal.SIGKILL, "status", first)
            wait_for(lambda: not test.lives() and not server.lives(), "the direct children to die with their parent", PROMISED + NOISE)
            check(left.lives() and more.lives(), "nothing was left for the next run", first)
            second = stage.run("-g", "300ms", "--", *fixture("exit", 6))
            check_equal(second.wait(), 6, "status", second)
            stage.prove_clean()
            check(str(left.pid) in second.err and "vlmshim run that died" in second.err, "it is not said", second)
        self.each(["setsid", "double fork", "ignores TERM", "closed stdio", "stopped"], one)


class Cost(Case):
    def switches(self, pid):
        for line in read_bytes(f"/proc/{pid}/status").decode().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
        raise AssertionError("no voluntary_ctxt_switches")

    def test_no_wake_up_while_the_test_runs(self):
        """Measured over 3 s, with every timer that can run: a timeout, a server that was waited for."""
        stage = self.stage()
        run = stage.plain("-t", "30m", "--", *fixture("pause", "--ready", "test.pid"),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\nready.http = "http://localhost:{{port}}/"\n')
        test = stage.ready("test.pid", run)
        both = (run.pid, parent_of(test.pid))
        wait_for(lambda: all(stat_fields(pid)[0] == "S" for pid in both), "both to sleep")
        before = [self.switches(pid) for pid in both]
        time.sleep(3)  # what is measured, not waited for
        after = [self.switches(pid) for pid in both]
        run.send(signal.SIGTERM)
        run.wait()
        stage.prove_clean()
        print(f"\n    wake-ups of keeper and supervisor in 3 s: {[late - early for early, late in zip(before, after)]}", file=sys.stderr)
        check_equal(after, before, "voluntary context switches of keeper and supervisor", run)
