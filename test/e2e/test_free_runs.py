"""--free: processes that it leaves alone and reports (spared ones, ancestors, live runs), and processes of dead runs that
hold no port."""

import os
import signal
import subprocess
import sys

from harness import Case, check, check_equal, fixture, need, VLMSHIM
from oracle import free_port


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


def dead_run(stage):
    run = stage.plain("-p", free_port(), "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"')
    check_equal(run.wait(), 0, "status", run)
    stage.runs.clear()  # processes with its mark are no leftovers of the runs that are checked here
    return run.out


class Free(Case):
    def test_what_is_spared_stays_and_the_rest_goes(self):
        stage = self.stage()
        other = free_port()
        spared = stage.outsider("hold-port", stage.port)
        copy = stage.file("other-name")
        subprocess.run(["cp", fixture()[0], str(copy)], check=True)
        holder = stage.outsider("hold-port", other, program=str(copy))
        name = os.path.basename(fixture()[0])[:15]
        run = stage.plain("--free", config=f'[ports]\nguard = [{stage.port}, {other}]\nspare = ["{name}"]\n')
        check_equal(run.wait(), 125, "status", run)
        check(str(spared.pid) in run.err and "spare" in run.err, "not logged", run)
        check(spared.poll() is None, "harmed", run)
        check_equal(holder.wait(10), 0, "the other one", run)

    def test_an_ancestor_is_not_touched(self):
        stage = self.stage()
        code = ("import socket, subprocess, sys\ns = socket.socket()\ns.bind(('127.0.0.1', int(sys.argv[1])))\ns.listen()\n"
                "sys.exit(subprocess.run(sys.argv[2:]).returncode)")
        run = stage.plain("--free", stage.port, wrap=[sys.executable, "-c", code, str(stage.port)])
        check_equal(run.wait(), 125, "status", run)
        check("ancestor" in run.err and str(run.pid) in run.err, "not logged", run)

    def test_a_live_run_is_refused_unless_the_port_is_named(self):
        stage = self.stage()
        first = stage.run("--", *fixture("spawn", "setsid,double-fork", "hold-port", stage.port, "--ready", "left.pid",
                                         "--", *waiting()[1:]))
        stage.ready("test.pid", first)
        left = stage.ready("left.pid", first)
        run = stage.plain("--free", config=f"[ports]\nguard = [{stage.port}]\n")
        check_equal(run.wait(), 125, "status", run)
        check(f"run of pid {first.pid}" in run.err, "the run is not named", run)
        check(left.lives(), "harmed", run)
        named = stage.plain("--free", stage.port)
        check_equal(named.wait(), 0, "status", named)
        check(f"run of pid {first.pid}" in named.err, "the run is not named", named)
        check(not left.lives(), "not ended", named)
        check(first.process.poll() is None, "the run itself was ended", first)
        stage.file("go").touch()
        check_equal(first.wait(), 0, "status of the first", first)

    def test_a_dead_run_on_the_port_with_all_of_it(self):
        stage = self.stage()
        mark = {"VLMSHIM_RUN": dead_run(stage)}
        holder = stage.outsider("hold-port", stage.port, env=mark)
        helper = stage.outsider("pause", env=mark)
        bystander = stage.outsider("pause")
        run = stage.plain("--free", stage.port)
        check_equal(run.wait(), 0, "status", run)
        check("run that died" in run.err, "not logged", run)
        check_equal(holder.wait(10), 0, "the holder", run)
        check(helper.wait(10) in (0, -signal.SIGTERM), "the rest of that run", run)
        check(bystander.poll() is None, "a bystander was harmed", run)

    def test_dead_runs_without_a_port(self):
        """Only when no port is named: in a PID namespace, so that no run of another suite is disturbed."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        code = f"""
import os, subprocess, sys
vlmshim, pause = sys.argv[1], sys.argv[2:]
def lines(*words): return subprocess.run([vlmshim, "--no-config", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
mark = lines("-p", "{free_port()}", "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"').stdout
dead = subprocess.Popen(pause, env={{**os.environ, "VLMSHIM_RUN": mark}})
other = subprocess.Popen(pause)
named = lines("--free", "{stage.port}")
assert named.returncode == 0 and dead.poll() is None, named.stdout
os.environ["VLMSHIM_RUN"] = mark
free = lines("--free")
assert free.returncode == 0 and "pid %d " % dead.pid in free.stdout, free.stdout
assert dead.wait(10) is not None and other.poll() is None
other.kill()
"""
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code,
                               VLMSHIM, *fixture("pause")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        need(self, not done.stdout.startswith("unshare:"), "no namespaces here: " + done.stdout)
        check_equal(done.returncode, 0, done.stdout)
