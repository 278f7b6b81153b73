"""Right process, always: recycled pids, other users' processes, traced and stopped ones."""

import os
import pwd
import resource
import shutil
import signal
import sys
import time

from harness import Case, check, check_equal, fixture, FIXTURE, need, PID_NAMESPACE, script, VLMSHIM
from oracle import LIMIT, parent_of, read_bytes, stat_fields, wait_for


def only_child(pid):
    """As soon as there is one."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        children = read_bytes(f"/proc/{pid}/task/{pid}/children").split()
        if children:
            return int(children[0])
    raise AssertionError(f"pid {pid} has no child")


class Recycled(Case):
    def test_numbers_are_used_again_under_load(self):
        """In a PID namespace whose next pid is set back all the time, next to short-lived bystanders.
        vlmshim ends trees again and again; a bystander that dies of a signal is a wrong process."""
        need(self, os.getuid() == 0 and os.path.exists("/proc/sys/kernel/ns_last_pid"), "needs root and ns_last_pid")
        stage = self.stage()
        rounds = 40
        own = script(stage.file("inside"), f"""#!/bin/sh
"{FIXTURE}" recycle stop 40 --rewind & churn=$!
worst=0
for i in $(seq {rounds}); do
    "$@" || worst=$?
done
: > stop
wait $churn || echo "a bystander was killed" >> verdict
echo "worst $worst" >> verdict
""")
        run = stage.plain("-g", "20ms", "--", *fixture("fork-tree", 1, 20, "--ignore-term", "--", "spawn", "setsid,double-fork", "pause", "--", "exit", 0),
                          config=f"[ports]\nguard = [{stage.port}]\n", wrap=[*PID_NAMESPACE, str(own)])
        check_equal(run.wait(90), 0, "status of the shell", run)
        verdict = stage.file("verdict").read_text()
        born = stage.file("stop").read_text().strip()
        print(f"\n    {rounds} runs, {born} bystanders, {run.seconds():.1f} s", file=sys.stderr)
        check_equal(verdict, "worst 0\n", "verdict", run)
        stage.prove_clean()


class OtherUsers(Case):
    def test_that_cannot_be_signalled(self):
        """A set-user-ID program below a vlmshim that is not root: reported, bounded, 125."""
        need(self, os.getuid() == 0, "needs root to make a set-user-ID program")
        nobody = pwd.getpwnam("nobody").pw_uid

        def one(item):
            traits, status, wanted = item
            stage = self.stage()
            os.chmod(stage.folder, 0o777)
            other = stage.file("other")
            shutil.copy(FIXTURE, other)
            os.chmod(other, 0o4755)
            shell = f'"{other}" become-user 0 spawn {traits} pause --ready other.pid -- exit 0; exit {status}'
            run = stage.run("-g", "200ms", "--", "/bin/sh", "-c", shell, wrap=["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"])
            got = run.wait(15)
            left = stage.ready("other.pid")
            check_equal(os.stat(f"/proc/{left.pid}").st_uid, 0, "the user of the one that stays", run)
            check_equal(got, wanted, "status", run)
            lines = [line for line in run.err.splitlines() if f"pid {left.pid} " in line and "cannot be ended" in line]
            check(len(lines) == 1 and "user root" in lines[0] and "become-user" in lines[0], "not reported with pid, user and command", run)
            check(run.seconds() < 8, f"took {run.seconds():.1f} s", run)
            check(left.lives(), "it was ended: nothing was tested", run)
        self.each([("setsid,double-fork", 0, 125), ("setsid,double-fork,ignore-term", 0, 125), ("plain", 3, 3)], one)

    def test_that_may_be_signalled(self):
        """Root's vlmshim ends those of every user."""
        need(self, os.getuid() == 0, "needs root")
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        run = stage.run("-g", "200ms", "--", *fixture("become-user", 12345, "spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--", "exit", 4))
        check_equal(run.wait(), 4, "status", run)
        stage.prove_clean()


class Held(Case):
    def test_stopped(self):
        """By another process, again and again: SIGKILL ends it all the same."""
        stage = self.stage()
        run = stage.run("-g", "300ms", "--", *fixture("spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--", "pause", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        left = stage.ready("left.pid")
        os.kill(left.pid, signal.SIGSTOP)
        wait_for(lambda: stat_fields(left.pid)[0] == "T", "it to be stopped")
        run.send(signal.SIGTERM)
        wait_for(lambda: stat_fields(left.pid)[:1] != ["T"], "it to be continued")
        if left.lives():
            os.kill(left.pid, signal.SIGSTOP)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        stage.prove_clean()

    def test_the_supervisor_is_stopped(self):
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 3, "--ready", "test.pid"))
        supervisor = parent_of(stage.ready("test.pid", run).pid)
        os.kill(supervisor, signal.SIGSTOP)  # the keeper continues it
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        stage.prove_clean()

    def test_the_supervisor_is_stopped_by_the_test(self):
        """It leads the group that `kill -STOP 0` names. The keeper continues it, so that the timeout takes effect."""
        stage = self.stage()
        run = stage.run("-t", "500ms", "-g", "300ms", "--", "sh", "-c", "kill -STOP 0", start_new_session=True)
        check_equal(run.wait(), 124, "status", run)
        stage.prove_clean()

    def test_the_test_is_stopped_before_its_exec(self):
        """It shares the supervisor's memory until its exec: it continues until then, and is stopped after it."""
        met = 0
        for _ in range(20):
            stage = self.stage()
            # The search takes a while, and signals are as they will be in the test.
            path = ":".join(f"/nowhere/{number}" for number in range(3000)) + ":" + os.path.dirname(FIXTURE)
            run = stage.run("--", os.path.basename(FIXTURE), "wait-file", "go", 7, env={"PATH": path})
            test = only_child(only_child(run.pid))
            os.kill(test, signal.SIGSTOP)
            met += os.readlink(f"/proc/{test}/exe") == os.path.realpath(VLMSHIM)
            wait_for(lambda: stat_fields(test)[0] == "T" and os.readlink(f"/proc/{test}/exe") == os.path.realpath(FIXTURE),
                     "the test to be stopped after its exec")
            os.kill(test, signal.SIGCONT)
            stage.file("go").touch()
            check_equal(run.wait(), 7, "status", run)
            stage.prove_clean()
        check(met > 0, "no test was stopped before its exec")

    def test_the_supervisor_runs_out_of_memory(self):
        """It aborts in the middle of the run: the keeper ends the rest."""
        stage = self.stage()
        # For the report each of the three hundred is looked at.
        run = stage.run("--report", "report.json", "--", *fixture("spawn", "setsid", "fork-tree", 1, 300, "--ready", "left.pid", "--", "pause", "--ready", "test.pid"))
        supervisor = parent_of(stage.ready("test.pid", run).pid)
        resource.prlimit(supervisor, resource.RLIMIT_AS, (1000, 1000))
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()

    def test_leader_thread_has_ended(self):
        """It shows as a zombie, and its other threads live and listen: it is named and ended."""
        stage = self.stage()
        stage.file("leader.py").write_text(
            "import ctypes, socket, threading, time\n"
            f"listener = socket.create_server(('127.0.0.1', {stage.port}))\n"
            "def stay():\n"
            "    open('up', 'w').close()\n"
            "    time.sleep(60)\n"
            "threading.Thread(target=stay).start()\n"
            "ctypes.CDLL(None).syscall(60, 0)  # exit(2) of this thread alone\n")
        run = stage.plain("-p", stage.port, "--", "sh", "-c", f"setsid {sys.executable} leader.py & while [ ! -e up ]; do sleep 0.02; done",
                          config='[test]\nleftovers = "fail"\n')
        check_equal(run.wait(), 125, "status", run)
        check("left behind by the test" in run.err, "it is not named", run)
        stage.prove_clean()

    def test_traced(self):
        """Held by a debugger from outside. A debugger that waits lets it exit; one that does not keeps a
        zombie that its parent never sees: bounded, and either fine or reported."""
        def one(reap):
            stage = self.stage()
            run = stage.run("-g", "300ms", "--", *fixture("spawn", "setsid,double-fork", "pause", "--ready", "left.pid", "--", "pause", "--ready", "test.pid"))
            stage.ready("test.pid", run)
            left = stage.ready("left.pid")
            tracer = stage.outsider("hold-traced", left.pid, *(["--reap"] if reap else []))
            run.send(signal.SIGTERM)
            status = run.wait(15)
            check_equal(status, -signal.SIGTERM, "status", run)
            check(not left.lives(), "it still lives", run)
            check(tracer.poll() is None, "the tracer was harmed", run)
            check(run.seconds() < 10, f"took {run.seconds():.1f} s", run)
            stage.prove_clean()
        self.each([True, False], one)

    def test_traced_from_within(self):
        """The tracer is a descendant as well."""
        stage = self.stage()
        shell = f'"{FIXTURE}" spawn setsid pause --ready left.pid -- exit 0; read pid rest < left.pid; exec "{FIXTURE}" spawn setsid,ignore-term hold-traced $pid --ready tracer.pid -- exit 6'
        run = stage.run("-g", "300ms", "--", "/bin/sh", "-c", shell)
        check_equal(run.wait(15), 6, "status", run)
        stage.prove_clean()
