"""Ready means: the server of this run listens and answers."""

import os
import pathlib

from harness import begins_after, Case, check, check_equal, fixture, script, toml, WAITING
from oracle import environment_of, free_port, get, wait_for


def server(port, words, *lines, name=None):
    return ("[[server]]\n" + f'name = "{name}"\n' if name else "[server]\n") + \
        f"command = {toml(words)}\nport = {port}\n" + "\n".join(lines) + "\n"


HTTP = 'ready.http = "http://127.0.0.1:{port}/health"'


class Probes(Case):
    def test_refused_then_503_then_200(self):
        """The test starts once, and at 200."""
        stage = self.stage()
        words = fixture("serve", "{port}", "--listen-when", "listen", "--ok-when", "ok", "--requests", "requests.log", "--ready", "server.pid")
        run = stage.plain("-v", "--", "/bin/sh", "-c", "echo started >> starts; exit 3", config=server(stage.port, words, HTTP))
        stage.ready("server.pid", run)
        stage.file("listen").touch()
        log = stage.file("requests.log")
        wait_for(lambda: log.exists() and log.read_text().count("503 /health") >= 3, "503 answers")
        check(not stage.file("starts").exists(), "the test started at 503", run)
        stage.file("ok").touch()
        check_equal(run.wait(), 3, "status", run)
        check_equal(stage.file("starts").read_text(), "started\n", "starts", run)
        check_equal(log.read_text().count("200 /health"), 1, "probes after ready", run)
        stage.prove_clean()

    def test_other_statuses_are_not_ready(self):
        def one(status):
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"),
                              config=server(stage.port, fixture("serve", "{port}", "--status", status), HTTP, 'ready.timeout = "300ms"'))
            check_equal(run.wait(), 125, "status", run)
            check(str(status) in run.err, "the answer is not logged", run)
            stage.prove_clean()
        self.each([199, 301, 404, 500], one)

    def test_any_2xx_is_ready(self):
        def one(status):
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 5), config=server(stage.port, fixture("serve", "{port}", "--status", status), HTTP))
            check_equal(run.wait(), 5, "status", run)
            stage.prove_clean()
        self.each([200, 204, 299], one)

    def test_tcp(self):
        stage = self.stage()
        words = fixture("serve", "{port}", "--listen-when", "listen", "--status", 500, "--ready", "server.pid")
        run = stage.plain("--", *fixture(*WAITING), config=server(stage.port, words, 'ready.tcp = "127.0.0.1:{port}"'))
        stage.ready("server.pid", run)
        begins_after(stage, run, "listen")

    def test_exec(self):
        stage = self.stage()
        probe = script(stage.file("probe.sh"), 'echo "$1" >> probes; test -e ok\n')
        words = fixture("serve", "{port}", "--ready", "server.pid")
        run = stage.plain("--", *fixture(*WAITING), config=server(stage.port, words, f'ready.exec = ["/bin/sh", "{probe}", "{{port}}"]'))
        wait_for(lambda: stage.file("probes").exists() and stage.file("probes").read_text().count("\n") >= 3, "probes")
        check(not stage.file("test.pid").exists(), "the test was started", run)
        stage.file("ok").touch()
        stage.ready("test.pid", run)
        check_equal(stage.file("probes").read_text().split()[0], str(stage.port), "{port} for the probe", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def test_exec_that_hangs_does_not_outlive_the_run(self):
        stage = self.stage()
        run = stage.plain("-g", "300ms", "--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=server(stage.port, fixture("serve", "{port}"), f"ready.exec = {toml(fixture('spawn', 'ignore-term', 'pause', '--ready', 'p.pid', '--', 'pause'))}",
                                        'ready.timeout = "500ms"'))
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)
        stage.prove_clean()

    def test_exec_that_does_not_exist(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, fixture("pause"), 'ready.exec = ["/no/such/probe"]', 'ready.timeout = "500ms"'))
        check_equal(run.wait(), 125, "status", run)
        check("/no/such/probe" in run.err or "exec" in run.err, "not logged", run)
        stage.prove_clean()

    def test_localhost_reaches_either_family(self):
        def one(item):
            address, ready = item
            stage = self.stage()
            words = fixture("serve", "{port}", "--addr", address)
            run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, words, *ready, 'ready.timeout = "20s"'))
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
        self.each([(address, ready) for address in ("127.0.0.1", "::1", "0.0.0.0", "::")
                   for ready in ((), ('ready.http = "http://localhost:{port}/health"',), ('ready.tcp = "localhost:{port}"',))], one)

    def test_address_literals(self):
        def one(item):
            address, ready = item
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, fixture("serve", "{port}", "--addr", address), ready, 'ready.timeout = "20s"'))
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
        self.each([("::1", 'ready.http = "http://[::1]:{port}/"'), ("127.0.0.5", 'ready.tcp = "127.0.0.5:{port}"')], one)

    def test_ready_option(self):
        def one(ready):
            stage = self.stage()
            words = " ".join(fixture("serve", "{port}", "--requests", "requests.log"))
            run = stage.run("-s", words, "-r", ready.replace("PORT", str(stage.port)), "--", *fixture("exit", 6))
            check_equal(run.wait(), 6, "status", run)
            stage.prove_clean()
            if "tcp" not in ready:
                check("/live" in stage.file("requests.log").read_text(), "the probe's path", run)
        self.each(["http://127.0.0.1:PORT/live", "http://localhost:{port}/live", "tcp://127.0.0.1:PORT", "/live"], one)

    def test_ready_is_noticed_soon(self):
        """Within 2 % or 10 ms; here three times that, and an allowance for a busy machine."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, fixture("slow-health", "{port}", 50, 300), HTTP))
        check_equal(run.wait(), 0, "status", run)
        check(0.3 <= run.seconds() < 3, f"took {run.seconds():.2f} s", run)


class OurServer(Case):
    def test_a_200_from_another_process_is_not_ready(self):
        def one(ready):
            stage = self.stage()
            words = fixture("wait-file", "never", 0, "--ready", "server.pid")
            config = server(stage.port, words, *ready, 'ready.timeout = "10s"') + '[ports]\noutsiders = "report"\n'
            run = stage.plain("-g", "500ms", "--", *fixture("exit", 0, "--ready", "test.pid"), config=config)
            stage.ready("server.pid", run)
            other = stage.outsider("serve", stage.port)
            check_equal(run.wait(), 125, "status", run)
            check(str(other.pid) in run.err, "it is not named", run)
            check(not stage.file("test.pid").exists(), "the test was started", run)
            check(other.poll() is None, "it was harmed although outsiders = report", run)
            check(not stage.left_over(), "something was left", run)
        self.each([(HTTP,), (), ('ready.tcp = "127.0.0.1:{port}"',)], one)

    def test_a_stranger_is_known_however_its_address_is_written(self):
        """Addresses were compared as text. A JVM listens on ::ffff:127.0.0.1, which answers at 127.0.0.1: no listener
        was found there, and its 200 was taken for that of the run's server."""
        def one(item):
            ready, address, ours = item
            stage = self.stage()
            config = server(stage.port, fixture(*ours, "--ready", "server.pid"), ready, 'ready.timeout = "10s"') + '[ports]\noutsiders = "report"\n'
            run = stage.plain("-g", "500ms", "--", *fixture("exit", 0, "--ready", "test.pid"), config=config)
            stage.ready("server.pid", run)
            other = stage.outsider("serve", stage.port, "--addr", address, "--reuseport")
            check_equal(run.wait(), 125, "status", run)
            check(f"pid {other.pid} (" in run.err.splitlines()[-1], "it is not named", run)
            check(not stage.file("test.pid").exists(), "the test was started", run)
        sleeps = ("wait-file", "never", 0)
        elsewhere = ("serve", "{port}", "--addr", "0.0.0.0", "--reuseport", "--ok-when", "never")
        self.each([(HTTP, "::ffff:127.0.0.1", sleeps),
                   (HTTP, "::ffff:127.0.0.1", elsewhere),
                   ('ready.tcp = "localhost:{port}"', "::ffff:127.0.0.1", sleeps),
                   ('ready.http = "http://[::ffff:127.0.0.1]:{port}/"', "127.0.0.1", sleeps),
                   ('ready.http = "http://[0:0:0:0:0:0:0:1]:{port}/"', "::1", sleeps),
                   ('ready.http = "http://0.0.0.0:{port}/"', "127.0.0.1", elsewhere)], one)

    def test_helpers_may_listen_for_it(self):
        def one(words):
            stage = self.stage()
            run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, fixture(*words), HTTP))
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
        self.each([("launcher", "forward", "serve", "{port}"), ("launcher", "forward", "launcher", "forward", "serve", "{port}"),
                   ("prefork", 2, "{port}"), ("spawn", "setsid", "serve", "{port}", "--", "pause"),
                   ("spawn", "setsid,double-fork", "serve", "{port}", "--", "pause")], one)


class Several(Case):
    def test_ports_env_and_substitution(self):
        stage = self.stage()
        ports = {"vision": stage.port, "text-small": free_port()}
        config = "".join(server(port, fixture("serve", "{port}", "--ready", f"{name}.pid"), 'ready.http = "http://localhost:{port}/health"',
                                'env = { MY_URL = "http://localhost:{port}/v1", PLAIN = "as it is" }', 'unset_env = ["SECRET"]', name=name)
                         for name, port in ports.items())
        run = stage.plain("--", *fixture(*WAITING), config=config, env={"SECRET": "hidden", "KEPT": "yes"})
        test = environment_of(stage.ready("test.pid", run).pid)
        check_equal(test.get("VLMSHIM_PORT"), str(stage.port), "VLMSHIM_PORT", run)
        check_equal(test.get("VLMSHIM_PORT_VISION"), str(ports["vision"]), "VLMSHIM_PORT_VISION", run)
        check_equal(test.get("VLMSHIM_PORT_TEXT_SMALL"), str(ports["text-small"]), "VLMSHIM_PORT_TEXT_SMALL", run)
        check_equal((test.get("SECRET"), test.get("KEPT")), ("hidden", "yes"), "the test's own environment", run)
        check("MY_URL" not in test, "the server's env reached the test", run)
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        check(test["VLMSHIM_RUN"].startswith(boot + "."), "VLMSHIM_RUN", run)
        for name, port in ports.items():
            found = environment_of(stage.ready(f"{name}.pid").pid)
            check_equal(found.get("MY_URL"), f"http://localhost:{port}/v1", "{port} in env", run)
            check_equal(found.get("PLAIN"), "as it is", "env", run)
            check_equal(found.get("VLMSHIM_RUN"), test["VLMSHIM_RUN"], "VLMSHIM_RUN of a server", run)
            check_equal(found.get("VLMSHIM_PORT_VISION"), str(ports["vision"]), "VLMSHIM_PORT_VISION of a server", run)
            check("SECRET" not in found, "unset_env", run)
            check_equal(found.get("KEPT"), "yes", "the caller's environment", run)
            check_equal(get(port, "/")[0], 200, "the server answers", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean(*ports.values())

    def test_start_together_and_the_test_waits_for_the_last(self):
        stage = self.stage()
        other = free_port()
        config = (server(stage.port, fixture("serve", "{port}", "--ok-when", "ok-a", "--ready", "a.pid"), HTTP, name="a") +
                  server(other, fixture("serve", "{port}", "--ok-when", "ok-b", "--ready", "b.pid"), HTTP, name="b"))
        run = stage.plain("--", *fixture(*WAITING), config=config)
        stage.ready("a.pid", run)
        stage.ready("b.pid", run)
        stage.file("ok-b").touch()
        wait_for(lambda: "b" in run.err and "ready" in run.err, "the news that b is ready")
        check(not stage.file("test.pid").exists(), "the test was started too early", run)
        stage.file("ok-a").touch()
        stage.ready("test.pid", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean(stage.port, other)

    def test_second_server_cannot_start(self):
        stage = self.stage()
        other = free_port()
        config = server(stage.port, fixture("serve", "{port}", "--ready", "a.pid"), name="a") + server(other, ["/no/such"], name="b")
        run = stage.plain("--", *fixture("exit", 0, "--ready", "test.pid"), config=config)
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)
        stage.prove_clean(stage.port, other)

    def test_cwd_and_run_variable_of_a_plain_run(self):
        stage = self.stage()
        (stage.folder / "below").mkdir()
        run = stage.plain("--", "/bin/sh", "-c", "pwd", config=server(stage.port, fixture("serve", "{port}", "--ready", "server.pid"), 'cwd = "below"'))
        check_equal(run.wait(), 0, "status", run)
        check_equal(os.path.realpath(run.out.strip()), os.path.realpath(stage.folder), "the test's folder", run)
        check((stage.folder / "below" / "server.pid").exists(), "the server's folder", run)
        stage.prove_clean()

    def test_stop_signal(self):
        stage = self.stage()
        run = stage.plain("-g", "1m", "--", *fixture("exit", 0), config=server(
            stage.port, fixture("two-signals", "{port}", "signals.log", 0, "--ready", "server.pid"), 'stop_signal = "SIGINT"'))
        check_equal(run.wait(), 0, "status", run)
        check_equal(stage.file("signals.log").read_text(), "INT\n", "signals", run)
        stage.prove_clean()

    def test_grace_of_one_server(self):
        """A server's own grace beats [shutdown] grace."""
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=server(stage.port, fixture("wedge", "{port}"), 'grace = "300ms"') + '[shutdown]\ngrace = "1m"\n')
        check_equal(run.wait(), 0, "status", run)
        check(run.seconds() < 15, f"took {run.seconds():.1f} s", run)
        stage.prove_clean()
