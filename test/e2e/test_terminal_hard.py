"""Hard cases of the terminal: shells that signal for it, groups outside the PID namespace, no terminal at all."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

from harness import Case, check, check_equal, fixture, need, VLMSHIM
from oracle import carriers, parent_of, wait_for
from terminal import Shell

RUN = f"{VLMSHIM} --no-config -p auto --"
UNSHARE = "unshare -pf --mount-proc" if os.getuid() == 0 else "unshare -rpf --mount-proc"


def can_unshare():
    return subprocess.run([*UNSHARE.split(), "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def state(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Shells(Case):
    def test_a_shell_that_signals_its_group_for_the_terminal(self):
        """kill(0, SIGTTIN), again and again: with its output in a pipe it is not in the foreground at the start. The signal
        went round between group and test, at 80 % of a processor."""
        def one(command):
            stage = self.stage()
            shell = Shell(stage)
            since = shell.start(f"{command} | cat")
            shell.type("echo sum-$((40+2)); echo $$ > shell.pid\n")
            shell.expect("sum-42", since)
            inner = wait_for(lambda: stage.file("shell.pid").exists() and int(stage.file("shell.pid").read_text() or 0), "the shell's pid")
            supervisor = parent_of(inner)
            check(cpu_seconds(supervisor) < 0.5, f"{cpu_seconds(supervisor)} s of processor time in the supervisor")
            shell.type("exit 3\n")
            shell.type("echo back-$((2+3))\n")
            shell.expect("back-5", since)
        self.each([f"{RUN} sh -i", f"{RUN} bash --norc -i", f"{RUN} {RUN} sh -i", f"{RUN} {RUN} {RUN} bash --norc -i"], one)

    def test_standard_descriptors_elsewhere_and_the_terminal_all_the_same(self):
        stage = self.stage()
        shell = Shell(stage)
        since = shell.start(f"{RUN} sh -c 'echo ready > /dev/tty; read x < /dev/tty; echo got-$x > /dev/tty' < /dev/null > /dev/null 2>&1")
        shell.expect("ready", since)
        shell.type("word\n")
        shell.expect("got-word", since)
        shell.prompt(since)

    def test_the_callers_read_after_a_shell_in_a_namespace(self):
        """The shell's own group had the terminal last, and has no process left: the caller's read failed with EIO."""
        stage = self.stage()
        possible = subprocess.run([VLMSHIM, "--no-config", "-p", "auto", "--isolate", "--", "true"], stderr=subprocess.DEVNULL, check=False)
        need(self, possible.returncode == 0, "no PID namespace can be made here")
        shell = Shell(stage)
        since = shell.start(f"sh -c '{VLMSHIM} --no-config -p auto --isolate -- bash --norc --noprofile -i; read x; echo got-$x'")
        shell.type("echo in-$((1+1))\n")
        shell.expect("in-2", since)
        shell.type("exit\n")
        shell.expect("exit\r?\n", since)
        shell.type("word\n")
        shell.expect("got-word", since)


class WaitsForReader(Case):
    """The run is over, only its report waits for a reader: a typed ^Z did nothing."""

    def stopped_and_continued(self, line):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        shell = Shell(stage)
        since = shell.start(line)
        shell.expect("the report waits for the reader", since)
        for _ in range(2):
            since = shell.mark()
            shell.type("\x1a")
            shell.expect("Stopped[^\n]*\r?\nPROMPT> ", since)
            since = shell.start("fg")
            wait_for(lambda: shell.foreground() != shell.pid, "the job to continue")
        stage.file("go").touch()
        check('"verdict": "passed"' in stage.file("fifo").read_text(encoding="utf-8"), "no report")
        shell.prompt(since)
        check_equal(shell.status(), 0, "status")
        check_equal(shell.foreground(), shell.pid, "the foreground group")

    def test_of_a_fifo(self):
        self.stopped_and_continued(f"{VLMSHIM} --no-config -p auto --report fifo -- true")

    def test_in_its_own_job(self):
        reader = "sh -c 'until [ -e go ]; do sleep 0.05; done; cat > fifo'"
        self.stopped_and_continued(f"{VLMSHIM} --no-config -p auto --report /dev/stdout -- true {'x' * 100} $(seq 30000) | {reader}")

    def test_the_callers_read_after_it(self):
        """The caller has the terminal again before the report is written, and keeps it."""
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        shell = Shell(stage)
        since = shell.start(f"sh -c '{VLMSHIM} --no-config -p auto --report fifo -- true; read x; echo got-$x'")
        shell.expect("the report waits for the reader", since)
        shell.type("\x1a")
        shell.expect("Stopped[^\n]*\r?\nPROMPT> ", since)
        since = shell.start("fg")
        check('"verdict": "passed"' in stage.file("fifo").read_text(encoding="utf-8"), "no report")
        shell.type("word\n")
        shell.expect("got-word", since)


class ToStop(Case):
    """stty tostop: a write from the background stops the writer."""

    def shell(self):
        shell = Shell(self.stage())
        shell.run("stty tostop")
        return shell

    def lines(self, shell, since, name):
        return len(set(re.findall(rf"{name}-(\d+)\r", shell.screen_since(since))))

    def test_both_ends_of_a_pipeline(self):
        """The test got the terminal, the other end was stopped, and what filled the pipe waited for ever."""
        bodies = [(300, "i=0; while [ $i -lt 300 ]; do echo out-$i; echo err-$i >&2; i=$((i+1)); done"),
                  (9000, "(i=0; while [ $i -lt 9000 ]; do echo err-$i >&2; i=$((i+1)); done) & "
                         "i=0; while [ $i -lt 9000 ]; do echo out-$i; i=$((i+1)); done; wait")]

        stopped = []

        def one(item):
            wrapper, (count, body) = item
            shell = self.shell()
            since = shell.start(f"{wrapper} sh -c '{body}' | while read line; do echo $line; done")
            shell.prompt(since)
            if "Stopped" in shell.screen_since(since):
                stopped.append(wrapper)
                shell.prompt(shell.start("fg"))
            for name in ("out", "err"):
                check_equal(self.lines(shell, since, name), count, f"lines of {name}")
        self.each([(wrapper, body) for wrapper in (RUN, f"{RUN} {RUN}", f"{RUN} {RUN} {RUN}") for body in bodies], one)
        # A shell that gets no processor for a tenth of a second sees the end of vlmshim before it sees that the other end continues.
        check(len(stopped) <= 1, f"jobs that the shell took for stopped: {stopped}")

    def test_a_question_on_the_terminal_and_an_answer_through_a_pipe(self):
        shell = self.shell()
        since = shell.start(f"{RUN} sh -c 'echo ask >/dev/tty; read x </dev/tty; echo got-$x; echo err-$x >&2' | cat")
        shell.expect("ask", since)
        shell.type("word\n")
        shell.prompt(since)
        for answer in ("got-word", "err-word"):
            check(answer in shell.screen_since(since), f"no {answer}: {shell.screen_since(since)}")

    def test_in_the_background_the_job_stops_as_a_bare_one_and_goes_on(self):
        def one(wrapper):
            shell = self.shell()
            shell.run("set -b")  # it reports its jobs at once
            since = shell.start(f"{wrapper} sh -c 'echo bg-$((40+2)) >&2; exit 3' | cat &")
            shell.expect("Stopped|Exit|Done", since)
            check("Stopped" in shell.screen_since(since) and "bg-42" not in shell.screen_since(since), f"not stopped: {shell.screen}")
            for pid, _command in carriers([b"E2E_COOKIE=" + shell.stage.cookie.encode()]):
                check(pid == shell.pid or cpu_seconds(pid) < 0.5, f"pid {pid} spins: {cpu_seconds(pid)} s")
            since = shell.start("fg")
            shell.expect("bg-42", since)
            shell.prompt(since)
        self.each([RUN, f"{RUN} {RUN}"], one)

    def test_own_messages_from_the_background(self):
        """They are shown: a message of vlmshim does not stop a run whose test does not write."""
        shell = self.shell()
        since = shell.start(f"{VLMSHIM} -v --no-config -p auto -- sh -c 'exit 3' & wait $!; echo status-$?")
        shell.expect("test exited with 3", since)
        shell.expect("status-3\r", since)


class GroupOutside(Case):
    """The caller's process group lies outside our PID namespace: its number is 0, and a group of our own could never
    have the terminal."""

    def wrappers(self):
        need(self, can_unshare(), "no PID namespace can be made here")
        found = [f"{UNSHARE} {RUN}"]
        if shutil.which("bwrap"):
            found += [f"bwrap --bind / / --unshare-pid {option} --proc /proc --dev-bind /dev /dev {RUN}" for option in ("", "--as-pid-1")]
        return found

    def test_it_reads(self):
        def one(wrapper):
            shell = Shell(self.stage())
            since = shell.start(f"{wrapper} sh -c 'echo ready; read x; echo got-$x'")
            shell.expect("ready", since)
            shell.type("word\n")
            shell.expect("got-word", since)
            shell.prompt(since)
        self.each(self.wrappers(), one)

    def test_a_typed_signal_arrives_once(self):
        def one(wrapper):
            stage = self.stage()
            shell = Shell(stage)
            test = " ".join(str(word) for word in fixture("count-signals", "test.log", "--exit-on", "INT", "--status", 3, "--linger", 300, "--ready", "up"))
            since = shell.start(f"{wrapper} {test}")
            wait_for(stage.file("up").exists, "the test")
            shell.type("\x03")
            shell.prompt(since)
            log = stage.file("test.log").read_text().split("\n")
            check_equal([line.split()[0] for line in log if line], ["INT"], "the test's signals")
        self.each(self.wrappers(), one)

    def test_it_stops_and_goes_on(self):
        def one(wrapper):
            stage = self.stage()
            shell = Shell(stage)
            since = shell.start(f"{wrapper} sh -c 'echo ready; read x; echo got-$x'")
            shell.expect("ready", since)
            shell.type("\x1a")
            shell.expect("Stopped", since)
            shell.prompt(since)
            # The shell has seen its own child stop. A test that is still on its way there would read what is typed next.
            mark = b"E2E_COOKIE=" + stage.cookie.encode()
            tests = [pid for pid, command in carriers([mark]) if command.startswith("sh -c echo")]
            wait_for(lambda: all(state(pid) == "T" for pid in tests), "the test to stop")
            since = shell.start("fg")
            shell.type("word\n")
            shell.expect("got-word", since)
            shell.prompt(since)
        self.each(self.wrappers(), one)


class FromOutside(Case):
    def test_a_stop_and_its_end_without_a_terminal(self):
        """Batch schedulers do that. It stopped the test, and nothing ever continued it; in an orphaned group nothing
        stopped at all."""
        def one(new_session):
            stage = self.stage()
            ticks = "echo $$ > pid; i=0; while [ $i -lt 20 ]; do echo $i >> ticks; sleep 0.05; i=$((i+1)); done; exit 5"
            run = stage.run("-t", "4s", "--", "sh", "-c", ticks, wrap=["setsid", "-w"] if new_session else [])
            wait_for(lambda: stage.file("ticks").exists(), "the test")
            keeper = run.pid
            if new_session:
                keeper = parent_of(parent_of(int(stage.file("pid").read_text())))
            os.kill(keeper, signal.SIGTSTP)
            wait_for(lambda: state(keeper) == "T", "the keeper to stop")
            before = stage.file("ticks").read_text()
            check_equal(stage.file("ticks").read_text(), before, "ticks while stopped", run)
            os.kill(keeper, signal.SIGCONT)
            check_equal(run.wait(), 5, "status", run)
            stage.prove_clean()
        self.each([False, True], one)
