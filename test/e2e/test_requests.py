"""Signals that a caller sends repeatedly, by several paths, are one request to end. Tested with real callers, each of which
cut the clean-up short in some or all of its runs. VLMSHIM_E2E_LONG=1: 100 times each."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from harness import Case, check, check_equal, fixture, need, SAME_REQUEST, script, toml, VLMSHIM
from oracle import children_of, free_port, wait_for
from terminal import Terminal

TIMES = 100 if os.environ.get("VLMSHIM_E2E_LONG", "") not in ("", "0") else 4
AMPLE = "15s"
# It cleans up for 0.7 s at the first signal, and logs it; a second one would start another clean-up.
TEST = '''#!/bin/sh
trap 'echo signalled >> log; sleep 0.7; echo clean >> log; exit 9' TERM INT HUP
echo $PPID > up.part && mv up.part up
while :; do sleep 0.05; done
'''
# What many wrappers do: they repeat a signal that the terminal has sent to the child already.
REPEATS = '''
import signal, subprocess, sys, threading, time
interrupted = threading.Event()  # it may be before we wait for it
signal.signal(signal.SIGINT, lambda *_: interrupted.set())
child = subprocess.Popen(sys.argv[3:])
interrupted.wait()
for pause in sys.argv[2].split(","):
    time.sleep(float(pause))
    child.send_signal(int(sys.argv[1]))
sys.exit(child.wait())
'''
MODULES = pathlib.Path(os.environ.get("VLMSHIM_E2E_TOOLS", "/nonexistent")) / "node_modules" / ".bin"


class Callers(Case):
    def begin(self):
        stage = self.stage()
        return stage, [VLMSHIM, "--no-config", "-p", str(stage.port), "-g", AMPLE, "--report", "report.json", "--", str(script(stage.file("t"), TEST))]

    def cleaned(self, stage, what, signals=1):
        log = stage.file("log").read_text().split() if stage.file("log").exists() else []
        check_equal(log, [*["signalled"] * signals, "clean"], f"{what}: log of the test")
        stage.prove_clean()

    def typed(self, stage, command):
        """^C in a terminal in which this is the only program; its screen."""
        terminal = Terminal(stage, [str(word) for word in command])
        wait_for(stage.file("up").exists, f"the test\n{terminal.screen}")
        terminal.type("\x03")
        terminal.process.wait(30)
        return terminal.screen

    def times(self, body, each=(None,)):
        self.each([item for item in each for _ in range(TIMES)], body, workers=2)

    def test_timeout(self):
        """It signals its child, and then its group, which contains the child."""
        def one(_):
            stage, command = self.begin()
            done = subprocess.run(["timeout", "1", *command], cwd=stage.folder, env=stage.environment(), stderr=subprocess.PIPE, timeout=30)
            check_equal(done.returncode, 124, f"status\n{done.stderr.decode()}")
            self.cleaned(stage, "timeout")
        self.times(one)

    def test_a_wrapper_that_repeats(self):
        def one(pauses):
            stage, command = self.begin()
            screen = self.typed(stage, [sys.executable, "-c", REPEATS, signal.SIGINT.value, pauses, *command])
            self.cleaned(stage, f"repeated after {pauses} s\n{screen}")
        self.times(one, ["0", "0.1", "0.3", "0.4", "0,0.1,0.1,0.1"])

    def test_make(self):
        need(self, shutil.which("make"), "make is not installed")

        def one(_):
            stage, command = self.begin()
            stage.file("Makefile").write_text("test:\n\t" + " ".join(command) + "\n")
            self.cleaned(stage, self.typed(stage, ["make", "test"]))
        self.times(one)

    def test_npm(self):
        need(self, shutil.which("npm"), "npm is not installed")

        def one(_):
            stage, command = self.begin()
            stage.file("package.json").write_text(json.dumps({"scripts": {"test": " ".join(command)}}))
            self.cleaned(stage, self.typed(stage, ["npm", "test"]))
        self.times(one)

    def test_concurrently(self):
        need(self, (MODULES / "concurrently").exists(), "the npm module concurrently is not installed")

        def one(_):
            """It lists the whole tree with ps(1) and signals each process of it, the test too. On a busy machine that can take
            longer than SAME_REQUEST: then it was another request, and the attempt does not count."""
            for _attempt in range(5):
                stage, command = self.begin()
                screen = self.typed(stage, [MODULES / "concurrently", " ".join(command)])
                at = [signal["at_ms"] for signal in json.loads(stage.file("report.json").read_text())["signals"]]
                if at[-1] - at[0] <= 1000 * SAME_REQUEST:
                    break
            signals = stage.file("log").read_text().count("signalled")
            self.cleaned(stage, screen, signals=max(signals, 1))
        self.times(one)

    def test_nested_runs(self):
        def one(options):
            stage, command = self.begin()
            outer = [VLMSHIM, "--no-config", "-p", "auto", "-g", "30s", "--"]
            self.cleaned(stage, self.typed(stage, [*outer, command[0], *options, *command[1:]]))
        self.times(one, [(), ("--isolate",)])

    def test_keeper_and_supervisor_by_two_kills(self):
        def one(first):
            stage, command = self.begin()
            run = stage.plain(*command[2:])
            wait_for(stage.file("up").exists, "the test")
            pair = [run.pid, *children_of(run.pid)]
            for pid in pair if first == "keeper" else pair[::-1]:
                os.kill(pid, signal.SIGTERM)
            check_equal(run.wait(), 9, "status", run)
            self.cleaned(stage, run.err)
        self.times(one, ["keeper", "supervisor"])


class EveryProcess(Case):
    def test_llama_server_gets_one(self):
        """systemd and Slurm signal every process; llama-server takes a second signal as "abort"."""
        def one(_):
            stage = self.stage()
            server = fixture("two-signals", stage.port, "signals.log", 400, "--ready", "server.pid")
            run = stage.plain("--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 3, "--linger", 200, "--ready", "test.pid"),
                              config=f'[server]\ncommand = {toml(server)}\nport = {stage.port}\n[shutdown]\ngrace = "{AMPLE}"\n')
            stage.ready("test.pid", run)
            processes = [run.pid, *children_of(run.pid)]
            for pid in processes[1:]:
                processes += children_of(pid)
            for pid in processes:
                os.kill(pid, signal.SIGTERM)
            check_equal(run.wait(), 3, "status", run)
            stage.prove_clean()
            check_equal(stage.file("signals.log").read_text(), "TERM\n", "signals the server got", run)
        self.each(range(TIMES), one, workers=2)

    def test_a_server_is_reached_first(self):
        """The sender signals one process after the other, and a server that ends at once is gone before vlmshim gets its own
        signal. All of these runs ended with 125, "server 'quick' died". The other server takes its time, so that the run is
        not over before the request arrives."""
        test_lingers = fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 3, "--linger", 200, "--ready", "test.pid")
        test_dies = fixture("pause", "--ready", "test.pid")
        loads = ["--ok-when", "never"]

        def attempt(command, options, server_gets):
            stage = self.stage()
            quick, slow = free_port(), stage.port
            config = "".join(f'[[server]]\nname = "{name}"\nport = {port}\ngrace = "700ms"\ncommand = {toml(words)}\nready.http = "/"\n'
                             for name, port, words in [("quick", quick, fixture("serve", quick, *options, "--ready", "quick.pid")),
                                                       ("slow", slow, fixture("serve", slow, "--on-term", "ignore", "--ready", "slow.pid"))])
            run = stage.plain("--report", "report.json", *command, config=config)
            servers = [stage.ready(name, run).pid for name in ("quick.pid", "slow.pid")]
            if options != loads:
                wait_for(lambda: stage.file("test.pid").exists() or "serving" in run.err, f"the test, or serving\n{run.err}")
            supervisor, = children_of(run.pid)
            began = time.monotonic()
            os.kill(servers[0], server_gets)
            wait_for(lambda: not os.path.exists(f"/proc/{servers[0]}"), "vlmshim to reap the server")
            for pid in (run.pid, supervisor, servers[1]):
                os.kill(pid, signal.SIGTERM)
            is_one_request = time.monotonic() - began < 0.8 * SAME_REQUEST  # on a busy machine it may have taken longer
            status = run.wait()
            stage.prove_clean(quick, slow)
            return is_one_request, status, run, stage

        def one(case):
            *how, wanted, failure = case
            for _attempt in range(5):
                is_one_request, status, run, stage = attempt(*how)
                if is_one_request:
                    break
            check_equal(status, wanted, "status", run)
            report = json.loads(stage.file("report.json").read_text())
            check_equal(report["cause"], failure, "cause in the report", run)
            check_equal("server 'quick' died" in run.err, failure == "server-died", "the server is blamed", run)
            if stage.file("test.log").exists() and failure == "none":
                check_equal(stage.file("test.log").read_text().count("TERM"), 1, "signals the test got", run)
        self.each([(["--", *test_lingers], [], signal.SIGTERM, 3, "none"),
                   (["--", *test_dies], [], signal.SIGTERM, -signal.SIGTERM, "none"),
                   (["--", *test_dies], loads, signal.SIGTERM, -signal.SIGTERM, "interrupted"),
                   ([], [], signal.SIGTERM, 0, "none"),
                   # A crash is not what the sender asked for.
                   (["--", *test_lingers], [], signal.SIGSEGV, 125, "server-died")], one, workers=2)

    def test_a_test_that_ends_its_server_and_then_vlmshim(self):
        """Its signal comes from inside the run: it is not the cause of the death, as that of a CI agent is. It stays until
        vlmshim has seen the death, since a server that ends in the same moment as the test has not failed it."""
        def one(_):
            stage = self.stage()
            server = fixture("serve", stage.port, "--ready", "server.pid")
            test = script(stage.file("t"), """#!/bin/sh
told=
trap 'told=1' TERM
read -r server _ < server.pid
kill -TERM $server
while kill -0 $server 2> /dev/null; do sleep 0.01; done
kill -TERM $PPID
while [ -z "$told" ]; do sleep 0.01; done
exit 3
""")
            config = f'[server]\nname = "quick"\nport = {stage.port}\ncommand = {toml(server)}\nready.http = "/"\n'
            run = stage.plain("--report", "report.json", "--", test, config=config)
            check_equal(run.wait(), 125, "status", run)
            stage.prove_clean()
            check_equal(json.loads(stage.file("report.json").read_text())["cause"], "server-died", "cause in the report", run)
            check("SIGTERM from pid" in run.err, "the signal did not arrive", run)
        self.each(range(TIMES), one, workers=2)
