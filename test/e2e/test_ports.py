"""The port guard before a run: holders that are refused, ended, or used as they are."""

import os
import pwd
import re
import resource
import signal
import socket
import subprocess
import sys

from harness import Case, check, check_equal, fixture, in_pid_namespace, need, script, toml, VLMSHIM
from oracle import children_of, free_port, get, tcp_rows, wait_for


def user():
    return pwd.getpwuid(os.getuid()).pw_name


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


class Before(Case):
    """A foreign listener is there before the run."""

    def test_fail_names_it_and_lets_it_live(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--", *fixture("exit", 0, "--ready", "test.pid"))
        check_equal(run.wait(), 125, "status", run)
        for words in (str(holder.pid), user(), "vlmshim-fixture hold-port", str(stage.port)):
            check(words in run.err, f"{words!r} is missing", run)
        check_equal(len(run.err.splitlines()), 1, "lines that say it", run)
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
        check_equal(holder.wait(10), 0, "the holder got SIGTERM, not SIGKILL", run)
        check(str(holder.pid) in run.err, "the ended process is not named", run)

    def test_kill_the_server_of_a_live_run(self):
        """Each of the two runs says what happened between them."""
        stage = self.stage()
        server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(stage.port)]
        live = stage.plain("--", *fixture("pause", "--ready", "test.pid"),
                           config=f'[server]\nname = "model"\nport = {stage.port}\ncommand = {toml(server)}\n')
        stage.ready("test.pid", live)
        run = stage.run("-b", "kill", "--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        check(re.search(rf"warning: port {stage.port}: ending pid \d+ \(.*\), user {user()}, which belongs to the vlmshim run of pid {live.pid}: that run will fail\n", run.err),
              "whose server it ends", run)
        check_equal(live.wait(), 125, "status of the other run", live)
        check("server 'model' died while the test was running: does the test end it itself (see vlmshim-migrate(7)), or did another run want its port" in live.err,
              "what may have ended its server", live)
        stage.prove_clean()

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
        """The test uses it; it is not of this run and never signalled."""
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
        """It was not of this run: logged at once, and the test continues, with its own status."""
        for config in (None, f'[server]\ncommand = ["false"]\nport = PORT\n'):
            stage = self.stage()
            holder = stage.outsider("prefork", 1, stage.port)
            run = stage.plain("-b", "reuse", "-p", stage.port, "--", *waiting(3), config=config and config.replace("PORT", str(stage.port)))
            stage.ready("test.pid", run)
            check("has ended" not in run.err, "logged too early", run)
            (worker,) = children_of(holder.pid)
            holder.kill()
            wait_for(lambda: holder.poll() is not None, "the master to end")
            os.kill(worker, signal.SIGKILL)
            wait_for(lambda: f"warning: port {stage.port}: the server that is used as it is has ended, no process listens any more; the test goes on" in run.err, "the warning")
            stage.file("go").touch()
            check_equal(run.wait(), 3, "status", run)
            check_equal(run.err.count("has ended"), 1, "logged more than once", run)

    def test_a_reused_server_that_dies_before_it_is_ready(self):
        """The run does not wait two minutes for it."""
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
        need(self, os.getuid() == 0, "needs root to run as the user nobody")
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

    def test_a_holder_with_very_many_addresses(self):
        """Each listener was compared with each holder, and logged: 48000 took half a minute, and a signal had to wait."""
        need(self, os.getuid() == 0, "needs root to run as another user")
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
            check_equal(run.err.count(f"port {stage.port} is busy: "), 1, "times that it is logged", run)
            named = len(re.findall(r"127\.9\.\d+\.\d+:", run.err))
            more, rest = (int(re.search(pattern, run.err).group(1)) for pattern in (r" and (\d+) more[;:] ", r"there are (\d+) more listening sockets"))
            check_equal(named + more + rest, count, "the sockets that are logged", run)
            check(holder.poll() is None, "harmed", run)
        run = stage.run("-b", "kill", "--", *fixture("exit", 4))
        check_equal(run.wait(), 4, "status", run)
        check_equal(holder.wait(10), -signal.SIGTERM, "the holder", run)
        stage.prove_clean()

    def test_holder_that_cannot_be_seen(self):
        """Run as nobody: root's holder is reported as such, and lives."""
        need(self, os.getuid() == 0, "needs root to run as the user nobody")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = stage.outsider("hold-port", stage.port)
        nobody = pwd.getpwnam("nobody")
        for mode in ("fail", "kill"):
            run = stage.run("-b", mode, "--", *fixture("exit", 0), user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
            check_equal(run.wait(), 125, "status", run)
            check(str(stage.port) in run.err and "root" in run.err, "not reported", run)
            check(holder.poll() is None, "harmed", run)


class WayOut(Case):
    """The advice in the message about a busy port works."""

    OTHERS = "use it as it is (--busy=reuse)"

    def refused(self, stage, *options, **popen):
        run = stage.run("-g", "500ms", *options, "--", *fixture("exit", 0), **popen)
        check_equal(run.wait(), 125, "status", run)
        lines = run.err.splitlines()
        check_equal(len(lines), 1, "lines that say it", run)
        check(f"nothing was started: port {stage.port} is busy: " in lines[0] and lines[0].endswith("(exit status 125)"), "not the reason", run)
        check(re.search(re.escape(self.OTHERS) + r",? or choose another port \(--port\)", lines[0]), "the other ways", run)
        check(("--busy=kill" in lines[0]) <= (not options), "it recommends what was just refused", run)
        return run

    def helps(self, stage, run):
        """Runs the command of the message."""
        command = re.search(r"\((kill [\d ]+)\)", run.err).group(1)
        subprocess.run(command, shell=True, check=True)
        wait_for(lambda: not tcp_rows(stage.port, "0A"), "the port to be free")
        again = stage.run("--", *fixture("exit", 3))
        check_equal(again.wait(), 3, "status when the command was typed", again)

    def nobody(self):
        need(self, os.getuid() == 0, "needs root to run as the user nobody")
        entry = pwd.getpwnam("nobody")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def test_own_process(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = self.refused(stage)
        check(f"; end it (kill {holder.pid}), have it ended (--busy=kill), {self.OTHERS}" in run.err, "the way out", run)
        self.helps(stage, run)

    def test_workers_that_share_the_listener(self):
        stage = self.stage()
        master = stage.outsider("prefork", 2, stage.port)
        wait_for(lambda: len(children_of(master.pid)) == 2, "the workers")
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        pids = " ".join(str(pid) for pid in sorted(children_of(master.pid)))
        check(f"; end them (kill {pids}), have it ended" in run.err, "the way out", run)
        self.helps(stage, run)

    def test_process_of_another_user_as_root(self):
        who = self.nobody()
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = subprocess.Popen(fixture("hold-port", stage.port, "--ready", stage.file("outside.ready")), cwd="/", env={},
                                  stdin=subprocess.DEVNULL, **who)
        stage.others.append(holder)
        wait_for(lambda: stage.file("outside.ready").exists(), "the holder")
        run = self.refused(stage)
        check(f"; end it (kill {holder.pid}), have it ended (--busy=kill), " in run.err, "the way out", run)
        self.helps(stage, run)

    def test_process_that_cannot_be_seen(self):
        who = self.nobody()
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        stage.outsider("hold-port", stage.port)
        for options in ((), ("-b", "kill")):
            run = self.refused(stage, *options, **who)
            check(": only root may look into the processes of root; " in run.err, "why", run)
            check(f"; end it as root (sudo vlmshim --free {stage.port}), {self.OTHERS}" in run.err, "the way out", run)
        free = stage.plain("--free", stage.port, **who)
        check_equal(free.wait(), 125, "status of --free", free)
        check(f"; root may: sudo vlmshim --free {stage.port}" in free.err, "the way out of --free", free)
        free = stage.plain("--free", stage.port)  # the command of the message, without sudo
        check_equal(free.wait(), 0, "status of --free as root", free)

    DOCKER_PROXY = """#!/usr/bin/python3
import pathlib, signal, socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[4]))):
    pathlib.Path(sys.argv[5]).touch()
    signal.pause()
"""

    def test_port_of_a_container(self):
        """docker-proxy is spared, and not visible without root."""
        who = self.nobody()
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        ready = stage.file("outside.ready")
        holder = subprocess.Popen([script(stage.file("docker-proxy"), self.DOCKER_PROXY), "-proto", "tcp", "-host-port", str(stage.port), ready],
                                  stdin=subprocess.DEVNULL, cwd="/", env={})
        stage.others.append(holder)
        wait_for(ready.exists, "the holder")
        shows = f"docker ps --filter publish={stage.port}"
        for options in ((), ("-b", "kill")):
            run = self.refused(stage, *options)
            check(f"and is never ended for it: [ports] spare names it; stop what is behind it ({shows} shows that), " in run.err, "the way out", run)
            run = self.refused(stage, *options, **who)
            check(f"; stop what is behind it ({shows} shows that), " in run.err, "the advice to a user that cannot see it", run)
        free = stage.plain("--free", stage.port)
        check_equal(free.wait(), 125, "status of --free", free)
        check(f"[ports] spare names it; {shows} shows what is behind it" in free.err, "the way out of --free", free)
        check(holder.poll() is None, "harmed", free)

    def test_spared_name(self):
        stage = self.stage()
        program = str(stage.file("spareme"))
        subprocess.run(["cp", fixture()[0], program], check=True)
        stage.outsider("hold-port", stage.port, program=program)
        config = '[ports]\nspare = ["spareme"]\n'
        for options in (("-b", "kill"), ()):
            run = self.refused(stage, *options, config=config)
            check("and is never ended for it: [ports] spare names it; end it (kill " in run.err, "the way out", run)
        self.helps(stage, run)

    def test_ancestor(self):
        """This process."""
        stage = self.stage()
        with socket.create_server(("127.0.0.1", stage.port)):
            for options in ((), ("-b", "kill")):
                run = self.refused(stage, *options)
                check(f": it is an ancestor of this command; {self.OTHERS}" in run.err and "(kill" not in run.err, "the way out", run)

    @in_pid_namespace
    def test_pid_1(self):
        """Again this process."""
        stage = self.stage()
        with socket.create_server(("127.0.0.1", stage.port)):
            for options in ((), ("-b", "kill")):
                run = self.refused(stage, *options)
                check(f": it is PID 1; {self.OTHERS}" in run.err and "(kill" not in run.err, "the way out", run)

    def test_passed_socket(self):
        """Its owner is no user of its holder."""
        who = self.nobody()
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = subprocess.Popen(["/usr/bin/python3", "-c", self.PASSED, str(stage.port), str(who["user"])], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, cwd="/", env={})
        self.addCleanup(holder.stdout.close)
        stage.others.append(holder)
        check_equal(holder.stdout.readline(), b"ready\n", "the holder")
        for options in ((), ("-b", "kill")):
            run = self.refused(stage, *options)
            check(f"the socket is not its own: end the process that has passed it on; {self.OTHERS}" in run.err, "the way out", run)
        check(holder.poll() is None, "harmed", run)

    # The socket belongs to the user nobody, who has passed it on.
    PASSED = """
import array, os, signal, socket, sys
ours, theirs = socket.socketpair()
if os.fork() == 0:
    os.setuid(int(sys.argv[2]))
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    theirs.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener.fileno()]))])
    os._exit(0)
theirs.close()
kept = ours.recvmsg(1, 100)
os.wait()
print("ready", flush=True)
signal.pause()
"""

    def test_live_run(self):
        """The message names its keeper, which ends it in order."""
        stage = self.stage()
        live = stage.run("-g", "500ms", "--", *fixture("hold-port", stage.port, "--ready", "held.pid"))
        stage.ready("held.pid", live)
        run = self.refused(stage)
        check(f"; it belongs to the vlmshim run of pid {live.pid}, which is still alive; end that run (kill {live.pid}), {self.OTHERS}" in run.err, "the way out", run)
        self.helps(stage, run)
        live.wait()

    def test_live_run_that_we_are_part_of(self):
        """The command that ends it would end the caller's own shell."""
        stage = self.stage()
        live = stage.run("--", self.inner(stage, ""))
        check_equal(live.wait(), 125, "status of the inner run", live)
        check(f"; it belongs to the vlmshim run of pid {live.pid}, which this command is part of; {self.OTHERS}" in live.err, "the way out", live)

    def test_child_from_before_the_exec(self):
        """It is below a live keeper of the same user, and yet of no run."""
        stage = self.stage()
        run = stage.plain(wrap=[self.inner(stage, "exec ")])
        check_equal(run.wait(), 125, "status", run)
        holder = stage.ready("held.pid")
        check(f"; end it (kill {holder.pid}), have it ended (--busy=kill), {self.OTHERS}" in run.err and "belongs to" not in run.err, "the way out", run)

    @staticmethod
    def inner(stage, how):
        return script(stage.file("inner"), f"""#!/bin/sh
"{fixture()[0]}" hold-port {stage.port} --ready held.pid &
while [ ! -e held.pid ]; do sleep 0.01; done
{how}"{VLMSHIM}" --no-config -p {stage.port} -- true
""")

    def test_several_holders(self):
        stage = self.stage()
        other = free_port()
        first, second = stage.outsider("hold-port", stage.port), stage.outsider("hold-port", other)
        run = stage.run("-p", other, "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        lines = run.err.splitlines()
        check_equal(len(lines), 2, "lines that say it", run)
        check(all(f"pid {holder.pid} " in run.err for holder in (first, second)), "not named", run)
        check(f"; end them (kill {' '.join(str(pid) for pid in sorted([first.pid, second.pid]))}), " in lines[1], "the way out", run)
        self.helps(stage, run)

    TAKE_IT = """
import os, socket, sys
os.set_inheritable(socket.create_server(("", 1024)).detach(), True)
os.execv(sys.argv[1], sys.argv[1:])
"""

    def test_no_port_can_be_had(self):
        """One failure, one message."""
        need(self, os.getuid() == 0, "needs root for a network namespace")
        stage = self.stage()
        run = stage.plain("-p", "auto", "--", *fixture("exit", 0), wrap=["unshare", "--net", "/bin/sh", "-c",
                          'echo "1024 1024" > /proc/sys/net/ipv4/ip_local_port_range; exec "$@"', "sh", "/usr/bin/python3", "-c", self.TAKE_IT])
        check_equal(run.wait(), 125, "status", run)
        check_equal(run.err, 'vlmshim: error: nothing was started: no free port could be found (port = "auto") (exit status 125)\n', "what is said", run)
