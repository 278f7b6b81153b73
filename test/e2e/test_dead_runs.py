"""Listeners left over from a vlmshim that is dead already, recognised by VLMSHIM_RUN."""

import os
import signal

from harness import Case, check, check_equal, fixture
from oracle import alive, fields_of, forged, free_port, parent_of, wait_for


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


class DeadRun(Case):
    """Left over from a vlmshim that is dead already, recognised by VLMSHIM_RUN."""

    def dead_run(self, stage):
        run = stage.plain("-p", free_port(), "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"')
        check_equal(run.wait(), 0, "status", run)
        check_equal(fields_of(run.out)["keeper"], str(run.pid), f"the keeper in VLMSHIM_RUN={run.out!r}", run)
        return run.out

    def test_is_ended_with_everything_of_that_run(self):
        stage = self.stage()
        mark = {"VLMSHIM_RUN": self.dead_run(stage)}
        holder = stage.outsider("hold-port", stage.port, env=mark)
        helper = stage.outsider("pause", env=mark)
        bystander = stage.outsider("pause")
        stage.runs.clear()  # processes with their mark are no leftovers of the run that is checked here
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

    def test_recycled_pid(self):
        """Processes with these pids exist, but no socket has the run's name: they are not keeper and supervisor."""
        stage = self.stage()
        mark = forged(self.dead_run(stage), keeper=os.getpid(), supervisor=os.getpid())
        holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": mark})
        stage.runs.clear()
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check_equal(holder.wait(10), 0, "the holder", run)

    def test_of_a_killed_vlmshim(self):
        """kill -9 on vlmshim; processes that outlive it are ended by the next run at the latest."""
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
