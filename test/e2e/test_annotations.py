"""On GitHub Actions: a failure of vlmshim is an ::error annotation too, on stderr, the output of a server is folded, and
FORCE_COLOR is heeded in a log that is not a terminal."""

import os
import re
import signal

from harness import Case, check, check_equal, fixture, toml
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


class Groups(Case):
    NASTY = "::endgroup::"

    def failed(self, *words, **env):
        stage = self.stage()
        config = (f'[server]\nname = "model"\nport = {stage.port}\ncommand = {toml(fixture("serve", "{port}", "--line", self.NASTY))}\n')
        run = stage.plain(*words, "--", *fixture("exit", 3), config=config, env=env)
        check_equal(run.wait(), 3, "status", run)
        return run

    def test_what_a_server_printed_is_folded(self):
        run = self.failed(GITHUB_ACTIONS="true")
        lines = run.err.splitlines()
        begin, end = lines.index("::group::vlmshim: model: what it printed:"), lines.index("::endgroup::")
        check("vlmshim: model| ::endgroup::" in lines[begin + 1:end], "what it printed is not between them", run)
        check(all(line.startswith("vlmshim: model| ") for line in lines[begin + 1:end]), "other lines are folded, too", run)
        check_equal((run.err.count("::group::"), run.err.count("what it printed:")), (1, 1), "groups and titles", run)

    def test_only_there_and_not_in_json(self):
        for words, env in (((), {}), ((), {"GITHUB_ACTIONS": "false"}), (("--log-format", "json"), {"GITHUB_ACTIONS": "true"}), (("-q",), {"GITHUB_ACTIONS": "true"})):
            run = self.failed(*words, **env)
            check_equal("what it printed:" in run.err, "-q" not in words, "the title", run)
            check("::group::" not in run.err and "\n::endgroup::" not in run.err, "folded", run)


class Colours(Case):
    def test_a_log_that_is_no_terminal(self):
        def one(item):
            env, coloured = item
            stage = self.stage()
            run = stage.run("-t", "100ms", "--", *fixture("pause"), env={"GITHUB_ACTIONS": "true", **env})
            check_equal(run.wait(), 124, "status", run)
            check_equal("\x1b[31merror: \x1b[0mthe test ran longer" in run.err, coloured, "coloured", run)
            check_equal("\x1b" in run.err, coloured, "coloured at all", run)
            check(re.search("^::error title=vlmshim::the test", run.err, re.M), "the annotation", run)
        self.each([({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "true"}, True), ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": ""}, False),
                   ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({"FORCE_COLOR": "1", "TERM": "dumb"}, True)], one)
