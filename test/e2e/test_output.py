"""The output of servers, and the messages of vlmshim."""

import json
import os
import re
import signal

from harness import Case, check, check_equal, fixture, FREED_IS_FREE, toml, WAITING
from oracle import get, parent_of, read_bytes, wait_for


def config(stage, words, *lines):
    return f"[server]\ncommand = {toml(words)}\nport = {stage.port}\n" + "\n".join(lines) + "\n"


def peak_memory(pid):
    """VmHWM of a process in kB: the most it ever had resident."""
    return int(re.search(rb"VmHWM:\s+(\d+)", read_bytes(f"/proc/{pid}/status")).group(1))


class ServerOutput(Case):
    def test_a_fifo_without_a_reader(self):
        """Opening it would block for ever; nothing is started."""
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        run = stage.plain("--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}"), f'output = "file:{stage.file("fifo")}"'))
        check_equal(run.wait(), 125, "status", run)
        check("fifo" in run.err, "the message does not name it", run)
        stage.prove_clean()

    def test_capture_drains_200_mib_in_bounded_memory(self):
        stage = self.stage()
        quiet = stage.plain("--", *fixture(*WAITING), config=config(stage, fixture("serve", "{port}")), env=FREED_IS_FREE)
        usual = peak_memory(parent_of(stage.ready("test.pid", quiet).pid))
        stage.file("go").touch()
        check_equal(quiet.wait(), 0, "status", quiet)

        stage = self.stage()
        run = stage.plain("--", *fixture(*WAITING), config=config(stage, fixture("chatty", 200, "serve", "{port}"), 'ready.timeout = "2m"'), env=FREED_IS_FREE)
        more = peak_memory(parent_of(stage.ready("test.pid", run).pid)) - usual
        check(more < 2048, f"{more} kB more than with a quiet server", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check("chatty line" not in run.err, "captured output is shown although nothing failed", run)

    def test_capture_never_wedges_a_server_under_the_test(self):
        """With its log pipe not read a real llama-server wedges after some 150 requests while /health stays 200."""
        stage = self.stage()
        run = stage.plain("--", *fixture(*WAITING), config=config(stage, fixture("serve", "{port}", "--noise", 8192)))
        stage.ready("test.pid", run)
        for index in range(400):
            check_equal(get(stage.port, "/v1/chat")[0], 200, f"answer {index}", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def test_capture_shows_the_last_lines_only(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("pause", "--ready", "test.pid"),
                          config=config(stage, fixture("chatty", 1, "serve", "{port}", "--line", "the very last line")))
        stage.ready("test.pid", run)
        get(stage.port, "/exit/3")
        check_equal(run.wait(), 125, "status", run)
        check("the very last line" in run.err, "the last line is missing", run)
        check(len(run.err) < 20000, f"{len(run.err)} characters of tail", None)
        stage.prove_clean()

    def test_captured_control_characters_do_not_reach_the_terminal(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(stage, ["printf", "\\033[2Jevil\\007\\n"]))
        check_equal(run.wait(), 125, "status", run)
        check("evil" in run.err and "\x1b[2J" not in run.err and "\x07" not in run.err, "raw control characters", run)

    def test_inherit(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}", "--line", "hello from the server"), 'output = "inherit"'))
        check_equal(run.wait(), 0, "status", run)
        check("hello from the server" in run.out + run.err, "its output did not arrive", run)
        stage.prove_clean()

    def test_discard(self):
        stage = self.stage()
        run = stage.plain("-v", "--", *fixture("pause", "--ready", "test.pid"),
                          config=config(stage, fixture("serve", "{port}", "--line", "nobody wants this"), 'output = "discard"'))
        stage.ready("test.pid", run)
        get(stage.port, "/exit/3")
        check_equal(run.wait(), 125, "status", run)
        words = [line for line in (run.out + run.err).splitlines() if "nobody wants this" in line and "--line" not in line]
        check_equal(words, [], "discarded output", run)
        stage.prove_clean()

    def test_file_is_relative_to_the_configuration(self):
        stage = self.stage()
        (stage.folder / "elsewhere").mkdir()
        (stage.folder / "logs").mkdir()
        run = stage.plain("--", *fixture("exit", 0), cwd=stage.folder / "elsewhere",
                          config=config(stage, fixture("serve", "{port}", "--line", "into the file"), 'output = "file:logs/server.log"'))
        check_equal(run.wait(), 0, "status", run)
        check_equal((stage.folder / "logs" / "server.log").read_text(), "into the file\n", "the file", run)
        check("into the file" not in run.out, "it also went to stdout", run)
        stage.prove_clean()

    def test_file_that_cannot_be_written(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"), config=config(stage, fixture("serve", "{port}"), 'output = "file:/no/such/folder/server.log"'))
        check_equal(run.wait(), 125, "status", run)
        check("/no/such/folder/server.log" in run.err, "the file is not named", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)
        stage.prove_clean()

    def test_leftover_of_the_server_that_holds_the_captured_pipe(self):
        stage = self.stage()
        words = fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "serve", "{port}")
        run = stage.plain("-g", "500ms", "--", *fixture("exit", 4), config=config(stage, words))
        check_equal(run.wait(), 4, "status", run)
        check(run.seconds() < 6, f"took {run.seconds():.1f} s", run)
        stage.prove_clean()


class Talk(Case):
    def test_silent_when_there_was_nothing_to_do(self):
        def one(words):
            stage = self.stage()
            run = stage.run("--", *fixture(*words))
            run.wait()
            check_equal(run.err, "", "stderr", run)
            check_equal(run.out, "", "stdout", run)
        self.each([("exit", 0), ("exit", 7)], one)

    def test_a_test_that_died_of_a_signal_is_named(self):
        """A shell's "Killed" looks as if vlmshim had crashed."""
        stage = self.stage()
        run = stage.run("--", *fixture("kill-self", "KILL"))
        run.wait()
        check(re.fullmatch(r"vlmshim: test was killed by SIGKILL after \d+ ms\n", run.err), "it is not named", run)

    def test_each_kill_is_logged(self):
        """The test's grace, a leftover's, a server's; each once, with the key and the option that give more."""
        stage = self.stage()
        run = stage.plain("-g", "300ms", "-t", "300ms", "--",
                          *fixture("spawn", "setsid,ignore-term", "pause", "--ready", "left.pid", "--", "count-signals", "test.log", "--ready", "test.pid"),
                          config=config(stage, fixture("serve", "{port}", "--on-term", "ignore", "--ready", "server.pid")))
        check_equal(run.wait(), 124, "status", run)
        stage.prove_clean()
        left = stage.ready("left.pid").pid
        for line in ("test did not stop within 300 ms ([test] grace, -g): killed", "server did not stop within 300 ms ([shutdown] grace, -g): killed"):
            check_equal(run.err.count(line), 1, f"times that it says {line!r}", run)
        check_equal(len(re.findall(rf"pid {left} \(.*\) did not stop within 300 ms \(\[shutdown\] grace, -g\): killed", run.err)), 1, "the leftover", run)
        check(f"pid {stage.ready('server.pid').pid} (" not in run.err, "the server is named twice", run)

    def test_a_cancelled_run_that_calls_itself_a_success(self):
        """Hand-written handlers end with sys.exit(0)."""
        stage = self.stage()
        run = stage.run("--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 0, "--ready", "test.pid"))
        stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 0, "status", run)
        check("warning: ended by SIGTERM, but the test says 0" in run.err, "no warning", run)

    def test_what_the_server_printed_is_shown_when_the_test_fails(self):
        def one(item):
            status, shown = item
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", status), config=config(stage, fixture("serve", "{port}", "--line", "the model said", "--ready", "server.pid")))
            check_equal(run.wait(), status, "status", run)
            check_equal("vlmshim: server: what it printed:\nvlmshim: server| the model said" in run.err, shown, "shown", run)
        self.each([(3, True), (0, False)], one)

    def test_where_the_output_goes_by_an_option(self):
        def one(item):
            mode, in_err, in_file = item
            stage = self.stage()
            run = stage.run("-s", " ".join(str(word) for word in fixture("serve", "{port}", "--line", "it-said", "--ready", "server.pid")),
                            "-o", mode, "--", *fixture("exit", 3))
            check_equal(run.wait(), 3, "status", run)
            stage.prove_clean()
            log = stage.file("server.log")
            check_equal("it-said\n" in run.out or "server| it-said" in run.err, in_err, f"{mode}: shown", run)
            check_equal(log.exists() and "it-said" in log.read_text(), in_file, f"{mode}: in the file", run)
        self.each([("capture", True, False), ("inherit", True, False), ("discard", False, False), ("file:server.log", False, True)], one)

    def test_interrupted_before_the_test(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}", "--ok-when", "never", "--ready", "server.pid"),
                                                                    'ready.http = "http://127.0.0.1:{port}/health"'))
        stage.ready("server.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        check("interrupted: the test was not run" in run.err, "it is not logged", run)
        stage.prove_clean()

    def test_with_a_server(self):
        """started (pid), ready (how long), test over, ended (how many processes, how long), port free."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 3), config=config(stage, fixture("serve", "{port}", "--ready", "server.pid")))
        check_equal(run.wait(), 3, "status", run)
        lines = run.err.splitlines()
        check(all(line.startswith("vlmshim: ") for line in lines), "a line without 'vlmshim: '", run)
        for words in ("started", str(stage.ready("server.pid").pid), "ready", "ended", str(stage.port), "free"):
            check(words in run.err, f"{words!r} is missing", run)
        check("\x1b" not in run.err, "colour although stderr is a file", run)
        check(len(lines) <= 6, "too many lines", run)
        check_equal(run.out, "", "stdout is the test's", run)

    def test_quiet(self):
        stage = self.stage()
        run = stage.plain("-q", "--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}")))
        check_equal(run.wait(), 0, "status", run)
        check_equal(run.err, "", "stderr", run)

    def test_quiet_still_tells_errors(self):
        stage = self.stage()
        stage.outsider("hold-port", stage.port)
        run = stage.run("-q", "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        check("vlmshim: error:" in run.err, "no error", run)

    def test_verbose_says_more(self):
        lengths = []
        for options in (["-q"], [], ["-v"]):
            stage = self.stage()
            run = stage.plain(*options, "--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}")))
            check_equal(run.wait(), 0, "status", run)
            lengths.append(len(run.err.splitlines()))
        self.assertEqual(lengths, sorted(set(lengths)), "each level says more than the one before")

    def test_log_levels(self):
        def one(level):
            stage = self.stage()
            run = stage.plain("--log-level", level, "--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}")))
            check_equal(run.wait(), 0, "status", run)
            check_equal(run.err == "", level in ("warning", "error", "off"), f"silence at {level}", run)
        self.each(["trace", "debug", "info", "warning", "error", "off"], one)

    def test_json_every_line_parses(self):
        def one(words):
            stage = self.stage()
            text = config(stage, fixture("serve", "{port}", "--line", 'quotes " and \\\\ back'), 'output = "discard"') + '[log]\nformat = "json"\nlevel = "trace"\n'
            run = stage.plain("-g", "300ms", "--", *words, config=text)
            run.wait()
            lines = run.err_path.read_bytes().split(b"\n")
            check_equal(lines.pop(), b"", "the end of the last line", run)
            check(len(lines) > 3, "too few lines", run)
            for line in lines:
                check(isinstance(json.loads(line), dict), "no object", run)
        self.each([fixture("exit", 0), fixture("spawn", "setsid,ignore-term", "pause", "--", "exit", 1), ["/no/such \"command\"\n\x01é"],
                   ["/bin/sh", "-c", "kill -9 $$"]], one)

    def test_json_from_the_command_line_covers_failures(self):
        stage = self.stage()
        stage.outsider("hold-port", stage.port)
        run = stage.run("--log-format", "json", "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        for line in run.err.splitlines():
            json.loads(line)

    def test_failure_is_the_last_line(self):
        """The last line says which of the reasons for 125 it was."""
        def one(item):
            lines, words = item
            stage = self.stage()
            run = stage.plain("-g", "300ms", "--", *fixture("exit", 0), config=config(stage, *lines))
            check_equal(run.wait(), 125, "status", run)
            last = run.err.splitlines()[-1]
            check(last.startswith("vlmshim: error:") and any(word in last for word in words), f"last line: {last}", run)
        self.each([((["/no/such/server"],), ("start", "found")), ((["false"],), ("exited", "died", "ended")),
                   ((fixture("pause"), 'ready.timeout = "200ms"'), ("ready",))], one)

    def test_waiting_is_reported_elsewhere_every_ten_seconds(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=config(stage, fixture("serve", "{port}", "--ok-when", "ok"), 'ready.http = "http://localhost:{port}/health"'))
        wait_for(lambda: "503" in run.err, "a line about waiting", 30)
        waited = run.err
        stage.file("ok").touch()
        check_equal(run.wait(), 0, "status", run)
        check_equal(waited.count("503"), 1, "lines about waiting", run)
