"""Being transparent: the test sees what it would see without the prefix."""

import itertools
import os
import pathlib
import pwd
import resource
import signal
import subprocess
import threading

from harness import Case, check, check_equal, fixture, need, PID_NAMESPACE, toml, VLMSHIM
from oracle import carriers, environment_of, parent_of, wait_for

# Intended differences: the process group, pids, and the variables that vlmshim sets.
DIFFERS = ("pid", "pgid", "env.VLMSHIM_")


def parse(path):
    state = {}
    for line in path.read_text().splitlines():
        key, _, value = line.replace("=", " ", 1).partition(" ") if line.startswith("env.") else line.partition(" ")
        if not key.startswith(DIFFERS):
            state[key] = "socket" if value.startswith("socket:") else value.strip()  # a new one in each of the two runs
    return state


class State(Case):
    def compare(self, *settings, server=False):
        """The same command with and without the prefix."""
        stage = self.stage()
        bare, shimmed = stage.file("bare.state"), stage.file("shimmed.state")
        with open(stage.file("out"), "wb") as out:
            bare_status = subprocess.run([*fixture("with", *settings, "--"), *fixture("print-state", bare)], env=stage.environment(),
                                         cwd=stage.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False).returncode
        text = f'[ports]\nguard = [{stage.port}]\n'
        if server:
            text = f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n[log]\nlevel = "off"\n'
        with open(stage.file("out"), "ab") as out:
            run = stage.plain("--", *fixture("print-state", shimmed), config=text, stdout=out, stderr=out,
                              wrap=fixture("with", *settings, "--"))
            check_equal(run.wait(), bare_status, "status", run)
        stage.prove_clean()
        self.assertEqual(parse(shimmed), parse(bare), f"{settings}, server: {server}")

    def test_signals_limits_umask_nice(self):
        def one(item):
            settings, server = item
            self.compare(*settings, server=server)
        self.each([(settings, server) for server in (False, True) for settings in (
            (), ("ignore=HUP", "ignore=INT", "block=USR1"), ("ignore=CHLD",), ("ignore=PIPE",), ("block=CHLD", "block=TERM"),
            ("umask=027",), ("nofile=256",), ("nofile=64",), ("core=max",), ("nice=5",), ("open=7:kept",), ("open=3:kept", "open=4:kept", "listen=9"),
        )], one)

    def test_closed_stdio_in_all_combinations(self):
        """Closed ones stay closed; no new descriptor lands on 0-2 [tini]."""
        def one(item):
            closed, server = item
            self.compare(*(f"close={fd}" for fd in closed), server=server)
        combinations = [closed for size in range(4) for closed in itertools.combinations(range(3), size)]
        self.each([(closed, server) for closed in combinations for server in (False, True)], one)

    def test_closed_stdio_with_a_server_that_inherits(self):
        def one(closed):
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 6), wrap=fixture("with", *(f"close={fd}" for fd in closed), "--"),
                              config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--line", "hello"))}\noutput = "inherit"\nport = {stage.port}\n')
            check_equal(run.wait(), 6, "status", run)
            stage.prove_clean()
        self.each([(0,), (1,), (2,), (0, 1), (0, 1, 2)], one)

    def test_hardly_any_descriptors(self):
        """It runs, or a message says why not; no process is left in both cases."""
        def one(limit):
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 3), wrap=fixture("with", f"nofile={limit}", "--"),
                              config=f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n')
            status = run.wait()
            stage.prove_clean()
            check(status in (3, 125), f"status {status}", run)
            check(status == 3 or "Too many open files" in run.err, "no clear error", run)
        self.each([14, 16, 18, 20, 24, 32], one)

    def test_a_very_large_descriptor_limit(self):
        """No loop closes every possible descriptor."""
        largest = int(pathlib.Path("/proc/sys/fs/nr_open").read_text())
        allowed = subprocess.run(fixture("with", f"nofile={largest}", "--", "true"), stderr=subprocess.DEVNULL, check=False).returncode == 0
        self.compare(f"nofile={largest if allowed else resource.getrlimit(resource.RLIMIT_NOFILE)[1]}", server=True)

    def test_fork_refused(self):
        need(self, os.getuid() == 0, "needs root to run as the user nobody: RLIMIT_NPROC does not limit root")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        nobody = pwd.getpwnam("nobody")
        run = stage.run("--", *fixture("exit", 0), wrap=fixture("with", "nproc=1", "--"), user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[],
                        env={"ASAN_OPTIONS": "detect_leaks=0"})  # LeakSanitizer forks
        check_equal(run.wait(), 125, "status", run)
        check("vlmshim: error:" in run.err, "no clear error", run)
        stage.prove_clean()


class Exit(Case):
    def test_sigchld_ignored_by_the_caller(self):
        """7, at once [tini hangs]."""
        stage = self.stage()
        run = stage.run("--", *fixture("exit", 7), wrap=fixture("with", "ignore=CHLD", "--"))
        check_equal(run.wait(10), 7, "status", run)
        stage.prove_clean()

    def test_ending_signals_blocked_by_the_caller(self):
        """Dying of the test's signal must work although the caller has blocked it."""
        stage = self.stage()
        run = stage.run("--", *fixture("kill-self", "TERM"), wrap=fixture("with", "block=TERM", "--"))
        check_equal(run.wait(), -signal.SIGTERM, "status", run)

    def test_ending_signals_ignored_by_the_caller(self):
        stage = self.stage()
        run = stage.run("--", *fixture("kill-self", "TERM"), wrap=fixture("with", "ignore=TERM", "--"))
        check_equal(run.wait(), -signal.SIGTERM, "status", run)


class Descriptors(Case):
    def targets(self, pid):
        found = {}
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                pass
        return found

    def test_from_three_on_reach_the_test_but_neither_vlmshim_nor_the_server(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"), wrap=fixture("with", "open=7:kept", "open=64:kept", "listen=9", "--"),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid"))}\nport = {stage.port}\n')
        test_pid = stage.ready("test.pid", run).pid
        test = self.targets(test_pid)
        kept = str(stage.file("kept"))
        check_equal((test.get(7), test.get(64)), (kept, kept), "the test's descriptors", run)
        listener = test.get(9)
        check(listener and listener.startswith("socket:"), "the test's listener", run)
        for name, pid in (("server", stage.ready("server.pid").pid), ("vlmshim", run.pid),
                         ("the supervisor", parent_of(test_pid))):
            found = self.targets(pid).values()
            check(kept not in found and listener not in found, f"{name} keeps them: {sorted(found)}", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    # Starts a run whose fd 3 is a pipe that no other process has open.
    WAYS = [(wrap, options) for wrap in ([], PID_NAMESPACE) for options in ([], ["--isolate"])]

    def with_pipe(self, way, config, words):
        wrap, options = way
        for words_possible in ([*wrap, "true"], [*wrap, VLMSHIM, "--no-config", "-p", "auto", *options, "--", "true"]):
            possible = subprocess.run(words_possible, stderr=subprocess.DEVNULL, check=False).returncode == 0
            need(self, possible, f"not possible here: {way}")
        stage = self.stage()
        os.mkfifo(stage.file("pipe"))
        reader = os.open(stage.file("pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        run = stage.plain(*options, "--", *words, config=config(stage),
                          wrap=[*wrap, "sh", "-c", 'exec 3>pipe; exec "$@"', "sh", *fixture("with", "ignore=PIPE", "--")])

        def is_at_its_end():
            try:
                return os.read(reader, 1) == b""
            except BlockingIOError:
                return False
        return stage, run, is_at_its_end

    def serving(self, timeout, *words):
        return lambda stage: (f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.up", *words))}\nport = {stage.port}\n'
                              f'grace = "1m"\nready.http = "http://127.0.0.1:{{port}}/"\nready.timeout = "{timeout}"\n')

    def test_a_pipe_ends_when_the_test_lets_go_of_it(self):
        """With --isolate the namespace's init kept it open until the end of the run."""
        def one(way):
            stage, run, is_at_its_end = self.with_pipe(way, lambda stage: f"[ports]\nguard = [{stage.port}]\n", fixture(
                "spawn", "plain", "wait-file", "go", 0, "--ready", "holder.up", "--", "with", "close=3", "--", *fixture("wait-file", "stop", 4, "--ready", "test.up")))
            stage.ready("test.up", run)
            check(not is_at_its_end(), "the test did not get it", run)
            stage.file("go").touch()
            wait_for(is_at_its_end, "the pipe's end")
            check(run.process.poll() is None, "the run is over", run)
            stage.file("stop").touch()
            check_equal(run.wait(), 4, "status", run)
            stage.prove_clean()
        without_close_range = (fixture("with", "seccomp=close_range:ENOSYS", "--"), ["--isolate"])
        self.each([*self.WAYS, without_close_range], one)

    def test_a_pipe_ends_before_the_clean_up_does(self):
        """A server is slow to exit, after the test or where no test is started."""
        def one(item):
            way, ready = item
            stage, run, is_at_its_end = self.with_pipe(way, self.serving("1m" if ready else "100ms", "--on-term", "ignore", *([] if ready else ["--ok-when", "never"])),
                                                       fixture("exit", 4, "--ready", "test.up"))
            stage.ready("server.up", run)
            wait_for(is_at_its_end, "the pipe's end")
            check_equal(stage.file("test.up").exists(), ready, "the test was run", run)
            check(run.process.poll() is None, "the run is over", run)
            for pid, command in carriers([b"E2E_COOKIE=" + stage.cookie.encode()]):
                if " serve " in command and VLMSHIM not in command:
                    os.kill(pid, signal.SIGKILL)
            check_equal(run.wait(), 4 if ready else 125, "status", run)
            stage.prove_clean()
        self.each([(way, ready) for way in self.WAYS for ready in (True, False)], one)

    def test_server_stdio(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid"))}\nport = {stage.port}\n')
        test = stage.ready("test.pid", run)
        server = stage.ready("server.pid")
        found = self.targets(server.pid)
        check_equal(found[0], "/dev/null", "the server's stdin", run)
        check(all(target.startswith(("pipe:", "/dev/null")) or fd > 2 for fd, target in found.items()), f"the server's stdio: {found}", run)
        check_equal(os.getpgid(server.pid), os.getpgid(test.pid), "server and test share a group", run)
        check(os.getpgid(test.pid) not in (test.pid, server.pid), "the supervisor leads the group", run)
        check_equal(os.getsid(test.pid), os.getsid(run.pid), "session", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_stdin_is_the_tests(self):
        stage = self.stage()
        run = stage.plain("--", "/bin/sh", "-c", "read line; echo got $line", stdin=subprocess.PIPE,
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n')
        run.process.stdin.write(b"hello\n")
        run.process.stdin.close()
        check_equal(run.wait(), 0, "status", run)
        check_equal(run.out, "got hello\n", "stdout", run)

    def test_environment_passes_through(self):
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 0, "--ready", "test.pid"), env={"ODD": "a=b\nc", "EMPTY": "", "NO_COLOR": "1"})
        found = environment_of(stage.ready("test.pid", run).pid)
        wanted = {**stage.environment(), "ODD": "a=b\nc", "EMPTY": "", "NO_COLOR": "1"}
        check_equal({name: value for name, value in found.items() if not name.startswith("VLMSHIM_")}, wanted, "environment", run)
        check_equal(sorted(name for name in found if name.startswith("VLMSHIM_")), ["VLMSHIM_PORT", "VLMSHIM_RUN"], "what is added", run)
        check_equal(found["VLMSHIM_PORT"], str(stage.port), "VLMSHIM_PORT", run)
        stage.file("go").touch()
        run.wait()


class Pipes(Case):
    """stdout, stderr closed or full: no death by SIGPIPE, and the clean-up completes."""

    def run_with(self, end, which, server_output):
        stage = self.stage()
        streams = {name: end for name in which}
        run = stage.plain("-v", "-g", "500ms", "--", *fixture("spawn", "setsid,double-fork,close-stdio", "pause", "--ready", "left.pid", "--", "exit", 5),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--line", "hello"))}\noutput = "{server_output}"\nport = {stage.port}\n', **streams)
        check_equal(run.wait(20), 5, "status", run)
        stage.prove_clean()

    # A server that inherits the broken pipe may die of it, as in a bare run.
    CASES = [(which, output) for which in (("stdout",), ("stderr",), ("stdout", "stderr")) for output in ("capture", "discard")]

    def test_closed(self):
        def one(item):
            reader, writer = os.pipe()
            os.close(reader)
            try:
                self.run_with(writer, *item)
            finally:
                os.close(writer)
        self.each(self.CASES, one)

    def test_full(self):
        def one(item):
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 4096)
            except BlockingIOError:
                pass
            os.set_blocking(writer, True)
            try:
                self.run_with(writer, *item)
            finally:
                os.close(reader)
                os.close(writer)
        self.each(self.CASES, one)

    def test_leftover_that_holds_stdout_does_not_delay_the_end(self):
        """The harness holds the pipe open, so that it does not end while vlmshim runs."""
        stage = self.stage()
        reader, writer = os.pipe()
        try:
            run = stage.run("--", *fixture("spawn", "setsid", "pause", "--ready", "left.pid", "--", "exit", 0), stdout=writer, stderr=writer)
            check_equal(run.wait(10), 0, "status", run)
            stage.prove_clean()
        finally:
            os.close(reader)
            os.close(writer)

    def test_pipe_to_a_reader_sees_its_end_at_once(self):
        stage = self.stage()
        run = stage.run("-g", "500ms", "--", *fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "exit", 0),
                        stdout=subprocess.PIPE)
        collected = []
        reader = threading.Thread(target=lambda: collected.append(run.process.stdout.read()))
        reader.start()
        check_equal(run.wait(), 0, "status", run)
        reader.join(10)
        check(not reader.is_alive(), "a process still holds stdout", run)
        run.process.stdout.close()
