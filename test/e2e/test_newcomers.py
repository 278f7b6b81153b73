"""The port guard after a run: newcomers are ended, bystanders never are."""

import os
import signal
import socket
import subprocess

from harness import Case, check, check_equal, fixture, Run, toml
from oracle import alive, free_port, listening, tcp_rows


def guard(stage, *lines):
    return f"[ports]\nguard = [{stage.port}]\n" + "\n".join(lines) + "\n"


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


class After(Case):
    """A newcomer that is no descendant took the port during the run."""

    def meet(self, *lines, status=0, words=("hold-port",), more=(), program=None):
        stage = self.stage()
        run = stage.plain("-g", "500ms", "--", *waiting(status), config=guard(stage, *lines))
        stage.ready("test.pid", run)
        newcomer = stage.outsider(words[0], stage.port, *words[1:], *more, program=program)
        stage.file("go").touch()
        return stage, run, newcomer, run.wait()

    def test_is_ended_and_named(self):
        stage, run, newcomer, status = self.meet()
        check_equal(status, 0, "status", run)
        stage.prove_clean()
        check_equal(newcomer.wait(10), 0, "status at its stop signal", run)
        check(str(newcomer.pid) in run.err and "hold-port" in run.err, "not named", run)

    def test_that_ignores_term(self):
        stage, run, newcomer, status = self.meet(words=("wedge",), status=5)
        check_equal(status, 5, "status", run)
        stage.prove_clean()
        check_equal(newcomer.wait(10), -signal.SIGKILL, "the newcomer", run)

    def test_with_clients(self):
        """See test_client_to_the_port_number_of_a_busy_server."""
        def one(_):
            stage = self.stage()
            run = stage.plain("--", *waiting(), config=guard(stage))
            stage.ready("test.pid", run)
            newcomer = stage.outsider("hold-port", stage.port)
            client = stage.outsider("client", "127.0.0.1", stage.port)
            stage.file("go").touch()
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
            check_equal(newcomer.wait(10), 0, "the newcomer", run)
            check(client.poll() is None, "the client was harmed", run)
        self.each(range(8), one)

    def test_on_every_address(self):
        def one(more):
            stage, run, newcomer, status = self.meet(more=more)
            check_equal(status, 0, "status", run)
            stage.prove_clean()
            check_equal(newcomer.wait(10), 0, "the newcomer", run)
        self.each([("--addr", "::1"), ("--v6only",), ("--any",), ("--addr", "0.0.0.0"), ("--addr", "127.0.0.3")], one)

    def test_report(self):
        def one(item):
            status, wanted = item
            _stage, run, newcomer, found = self.meet('outsiders = "report"', status=status)
            check_equal(found, wanted, "status", run)
            check(newcomer.poll() is None, "harmed", run)
            check(str(newcomer.pid) in run.err, "not named", run)
        self.each([(0, 125), (7, 7)], one)

    def test_spared_name(self):
        stage = self.stage()
        program = self.copy_of_the_fixture(stage)
        run = stage.plain("-g", "500ms", "--", *waiting(), config=guard(stage, 'spare = ["spareme"]'))
        stage.ready("test.pid", run)
        newcomer = stage.outsider("hold-port", stage.port, program=program)
        stage.file("go").touch()
        status = run.wait()
        check(newcomer.poll() is None, "harmed", run)
        check(str(newcomer.pid) in run.err, "not reported", run)
        check(status in (0, 125), f"status {status}", run)

    def test_spared_name_before_the_run_is_not_killed(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port, program=self.copy_of_the_fixture(stage))
        run = stage.plain("-g", "500ms", "-b", "kill", "--", *fixture("exit", 0), config=guard(stage, 'spare = ["spareme"]'))
        run.wait()
        check(holder.poll() is None, "harmed", run)
        check(str(holder.pid) in run.err, "not reported", run)

    @staticmethod
    def copy_of_the_fixture(stage):
        path = stage.file("spareme")
        subprocess.run(["cp", fixture()[0], path], check=True)
        return str(path)

    def test_ancestor_is_reported_and_never_signalled(self):
        """As a Jenkins on 8080 that started the build. This process is the ancestor: a SIGTERM would end the suite."""
        def one(mode):
            stage = self.stage()
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", stage.port))
                if mode != "during":
                    listener.listen()
                run = stage.plain("-g", "300ms", *(["-b", mode] if mode != "during" else []), "--", *waiting(), config=guard(stage))
                if mode == "during":
                    stage.ready("test.pid", run)
                    listener.listen()
                stage.file("go").touch()
                run.wait()
                check(str(os.getpid()) in run.err, "not reported", run)
                check(listening(stage.port), "ended", run)
        previous = signal.signal(signal.SIGTERM, lambda *_: self.ancestor_hit.append("SIGTERM"))
        self.ancestor_hit = []
        try:
            self.each(["during", "fail", "kill"], one)
        finally:
            signal.signal(signal.SIGTERM, previous)
        self.assertEqual(self.ancestor_hit, [])

    def test_child_from_before_the_exec_holds_the_port(self):
        stage = self.stage()
        run = Run(stage, ["-g", "300ms", "-b", "kill", "-p", stage.port, "--", *waiting()],
                  wrap=fixture("spawn", "plain", "hold-port", stage.port, "--ready", "holder.pid", "--", "with", "--"))
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()


class Bystanders(Case):
    """Client connections from and to the port number are never holders [lsof -ti :8080 | xargs kill]."""

    def test_clients_of_our_server_live_on(self):
        stage = self.stage()
        run = stage.plain("-g", "500ms", "--", *waiting(),
                          config=f'[server]\ncommand = {toml(fixture("wedge", stage.port))}\nport = {stage.port}\n')
        stage.ready("test.pid", run)
        client = stage.outsider("client", "127.0.0.1", stage.port)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check(client.poll() is None, "the client was harmed", run)

    def test_client_from_the_port_number_lives_on(self):
        """Its local port is the guarded number; a browser can get it from the kernel at any time."""
        stage = self.stage()
        far = free_port()
        stage.outsider("serve", far)
        client = stage.outsider("client", "127.0.0.1", far, "--bind", stage.port)
        check(tcp_rows(stage.port, "01") or tcp_rows(stage.port, "08"), "the client is not connected from the port")
        for mode in ("fail", "kill"):
            run = stage.run("-b", mode, "--", *fixture("exit", 0))
            check_equal(run.wait(), 0, "status", run)
            check(client.poll() is None, "the client was harmed", run)

    def test_client_to_the_port_number_of_a_busy_server(self):
        """Its open connection makes the holder's exit slow enough to be seen half way: the descriptors are closed, the
        listener is still in the table. One run in three took that for a holder it cannot see."""
        def one(_):
            stage = self.stage()
            stage.outsider("hold-port", stage.port)
            client = stage.outsider("client", "127.0.0.1", stage.port)
            run = stage.run("-b", "kill", "--", *fixture("exit", 0))
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
            check(client.poll() is None, "the client was harmed", run)
        self.each(range(12), one)

    def test_neighbours_of_the_holder_live_on(self):
        """Same user, same program, another port."""
        stage = self.stage()
        neighbour = stage.outsider("hold-port", free_port())
        stage.outsider("hold-port", stage.port)
        run = stage.run("-b", "kill", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check(alive(neighbour.pid), "the neighbour was harmed", run)


class Shared(Case):
    def test_reuseport_is_an_error(self):
        """Old llama-server builds share a port through SO_REUSEPORT [llama.cpp #20963]."""
        stage = self.stage()
        words = fixture("serve", stage.port, "--reuseport", "--ok-when", "ok", "--requests", "requests.log", "--ready", "server.pid")
        run = stage.plain("-g", "500ms", "--", *fixture("exit", 0, "--ready", "test.pid"),
                          config=f'[server]\ncommand = {toml(words)}\nport = {stage.port}\nready.http = "http://127.0.0.1:{{port}}/health"\n'
                          '[ports]\noutsiders = "report"\n')
        stage.ready("server.pid", run)
        other = stage.outsider("serve", stage.port, "--reuseport")
        stage.file("ok").touch()
        check_equal(run.wait(), 125, "status", run)
        check(str(other.pid) in run.err, "the other listener is not named", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)
        check(not stage.left_over(), "something was left", run)
