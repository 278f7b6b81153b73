"""A developer's terminal: ^C, ^Z, fg, bg, &, pipes, hang-ups. Where possible, compared with a bare run."""

import shutil
import signal
import termios
import time

from harness import Case, check, check_equal, fixture, let_request_pass, need, toml, VLMSHIM
from oracle import parent_of, wait_for
from terminal import Shell, Terminal

PYTHON = "/usr/bin/python3"
QUIET = f"{VLMSHIM} -q --no-config -p auto --"


def names(stage, log):
    path = stage.file(log)
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def words(*command):
    return " ".join(str(word) for word in command)


def counting(log, *more):
    """Logs its signals; exits 200 ms after SIGINT, so that a second one would be seen."""
    return fixture("count-signals", log, "--exit-on", "INT", "--status", 3, "--linger", 200, *more)


def with_server(stage, server, more=""):
    path = stage.file("terminal.toml")
    path.write_text(f'[server]\ncommand = {toml(server)}\nport = "none"\nready.exec = ["test", "-e", "server.pid"]\n{more}')
    return f"{VLMSHIM} -q -c {path} --"


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def pending(pid, number):
    """Sent to the process, and not read by it yet: a second one would be the same one, signal(7)."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        shared = next(line.split()[1] for line in status if line.startswith("ShdPnd"))
    return bool(int(shared, 16) >> (number - 1) & 1)


class Interrupt(Case):
    def test_once_to_the_test_and_to_the_server(self):
        stage = self.stage()
        shell = Shell(stage)
        prefix = with_server(stage, counting("server.log", "--ready", "server.pid"), '[shutdown]\ngrace = "1m"\n')
        since = shell.start(words(prefix, *counting("test.log", "--ready", "test.pid")))
        server = wait_for(lambda: stage.file("test.pid").exists() and stage.ready("server.pid"), "test and server")
        shell.type("\x03")
        shell.prompt(since)
        check_equal(shell.status(), 3, "status")
        check_equal(names(stage, "test.log"), ["INT"], "the test's signals")
        check_equal([name for name in names(stage, "server.log") if name != "CONT"], ["INT"], "the server's signals")
        check(not server.lives(), "the server lives")

    def test_twice_ends_everything(self):
        stage = self.stage()
        shell = Shell(stage)
        prefix = with_server(stage, fixture("count-signals", "server.log", "--ready", "server.pid"), '[test]\ngrace = "1m"\n[shutdown]\ngrace = "1m"\n')
        since = shell.start(words(prefix, *fixture("count-signals", "test.log", "--ready", "test.pid")))
        test = wait_for(lambda: stage.file("test.pid").exists() and stage.ready("test.pid"), "the test")
        shell.type("\x03")
        wait_for(lambda: "INT" in names(stage, "test.log") and not pending(parent_of(test.pid), signal.SIGINT), "the first ^C")
        let_request_pass()
        shell.type("\x03")
        shell.prompt(since)
        check_equal(shell.status(), 128 + signal.SIGKILL, "status")
        check(not test.lives() and not stage.ready("server.pid").lives(), "something lives")

    def test_in_a_script_without_job_control(self):
        """timeout(1) keeps ^C from the command; here test and script end as in a bare run."""
        def one(prefix):
            stage = self.stage()
            stage.file("script").write_text(f"{prefix} {words(*fixture('pause', '--ready', 'test.pid'))}\necho AFTER\n")
            shell = Shell(stage)
            since = shell.start("bash ./script")
            stage.ready("test.pid")
            shell.type("\x03")
            shell.prompt(since)
            return "AFTER" in shell.screen_since(since), shell.status(), stage.ready("test.pid").lives()
        check_equal(one(QUIET), one(""), "with and without vlmshim: script went on, status, test lives")

    def test_every_shell(self):
        def one(name):
            need(self, shutil.which(name), f"{name} is not installed")
            stage = self.stage()
            shell = Shell(stage, name)
            since = shell.start(words(QUIET, *counting("test.log", "--ready", "test.pid")))
            stage.ready("test.pid")
            shell.type("\x03")
            shell.prompt(since)
            check_equal(shell.status(), 3, "status")
            check_equal(names(stage, "test.log"), ["INT"], "signals")
        for name in ("bash", "dash", "zsh"):
            with self.subTest(name):
                one(name)


class JobControl(Case):
    def stopped(self, shell, since):
        shell.expect(r"(?i)stopped|suspended", since)
        shell.expect("PROMPT> ", since)

    def test_stop_fg_bg_in_every_shell(self):
        for name in ("bash", "dash", "zsh"):
            with self.subTest(name):
                need(self, shutil.which(name), f"{name} is not installed")
                self.stop_and_continue(name)

    def stop_and_continue(self, name):
        stage = self.stage()
        shell = Shell(stage, name)
        prefix = with_server(stage, fixture("pause", "--ready", "server.pid"))
        since = shell.start(words(prefix, *fixture("wait-file", "go", 5, "--ready", "test.pid")))
        test, server = wait_for(lambda: stage.file("test.pid").exists() and (stage.ready("test.pid"), stage.ready("server.pid")), "the test")
        shell.type("\x1a")
        self.stopped(shell, since)
        wait_for(lambda: (state(test.pid), state(server.pid)) == ("T", "T"), f"test and server to stop in {name}")
        check_equal(shell.foreground(), shell.pid, "the foreground")
        shell.run("bg %1")
        wait_for(lambda: state(test.pid) != "T" and state(server.pid) != "T", "bg to continue both")
        check_equal(shell.foreground(), shell.pid, "the foreground after bg")
        since = shell.start("fg %1")
        wait_for(lambda: shell.foreground() != shell.pid, "fg")
        shell.type("\x1a")
        self.stopped(shell, since)
        since = shell.start("fg %1")
        wait_for(lambda: state(test.pid) != "T", "fg to continue it")
        stage.file("go").touch()
        shell.prompt(since)
        check_equal(shell.status(), 5, f"status in {name}")

    def test_timers_pause(self):
        stage = self.stage()
        shell = Shell(stage)
        since = shell.start(f"{VLMSHIM} -q --no-config -p auto -t 1s -- " + words(*fixture("wait-file", "go", 5, "--ready", "test.pid")))
        stage.ready("test.pid")
        shell.type("\x1a")
        self.stopped(shell, since)
        stopped = time.monotonic()
        wait_for(lambda: time.monotonic() - stopped > 1.3, "more than the timeout")
        stage.file("go").touch()
        since = shell.start("fg")
        shell.prompt(since)
        check_equal(shell.status(), 5, "status")

    def test_while_the_server_starts(self):
        """Without a test that could stop, the job is stopped all the same, and its timers with it."""
        stage = self.stage()
        shell = Shell(stage)
        stage.file("terminal.toml").write_text(f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ok-when", "ok", "--ready", "server.pid"))}\n'
                                               'port = "auto"\nready = { http = "http://localhost:{port}/", timeout = "1s" }\n')
        since = shell.start(f"{VLMSHIM} -q -c terminal.toml -- " + words(*fixture("exit", 4)))
        server = stage.ready("server.pid")
        shell.type("\x1a")
        self.stopped(shell, since)
        wait_for(lambda: state(server.pid) == "T", "the server to stop")
        stopped = time.monotonic()
        wait_for(lambda: time.monotonic() - stopped > 1.3, "more than the timeout")
        stage.file("ok").touch()
        since = shell.start("fg")
        shell.prompt(since)
        check_equal(shell.status(), 4, "status")

    def test_a_test_that_ignores_it_keeps_its_server(self):
        stage = self.stage()
        shell = Shell(stage)
        # It logs that it was continued: that it is not stopped would also be true before the terminal has taken the
        # ^Z, and one that is taken late, after the test, throws away what the shell has just printed (termios(3), ISIG).
        continued = ("import pathlib, signal; signal.signal(signal.SIGCONT, lambda *_: pathlib.Path('continued').touch()); "
                     "pathlib.Path('server.pid').touch(); [signal.pause() for _ in iter(int, 1)]")
        prefix = with_server(stage, [PYTHON, "-c", continued])
        since = shell.start(words(prefix, *fixture("with", "ignore=TSTP", "--", *fixture("wait-file", "go", 5, "--ready", "test.pid"))))
        stage.ready("test.pid")
        shell.type("\x1a")
        wait_for(lambda: stage.file("continued").exists(), "the server to continue")
        stage.file("go").touch()
        shell.prompt(since)
        check_equal(shell.status(), 5, "status")

    def test_right_after_the_first_output(self):
        """dash forks with vfork: a ^Z before its child's exec leaves it blocked, and a bare run does not stop."""
        stage = self.stage()
        shell = Shell(stage)
        for _ in range(25):
            since = shell.start(f"{QUIET} sh -c 'echo he\"\"llo; sleep 100'")
            shell.expect("hello", since)
            shell.type("\x1a")
            self.stopped(shell, since)
            since = shell.start("fg")
            wait_for(lambda: shell.foreground() != shell.pid, "fg")
            shell.type("\x03")
            shell.prompt(since)

    def test_in_the_background_it_never_takes_the_terminal(self):
        stage = self.stage()
        shell = Shell(stage)
        shell.run(words(with_server(stage, fixture("pause", "--ready", "server.pid")), *fixture("wait-file", "go", 5, "--ready", "test.pid"), "&"))
        wait_for(lambda: stage.file("test.pid").exists() or shell.foreground() != shell.pid, "the test")
        check_equal(shell.foreground(), shell.pid, "the foreground")
        since = shell.start("read x; echo typed $x")
        shell.type("7\n")
        shell.expect("typed 7", since)
        shell.prompt(since)
        stage.file("go").touch()
        # Not %1: a job that ended before the last prompt has been reported, and is no job any more.
        check("ended 5" in shell.run("wait $!; echo ended $?"), "the status is lost")

    def test_a_background_test_that_reads_is_stopped(self):
        stage = self.stage()
        shell = Shell(stage)
        shell.run(f"{QUIET} {PYTHON} -c 'print(\"got\", input())' &")
        wait_for(lambda: "Stopped" in shell.run("jobs"), "the job to stop")
        since = shell.start("fg")
        shell.type("words\n")
        shell.expect("got words", since)
        shell.prompt(since)


class Reading(Case):
    def test_a_question(self):
        for pipe in ("", "| tee log"):
            stage = self.stage()
            shell = Shell(stage)
            since = shell.start(f"{QUIET} {PYTHON} -c 'print(\"got\", input(\"na\" \"me? \"))' {pipe}")
            shell.expect(r"name\? ", since)
            shell.type("Ada\n")
            shell.expect("got Ada", since)
            shell.prompt(since)

    def test_the_debugger(self):
        """pdb in the foreground, also behind a pipe. ^C at its prompt starts the shutdown clock (vlmshim(1), SIGNALS)."""
        for pipe in ("", "| tee log"):
            stage = self.stage()
            stage.file("debugged.py").write_text("value = 6\nbreakpoint()\nprint('seen', value)\n")
            shell = Shell(stage)
            since = shell.start(f"{QUIET} {PYTHON} debugged.py {pipe}")
            shell.expect(r"\(Pdb\) ", since)
            mark = shell.mark()
            shell.type("p value * 7\n")
            shell.expect("42", mark)
            shell.type("value = 8\n")
            shell.type("c\n")
            shell.expect("seen 8", mark)
            shell.prompt(since)

    def test_a_pager(self):
        need(self, shutil.which("less"), "less is not installed")
        stage = self.stage()
        shell = Shell(stage, env={"TERM": "xterm", "LESS": ""})
        since = shell.start(f"{QUIET} seq 1000 1999 | less")
        shell.expect("1010", since)
        mark = shell.mark()
        shell.type("G")
        shell.expect("1999", mark)
        shell.type("q")
        shell.prompt(mark)

    def test_the_caller_reads_after_us(self):
        """tini and catatonit leave a dead process group in the foreground."""
        stage = self.stage()
        terminal = Terminal(stage, ["sh", "-c", f"{QUIET} true; echo ask; read x; echo got $x"])
        terminal.expect("ask")
        terminal.type("this\n")
        terminal.expect("got this")
        check_equal(terminal.process.wait(10), 0, "status")

    def test_the_foreground_group(self):
        """git shows its progress only in the foreground."""
        ask = f"{PYTHON} -c 'import os; print(\"fore\" + \"ground\", os.tcgetpgrp(2) == os.getpgrp())'"

        def one(line):
            stage = self.stage()
            shell = Shell(stage)
            shell.start(line)
            return shell.expect("foreground (True|False)").group(1)
        for end in ("", " &"):
            check_equal(one(f"{QUIET} {ask}{end}"), one(f"{ask}{end}"), f"{ask}{end}: with and without vlmshim")


class Ending(Case):
    def test_a_hang_up_ends_everything(self):
        stage = self.stage()
        prefix = with_server(stage, fixture("pause", "--ready", "server.pid"))
        terminal = Terminal(stage, [*prefix.split(), *fixture("spawn", "setsid,ignore-term", "pause", "--ready", "left.pid", "--", "pause", "--ready", "test.pid")])
        stage.ready("test.pid")
        terminal.hang_up()
        check_equal(terminal.process.wait(20), -signal.SIGHUP, "status")
        check_equal(stage.left_over(), [], "left over")

    def test_a_hang_up_of_the_shell_ends_everything(self):
        stage = self.stage()
        shell = Shell(stage)
        shell.start(words(with_server(stage, fixture("pause", "--ready", "server.pid")), *fixture("pause", "--ready", "test.pid")))
        stage.ready("test.pid")
        shell.hang_up()
        shell.process.wait(20)
        wait_for(lambda: not stage.left_over(), "everything to end")

    def test_modes_are_restored_after_a_death_in_raw_mode(self):
        stage = self.stage()
        terminal = Terminal(stage, ["sh", "-c", f"{QUIET} {PYTHON} -c 'import os, tty; tty.setraw(0); os.kill(os.getpid(), 9)'; echo over $?; read x"])
        before = terminal.modes()
        terminal.expect("over 137")
        check_equal(terminal.modes()[3] & (termios.ECHO | termios.ICANON | termios.ISIG), before[3] & (termios.ECHO | termios.ICANON | termios.ISIG), "modes")
        check_equal(terminal.modes(), before, "modes")
        terminal.type("\n")

    def test_modes_that_a_test_leaves_are_its_own(self):
        """stty -echo as a test is meant."""
        stage = self.stage()
        terminal = Terminal(stage, ["sh", "-c", f"{QUIET} stty -echo; echo over; read x"])
        terminal.expect("over")
        check(not terminal.modes()[3] & termios.ECHO, "the modes were changed back")
        terminal.type("\n")
