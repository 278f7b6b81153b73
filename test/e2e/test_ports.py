"""The port guard before a run: who is refused, who is ended, and who is used as it is."""

import os
import pwd
import resource
import signal
import socket
import subprocess

from harness import Case, check, check_equal, fixture, need, toml
from oracle import children_of, free_port, get, tcp_rows, wait_for


def user():
    return pwd.getpwuid(os.getuid()).pw_name


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

    def test_a_reused_server_that_dies_under_the_test(self):
        """It was never ours: said at once, and the test goes on, with its own status."""
        for config in (None, f'[server]\ncommand = ["false"]\nport = PORT\n'):
            stage = self.stage()
            holder = stage.outsider("prefork", 1, stage.port)
            run = stage.plain("-b", "reuse", "-p", stage.port, "--", *waiting(3), config=config and config.replace("PORT", str(stage.port)))
            stage.ready("test.pid", run)
            check("has ended" not in run.err, "told too early", run)
            (worker,) = children_of(holder.pid)
            holder.kill()
            wait_for(lambda: holder.poll() is not None, "the master to end")
            os.kill(worker, signal.SIGKILL)
            wait_for(lambda: f"warning: port {stage.port}: the server that is used as it is has ended, nobody listens any more; the test goes on" in run.err, "the warning")
            stage.file("go").touch()
            check_equal(run.wait(), 3, "status", run)
            check_equal(run.err.count("has ended"), 1, "told more than once", run)

    def test_a_reused_server_that_dies_before_it_is_ready(self):
        """Nobody waits two minutes for it."""
        stage = self.stage()
        holder = stage.outsider("serve", stage.port, "--ok-when", "never", "--requests", "requests.log")
        run = stage.plain("-b", "reuse", "--", *waiting(), config=f'[server]\nname = "warm"\ncommand = ["false"]\nport = {stage.port}\n'
                          'ready.http = "http://localhost:{port}/health"\n')
        wait_for(lambda: stage.file("requests.log").exists(), "a probe")
        holder.kill()
        check_equal(run.wait(), 125, "status", run)
        check("server 'warm' died before it was ready, the test was not run" in run.err, "the reason", run)
        check("printed nothing" not in run.err and "the test goes on" not in run.err, "said of a server of others", run)

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

    # One process, a socket for each of so many addresses.
    CROWD = """
import resource, signal, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
sockets = []
for index in range(int(sys.argv[2])):
    sockets.append(socket.create_server((f"127.9.{index // 250}.{index % 250 + 1}", int(sys.argv[1]))))
print("ready", flush=True)
signal.pause()
"""

    def test_somebody_who_listens_at_very_many_addresses(self):
        """Each listener was looked at with each holder, and told: 48000 took half a minute, and a signal waited for it."""
        need(self, os.getuid() == 0, "needs root to become somebody else")
        count, nobody = 3000, 65534
        need(self, resource.getrlimit(resource.RLIMIT_NOFILE)[1] > count + 50, "not enough descriptors")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = subprocess.Popen(["/usr/bin/python3", "-c", self.CROWD, str(stage.port), str(count)], user=nobody, group=nobody, extra_groups=[],
                                  cwd="/", env={}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(holder.stdout.close)
        stage.others.append(holder)
        check_equal(holder.stdout.readline(), b"ready\n", "the holder")
        for as_user in ({}, {"user": 65533, "group": 65533, "extra_groups": []}):
            run = stage.run("--", *fixture("exit", 0), **as_user)
            check_equal(run.wait(), 125, "status", run)
            told = run.err.splitlines()
            named = [line for line in told if f"port {stage.port} is busy: " in line]
            check(0 < len(named) < 20, f"told {len(named)} times", run)
            check(f"and there are {count - len(named)} more listening sockets" in run.err, "the rest is not counted", run)
            check(holder.poll() is None, "harmed", run)
        run = stage.run("-b", "kill", "--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        check_equal(holder.wait(10), -signal.SIGTERM, "the holder", run)
        stage.prove_clean()

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
