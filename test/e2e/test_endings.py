"""Every ending of a run, combined with every kind of server: the status, no leftovers, the port, the time."""

import os
import pathlib
import signal

from endings import AMPLE, AMPLE_BOUND, ENDINGS, QUICK, finish, needs_grace, options_of, words_of
from harness import Case, check, check_equal, fixture, let_request_pass, script, toml
from oracle import free_port, get, listening, wait_for


def serve(stage, *more):
    return ["serve", stage.port, "--ready", "server.pid", *more]


# name: (the server's words, does it need SIGKILL, does its main process stay)
SERVERS = {
    "well behaved": (lambda s: serve(s), False, True),
    "ignores TERM": (lambda s: ["wedge", s.port, "--ready", "server.pid"], True, True),
    "closes its port and stays": (lambda s: serve(s, "--on-term", "close-port"), True, True),
    "aborts on a second signal": (lambda s: ["two-signals", s.port, "signals.log", 100, "--ready", "server.pid"], False, True),
    "launcher, forwards": (lambda s: ["launcher", "forward", *serve(s)], False, True),
    "launcher, dies alone": (lambda s: ["launcher", "die", *serve(s)], False, True),
    "launcher, ignores TERM": (lambda s: ["launcher", "ignore", *serve(s)], True, True),
    "workers": (lambda s: ["prefork", 3, s.port, "--ready", "server.pid"], False, True),
    "stubborn workers": (lambda s: ["prefork", 2, s.port, "--workers", "setsid,ignore-term", "--ready", "server.pid"], True, True),
    "workers, master exited": (lambda s: ["prefork", 3, s.port, "--master", "exit", "--ready", "server.pid"], False, False),
    "daemon": (lambda s: ["spawn", "setsid,double-fork,close-stdio", *serve(s), "--", "exit", 0], False, False),
    "stubborn daemon": (lambda s: ["spawn", "setsid,double-fork,close-stdio,ignore-term",
                                   "wedge", s.port, "--ready", "server.pid", "--", "exit", 0], True, False),
}


def config(stage, words, *more, test=""):
    return "[server]\n" + f"command = {toml(fixture(*words))}\nport = {stage.port}\n" + "\n".join(more) + "\n" + test


class EveryEndingTimesEveryServer(Case):
    def multiply(self, ending):
        def one(kind):
            words, stubborn, stays = SERVERS[kind]
            stage = self.stage()
            quick = stubborn or needs_grace(ending)
            text = config(stage, words(stage), *([] if stays else ['on_exit = "ignore"']))
            run = stage.plain("-g", QUICK if quick else AMPLE, *options_of(ending), "--", *words_of(ending), config=text)
            finish(stage, run, ending, quick)
            if kind == "aborts on a second signal" and "twice" not in ending:
                check_equal(stage.file("signals.log").read_text(), "TERM\n", "signals the server got", run)
        self.each(SERVERS, one)


def add(ending):
    def test(self):
        self.multiply(ending)
    name = "test_" + "".join(letter if letter.isalnum() else "_" for letter in ending)
    test.__name__, test.__doc__ = name, f"{ending} x {len(SERVERS)} servers"
    setattr(EveryEndingTimesEveryServer, name, test)


for _ending in ENDINGS:
    add(_ending)


class Server(Case):
    def test_stopped_server_ends_within_the_grace(self):
        stage = self.stage()
        run = stage.plain("-g", QUICK, "--", *fixture("pause", "--ready", "test.pid"), config=config(stage, serve(stage)))
        stage.ready("test.pid", run)
        os.kill(stage.ready("server.pid").pid, signal.SIGSTOP)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        stage.prove_clean()
        check(run.seconds_since_signal() < 6, "stuck on a stopped server", run)

    def test_stopped_server_is_woken_to_end_itself(self):
        stage = self.stage()
        run = stage.plain("-g", AMPLE, "--", *fixture("pause", "--ready", "test.pid"),
                          config=config(stage, ["two-signals", stage.port, "signals.log", 0, "--ready", "server.pid"]))
        stage.ready("test.pid", run)
        os.kill(stage.ready("server.pid").pid, signal.SIGSTOP)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        stage.prove_clean()
        check_equal(stage.file("signals.log").read_text(), "TERM\n", "it got SIGTERM and SIGCONT, not SIGKILL", run)

    def test_one_stop_signal_even_beyond_half_its_grace(self):
        """A second signal is "abort now" to a llama-server, and at half of the grace descendants of a server get the stop signal."""
        def one(words):
            stage = self.stage()
            run = stage.plain("-g", "4s", "--", *fixture("exit", 0),
                              config=config(stage, [*words, "two-signals", stage.port, "signals.log", 2500, "--ready", "server.pid"]))
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
            check_equal(stage.file("signals.log").read_text(), "TERM\n", "signals the server got", run)
        self.each([[], ["launcher", "die"]], one)

    def test_descendant_gets_the_stop_signal_at_half_the_grace(self):
        """A launcher that ignores SIGTERM: the real server below it gets the stop signal itself."""
        stage = self.stage()
        run = stage.plain("-g", "2s", "--", *fixture("exit", 0),
                          config=config(stage, ["launcher", "ignore", "two-signals", stage.port, "signals.log", 0, "--ready", "server.pid"]))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check_equal(stage.file("signals.log").read_text(), "TERM\n", "signals the server got", run)

    def test_dies_under_the_test(self):
        stage = self.stage()
        run = stage.plain("-g", AMPLE, "--", *fixture("count-signals", "test.log", "--exit-on", "TERM", "--ready", "test.pid"),
                          config=config(stage, serve(stage, "--line", "the last words of the server")))
        stage.ready("test.pid", run)
        get(stage.port, "/exit/9")
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()
        check("the last words of the server" in run.err, "the tail of the server's output is missing", run)
        check(run.err.strip().splitlines()[-1].startswith("vlmshim: error:"), "the last line does not say why", run)
        check("9" in run.err, "its status is not logged", run)
        check_equal(stage.file("test.log").read_text().split()[0], "TERM", "the signal that the test got", run)

    def test_dies_under_a_test_that_ignores_term(self):
        stage = self.stage()
        run = stage.plain("-g", QUICK, "--", *fixture("count-signals", "test.log", "--ready", "test.pid"), config=config(stage, serve(stage)))
        stage.ready("test.pid", run)
        get(stage.port, "/exit/0")
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()

    def test_dies_under_the_test_and_that_is_ignored(self):
        stage = self.stage()
        run = stage.plain("-g", AMPLE, "--", *fixture("wait-file", "go", 4, "--ready", "test.pid"),
                          config=config(stage, serve(stage), 'on_exit = "ignore"'))
        stage.ready("test.pid", run)
        get(stage.port, "/exit/9")
        wait_for(lambda: not listening(stage.port), "the server to die")
        stage.file("go").touch()
        check_equal(run.wait(), 4, "status", run)
        stage.prove_clean()

    def test_dies_while_loading(self):
        """At once, not after the readiness timeout [llama-swap #100]."""
        stage = self.stage()
        command = script(stage.file("server.sh"), "echo loading model; echo out of memory >&2; exit 3\n")
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=f'[server]\ncommand = ["/bin/sh", "{command}"]\nport = {stage.port}\nready.timeout = "2m"\n')
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()
        check("loading model" in run.err and "out of memory" in run.err, "the tail of its output is missing", run)
        check(run.seconds() < 10, "waited although the server was dead", run)

    def test_readiness_timeout(self):
        stage = self.stage()
        run = stage.plain("-g", AMPLE, "--", *fixture("wait-file", "never", 0, "--ready", "test.pid"),
                          config=config(stage, serve(stage, "--ok-when", "never", "--line", "still loading"),
                                        'ready.http = "http://127.0.0.1:{port}/health"', 'ready.timeout = "400ms"'))
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()
        check(not stage.file("test.pid").exists(), "the test was started", run)
        check("503" in run.err, "its last answer is not logged", run)
        check("still loading" in run.err, "the tail of its output is missing", run)
        check(0.35 < run.seconds() < 10, f"took {run.seconds():.1f} s", run)

    def test_signal_while_loading(self):
        def one(number):
            stage = self.stage()
            run = stage.plain("-g", AMPLE, "--", *fixture("pause", "--ready", "test.pid"),
                              config=config(stage, serve(stage, "--ok-when", "never"), 'ready.http = "http://localhost:{port}/health"'))
            stage.ready("server.pid", run)
            run.send(number)
            check_equal(run.wait(), -number, "status", run)
            stage.prove_clean()
            check(not stage.file("test.pid").exists(), "the test was started", run)
            check(run.seconds_since_signal() < AMPLE_BOUND, "slow", run)
        self.each([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], one)

    def test_second_signal_while_draining(self):
        stage = self.stage()
        run = stage.plain("-g", AMPLE, "--", *fixture("exit", 0),
                          config=config(stage, ["serve", stage.port, "--on-term", "close-port", "--signals", "signals.log", "--ready", "server.pid"]))
        wait_for(lambda: stage.file("signals.log").exists(), "the stop signal of the server")
        run.send(signal.SIGTERM)
        let_request_pass()
        run.send(signal.SIGINT)
        check_equal(run.wait(), 0, "the test's own status stays", run)
        stage.prove_clean()
        check(run.seconds_since_signal() < AMPLE_BOUND, "the second signal did not mean now", run)

    def test_one_of_several_dies(self):
        stage = self.stage()
        other = free_port()
        text = (f'[[server]]\nname = "a"\ncommand = {toml(fixture("serve", stage.port, "--ready", "a.pid"))}\nport = {stage.port}\n'
                f'[[server]]\nname = "b"\ncommand = {toml(fixture("serve", other, "--ready", "b.pid"))}\nport = {other}\n')
        run = stage.plain("-g", AMPLE, "--", *fixture("pause", "--ready", "test.pid"), config=text)
        stage.ready("test.pid", run)
        get(other, "/exit/3")
        check_equal(run.wait(), 125, "status", run)
        check("b" in run.err.strip().splitlines()[-1], "the server is not named", run)
        stage.prove_clean(stage.port, other)


class Command(Case):
    def one(self, path, status, *said, server=True):
        stage = self.stage()
        path = path(stage) if callable(path) else path
        text = config(stage, serve(stage)) if server else "[log]\nlevel = \"info\"\n"
        run = stage.plain("-g", AMPLE, "--", path, config=text)
        check_equal(run.wait(), status, "status", run)
        stage.prove_clean()
        for words in (pathlib.Path(path).name, *said):
            check(words in run.err, f"{words!r} is missing", run)
        check(run.seconds() < AMPLE_BOUND, "slow", run)
        if server:
            check(stage.file("server.pid").exists(), "the server had been started", run)

    def test_missing(self):
        self.one("/no/such/command", 127)

    def test_missing_without_a_path(self):
        self.one("no-such-command-in-the-path", 127)

    def test_not_executable(self):
        self.one(lambda stage: script(stage.file("plain-file"), "#!/bin/sh\n", 0o644), 126)

    def test_directory(self):
        self.one(lambda stage: str(stage.folder), 126)

    def test_bad_interpreter(self):
        self.one(lambda stage: script(stage.file("bad-interpreter"), "#!/no/such/interpreter\n"), 127)

    def test_without_shebang_runs_as_sh(self):
        stage = self.stage()
        run = stage.run("--", script(stage.file("no-shebang"), "exit 5\n"))
        check_equal(run.wait(), 5, "status", run)
        stage.prove_clean()

    def test_missing_server_has_its_own_message(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=f'[server]\nname = "vision"\ncommand = ["/no/such/server"]\nport = {stage.port}\n')
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()
        check("/no/such/server" in run.err and "vision" in run.err, "the server is not named", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)

    def test_no_core_of_vlmshim(self):
        """It mirrors a crash by dying of the same signal, but only the test leaves a core."""
        def one(word_and_signal):
            word, number = word_and_signal
            stage = self.stage()
            run = stage.run("--", *fixture(word), wrap=fixture("with", "core=max", "--"))
            result = os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
            check_equal(run.wait(), -number, "status", run)
            check_equal((result.si_code, result.si_status), (os.CLD_KILLED, number), "killed, not dumped", run)
        self.each([("segv", signal.SIGSEGV), ("abort", signal.SIGABRT)], one)

    def test_arguments_arrive_untouched(self):
        stage = self.stage()
        words = ["", " ", "a b", "--", "-p", "$HOME", "*", "é\n", "{port}"]
        run = stage.run("--", "/bin/sh", "-c", 'printf "%s\\0" "$@"', "sh", *words)
        check_equal(run.wait(), 0, "status", run)
        check_equal(run.out_path.read_bytes(), b"".join(word.encode() + b"\0" for word in words), "arguments", run)
