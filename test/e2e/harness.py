"""Starts the real vlmshim with real processes, and checks it with an oracle that is independent of it.

The oracle looks in /proc/*/environ for a cookie that only this case set, for the run's VLMSHIM_RUN,
at the pids that fixtures wrote down themselves, and in /proc/net/tcp{,6} for the port.
Nothing waits a fixed time: everything polls a condition with a deadline.
"""

import concurrent.futures
import concurrent.futures.thread  # not at the first pool: Python 3.11 fails when a Popen is collected during an import
import contextlib
import functools
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

from oracle import alive, boot_id, carriers, free_port, LIMIT, listening, start_ticks, tcp_rows, wait_for

VLMSHIM = os.environ.get("VLMSHIM", "")
FIXTURE = os.environ.get("VLMSHIM_FIXTURE", "")
STANDIN = os.environ.get("VLMSHIM_STANDIN", "")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# For a build with sanitizers, nothing to any other: AddressSanitizer must not change a limit that children inherit.
os.environ.setdefault("ASAN_OPTIONS", "disable_coredump=0")
# A runner of GitHub that runs these tests is not told of each of their runs.
for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "FORCE_COLOR"):
    os.environ.pop(name, None)
FREED_IS_FREE = {"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}  # where memory is measured
PID_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
# SYSCALL:ERRNO: vlmshim and its descendants get ERRNO for this call. "subreaper:EPERM" is what a sandbox does.
REFUSED = os.environ.get("E2E_REFUSED", "")
IS_SUBREAPER = not REFUSED.startswith("subreaper:")
SANITIZED = bool(os.environ.get("E2E_SANITIZED"))
WITHOUT_SUBREAPER = "PR_SET_CHILD_SUBREAPER: Operation not permitted: daemons are found by their environment only\n"
IN_CI = os.environ.get("CI", "") not in ("", "0", "false")

SAME_REQUEST = 0.5  # seconds: signals that arrive this soon after the first one are the same request


def let_request_pass():
    """Waits until the next signal is another request: the only fixed time that a test has to wait."""
    time.sleep(SAME_REQUEST + 0.05)


def need(case, condition, why):
    """A case that cannot run here fails in CI and is skipped loudly elsewhere."""
    if condition:
        return
    print(f"\nNOT RUN: {case.id()}: {why}", file=sys.stderr, flush=True)
    if IN_CI:
        case.fail(f"cannot run in CI: {why}")
    case.skipTest(why)


def in_pid_namespace(method):
    """The case runs as PID 1 of a PID namespace: signals to a name, or to the leftovers of all dead runs, stay in there.
    Processes that it does not wait for stay zombies."""
    @functools.wraps(method)
    def case(self):
        if os.environ.get("E2E_INSIDE") == self.id():
            method(self)
            return
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        module, _, name = self.id().partition(".")
        done = subprocess.run([*PID_NAMESPACE, sys.executable, str(pathlib.Path(__file__).with_name("run.py")), module, name],
                              env={**os.environ, "E2E_INSIDE": self.id()}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        need(self, not done.stdout.startswith("unshare:"), "no PID namespace can be made here")
        check_equal(done.returncode, 0, f"the case in its namespace failed:\n{done.stdout}")
        need(self, "NOT RUN" not in done.stdout, done.stdout)
    return case


def fixture(*words):
    return [FIXTURE, *(str(word) for word in words)]


def vlmshim_command(*arguments, wrap=()):
    """The command that starts vlmshim, below the fixture that refuses a system call."""
    return [*wrap, *(fixture("with", f"seccomp={REFUSED}", "--") if REFUSED else []), VLMSHIM, *(str(word) for word in arguments)]


class Ready:
    """The line that a fixture wrote into its --ready file."""

    def __init__(self, path):
        pid, ticks, self.run = pathlib.Path(path).read_text(encoding="ascii").split()
        self.pid, self.ticks = int(pid), ticks

    def lives(self):
        return alive(self.pid) and start_ticks(self.pid) == self.ticks


class Run:
    """One run of vlmshim in a folder of its own."""

    def __init__(self, stage, arguments, *, config=None, env=None, wrap=(), keep_config_search=False, stdin=subprocess.DEVNULL,
                 stdout=None, stderr=None, **popen):
        self.stage = stage
        own = []
        if config is not None:
            path = stage.file(f"vlmshim-{stage.count()}.toml")
            path.write_text(config, encoding="utf-8")
            own = ["-c", str(path)]
        elif not keep_config_search:
            own = ["--no-config"]
        self.out_path, self.err_path = stage.file(f"out-{stage.count()}"), stage.file(f"err-{stage.count()}")
        self.command = vlmshim_command(*own, *arguments, wrap=wrap)
        variables = {name: value for name, value in stage.environment().items()}
        variables.update(env or {})
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                self.command, stdin=stdin, stdout=out if stdout is None else stdout,
                stderr=err if stderr is None else stderr, env=variables, cwd=popen.pop("cwd", stage.folder), **popen)
        self.pid = self.process.pid
        stage.runs.append(self)

    @property
    def out(self):
        return self.out_path.read_text(encoding="utf-8", errors="replace")

    @property
    def err(self):
        """Without the warning that every run logs where it is no subreaper: cases count the other lines."""
        text = self.err_path.read_text(encoding="utf-8", errors="replace")
        return text if IS_SUBREAPER else text.replace("vlmshim: warning: " + WITHOUT_SUBREAPER, "")

    def warned(self):
        return WITHOUT_SUBREAPER in self.err_path.read_text(encoding="utf-8", errors="replace")

    def send(self, number):
        self.signalled_at = time.monotonic()
        self.process.send_signal(number)

    def wait(self, limit=LIMIT):
        """The status as in Popen.returncode: -N when it died of signal N."""
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {limit:.0f} s: {self.command}\n{self.err}") from None
        self.ended = time.monotonic()
        return status

    def seconds(self):
        return self.ended - self.started

    def seconds_since_signal(self):
        return self.ended - self.signalled_at


class Stage:
    """A folder, a cookie, a port and the processes that are started with them. Leaving it ends these
    processes, so that a failing case does not disturb the next one."""

    living = set()

    def __init__(self, port=None):
        Stage.living.add(self)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vlmshim-e2e-"))
        (self.folder / ".git").mkdir()  # the search for a configuration ends here
        self.cookie = uuid.uuid4().hex
        self.port = port or free_port()
        self.runs, self.others, self.terminals, self._count = [], [], [], 0
        self.tether = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for terminal in self.terminals:
            terminal.close()
        for run in self.runs:
            if run.process.poll() is None:
                run.process.kill()
                run.process.wait()
        deadline = time.monotonic() + LIMIT
        while (left := self.left_over()) or self.is_tethered():
            for pid, _command in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        if self.tether is not None:
            os.close(self.tether)
        for other in self.others:
            if other.poll() is None:
                other.kill()
            other.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        Stage.living.discard(self)

    def count(self):
        self._count += 1
        return self._count

    def file(self, name):
        return self.folder / name

    def environment(self):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("VLMSHIM", "XDG_")) and name not in ("NO_COLOR", "HOME")}
        return {**kept, "E2E_COOKIE": self.cookie, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "xdg")}

    def run(self, *arguments, **options):
        """vlmshim -p PORT with these arguments."""
        return Run(self, ["-p", self.port, *arguments], **options)

    def tethered(self, *arguments, **options):
        """The same, and each process of the test inherits the end of a pipe. No look at /proc finds a process that forks and
        exits all the time; the pipe's end of file says that none is left."""
        self.tether, held = os.pipe()
        try:
            return self.run(*arguments, pass_fds=[held], **options)
        finally:
            os.close(held)

    def is_tethered(self):
        """Whether a process lives that holds the other end."""
        return self.tether is not None and not select.select([self.tether], [], [], 0)[0]

    def plain(self, *arguments, **options):
        return Run(self, arguments, **options)

    def outsider(self, *words, env=None, ready=True, program=None):
        """A fixture started by the harness itself: no descendant of vlmshim, and without the cookie."""
        name = f"outsider-{self.count()}.pid"
        path = self.folder / ("outside-" + name)
        variables = {name: value for name, value in self.environment().items() if name != "E2E_COOKIE"}
        variables.update(env or {})
        process = subprocess.Popen([program or FIXTURE, *(str(word) for word in words), *(["--ready", str(path)] if ready else [])],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=variables, cwd=self.folder)
        self.others.append(process)
        if ready:
            wait_for(lambda: path.exists() or process.poll() is not None, f"the outsider {words}")
            assert process.poll() is None, f"outsider {words} ended with {process.returncode}"
        return process

    def ready(self, name, run=None):
        """Waits for a --ready file of this stage."""
        path = self.file(name)
        wait_for(lambda: path.exists() or (run is not None and run.process.poll() is not None), f"{name} to be ready")
        assert path.exists(), f"vlmshim ended with {run.process.returncode} before {name} was ready:\n{run.err}"
        return Ready(path)

    def left_over(self):
        marks = [b"E2E_COOKIE=" + self.cookie.encode()]
        marks += [f"VLMSHIM_RUN={boot_id()}.{run.pid}.".encode() for run in self.runs]
        ready_files = []
        for path in self.folder.glob("*.pid"):
            if not path.name.startswith("outside-"):
                with contextlib.suppress(OSError, ValueError):
                    ready_files.append((Ready(path), path.name))
        marks += [f"VLMSHIM_RUN={ready.run}".encode() for ready, _name in ready_files if ready.run != "-"]
        return carriers(marks) + [(ready.pid, name) for ready, name in ready_files if ready.lives()]

    def prove_only_left(self, name):
        """Only the process of this --ready file lives: one that vlmshim is known not to find."""
        wanted = Ready(self.file(name))
        check(wanted.lives(), f"{name} was found and ended: remove it from the known misses")
        check_equal([pid for pid, _command in self.left_over()], [wanted.pid], f"left over beside {name}", self.runs[-1])

    def prove_clean(self, *ports):
        """The oracle. Looks once: when vlmshim has exited, no process may be left."""
        left = self.left_over()
        assert not left and not self.is_tethered(), f"left over: {left}\n" + "\n".join(run.err for run in self.runs)
        for port in ports or (self.port,):
            assert not listening(port), f"port {port} is still listened on: {tcp_rows(port, '0A')}"


def hear_typed_signals():
    """A script's background job ignores these two signals, and every vlmshim started here would inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def give_up(*_):
    """For SIGTERM: ends the processes of all cases, then this process without waiting for its threads."""
    for stage in list(Stage.living):
        stage.__exit__()
    os._exit(1)


def check(condition, what, run=None):
    if not condition:
        raise AssertionError(what if run is None else f"{what}\n--- {' '.join(run.command)}\n--- stderr:\n{run.err}")


def check_equal(found, wanted, what, run=None):
    check(found == wanted, f"{what}: got {found!r}, wanted {wanted!r}", run)


class Case(unittest.TestCase):
    def stage(self):
        stage = Stage()
        self.addCleanup(stage.__exit__)
        return stage

    def each(self, items, body, workers=4):
        """Runs body(item) for every item, a few at a time, and reports all that failed."""
        failed = []

        def one(item):
            try:
                body(item)
            except Exception as problem:  # noqa: BLE001 - collected and reported below
                failed.append(f"{item}: {type(problem).__name__}: {problem}")

        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, items))
        if failed:
            self.fail(f"{len(failed)} of {len(items)} failed:\n\n" + "\n\n".join(failed))


def script(path, text, mode=0o755):
    """An executable file. Written by a child: no other thread's fork can hold it open (ETXTBSY)."""
    subprocess.run(["/bin/sh", "-c", 'cat > "$1" && chmod "$2" "$1"', "sh", str(path), oct(mode)[2:]],
                   input=text.encode(), check=True)
    return path


def toml(words):
    """An array of strings for a configuration."""
    return "[" + ", ".join('"' + str(word).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' for word in words) + "]"


# A test that passes when the file "go" exists.
WAITING = ("wait-file", "go", 0, "--ready", "test.pid")


def begins_after(stage, run, name):
    """The test, which is WAITING, begins when this file exists, and not before; then it passes."""
    check(not stage.file("test.pid").exists(), "the test was started", run)
    stage.file(name).touch()
    stage.ready("test.pid", run)
    stage.file("go").touch()
    check_equal(run.wait(), 0, "status", run)
    stage.prove_clean()
