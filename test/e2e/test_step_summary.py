"""On GitHub Actions each run that has something to say appends a summary in Markdown to GITHUB_STEP_SUMMARY."""

import os
import re
import signal

from harness import Case, check, check_equal, fixture, need, toml, vlmshim_command
from oracle import parent_of, wait_for

# What a test, a process or a configuration may be called, to be more than text in Markdown.
HOSTILE = "x | y `z` ``<img src=//x.test>`` <!-- **b** @octocat #123 ![i](//x.test) [l](//x.test) https://x.test $`a`$ \u202eabc\n\n# heading\n|---|"


def outside_code(markdown):
    """Without its code spans, found as CommonMark 6.1 says: a run of backticks up to the next one of the same length."""
    text, rest = "", markdown
    while run := re.search("`+", rest):
        closing = re.search(f"(?<!`){run.group()}(?!`)", rest[run.end():])
        text += rest[:run.start()] + ("" if closing else run.group())
        rest = rest[run.end() + (closing.end() if closing else 0):]
    return text + rest


class StepSummary(Case):
    def summary(self, stage, text=""):
        path = stage.file("summary.md")
        path.write_text(text, encoding="utf-8")
        return path

    def variables(self, stage):
        return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(stage.file("summary.md"))}

    def run_to_end(self, stage, *words, status, env=None, **options):
        run = stage.run(*words, env={**self.variables(stage), **(env or {})}, **options)
        check_equal(run.wait(), status, "status", run)
        return run

    def server(self, stage, *words):
        return f'[server]\nname = "model"\nport = {stage.port}\ncommand = {toml(fixture(*(words or ("serve", "{port}"))))}\n'

    def verdict(self, text, verdict, run):
        headings = re.findall(r"^### \S+ vlmshim: ([^:]+): ", text, re.M)
        check_equal(headings, [verdict], f"headings of {text!r}", run)

    def test_passed(self):
        """After text without a line end, in a table."""
        stage = self.stage()
        path = self.summary(stage, "| a |\n|---|\n| b |")
        run = self.run_to_end(stage, "--", *fixture("exit", 0), status=0, config=self.server(stage))
        text = path.read_text(encoding="utf-8")
        check(text.startswith("| a |\n|---|\n| b |\n\n### \u2705 vlmshim: Passed: the test exited with 0, after "), f"the beginning: {text!r}", run)
        for line in (r"`[^`\n]*vlmshim-fixture exit 0`", r"\| test \| \| \| [^|]*s \| exited with 0 \|",
                     rf"\| `model` \| {stage.port} \| [^|]*s \| [^|]*s \| ended with the run: exited with 0 \|",
                     rf"`ended model \(1 process\) in [^`]*, port {stage.port} is free`"):
            check(re.search(f"^{line}$", text, re.M), f"{line!r} is missing: {text}", run)
        check("summary" not in run.err, "a word about it in the log", run)

    def test_a_run_that_has_nothing_to_say(self):
        for words in (("exit", 0), ("spawn", "setsid", "pause", "--ready", "left.pid", "--", "exit", "0")):
            stage = self.stage()
            path = self.summary(stage)
            run = self.run_to_end(stage, "--", *fixture(*words), status=0)
            left = words[0] == "spawn"
            check_equal("`ended 1 process in " in path.read_text(encoding="utf-8"), left, "what was left", run)
            check_equal(path.stat().st_size > 0, left, "written", run)

    def test_verdicts(self):
        def one(item):
            verdict, status, words, why, config = item
            stage = self.stage()
            path = self.summary(stage)
            run = self.run_to_end(stage, *words, status=status, **({"config": config(stage)} if config else {}))
            text = path.read_text(encoding="utf-8")
            self.verdict(text, verdict, run)
            check(why in text, f"{why!r} is missing: {text}", run)
        pause = ("--", *fixture("pause"))
        self.each([
            ("Failed", 3, ("--", *fixture("exit", 3)), "| test | | | ", None),
            ("Timed out", 124, ("-t", "100ms", *pause), "\n`the test ran longer than 100 ms`\n", None),
            ("Test not run", 127, ("--", "/no/such/command"), "`test command '/no/such/command' could not be started", None),
            ("Test not run", 125, ("--bogus", *pause), "--bogus", None),
            ("Test not run", 125, pause, "\n- `", lambda stage: "[test]\ntimout = 1\ngrase = 2\n"),
            ("Test not run", 125, ("-s", "/no/such/server", *pause), "/no/such/server", None),
            ("Test not run", 125, pause, "| exited with 7 |", lambda stage: self.server(stage, "exit", 7)),
            ("Error", 125, ("--", "/bin/sh", "-c", "kill $(cut -d' ' -f1 server.pid); sleep 60"), "`server 'model' died while the test was running`",
             lambda stage: self.server(stage, "serve", "{port}", "--ready", "server.pid")),
            ("Test not run", 125, ("--report", "/proc/nothing", *pause), "`the report /proc/nothing cannot be written", None),
        ], one)

    def test_a_run_without_a_test(self):
        """It served; its server has no right to end by itself."""
        stage = self.stage()
        path = self.summary(stage)
        run = stage.run(env=self.variables(stage), config=self.server(stage, "serve", "{port}", "--ready", "server.pid"))
        server = stage.ready("server.pid", run)
        wait_for(lambda: "serving" in run.err, "serving")
        os.kill(server.pid, signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        text = path.read_text(encoding="utf-8")
        check(re.search("^### \u274c vlmshim: Error: server 'model' was killed by SIGKILL, after ", text, re.M), f"heading: {text}", run)
        check("| was killed by SIGKILL |" in text, f"end: {text}", run)

    def test_the_last_lines_of_a_server(self):
        """Which a viewer of the summary does not take for markup."""
        for lines, status in ((["# one", "<b>", "``` `three`", "", "five", "six", "seven"], 7), ([], 7), (["one"], 0)):
            stage = self.stage()
            path = self.summary(stage)
            command = ["/bin/sh", "-c", 'for line in "$@"; do echo "$line"; done; exec $0', " ".join(fixture("serve", "{port}")), *lines]
            config = f'[server]\nname = "model"\nport = {stage.port}\ncommand = {toml(command)}\n'
            self.run_to_end(stage, "--", *fixture("exit", status), status=status, config=config)
            block = "\n\nLast output of `model`:\n\n" + "".join(f"    {line}\n" for line in lines[1:])
            check_equal(block in path.read_text(encoding="utf-8"), bool(lines) and status != 0, f"{block!r} in {path.read_text(encoding='utf-8')}")

    def test_cancelled(self):
        """By a signal while the test runs: its sender is named, with or without a report."""
        def one(words):
            stage = self.stage()
            path = self.summary(stage)
            run = stage.run(*words, "--", *fixture("pause", "--ready", "test.pid"), env=self.variables(stage))
            stage.ready("test.pid", run)
            run.send(signal.SIGTERM)
            check_equal(run.wait(), -signal.SIGTERM, "status", run)
            text = path.read_text(encoding="utf-8")
            check(re.search("^### \u26a0\ufe0f vlmshim: Interrupted: SIGTERM ended the run, after ", text, re.M), f"heading: {text}", run)
            check(re.search(rf"^Ended by `SIGTERM from [^`]*pid {os.getpid()}\b", text, re.M), f"sender: {text}", run)
        self.each([(), ("--report", "report.json"), ("--log-level", "off")], one)

    def test_who_cancelled_it_after_a_thousand_other_signals(self):
        stage = self.stage()
        path = self.summary(stage)
        script = 'trap "" USR1; i=0; while [ $i -lt 1100 ]; do kill -USR1 $PPID; i=$((i+1)); done; echo > done; exec sleep 60'
        run = stage.run("--report", "report.json", "--", "/bin/sh", "-c", script, env=self.variables(stage))
        wait_for(lambda: stage.file("done").exists(), "the signals")
        run.send(signal.SIGTERM)
        run.wait()
        check("\nEnded by `SIGTERM from " in path.read_text(encoding="utf-8"), f"sender: {path.read_text(encoding='utf-8')}", run)

    def test_interrupted_and_busy(self):
        stage = self.stage()
        path = self.summary(stage)
        run = stage.run("--", *fixture("pause", "--ready", "test.pid"), env=self.variables(stage),
                        config=self.server(stage, "serve", "{port}", "--ok-when", "never", "--ready", "server.pid") + '[server.ready]\nhttp = "/health"\n')
        stage.ready("server.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        self.verdict(path.read_text(encoding="utf-8"), "Interrupted", run)

        stage = self.stage()
        path = self.summary(stage)
        holder = stage.outsider("hold-port", stage.port)
        run = self.run_to_end(stage, "--", *fixture("exit", 0), status=125)
        text = path.read_text(encoding="utf-8")
        self.verdict(text, "Test not run", run)
        check(f"port {stage.port} is busy: pid {holder.pid} (" in text, f"the holder: {text}", run)

    def test_the_supervisor_was_killed(self):
        stage = self.stage()
        path = self.summary(stage)
        run = stage.run("--", *fixture("pause", "--ready", "test.pid"), env=self.variables(stage))
        os.kill(parent_of(stage.ready("test.pid", run).pid), signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        text = path.read_text(encoding="utf-8")
        self.verdict(text, "Error", run)
        check("`the run was ended because its supervisor was killed, " in text, f"why: {text}", run)

    def test_a_report_that_cannot_be_written_makes_it_an_error(self):
        stage = self.stage()
        path = self.summary(stage)
        stage.file("gone").mkdir()
        run = self.run_to_end(stage, "--report", "gone/report.json", "--", "rm", "-r", "gone", status=125)
        self.verdict(path.read_text(encoding="utf-8"), "Error", run)
        check("\n`the report gone/report.json cannot be written: No such file or directory`\n" in path.read_text(encoding="utf-8"), "why", run)

    def test_a_run_within_a_run_has_its_own(self):
        stage = self.stage()
        path = self.summary(stage)
        run = self.run_to_end(stage, "--", *vlmshim_command("--no-config", "-p", "auto", "-t", "100ms", "--", *fixture("pause")), status=124)
        text = path.read_text(encoding="utf-8")
        check_equal(re.findall(r"^### \S+ vlmshim: ([^:]+): ", text, re.M), ["Timed out", "Failed"], "headings", run)

    def test_text_of_others_takes_no_effect(self):
        def one(words):
            stage = self.stage()
            path = self.summary(stage)
            run = stage.plain(*words(stage), env=self.variables(stage))
            run.wait()
            text = path.read_text(encoding="utf-8")
            check("octocat" in text, f"it is not there: {text}", run)
            check("\u202e" not in text, "it changes the direction of the text", run)
            rest = outside_code(text).replace("**What to do:**", "")
            for part in ("octocat", "<", "x.test", "123", "**", "heading"):
                check(part not in rest, f"{part!r} is outside of code: {text}", run)
            check_equal(len(re.findall("^#", rest, re.M)), 1, "headings", run)
        self.each([
            lambda stage: ("-t", "100ms", "--", *fixture("pause"), HOSTILE),
            lambda stage: ("--", HOSTILE),
            lambda stage: ("--" + HOSTILE.replace("=", ":"),),
            lambda stage: ("-t", HOSTILE, "--", "true"),
            lambda stage: stage.outsider("serve", stage.port, "--line", HOSTILE) and ("-p", stage.port, "--", "true"),
        ], one)

    def test_a_secret_stays_as_it_is(self):
        """The runner masks it in the summary as in the log, if it finds it."""
        stage = self.stage()
        path = self.summary(stage)
        run = self.run_to_end(stage, "--", *fixture("exit", 3), "--token=a_b*c.d-e<f>|g&h", status=3)
        check("a_b*c.d-e<f>|g&h" in path.read_text(encoding="utf-8"), "changed", run)

    def test_only_on_github(self):
        stage = self.stage()
        path = self.summary(stage)
        for env in ({"GITHUB_ACTIONS": "false"}, {"GITHUB_ACTIONS": ""}, {"GITHUB_STEP_SUMMARY": ""}):
            self.run_to_end(stage, "--", *fixture("exit", 3), status=3, env=env)
        run = self.run_to_end(stage, "--check", status=0)
        check_equal(path.read_text(encoding="utf-8"), "", "written", run)

    def test_what_cannot_be_appended_to(self):
        """A warning, nothing more, and nothing that waits."""
        def fifo(stage):
            os.mkfifo(stage.file("summary.md"))

        def read_fifo(stage):
            fifo(stage)
            stage.reader = os.open(stage.file("summary.md"), os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, stage.reader)

        def link(stage):
            stage.file("other").write_text("", encoding="utf-8")
            stage.file("summary.md").symlink_to("other")

        def second_name(stage):
            stage.file("other").write_text("", encoding="utf-8")
            stage.file("summary.md").hardlink_to(stage.file("other"))

        def full(stage):
            self.summary(stage, "x" * (1024 * 1024 - 50))

        def one(item):
            prepare, why = item
            stage = self.stage()
            prepare(stage)
            path = stage.file("summary.md")
            size = path.stat().st_size
            for words, status in ((("--", *fixture("exit", 3)), 3), (("-t", "100ms", "--", *fixture("pause")), 124), (("--bogus",), 125)):
                run = self.run_to_end(stage, *words, status=status)
                check_equal(run.err.count(f"vlmshim: warning: the step summary {path} cannot be written: {why}\n"), 1, "warnings", run)
            check_equal(path.stat().st_size, size, "size", run)
            check(not stage.file("other").exists() or stage.file("other").stat().st_size == 0, "the other name", run)
        plain = "it is not a regular file with a single name"
        self.each([(fifo, plain), (read_fifo, plain), (link, plain), (second_name, plain), (lambda stage: stage.file("summary.md").mkdir(), plain),
                   (full, "File too large")], one)

    def test_the_reason_is_the_last_line(self):
        """Though what cannot be written is noticed after it."""
        for words, why in ((("-t", "100ms", "--report", "gone/report.json"), "the test ran longer than 100 ms"),
                           (("-t", "100ms", "--report", "gone/report.json", "--report", "report.json"), "the test ran longer than 100 ms"),
                           (("-t", "100ms"), "the test ran longer than 100 ms"), (("--report", "report.json", "--bogus"), "unknown option '--bogus'")):
            stage = self.stage()
            stage.file("gone").mkdir()
            stage.file("summary.md").mkdir()
            run = stage.run(*words, "--", "/bin/sh", "-c", "rmdir gone; sleep 60", env={**self.variables(stage), "GITHUB_ACTIONS": "true"})
            run.wait()
            lines = [line for line in run.err.splitlines() if not line.startswith("::")]
            check(lines[-1].startswith(f"vlmshim: error: {why}") and any("cannot be written" in line for line in lines), f"the last line: {lines[-1]}", run)

    def test_a_file_that_we_may_not_write(self):
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.stage()
        path = self.summary(stage)
        path.chmod(0o644)
        stage.folder.chmod(0o755)
        run = self.run_to_end(stage, "--", *fixture("exit", 3), status=3, user=65533, group=65533, extra_groups=[])
        check(f"warning: the step summary {path} cannot be written: Permission denied\n" in run.err, "no warning", run)

    def test_a_file_that_is_not_there(self):
        """In a container of another image: the variables are there, the folder is not."""
        stage = self.stage()
        run = self.run_to_end(stage, "--", *fixture("exit", 3), status=3)
        check(not stage.file("summary.md").exists() and "summary" not in run.err, "made, or reported", run)
