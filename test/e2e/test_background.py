"""A server is more than its main process: daemons keep its stop signal, grace and order, and its listener is watched."""

import json
import os
import re
import shutil
import signal

from harness import Case, check, check_equal, FIXTURE, fixture, need, script, toml
from oracle import free_port, get, listening, wait_for
from terminal import Terminal

DAEMON = "setsid,double-fork,close-stdio"
LONG = "20s"  # longer than any wait in here


def server(name, port, command, *more):
    return f'[[server]]\nname = "{name}"\nport = {port}\ncommand = {toml(command)}\n' + "".join(line + "\n" for line in more)


def daemon(name, *more, traits=DAEMON):
    """Its main process exits when the daemon is in place."""
    return fixture("spawn", traits, "serve", "{port}", "--ready", f"{name}.pid", "--signals", f"{name}.log", *more, "--", "exit", 0)


def signals_of(stage, name):
    return stage.file(f"{name}.log").read_text().split() if stage.file(f"{name}.log").exists() else []


def began(run, name):
    return re.search(rf"^vlmshim: {name}: went into the background: pid (\d+) ", run.err, re.M)


TEST_FAILS_ON_LEFTOVERS = '[test]\nleftovers = "fail"\n'


class Daemon(Case):
    def one(self, config, *, names=("db",), ports=()):
        stage = self.stage()
        run = stage.plain("-v", "--", *fixture("wait-file", "go", 0), config=config(stage))
        wait_for(lambda: all(began(run, name) for name in names) or run.process.poll() is not None, "the background")
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        for name in names:
            check(began(run, name), f"{name}: nothing said of the background", run)
            check_equal(int(began(run, name).group(1)), stage.ready(f"{name}.pid").pid, f"{name}: the pid that is logged", run)
            check_equal(run.err.count(f"{name}: went into"), 1, f"{name}: times that it is logged", run)
        stage.prove_clean(*ports)
        return stage, run

    def test_keeps_its_stop_signal_and_its_grace(self):
        """As pg_ctl: it needs SIGINT, takes a moment to exit, and aborts at a second signal."""
        def one(traits):
            stage, run = self.one(lambda s: server("db", s.port, daemon("db", "--on-term", "twice", "--linger", 300, traits=traits),
                                                   'stop_signal = "SIGINT"', f'grace = "{LONG}"') + TEST_FAILS_ON_LEFTOVERS)
            check_equal(signals_of(stage, "db"), ["INT"], "what it got", run)
            check("did not stop" not in run.err and "left behind" not in run.err, "it was taken for a leftover", run)
        self.each((DAEMON, "setsid", "plain", "double-fork", DAEMON + ",clear-env"), one)

    def test_two_that_are_ended_in_order(self):
        def one(traits):
            other = free_port()
            slow = ("--on-term", "twice", "--linger", 200)
            stage, run = self.one(lambda s: server("web", other, daemon("web", *slow, traits=traits), 'after = ["db"]', f'grace = "{LONG}"') +
                                  server("db", s.port, daemon("db", *slow, traits=traits), f'grace = "{LONG}"') + TEST_FAILS_ON_LEFTOVERS,
                                  names=("db", "web"), ports=(other,))
            signalled = [int(pid) for pid in re.findall(r"SIGTERM to pid (\d+)", run.err)]
            check_equal(signalled, [stage.ready(f"{name}.pid").pid for name in ("web", "db")], "the order", run)
            check_equal([signals_of(stage, name) for name in ("web", "db")], [["TERM"], ["TERM"]], "what they got", run)
            check(run.err.index("web: exited with 0\n") < run.err.index(f"SIGTERM to pid {signalled[1]}"), "db got its stop signal before web had exited", run)
        self.each((DAEMON, DAEMON + ",clear-env"), one)

    def test_is_killed_when_its_own_grace_is_over(self):
        stage, run = self.one(lambda s: server("db", s.port, daemon("db", "--on-term", "ignore"), 'grace = "300ms"'))
        check("db did not stop within 300 ms ([server] grace, -g): killed" in run.err, "not logged", run)
        check(str(stage.ready("db.pid").pid) not in run.err.split("did not stop", 1)[1].split("\n", 1)[0], "logged twice", run)

    def test_binds_late(self):
        """Between the exit of the main process and the bind there is no listener: that is no loss of it."""
        def one(port):
            self.one(lambda s: server("db", port or s.port, daemon("db", "--listen-after", 400)))
        self.each((None, '"auto"'), one)

    def test_dies_under_the_test(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "never", 1), config=server("db", stage.port, daemon("db")))
        wait_for(lambda: began(run, "db") or run.process.poll() is not None, "the background")
        os.kill(stage.ready("db.pid").pid, signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        check("server 'db' died while the test was running" in run.err, "not logged", run)
        check("stopped listening" not in run.err, "it has ended as a whole", run)
        stage.prove_clean()

    def test_does_not_start(self):
        """A main process that exits with 0 and leaves no daemon has died."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=server("db", stage.port, fixture("exit", 0)))
        check_equal(run.wait(), 125, "status", run)
        check("db: exited with 0 before it was ready" in run.err, "not logged", run)
        stage.prove_clean()

    def test_typed_signal_does_not_reach_it(self):
        """It has a session of its own: only vlmshim signals it, and at once, not after half of its grace."""
        stage = self.stage()
        stage.file("vlmshim.toml").write_text(server("db", stage.port, daemon("db", "--on-term", "twice", "--linger", 50), f'grace = "{LONG}"'))
        terminal = Terminal(stage, [os.environ["VLMSHIM"], "--", *fixture("wait-file", "never", 1, "--ready", "test.pid")])
        stage.ready("test.pid")
        since = terminal.mark()
        terminal.type("\x03")
        terminal.expect("ended db", since)
        check_equal(signals_of(stage, "db"), ["TERM"], "what it got")

    def test_serving(self):
        stage = self.stage()
        run = stage.plain(config=server("db", stage.port, daemon("db")))
        wait_for(lambda: "serving db" in run.err or run.process.poll() is not None, "the server")
        check_equal(get(stage.port, "/")[0], 200, "its answer", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 0, "status", run)
        check_equal(signals_of(stage, "db"), ["TERM"], "what it got", run)
        stage.prove_clean()

    def test_redis(self):
        program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        need(self, program, "redis-check-rdb, which is redis-server under another name, is not installed")
        stage = self.stage()
        os.symlink(program, stage.file("redis-server"))
        command = ["./redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--daemonize", "yes", "--save", "", "--logfile", "redis.log", "--dir", "."]
        other = free_port()
        config = server("cache", stage.port, command) + server("queue", other, command, 'after = ["cache"]') + TEST_FAILS_ON_LEFTOVERS
        run = stage.plain("-v", "--", *fixture("wait-file", "go", 3), config=config)
        wait_for(lambda: began(run, "cache") and began(run, "queue") or run.process.poll() is not None, "the background")
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        check_equal(stage.file("redis.log").read_text().count("Received SIGTERM scheduling shutdown"), 2, "stop signals", run)
        check_equal(stage.file("redis.log").read_text().count("ready to exit, bye bye"), 2, "ended in order how often", run)
        check("ended cache, queue" in run.err and "left behind" not in run.err, "taken for leftovers", run)
        stage.prove_clean(stage.port, other)


class Whose(Case):
    def test_variable(self):
        """Servers carry it, whatever environment vlmshim was started with; test and probes do not."""
        stage = self.stage()
        show = script(stage.file("show.sh"), '#!/bin/sh\necho "$1: ${VLMSHIM_SERVER-unset}" >>environment\n')
        serve = script(stage.file("serve.sh"), f'#!/bin/sh\n./show.sh server\nexec "$@"\n')
        config = server("my-model", stage.port, [serve, *fixture("serve", "{port}")], f'ready.exec = ["{show}", "probe"]')
        run = stage.plain("--", show, "test", config=config, env={"VLMSHIM_SERVER": "outer"})
        check_equal(run.wait(), 0, "status", run)
        environment = stage.file("environment").read_text().splitlines()
        check_equal(sorted(set(environment)), ["probe: unset", "server: my-model", "test: unset"], "processes that carry it", run)

    def test_variable_is_ours(self):
        stage = self.stage()
        for line in ('env = { VLMSHIM_SERVER = "x" }', 'unset_env = ["VLMSHIM_SERVER"]'):
            run = stage.plain("--check", config=server("a", stage.port, ["true"], line))
            check_equal(run.wait(), 125, "status", run)
            check("is set by vlmshim itself" in run.err, "not logged", run)

    def test_worker_forked_under_the_test_is_not_the_tests(self):
        """leftovers = "fail" took it for a leftover of the test."""
        def one(traits):
            stage = self.stage()
            launcher = script(stage.file("launch.sh"), f"""#!/bin/sh
{FIXTURE} serve "$1" --ready server.pid &
while [ ! -e go ]; do sleep 0.02; done
{FIXTURE} spawn {traits} pause --ready worker.pid -- exit 0
touch done
wait
""")
            test = script(stage.file("test.sh"), f'#!/bin/sh\ntouch go\nexec {FIXTURE} wait-file done 0\n')
            run = stage.plain("--", test, config=server("model", stage.port, [launcher, "{port}"]) + TEST_FAILS_ON_LEFTOVERS)
            check_equal(run.wait(), 0, "status", run)
            check("left behind" not in run.err, "it was taken for a leftover of the test", run)
            check(not stage.ready("worker.pid").lives(), "the worker lives", run)
            stage.prove_clean()
        self.each(("double-fork", "setsid,double-fork"), one)

    def test_what_the_test_leaves_is_the_tests(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("spawn", "setsid,double-fork", "pause", "--ready", "left.pid", "--", "exit", 0),
                          config=server("db", stage.port, daemon("db")) + TEST_FAILS_ON_LEFTOVERS)
        check_equal(run.wait(), 125, "status", run)
        check(f"left behind by the test: pid {stage.ready('left.pid').pid} " in run.err, "not logged", run)
        stage.prove_clean()


class Listener(Case):
    """The process that listens is watched while the test runs."""

    def under_test(self, after, status=3):
        """A launcher that outlives its server; `after` is what it does afterwards."""
        stage = self.stage()
        launcher = script(stage.file("launch.sh"), f"""#!/bin/sh
{FIXTURE} serve "$1" --ready server.pid &
wait
{after}
""")
        config = server("web", stage.port, [launcher, "{port}"])
        run = stage.plain("--report", "run.json", "--", *fixture("wait-file", "go", status, "--ready", "test.pid"), config=config)
        stage.ready("test.pid", run)
        return stage, run, stage.ready("server.pid").pid

    def test_exits_under_a_launcher_that_lives_on(self):
        stage, run, pid = self.under_test(f"exec {FIXTURE} pause --ready launcher.pid")
        os.kill(pid, signal.SIGKILL)
        warning = f"warning: web stopped listening on port {stage.port}: pid {pid} "
        wait_for(lambda: warning in run.err or run.process.poll() is not None, "the warning")
        check(run.process.poll() is None, "the test was ended", run)
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        check(run.err.endswith("warning: the test failed after server 'web' had stopped listening\n"), "the failure does not name it", run)
        check(json.loads(stage.file("run.json").read_text())["servers"][0]["listener_lost_at_ms"] >= 0, "not in the report", run)
        stage.prove_clean()

    def test_started_anew_by_its_launcher(self):
        stage, run, pid = self.under_test(f'while [ ! -e again ]; do sleep 0.02; done; exec {FIXTURE} serve "$1" --ready again.pid', status=0)
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: "stopped listening" in run.err or run.process.poll() is not None, "the warning")
        stage.file("again").touch()
        again = stage.ready("again.pid", run).pid
        wait_for(lambda: f"web: pid {again} (" in run.err or run.process.poll() is not None, "the message")
        os.kill(again, 0)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        check(f"listens on port {stage.port} again" in run.err, "not logged", run)
        check("the test failed" not in run.err, "it passed", run)
        stage.prove_clean()

    def test_workers_still_listen(self):
        """As long as one of them listens, the listener is not lost."""
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "go", 3, "--ready", "test.pid"),
                          config=server("web", stage.port, fixture("prefork", 3, "{port}", "--ready", "server.pid")))
        stage.ready("test.pid", run)
        master = stage.ready("server.pid").pid
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as file:
            workers = [int(pid) for pid in file.read().split()]
        for worker in workers[:-1]:
            os.kill(worker, signal.SIGKILL)
        check_equal(get(stage.port, "/")[0], 200, "the last worker's answer", run)
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        check("stopped listening" not in run.err, "one of them listens", run)
        stage.prove_clean()

    def test_death_of_all_is_logged_once(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "never", 1, "--ready", "test.pid"),
                          config=server("web", stage.port, fixture("serve", "{port}", "--ready", "server.pid")))
        stage.ready("test.pid", run)
        os.kill(stage.ready("server.pid").pid, signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        check("stopped listening" not in run.err, "two messages for one death", run)
        stage.prove_clean()
