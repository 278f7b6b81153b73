"""The port guard: who is refused, who is ended, and above all who is not."""

import os
import pwd
import signal
import socket
import subprocess

from harness import (Case, Run, alive, check, check_equal, fixture, free_port, get, listening, need, parent_of, tcp_rows, toml, wait_for)


def user():
    return pwd.getpwuid(os.getuid()).pw_name


def guard(stage, *lines):
    return f"[ports]\nguard = [{stage.port}]\n" + "\n".join(lines) + "\n"


def waiting(status=0):
    """A test that ends when the harness says so."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


class Before(Case):
    """A foreign listener is there before the run."""

    def test_fail_names_it_and_lets_it_live(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--", *fixture("exit", 0, "--ready", "test.pid"))
        check_equal(run.wait(), 125, "status", run)
        for words in (str(holder.pid), user(), "vlmshim-fixture hold-port", str(stage.port)):
            check(words in run.err, f"{words!r} is not told", run)
        check("busy" in run.err or "--busy" in run.err, "the way out is not told", run)
        check(holder.poll() is None and get(stage.port, "/")[0] == 200, "the holder was harmed", run)
        check(not stage.file("test.pid").exists(), "the test was started", run)
        check(not stage.left_over(), "something was left", run)

    def test_fail_with_a_server_starts_nothing(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--", *fixture("exit", 0), config=f'[server]\ncommand = {toml(fixture("serve", stage.port, "--ready", "server.pid"))}\nport = {stage.port}\n')
        check_equal(run.wait(), 125, "status", run)
        check(str(holder.pid) in run.err, "the holder is not named", run)
        check(not stage.file("server.pid").exists(), "the server was started", run)
        check(holder.poll() is None, "the holder was harmed", run)

    def test_kill(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("-b", "kill", "--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        stage.prove_clean()
        check_equal(holder.wait(10), 0, "the holder was asked, not killed", run)
        check(str(holder.pid) in run.err, "what was ended is not told", run)

    def test_kill_one_that_ignores_term(self):
        stage = self.stage()
        holder = stage.outsider("wedge", stage.port)
        run = stage.run("-g", "300ms", "-b", "kill", "--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        stage.prove_clean()
        check_equal(holder.wait(10), -signal.SIGKILL, "the holder", run)

    def test_kill_workers_that_share_the_listener(self):
        stage = self.stage()
        stage.outsider("prefork", 3, stage.port)
        run = stage.run("-b", "kill", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def test_reuse(self):
        """The test uses it; it is not ours and is never touched."""
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("-b", "reuse", "--", *waiting(3),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid"))}\nport = {stage.port}\n')
        stage.ready("test.pid", run)
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        check(holder.poll() is None and get(stage.port, "/")[1] == f"fixture {holder.pid}\n", "the holder was harmed", run)
        check(not stage.file("server.pid").exists(), "a second server was started", run)
        check(not stage.left_over(), "something was left", run)

    def test_reuse_waits_until_it_is_ready(self):
        stage = self.stage()
        stage.outsider("serve", stage.port, "--ok-when", "ok", "--requests", "requests.log")
        run = stage.plain("-b", "reuse", "--", *waiting(), config=f'[server]\ncommand = ["false"]\nport = {stage.port}\n'
                          'ready.http = "http://localhost:{port}/health"\n')
        wait_for(lambda: stage.file("requests.log").exists(), "a probe")
        check(not stage.file("test.pid").exists(), "the test was started before the server was ready", run)
        stage.file("ok").touch()
        stage.ready("test.pid", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_reuse_of_nothing_starts_the_server(self):
        stage = self.stage()
        run = stage.plain("-b", "reuse", "--", *fixture("exit", 0),
                          config=f'[server]\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid"))}\nport = {stage.port}\n')
        check_equal(run.wait(), 0, "status", run)
        check(stage.file("server.pid").exists(), "the server was not started", run)
        stage.prove_clean()

    def test_every_address_is_noticed(self):
        def one(words):
            stage = self.stage()
            holder = stage.outsider("hold-port", stage.port, *words)
            run = stage.run("--", *fixture("exit", 0))
            check_equal(run.wait(), 125, "status", run)
            check(str(holder.pid) in run.err, "not named", run)
            check(holder.poll() is None, "harmed", run)
        self.each([("--addr", "::1"), ("--v6only",), ("--any",), ("--addr", "0.0.0.0"), ("--addr", "127.0.0.2"),
                   ("--addr", "127.0.0.1", "--reuseport")], one)

    def test_several_guarded_ports(self):
        stage = self.stage()
        others = [free_port() for _ in range(3)]
        holder = stage.outsider("hold-port", others[1])
        run = stage.plain("-p", others[0], "-p", others[1], "-p", others[2], "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        check(str(holder.pid) in run.err and str(others[1]) in run.err, "not named", run)

    def test_not_guarded_is_not_looked_at(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", free_port())
        run = stage.run("-b", "kill", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check(holder.poll() is None, "harmed", run)

    def test_time_wait_is_free(self):
        stage = self.stage()
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # a trial bind fails for 61 s after that
            listener.bind(("127.0.0.1", stage.port))
            listener.listen()
            with socket.create_connection(("127.0.0.1", stage.port)) as near:
                far, _ = listener.accept()
                far.close()
                near.recv(1)
        wait_for(lambda: tcp_rows(stage.port, "06"), "a connection in TIME_WAIT")
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check(tcp_rows(stage.port, "06"), "TIME_WAIT was over before the run was: proves nothing", run)


class DeadRun(Case):
    """Left over from a vlmshim that is dead already, recognised by VLMSHIM_RUN."""

    def dead_run(self, stage):
        run = stage.plain("-p", free_port(), "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"')
        check_equal(run.wait(), 0, "status", run)
        check(run.out.count(".") == 2, f"VLMSHIM_RUN={run.out!r}", run)
        return run.out

    def test_is_ended_with_everything_of_that_run(self):
        stage = self.stage()
        mark = {"VLMSHIM_RUN": self.dead_run(stage)}
        holder = stage.outsider("hold-port", stage.port, env=mark)
        helper = stage.outsider("pause", env=mark)
        bystander = stage.outsider("pause")
        stage.runs.clear()  # their mark is not a leftover of the run that is looked at here
        run = stage.run("--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        stage.prove_clean()
        check_equal(holder.wait(10), 0, "the holder", run)
        check(helper.wait(10) in (0, -signal.SIGTERM), "the rest of that run", run)
        check(bystander.poll() is None, "a bystander was harmed", run)
        check(str(holder.pid) in run.err, "it is not said", run)

    def test_that_ignores_term(self):
        stage = self.stage()
        mark = {"VLMSHIM_RUN": self.dead_run(stage)}
        holder = stage.outsider("wedge", stage.port, env=mark)
        stage.runs.clear()
        run = stage.run("-g", "300ms", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check_equal(holder.wait(10), -signal.SIGKILL, "the holder", run)

    def test_whose_pid_was_recycled(self):
        """The pid lives, but it started at another time: that is not the supervisor."""
        stage = self.stage()
        boot, _pid, _ticks = self.dead_run(stage).split(".")
        holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": f"{boot}.{os.getpid()}.1"})
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check_equal(holder.wait(10), 0, "the holder", run)

    def test_of_a_killed_vlmshim(self):
        """kill -9 on vlmshim; whatever outlives it is ended by the next run at the latest."""
        stage = self.stage()
        first = stage.run("--", *fixture("spawn", "setsid,double-fork,close-stdio,ignore-term", "wedge", stage.port, "--ready", "left.pid",
                                         "--", "pause", "--ready", "test.pid"))
        supervisor = parent_of(stage.ready("test.pid", first).pid)
        first.process.kill()
        first.wait()
        wait_for(lambda: not alive(supervisor), "the end of its supervisor")
        second = stage.run("-g", "300ms", "--", *fixture("exit", 6))
        check_equal(second.wait(), 6, "status", second)
        stage.prove_clean()

    def test_a_live_run_is_not_touched(self):
        stage = self.stage()
        first = stage.run("--", *fixture("spawn", "setsid,double-fork", "hold-port", stage.port, "--ready", "left.pid", "--", *waiting()[1:]))
        stage.ready("test.pid", first)
        second = stage.run("--", *fixture("exit", 0))
        check_equal(second.wait(), 125, "status", second)
        left = stage.ready("left.pid")
        check(str(left.pid) in second.err, "not named", second)
        check(left.lives() and first.process.poll() is None, "the live run was harmed", second)
        stage.file("go").touch()
        check_equal(first.wait(), 0, "status of the first", first)
        stage.prove_clean()

    def test_a_made_up_mark_is_a_foreigner(self):
        def one(mark):
            stage = self.stage()
            holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": mark})
            run = stage.run("--", *fixture("exit", 0))
            check_equal(run.wait(), 125, "status", run)
            check(holder.poll() is None, "harmed", run)
        self.each(["", "x", "1.2", f"nonsense.{os.getpid()}", "..."], one)


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
        check_equal(newcomer.wait(10), 0, "asked to end", run)
        check(str(newcomer.pid) in run.err and "hold-port" in run.err, "not named", run)

    def test_that_ignores_term(self):
        stage, run, newcomer, status = self.meet(words=("wedge",), status=5)
        check_equal(status, 5, "status", run)
        stage.prove_clean()
        check_equal(newcomer.wait(10), -signal.SIGKILL, "the newcomer", run)

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
                check(listening(stage.port), "gone", run)
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
        stage = self.stage()
        stage.outsider("hold-port", stage.port)
        client = stage.outsider("client", "127.0.0.1", stage.port)
        run = stage.run("-b", "kill", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        check(client.poll() is None, "the client was harmed", run)

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


class Refused(Case):
    def test_holder_of_another_user(self):
        """As root the owner is seen; the user is named, not the number."""
        need(self, os.getuid() == 0, "needs root to become nobody")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        nobody = pwd.getpwnam("nobody")
        process = subprocess.Popen([fixture()[0], "hold-port", str(stage.port), "--ready", str(stage.file("outside.ready"))],
                                   user=nobody.pw_uid, group=nobody.pw_gid, cwd="/", env={}, stdin=subprocess.DEVNULL)
        stage.others.append(process)
        wait_for(lambda: stage.file("outside.ready").exists() or process.poll() is not None, "the holder")
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        check("nobody" in run.err and str(process.pid) in run.err, "not named", run)
        check(process.poll() is None, "harmed", run)

    def test_holder_that_cannot_be_seen(self):
        """Run as nobody: root's holder is reported as such, and lives."""
        need(self, os.getuid() == 0, "needs root to become nobody")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = stage.outsider("hold-port", stage.port)
        nobody = pwd.getpwnam("nobody")
        for mode in ("fail", "kill"):
            run = stage.run("-b", mode, "--", *fixture("exit", 0), user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
            check_equal(run.wait(), 125, "status", run)
            check(str(stage.port) in run.err and "root" in run.err, "not reported", run)
            check(holder.poll() is None, "harmed", run)


