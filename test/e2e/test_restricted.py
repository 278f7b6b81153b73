"""Less than a normal system: other users, no /proc, refused system calls, limits. vlmshim says what is weaker
now, never hangs or crashes, ends every process that it can reach, and has the right status."""

import os
import pathlib
import pwd
import shutil
import subprocess

from harness import Case, check, check_equal, fixture, FIXTURE, need, toml, VLMSHIM
from oracle import wait_for

# Nothing is mounted outside a mount namespace of its own.
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
PID_NAMESPACE = [*NAMESPACE, "--pid", "--fork", "--kill-child"]


def namespaces_work():
    return subprocess.run([*PID_NAMESPACE, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def prepared(shell, *then):
    """A wrap that runs a shell line in new namespaces and then execs the program."""
    return ["/bin/sh", "-ec", shell + '; exec "$@"', "sh", *then]


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


DAEMON = ["spawn", "setsid,double-fork", "hold-port"]
STUBBORN = ["spawn", "setsid,double-fork,close-stdio,ignore-term", "wedge"]


class Restricted(Case):
    def leave_and_exit(self, stage, status=5, kind=(), ready="left.pid"):
        return fixture(*(kind or STUBBORN), stage.port, "--ready", ready, "--", "exit", status)

    def end(self, stage, run, status, limit=15):
        check_equal(run.wait(limit), status, "status", run)
        stage.prove_clean()
        return run.err

    def one_warning(self, run, *words):
        warnings = [line for line in run.err.splitlines() if "warning" in line and "ending pid" not in line and "did not stop within" not in line]
        check(len(warnings) == 1 and all(word in warnings[0] for word in words), f"one warning with {words}, got {warnings}", run)

    def open_stage(self):
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        return stage


class Refused(Restricted):
    """A seccomp filter refuses one system call to vlmshim and its descendants."""

    def refuse(self, call, error, server=False, kind=(), words=()):
        stage = self.stage()
        text = "[shutdown]\ngrace = \"300ms\"\n"
        text += f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n' if server else f"[ports]\nguard = [{stage.port}]\n"
        words = words or self.leave_and_exit(stage, kind=kind) if not server else fixture("spawn", "setsid,ignore-term", "pause", "--ready", "left.pid", "--", "exit", 5)
        run = stage.plain("--", *words, config=text, wrap=fixture("with", f"seccomp={call}:{error}", "--"))
        return stage, run

    def test_calls_with_a_full_replacement(self):
        """pidfd_open, pidfd_send_signal: kill after a look at the start time; netlink: /proc/net/tcp;
        close_range: one by one. Nothing that a user could notice in a run is weaker."""
        def one(item):
            stage, run = self.refuse(*item)
            self.end(stage, run, 5)
        self.each([(call, error, server) for call in ("pidfd_open", "pidfd_send_signal", "netlink", "close_range", "setpriority")
                   for error in ("EPERM", "ENOSYS") for server in (False, True)], one)

    def test_without_sockets_a_port_is_not_taken_for_free(self):
        """A trial bind that is refused proves nothing: an outsider took the port during the run."""
        def one(item):
            error, address = item
            stage = self.stage()
            run = stage.run("-g", "5s", "--", *fixture("wait-file", "go", 0, "--ready", "test.pid"),
                            wrap=fixture("with", f"seccomp=socket:{error}", "--"))
            stage.ready("test.pid", run)
            newcomer = stage.outsider("hold-port", stage.port, "--addr", address)
            stage.file("go").touch()
            check_equal(run.wait(), 0, "status", run)
            stage.prove_clean()
            check_equal(newcomer.wait(5), 0, "status of the newcomer at its stop signal", run)
        self.each([(error, address) for error in ("EACCES", "EAFNOSUPPORT", "EMFILE") for address in ("127.0.0.1", "::1")], one)

    def test_subreaper(self):
        """Daemons become children of another process then. They are recognised by their environment and the port."""
        def one(item):
            error, server, kind = item
            stage, run = self.refuse("subreaper", error, server, kind)
            self.end(stage, run, 5)
            self.one_warning(run, "PR_SET_CHILD_SUBREAPER")
        self.each([(error, server, kind) for error in ("EPERM", "ENOSYS", "EINVAL") for server in (False, True)
                   for kind in (("spawn", "plain", "hold-port"), ("spawn", "ignore-term", "wedge"), DAEMON, STUBBORN)], one)

    def test_what_cannot_be_replaced(self):
        """Refused with a clear last line, and nothing is left."""
        def one(item):
            stage, run = self.refuse(*item, words=fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "exit", 5))
            status = run.wait(15)
            stage.prove_clean()
            check(status in (5, 125), f"status {status}", run)
            if status == 125:
                check(run.err.strip().splitlines()[-1].startswith("vlmshim: "), "no clear last line", run)
        self.each([(call, error) for call in ("signalfd4", "epoll_create1", "eventfd2", "pipe2", "socketpair", "setpgid", "socket", "prlimit64", "pdeathsig")
                   for error in ("EPERM", "ENOSYS", "EMFILE")], one)


class Proc(Restricted):
    def setUp(self):
        need(self, os.getuid() == 0 and namespaces_work(), "needs root and namespaces")

    def test_hidepid(self):
        """Only processes of the own user show in /proc."""
        def one(server):
            stage = self.open_stage()
            nobody = pwd.getpwnam("nobody").pw_uid
            text = f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n' if server else f"[ports]\nguard = [{stage.port}]\n"
            run = stage.plain("-g", "300ms", "--", *(fixture("exit", 5) if server else self.leave_and_exit(stage, ready="left.ready")), config=text,
                              wrap=[*PID_NAMESPACE, "/bin/sh", "-ec", 'mount -t proc -o hidepid=2 proc /proc; "$@" & wait $!', "sh", *as_user(nobody)])
            self.end(stage, run, 5)
        self.each([False, True], one)

    def test_hidepid_holder_of_another_user(self):
        """Held, but its owner is not visible: the user is named at least."""
        stage = self.open_stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--", *fixture("exit", 0), wrap=[*PID_NAMESPACE, "/bin/sh", "-ec", 'mount -t proc -o hidepid=2 proc /proc; "$@" & wait $!', "sh", *as_user(65534)])
        check_equal(run.wait(15), 125, "status", run)
        check("user root" in run.err, "the holder's user is not named", run)
        check(holder.poll() is None, "the holder was harmed", run)

    NO_PROC = "mount -t tmpfs none /proc"

    def test_no_proc(self):
        """An empty folder instead of /proc. Children and orphans still show through waitid."""
        def one(item):
            kind, server = item
            stage = self.stage()
            text = "[shutdown]\ngrace = \"300ms\"\n"
            text += f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n' if server else f"[ports]\nguard = [{stage.port}]\n"
            words = self.leave_and_exit(stage, kind=kind) if not server else fixture("exit", 5)
            run = stage.plain("--", *words, config=text, wrap=[*NAMESPACE, *prepared(self.NO_PROC)])
            self.end(stage, run, 5)
            check("/proc" in run.err, "it is not said that /proc is missing", run)
        self.each([(kind, False) for kind in (("spawn", "plain", "hold-port"), ("spawn", "ignore-term", "wedge"), DAEMON, STUBBORN)] + [((), True)], one)

    def test_no_proc_and_no_netlink(self):
        """Trial bind and waitid are left."""
        stage = self.stage()
        run = stage.run("-g", "300ms", "--", *fixture("exit", 5), wrap=[*NAMESPACE, *prepared(self.NO_PROC), *fixture("with", "seccomp=netlink:EPERM", "--")])
        self.end(stage, run, 5)
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--", *fixture("exit", 5), wrap=[*NAMESPACE, *prepared(self.NO_PROC), *fixture("with", "seccomp=netlink:EPERM", "--")])
        check_equal(run.wait(15), 125, "status", run)
        check(str(stage.port) in run.err and holder.poll() is None, "the busy port is not named", run)

    def test_a_port_that_one_may_not_bind(self):
        """Where only a bind could tell, a user who may not bind port 80 knows nothing of it: it is not called free."""
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.stage()
        stage.folder.chmod(0o777)
        wrap = [*NAMESPACE, "--net", *prepared(self.NO_PROC), "setpriv", "--reuid=54321", "--clear-groups", "--",
                *fixture("with", "seccomp=netlink:EPERM", "--")]
        free = stage.plain("--free", 80, wrap=wrap)
        check_equal(free.wait(15), 125, "status of --free", free)
        check("port 80 is not free" in free.err, "not said", free)
        check_equal(stage.plain("--who", 80, wrap=wrap).wait(15), 0, "status of --who")

    def test_proc_of_another_namespace(self):
        """unshare --pid without a new /proc: its numbers are not ours."""
        def one(kind):
            stage = self.stage()
            run = stage.run("-g", "300ms", "--", *self.leave_and_exit(stage, kind=kind, ready="left.ready"), wrap=["unshare", "--pid", "--fork", "--kill-child"])
            self.end(stage, run, 5)
            stage = self.stage()
            run = stage.run("-g", "300ms", "--", *self.leave_and_exit(stage, kind=kind, ready="left.ready"),
                            wrap=["unshare", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", '"$@" & wait $!', "sh"])
            self.end(stage, run, 5)
        self.each([("spawn", "plain", "hold-port"), DAEMON, STUBBORN], one)


def libraries_of(program):
    """What ldd lists; nothing for a static binary."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    words = (word for line in done.stdout.splitlines() for word in line.split())
    return [word for word in words if word.startswith("/")] if done.returncode == 0 else []


class Root(Restricted):
    def setUp(self):
        need(self, os.getuid() == 0 and namespaces_work() and shutil.which("chroot"), "needs root, namespaces and chroot")

    def empty_root(self, stage):
        root = stage.file("root")
        for source, target in [(VLMSHIM, "vlmshim"), (FIXTURE, "fixture"), *((path, path.lstrip("/")) for path in libraries_of(VLMSHIM))]:
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / target)
        (root / "proc").mkdir()
        return root

    def inside(self, stage, root, shell, wrap, *words, user=None):
        # env: the loader would look for HOME or a locale nowhere else.
        line = f'mount --bind "{root}" "{root}"; {shell}; exec "$@"'
        become = [f"--userspec={user}:{user}"] if user else []
        command = [*wrap, "/bin/sh", "-ec", line, "sh", "chroot", *become, str(root)]
        done = subprocess.run([*command, "/vlmshim", "--no-config", "-p", str(stage.port), *(str(word) for word in words)], timeout=30, check=False,
                              env={"E2E_COOKIE": stage.cookie}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        left = stage.left_over()
        check(not left, f"left over: {left}\n{done.stderr}")
        stage.prove_clean()
        return done

    WORLDS = {"with /proc": 'mount -t proc proc "{0}/proc"', "without /proc": ":", "read-only": 'mount -t proc proc "{0}/proc"; mount -o remount,bind,ro "{0}"'}

    def test_only_the_binary(self):
        """No /tmp, no HOME, no /dev, no /etc, a user without an entry anywhere; as PID 1 and not."""
        def one(item):
            world, pid_one, user = item
            stage = self.stage()
            root = self.empty_root(stage)
            wrap = [*PID_NAMESPACE] if pid_one else [*NAMESPACE]
            for words, status in ((("/fixture", "exit", 7), 7), (("/fixture", "spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--", "exit", 4), 4),
                                  (("/nothing",), 127)):
                done = self.inside(stage, root, self.WORLDS[world].format(root), wrap, "-g", "200ms", "--", *words, user=user)
                check_equal(done.returncode, status, f"status of {words} in {item}\n{done.stderr}")
        self.each([(world, pid_one, user) for world in self.WORLDS for pid_one in (True, False) for user in (None, 12345)], one)


class Limits(Restricted):
    def test_non_root(self):
        need(self, os.getuid() == 0, "is what every other suite does when it is not root")
        def one(user):
            stage = self.open_stage()
            run = stage.run("-g", "300ms", "--", *self.leave_and_exit(stage), wrap=as_user(user))
            self.end(stage, run, 5)
        self.each([pwd.getpwnam("nobody").pw_uid, 12345], one)

    def test_descriptors(self):
        """16 descriptors are enough."""
        def one(server):
            stage = self.stage()
            text = f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\n' if server else f"[ports]\nguard = [{stage.port}]\n"
            run = stage.plain("-g", "300ms", "--", *fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "exit", 5), config=text,
                              wrap=fixture("with", "nofile=16", "--"))
            self.end(stage, run, 5)
        self.each([False, True], one)

    def test_no_process_can_be_forked(self):
        """RLIMIT_NPROC reached at the first fork, at the second, later; as a user of its own, for which it counts."""
        need(self, os.getuid() == 0, "needs root to become a user of which nothing else runs")
        def one(item):
            limit, user = item
            stage = self.open_stage()
            run = stage.run("-g", "300ms", "--", *fixture("spawn", "setsid,double-fork", "pause", "--ready", "left.pid", "--", "exit", 5),
                            wrap=[*as_user(user), *fixture("with", f"nproc={limit}", "--")])
            status = run.wait(15)
            stage.prove_clean()
            check(status in (5, 125, 99), f"status {status}", run)  # 99: the test's own fork
            if limit <= 2:
                check_equal(status, 125, "status", run)
                check("vlmshim: error:" in run.err and "Resource temporarily unavailable" in run.err, "no clear error", run)
            check(status != 5 or limit > 3, "the limit did not work", run)
        self.each([(limit, 54300 + limit) for limit in range(1, 8)], one)

    def test_signals_of_the_caller(self):
        def one(settings):
            stage = self.stage()
            run = stage.run("-g", "300ms", "--", *self.leave_and_exit(stage), wrap=fixture("with", *settings, "--"))
            self.end(stage, run, 5)
        self.each([("ignore=CHLD",), ("block-all=1",), ("block-all=1", "ignore=CHLD", "ignore=TERM", "ignore=INT"), ("block=CHLD",)], one)

    def test_closed_stdio(self):
        def one(closed):
            stage = self.stage()
            run = stage.run("-v", "-g", "300ms", "--", *self.leave_and_exit(stage), wrap=fixture("with", *(f"close={fd}" for fd in closed), "--"))
            self.end(stage, run, 5)
        self.each([(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], one)

    def test_deleted_working_directory(self):
        stage = self.stage()
        left = stage.file("left.pid")
        run = stage.run("-g", "300ms", "--", *fixture("spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", left, "--", "exit", 5),
                        wrap=fixture("with", f"deleted-folder={stage.file('gone')}", "--"))
        self.end(stage, run, 5)
        # The search for a configuration must cope with it, too.
        stage = self.stage()
        run = stage.plain("-p", stage.port, "--", *fixture("exit", 5), keep_config_search=True,
                          wrap=fixture("with", f"deleted-folder={stage.file('gone')}", "--"))
        self.end(stage, run, 5)
