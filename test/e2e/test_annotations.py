"""On GitHub Actions a failure of vlmshim is an ::error annotation too, on stderr."""

import os
import signal

from harness import Case, check, check_equal, fixture
from oracle import parent_of


class Annotations(Case):
    def test_only_for_failures_of_ours_and_only_there(self):
        def one(item):
            words, status, annotated, github = item
            stage = self.stage()
            run = stage.run(*words, env={"GITHUB_ACTIONS": "true"} if github else {})
            check_equal(run.wait(), status, "status", run)
            lines = [line for line in run.err.splitlines() if line.startswith("::error title=vlmshim::")]
            check_equal(bool(lines), annotated, "annotated", run)
            check_equal(run.out, "", "the test's stdout", run)
        self.each([
            (("-t", "100ms", "--", *fixture("pause")), 124, True, True),
            (("-t", "100ms", "--", *fixture("pause")), 124, False, False),
            (("--", "/no/such/command"), 127, True, True),
            (("-q", "-q", "--bogus"), 125, True, True),
            (("--", *fixture("exit", 3)), 3, False, True),
            (("--", *fixture("exit", 0)), 0, False, True),
        ], one)

    def test_supervisor_killed(self):
        stage = self.stage()
        run = stage.run("--", *fixture("pause", "--ready", "test.pid"), env={"GITHUB_ACTIONS": "true"})
        os.kill(parent_of(stage.ready("test.pid", run).pid), signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        check("\n::error title=vlmshim::the run was ended because" in run.err, "not annotated", run)
