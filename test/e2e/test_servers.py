"""Servers without a test, several of them in order, and runs side by side."""

import re
import signal
import socket

from harness import Case, check, check_equal, fixture, toml
from oracle import free_port, get, listening, wait_for


def serving(*more, ready="server.pid"):
    return fixture("serve", "{port}", "--ready", ready, *more)


def server(name, port, command, *more):
    return f'[[server]]\nname = "{name}"\nport = {port}\ncommand = {toml(command)}\n' + "".join(line + "\n" for line in more)


class Serve(Case):
    """No command and no [test] command: the servers run until a signal."""

    def test_until_a_signal(self):
        def one(number, status):
            stage = self.stage()
            run = stage.plain("-s", " ".join(serving("--line", "hello-from-the-server")), "-p", stage.port)
            wait_for(lambda: "serving server on port" in run.err or run.process.poll() is not None, "the message")
            check("ends it" in run.err and str(stage.port) in run.err, "how to end it", run)
            check_equal(get(stage.port, "/")[0], 200, "its answer", run)
            check("hello-from-the-server" in run.out, "its output is not shown", run)
            run.send(number)
            check_equal(run.wait(), status, f"status after {number.name}", run)
            stage.prove_clean()
        for number, status in ((signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGHUP, -signal.SIGHUP)):
            one(number, status)

    def test_a_death_is_125(self):
        stage = self.stage()
        run = stage.plain("-s", " ".join(serving()), "-p", stage.port)
        wait_for(lambda: "serving server" in run.err, "the server")
        try:
            get(stage.port, "/exit/3")
        except OSError:
            pass
        check_equal(run.wait(), 125, "status", run)
        check("died while it was serving" in run.err, "not logged", run)
        stage.prove_clean()

    def test_a_timeout_needs_a_test(self):
        stage = self.stage()
        run = stage.plain("-s", "true", "-t", "5s")
        check_equal(run.wait(), 125, "status", run)
        check("--timeout is for a test" in run.err, "not logged", run)

    def test_warm_server_in_another_terminal(self):
        """busy = "reuse" leaves it alone and names its run; each port is decided on its own."""
        stage = self.stage()
        other = free_port()
        serve = stage.plain(config=server("warm", stage.port, serving()))
        wait_for(lambda: "serving warm" in serve.err, "the warm server")
        warm = stage.ready("server.pid")
        config = server("warm", stage.port, ["false"]) + server("cold", other, serving(ready="cold.pid"))
        run = stage.plain("-b", "reuse", "--", *fixture("exit", 3), config=config)
        check_equal(run.wait(), 3, "status", run)
        check(re.search(rf"port {stage.port} is held by pid {warm.pid} .*of the vlmshim run of pid \d+: used as it is", run.err), "its run is not named", run)
        check(f"ended cold (1 process)" in run.err and f"port {other} is free" in run.err, "the other server", run)
        check(warm.lives() and not stage.ready("cold.pid").lives() and not listening(other), "the wrong one was ended", run)
        serve.send(signal.SIGTERM)
        check_equal(serve.wait(), 0, "status", serve)
        stage.prove_clean(stage.port, other)


class Order(Case):
    def test_started_when_ready_and_ended_in_reverse(self):
        stage = self.stage()
        ports = [free_port(), free_port(), free_port()]

        def one(index, name, *more):
            return server(name, ports[index], serving("--signals", f"{name}.log", "--ok-when", f"{name}.ok", "--on-term", "twice", "--linger", 100, ready=f"{name}.pid"),
                          'ready.http = "http://127.0.0.1:{port}/"', *more)
        config = one(0, "web", 'after = ["model"]') + one(1, "db") + one(2, "model", 'after = ["db"]')
        run = stage.plain("-v", "--", *fixture("wait-file", "go", 4, "--ready", "test.pid"), config=config)
        for name, later in (("db", "model"), ("model", "web"), ("web", "test")):
            stage.ready(f"{name}.pid", run)
            check(not stage.file(f"{later}.pid").exists(), f"{later} was started before {name} was ready", run)
            stage.file(f"{name}.ok").touch()
        stage.ready("test.pid", run)
        stage.file("go").touch()
        check_equal(run.wait(), 4, "status", run)
        pids = {name: stage.ready(f"{name}.pid").pid for name in ("web", "model", "db")}
        signalled = [int(pid) for pid in re.findall(r"SIGTERM to pid (\d+)", run.err)]
        check_equal(signalled, [pids["web"], pids["model"], pids["db"]], "the order of the stop signals", run)
        for earlier, later in (("web", "model"), ("model", "db")):
            exited = run.err.index(f"{earlier}: exited")
            check(exited < run.err.index(f"SIGTERM to pid {pids[later]}"), f"{later} got its stop signal before {earlier} had exited", run)
        stage.prove_clean(*ports)

    def test_one_that_does_not_end_delays_the_rest_by_its_grace(self):
        stage = self.stage()
        ports = [free_port(), free_port()]
        config = server("db", ports[0], serving(ready="db.pid"), 'grace = "20s"') + \
            server("wedged", ports[1], serving("--on-term", "ignore", ready="wedged.pid"), 'after = ["db"]', 'grace = "300ms"')
        run = stage.plain("--", *fixture("exit", 0), config=config)
        check_equal(run.wait(), 0, "status", run)
        check("wedged did not stop within 300 ms" in run.err and "db did not" not in run.err, "the wrong one was killed", run)
        stage.prove_clean(*ports)

    def test_dead_before_its_turn(self):
        """The first dies while it loads: the second was never started and is not waited for."""
        stage = self.stage()
        config = server("db", stage.port, ["false"]) + server("model", free_port(), serving(), 'after = ["db"]')
        run = stage.plain("--", *fixture("exit", 0), config=config)
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("server.pid").exists(), "the second was started", run)
        stage.prove_clean()


class AutoPort(Case):
    def test_the_number_goes_everywhere(self):
        stage = self.stage()
        config = (f'[server]\nname = "my-vlm"\nport = "auto"\ncommand = {toml(serving())}\nenv = {{ THERE = "port {{port}}" }}\n'
                  'ready.http = "http://127.0.0.1:{port}/health"\n')
        run = stage.plain("--", "sh", "-c", 'echo "$VLMSHIM_PORT $VLMSHIM_PORT_MY_VLM"', config=config)
        check_equal(run.wait(), 0, "status", run)
        one, two = (int(word) for word in run.out.split())
        check_equal(one, two, "the two variables", run)
        check(f"http://127.0.0.1:{one}/health" in run.err and f"port {one} is free" in run.err, "the probe, the end", run)
        stage.prove_clean(one)

    def test_without_a_server(self):
        """-p auto: the test starts its own server there."""
        stage = self.stage()
        run = stage.plain("-p", "auto", "--", "sh", "-c", f'echo $VLMSHIM_PORT; exec {fixture()[0]} spawn setsid serve $VLMSHIM_PORT -- exit 2')
        check_equal(run.wait(), 2, "status", run)
        stage.prove_clean(int(run.out))

    def test_twenty_at_once(self):
        """Each test talks to its own server, and each run ends clean."""
        stage = self.stage()
        config = f'[server]\nport = "auto"\ncommand = {toml(fixture("serve", "{port}"))}\nready.http = "http://127.0.0.1:{{port}}/"\n'
        ask = ("import os, urllib.request as u; p = os.environ['VLMSHIM_PORT']; a = [u.urlopen(f'http://127.0.0.1:{p}/').read() for _ in range(20)]; "
               "print(p, len(set(a)), a[0].decode())")
        runs = [stage.plain("--", "/usr/bin/python3", "-c", ask, config=config) for _ in range(20)]
        ports = []
        for run in runs:
            check_equal(run.wait(60), 0, "status", run)
            port, answers, _name, pid = run.out.split()
            check_equal(answers, "1", "servers that answered", run)
            check(re.search(rf"server: started \(pid {pid}\)", run.err), "another run's server answered", run)
            ports.append(int(port))
        stage.prove_clean(*ports)

    def test_a_lost_port_is_exchanged(self):
        """A process that binds first keeps the port; the server gets another one."""
        stage = self.stage()
        thief = stage.file("thief.py")
        # The first time it gives its port away to an outsider and fails as a server does that cannot bind.
        thief.write_text("import os, subprocess, sys, time\n"
                         "port, fixture = sys.argv[1:]\n"
                         "if not os.path.exists('stolen'):\n"
                         "    open('stolen', 'w').write(port)\n"
                         "    while not os.path.exists('outsider-there'): time.sleep(0.005)\n"
                         "    sys.exit('address already in use')\n"
                         "os.execv(fixture, [fixture, 'serve', port])\n")
        run = stage.plain("--", *fixture("exit", 6), config=f'[server]\nport = "auto"\ncommand = {toml(["/usr/bin/python3", thief, "{port}", fixture()[0]])}\n'
                          'ready.http = "http://127.0.0.1:{port}/"\n')
        wait_for(lambda: stage.file("stolen").exists() and stage.file("stolen").read_text(), "the first start")
        stolen = int(stage.file("stolen").read_text())
        with socket.socket() as outsider:
            outsider.bind(("127.0.0.1", stolen))
            outsider.listen()
            stage.file("outsider-there").touch()
            check_equal(run.wait(), 6, "status", run)
        check(f"another process took port {stolen}" in run.err, "not logged", run)
        stage.prove_clean(int(re.search(r"ended .* port (\d+) is free", run.err).group(1)))

    def test_a_process_that_takes_it_afterwards_is_left_alone(self):
        """Others cannot know that a chosen port was claimed: its next holder is reported, never ended."""
        stage = self.stage()
        run = stage.plain("-p", "auto", "--", "sh", "-c", 'echo $VLMSHIM_PORT; while ! test -e go; do sleep 0.01; done')
        wait_for(lambda: run.out.strip(), "the port")
        holder = stage.outsider("hold-port", int(run.out))
        stage.file("go").touch()
        check_equal(run.wait(), 125, "status", run)
        check(str(holder.pid) in run.err and holder.poll() is None, "not reported, or ended", run)

    def test_shown_by_check(self):
        stage = self.stage()
        run = stage.plain("--check", "-s", "x", "-p", "auto")
        check_equal(run.wait(), 0, "status", run)
        check('port = "auto"' in run.out and 'guard = ["auto"]' in run.out, "not shown", run)
