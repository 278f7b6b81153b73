"""--who lists the listeners, --free ends them and proves the ports free. Neither needs a run."""

import json
import os
import pwd
import signal
import socket
import subprocess

from harness import Case, check, check_equal, fixture, need
from oracle import alive, free_port, listening, wait_for


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


def objects(run):
    return [json.loads(line) for line in run.out.splitlines()]


def two_sockets(stage, ports):
    """One process that listens on each of these ports with a socket of its own."""
    sockets = []
    for port in ports:
        listener = socket.socket()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        sockets.append(listener)
    process = subprocess.Popen(fixture("pause"), pass_fds=[listener.fileno() for listener in sockets],
                               stdin=subprocess.DEVNULL, cwd=stage.folder)
    stage.others.append(process)
    for listener in sockets:
        listener.close()
    return process


def dead_run(stage):
    run = stage.plain("-p", free_port(), "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"')
    check_equal(run.wait(), 0, "status", run)
    stage.runs.clear()  # processes with its mark are no leftovers of the runs that are checked here
    return run.out


def as_nobody():
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Who(Case):
    def test_names_the_holder(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--who", stage.port)
        check_equal(run.wait(), 0, "status", run)
        lines = run.out.splitlines()
        check_equal(len(lines), 2, "lines", run)
        for words in (f"127.0.0.1:{stage.port}", str(holder.pid), pwd.getpwuid(os.getuid()).pw_name, " ago", "hold-port"):
            check(words in lines[1], f"{words!r} is missing: {lines}", run)
        check_equal(lines[0].index("COMMAND"), lines[1].index(fixture()[0][:8]), "the columns", run)
        check(holder.poll() is None, "harmed", run)

    def test_no_listener(self):
        stage = self.stage()
        run = stage.plain("--who", stage.port, free_port())
        check_equal(run.wait(), 1, "status", run)
        check_equal(run.out, "", "output", run)
        check(f"no process listens on port {stage.port}" in run.err, "not logged", run)

    def test_a_port_without_a_number(self):
        """port = "auto" was called port 0."""
        stage = self.stage()
        run = stage.plain("--who", config='server.command = "true"\nserver.port = "auto"\n')
        check_equal(run.wait(), 1, "status", run)
        check("port 0" not in run.err and 'port = "auto" has no number' in run.err, "not left out", run)

    def test_as_json(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--who", stage.port, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        (found,) = objects(run)
        check_equal((found["port"], found["address"], found["pid"], found["run"]),
                    (stage.port, "127.0.0.1", holder.pid, None), "fields", run)
        check("hold-port" in found["command"] and found["since"].endswith("Z"), f"{found}", run)

    def test_every_address_and_process(self):
        stage = self.stage()
        other = free_port()
        stage.outsider("prefork", 3, stage.port)
        process = two_sockets(stage, [other, free_port()])
        stage.outsider("hold-port", other, "--addr", "::1")
        run = stage.plain("--who", stage.port, "-p", other, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        found = objects(run)
        check(sum(one["port"] == stage.port for one in found) >= 3, "not every worker is listed", run)
        check_equal({one["address"] for one in found if one["port"] == other}, {"127.0.0.1", "[::1]"}, "addresses", run)
        check(process.pid in {one["pid"] for one in found}, "not named", run)
        for worker in {one["pid"] for one in found if one["port"] == stage.port}:
            os.kill(worker, signal.SIGTERM)  # the harness knows their master only

    def test_the_ports_of_the_configuration(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--who", config=f'[server]\ncommand = ["false"]\nport = {stage.port}\n')
        check_equal(run.wait(), 0, "status", run)
        check(str(holder.pid) in run.out, "not named", run)

    def test_clients_are_no_holders(self):
        stage = self.stage()
        stage.outsider("hold-port", stage.port)
        with socket.create_connection(("127.0.0.1", stage.port)):
            run = stage.plain("--who", stage.port, "--log-format", "json")
            check_equal(run.wait(), 0, "status", run)
            check(os.getpid() not in {one["pid"] for one in objects(run)}, "a client is named", run)

    def test_the_run_that_a_holder_belongs_to(self):
        stage = self.stage()
        first = stage.run("--", *fixture("spawn", "setsid,double-fork", "hold-port", stage.port, "--ready", "left.pid",
                                         "--", *waiting()[1:]))
        test = stage.ready("test.pid", first)
        stage.ready("left.pid", first)
        run = stage.plain("--who", stage.port, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        (found,) = objects(run)
        check_equal(found["run"], {"id": test.run, "state": "alive", "keeper": first.pid}, "the run", run)
        text = stage.plain("--who", stage.port)
        check_equal(text.wait(), 0, "status", text)
        check(f"pid {first.pid}, alive" in text.out, "not logged", text)
        stage.file("go").touch()
        check_equal(first.wait(), 0, "status of the first", first)

    def test_the_run_is_dead(self):
        stage = self.stage()
        mark = dead_run(stage)
        stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": mark})
        run = stage.plain("--who", stage.port, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        check_equal(objects(run)[0]["run"], {"id": mark, "state": "dead", "keeper": None}, "the run", run)

    def test_an_owner_that_is_not_visible(self):
        need(self, os.getuid() == 0, "needs root to run as the user nobody")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--who", stage.port, **as_nobody())
        check_equal(run.wait(), 0, "status", run)
        check("owner not visible because only root" in run.out, "not logged", run)
        run = stage.plain("--free", stage.port, **as_nobody())
        check_equal(run.wait(), 125, "status", run)
        check("not visible because" in run.err, "not logged", run)
        check(holder.poll() is None, "harmed", run)

    def test_root_gets_the_reason_that_holds_for_root(self):
        """The message said that only root may look."""
        need(self, os.getuid() == 0, "needs root")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        stage.outsider("hold-port", stage.port)
        for wrap, reason in (
                (["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"], "without CAP_SYS_PTRACE root may not look"),
                (["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user", "--map-root-user"],
                 "root of this user namespace")):
            possible = subprocess.run([*wrap, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
            need(self, possible, f"{wrap[0]} cannot do this here")
            run = stage.plain("--who", stage.port, wrap=wrap)
            check_equal(run.wait(), 0, "status", run)
            check(reason in run.out and "only root" not in run.out, f"not said: {run.out}", run)

    def test_hidepid(self):
        """With /proc mounted hidepid=2, in a mount namespace of its own."""
        need(self, os.getuid() == 0, "needs root for a mount namespace")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        stage.outsider("hold-port", stage.port)
        wrap = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                'mount -t proc -o hidepid=2 proc /proc || exit 77\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"', "sh"]
        run = stage.plain("--who", stage.port, wrap=wrap)
        status = run.wait()
        need(self, status != 77 and "unshare failed" not in run.err, "proc cannot be mounted with hidepid here")
        check_equal(status, 0, "status", run)
        check("hidepid" in run.out, "the reason is not said: " + run.out, run)

    def test_an_owner_in_another_pid_namespace(self):
        """Its socket is in our network namespace, its process is not in our /proc."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        stage.outsider("hold-port", stage.port)
        wrap = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc"]
        run = stage.plain("--who", stage.port, wrap=wrap)
        status = run.wait()
        need(self, "unshare" not in run.err, "no PID namespace here")
        check_equal(status, 0, "status", run)
        check("no process of this PID namespace" in run.out, "the reason is not said: " + run.out, run)

    def test_usage(self):
        stage = self.stage()
        for words in (["--who", "x"], ["--free", "0"], ["--who", "-t", "3s"], ["--who", "--free"], ["--free", "--report", "r"]):
            run = stage.plain(*words)
            check_equal(run.wait(), 125, "status", run)
            check_equal(run.out, "", "output", run)


class Free(Case):
    def test_stops_and_proves(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.plain("--free", stage.port)
        check_equal(run.wait(), 0, "status", run)
        check(not listening(stage.port), "still listened on", run)
        check_equal(holder.wait(10), 0, "status of the holder at its stop signal", run)
        check(str(holder.pid) in run.err and f"port {stage.port} is free" in run.err, "not logged", run)
        check_equal(run.out, "", "output", run)
        again = stage.plain("--free", stage.port)
        check_equal(again.wait(), 0, "status of a second time", again)

    def test_kills_after_the_grace(self):
        stage = self.stage()
        holder = stage.outsider("wedge", stage.port)
        run = stage.plain("-g", "300ms", "--free", stage.port, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        check(run.seconds() >= 0.3, "it got no grace", run)
        check_equal(holder.wait(10), -signal.SIGKILL, "the holder", run)
        ended, port = objects(run)
        check_equal((ended["event"], ended["pid"], ended["how"]), ("ended", holder.pid, "killed"), "ended", run)
        check_equal(port, {"event": "port", "port": stage.port, "free": True}, "port", run)

    def test_one_that_is_stopped(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        holder.send_signal(signal.SIGSTOP)
        run = stage.plain("--free", stage.port)
        check_equal(run.wait(), 0, "status", run)
        check_equal(holder.wait(10), 0, "the holder", run)

    def test_workers_and_several_sockets(self):
        stage = self.stage()
        ports = [free_port(), free_port()]
        stage.outsider("prefork", 3, stage.port)
        process = two_sockets(stage, ports)
        run = stage.plain("--free", stage.port, *ports)
        check_equal(run.wait(), 0, "status", run)
        check(not any(listening(port) for port in [stage.port, *ports]), "still listened on", run)
        check_equal(process.wait(10), -signal.SIGTERM, "the holder of two", run)

    def test_a_run_ends_the_holder_of_two_ports(self):
        """Only its first socket was found: the second one counted as one of an invisible process."""
        stage = self.stage()
        ports = [free_port(), free_port()]
        process = two_sockets(stage, ports)
        run = stage.plain("-p", ports[0], "-p", ports[1], "-b", "kill", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check_equal(process.wait(10), -signal.SIGTERM, "the holder of two", run)

    def test_clients_are_not_touched(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        with socket.create_connection(("127.0.0.1", stage.port)):
            run = stage.plain("--free", stage.port)
            check_equal(run.wait(), 0, "status", run)
        check_equal(holder.wait(10), 0, "the holder", run)

    def test_it_can_be_interrupted(self):
        stage = self.stage()
        holder = stage.outsider("wedge", stage.port)
        run = stage.plain("-g", "60s", "--free", stage.port)
        wait_for(lambda: "ending pid" in run.err, "its stop signal")
        run.send(signal.SIGINT)
        check_equal(run.wait(), -signal.SIGINT, "status", run)
        check(holder.poll() is None and alive(holder.pid), "killed all the same", run)
