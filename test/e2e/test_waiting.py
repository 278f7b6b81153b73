"""What is shown while vlmshim waits for servers or for the end, and the line at the end: on a terminal, and elsewhere."""

import re
import signal
import time

from harness import Case, check, check_equal, fixture, let_request_pass, toml, VLMSHIM
from oracle import wait_for
from terminal import Shell, Terminal


def words(*command):
    return " ".join(str(word) for word in command)


class Waiting(Case):
    """What is shown until the server is ready."""

    def wait_for_server(self, columns=60, **variables):
        stage = self.stage()
        terminal = Terminal(stage, [VLMSHIM, "--no-config", "-p", "auto", "-s", words(*fixture("serve", "{port}", "--ok-when", "ok", "--ready", "server.pid")),
                                    "-r", "/health", "--", "sh", "-c", "echo test; echo runs"], env={"TERM": "xterm", **variables}, columns=columns)
        stage.ready("server.pid")
        terminal.expect(r"\r\x1b\[J.*server 0\.\d s: .*\r\x1b\[J", 0)
        stage.file("ok").touch()
        terminal.expect("runs")
        check_equal(terminal.process.wait(20), 0, "status")
        terminal.expect("free")
        return terminal.screen

    def test_one_live_line(self):
        screen = self.wait_for_server()
        lines = [line for line in re.split(r"\r\n", screen)]
        left = [line.rpartition("\x1b[J")[2] for line in lines]
        check(not any("HTTP 503" in line for line in left), f"the live line was left: {left}")
        check(screen.count("HTTP 503") > 0, f"the last answer is not shown: {screen!r}")
        check(re.search(r"\x1b\[J[^\r]*ready after", screen), f"not erased before the next message: {screen!r}")
        for part in re.findall(r"\x1b\[J([^\r\n]*HTTP 503[^\r\n]*)", screen):
            check(len(re.sub(r"\x1b\[[\d;]*m", "", part)) < 60, f"longer than the terminal is wide: {part!r}")
            # A terminal that is made narrower wraps it; everything after the cursor is erased.
            check(part + "\r" in screen, f"the cursor is not at the beginning of {part!r}")

    def test_the_address_where_it_fits(self):
        drawn = {columns: re.findall(r"HTTP 503([^\r\n]*)\r", self.wait_for_server(columns)) for columns in (30, 60, 100)}
        check(not any("(" in rest for rest in drawn[30] + drawn[60]), f"a part of the address: {drawn}")
        check(drawn[100] and all(re.fullmatch(r" \(http://localhost:\d+/health\)", rest) for rest in drawn[100]), f"no address: {drawn}")

    def test_plain_characters_and_colours(self):
        check(self.wait_for_server(LC_ALL="C").isascii(), "not ASCII in the locale C")
        check(not self.wait_for_server(LC_ALL="C.UTF-8").isascii(), "plain in a UTF-8 locale")
        check("\x1b[2m" in self.wait_for_server(), "no colour")
        check(not re.search(r"\x1b\[\d+m", self.wait_for_server(NO_COLOR="1")), "colour with NO_COLOR")

    def test_not_in_the_background(self):
        stage = self.stage()
        shell = Shell(stage, env={"TERM": "xterm"})
        shell.run(f"bind 'set enable-bracketed-paste off'; {VLMSHIM} --no-config -p auto -s '{words(*fixture('serve', '{port}', '--ok-when', 'ok', '--ready', 'server.pid'))}' -r /h -- true &")
        stage.ready("server.pid")
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 0.5, "some time")
        check("HTTP 503" not in shell.screen, f"a background job draws: {shell.screen}")
        stage.file("ok").touch()
        check("done 0" in shell.run("wait %1; echo done $?"), "status")

    def test_a_plain_line_every_ten_seconds_elsewhere(self):
        """Into a pipe or file, and on a terminal that cannot redraw a line."""
        stage = self.stage()
        slow = ["--no-config", "-p", "auto", "-s", words(*fixture("serve", "{port}", "--ok-when", "ok")), "-r", "/health", "--", "true"]
        terminal = Terminal(stage, [VLMSHIM, *slow], env={"TERM": "dumb"})
        run = stage.plain(*slow[1:])
        wait_for(lambda: "last answer" in run.err and "last answer" in terminal.screen, "the lines")
        stage.file("ok").touch()
        check_equal((run.wait(), terminal.process.wait(20)), (0, 0), "status", run)
        for said in (run.err, terminal.screen):
            check(re.search(r"^vlmshim: server: not ready after 1\d s \(http://localhost:\d+/health\), last answer: HTTP 503\r?$", said, re.M), f"not said: {said!r}")
            check("\r\x1b" not in said and said.count("last answer") == 1, f"said too often, or drawn: {said!r}")

    def test_the_end_in_one_line(self):
        stage = self.stage()
        run = stage.run("-s", words(*fixture("serve", "{port}")), "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check(re.search(rf"^vlmshim: ended server \(1 process\) in \d+ ms, port {stage.port} is free$", run.err, re.M), "the last line", run)


class Ending(Case):
    """What is shown after the test while a server or a leftover is slow to exit."""

    SERVER = ("serve", "{port}", "--on-term", "ignore", "--ready", "server.pid")

    def run_in_terminal(self, test, *options, server=SERVER):
        stage = self.stage()
        own = [VLMSHIM, "--no-config", "-p", "auto", "-g", "10m", *options]
        return stage, Terminal(stage, [*own, *(["-s", words(*fixture(*server))] if server else []), "--", "sh", "-c", test], env={"TERM": "xterm"})

    def kill_now(self, terminal):
        """By a second ^C; the first one changes the line."""
        since = terminal.mark()
        terminal.type("\x03")
        terminal.expect(r"waiting for [^\r]*, \^C kills now\r", since)
        let_request_pass()
        terminal.type("\x03")
        terminal.expect("second SIGINT: killing everything", since)

    def check_erased(self, screen):
        left = [line.rpartition("\x1b[J")[2] for line in screen.split("\r\n")]
        check(not any("waiting for" in line for line in left), f"the live line was left: {left}")
        check("waiting for" not in screen[: screen.index("test runs")], f"it came before the test was over: {screen!r}")

    def test_one_live_line_for_a_server(self):
        stage, terminal = self.run_in_terminal("echo test runs")
        terminal.expect(r"\x1b\[J[^\r]*waiting for server server to end: killed in (10 min|9 min \d+ s), \^C twice kills now\r")
        self.kill_now(terminal)
        check_equal(terminal.process.wait(20), 0, "status")
        terminal.expect("free")
        self.check_erased(terminal.screen)

    def test_a_server_that_has_to_wait_for_others_is_not_named(self):
        """A server gets its stop signal when those that are after it have exited."""
        stage = self.stage()
        stage.file("two.toml").write_text("".join(
            f'[[server]]\nname = "{name}"\nport = "auto"\nafter = {toml(after)}\ncommand = {toml(fixture("serve", "{port}", "--on-term", on_term))}\n'
            for name, after, on_term in (("db", [], "exit"), ("web", ["db"], "ignore"))))
        terminal = Terminal(stage, [VLMSHIM, "-c", "two.toml", "-g", "10m", "--", "echo", "test runs"], env={"TERM": "xterm"})
        terminal.expect(r"waiting for server web to end: killed in [^\r]*, \^C twice kills now\r")
        self.kill_now(terminal)
        check_equal(terminal.process.wait(20), 0, "status")
        check("server db" not in terminal.screen, f"it was named: {terminal.screen!r}")

    def test_a_leftover_is_named(self):
        stage, terminal = self.run_in_terminal(f"{words(*fixture('spawn', 'setsid,ignore-term', 'pause', '--ready', 'left.pid', '--', 'exit', 0))}; echo test runs", server=None)
        terminal.expect("test runs")
        left = stage.ready("left.pid").pid
        terminal.expect(rf"\x1b\[J[^\r]*waiting for pid {left} \([^\r]*\) to end: killed in ")
        self.kill_now(terminal)
        check_equal(terminal.process.wait(20), 0, "status")
        self.check_erased(terminal.screen)

    def test_not_while_the_test_lives(self):
        """The terminal is the test's; the wait is logged once."""
        stage, terminal = self.run_in_terminal("trap '' INT; echo test runs; while ! [ -e go ]; do sleep 0.05; done; echo test ends")
        terminal.expect("test runs\r\n")
        terminal.type("\x03")
        terminal.expect(r"waiting for the test to stop: killed in [^\r\x1b]*\r\n")
        since = terminal.mark()
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 0.5, "some time")
        check_equal(terminal.screen_since(since), "", "it draws while the test lives")
        stage.file("go").touch()
        terminal.expect(r"test ends(.|\n)*waiting for server server to end: [^\r]*, \^C kills now\r", since)
        check("waiting for server" not in terminal.screen.partition("test ends")[0], f"drawn too early: {terminal.screen!r}")
        terminal.type("\x03")
        terminal.expect("second SIGINT: killing everything", since)
        terminal.process.wait(20)

    def test_said_once_where_the_server_writes_to_the_terminal(self):
        stage, terminal = self.run_in_terminal("echo test runs", "-o", "inherit")
        terminal.expect(r"waiting for server server to end: killed in [^\r]*, \^C twice kills now\r\n")
        since = terminal.mark()
        terminal.type("\x03")
        let_request_pass()
        terminal.type("\x03")
        terminal.expect("second SIGINT: killing everything", since)
        check_equal(terminal.process.wait(20), 0, "status")
        check_equal((terminal.screen.count("waiting for server"), terminal.screen.count("\x1b[J")), (1, 0), f"lines, and drawn ones: {terminal.screen!r}")

    def test_a_plain_line_every_ten_seconds_elsewhere(self):
        stage = self.stage()
        run = stage.plain("--no-config", "-p", "auto", "-g", "10m", "-s", words(*fixture(*self.SERVER)), "--", "true")
        wait_for(lambda: "waiting for" in run.err, "the line", 60)
        run.send(signal.SIGTERM)
        let_request_pass()
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 0, "status", run)
        check(re.search(r"^vlmshim: waiting for server server to end: killed in 9 min \d+ s$", run.err, re.M), "not logged", run)
        check_equal((run.err.count("waiting for"), run.err.count("\x1b")), (1, 0), "said too often, or drawn", run)
