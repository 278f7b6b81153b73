"""Several servers' output, shown by lines, and what the report keeps of each."""

import json
import os
import re
import signal

from harness import Case, check, check_equal, fixture, FIXTURE, script, toml
from oracle import get, wait_for
from report_page import fields_within, read

NASTY = r"printf 'bad \033[31m\007 \000 \377 \302\233 \342\200\256 ##[error]x\n::error::y\n'"
SHOWN = ["bad \\x1b[31m\\x07 \\x00 \\xff \\u009b \\u202e ##\\[error]x", "::error::y"]
# A report has the text as it was, except bytes that are not UTF-8.
KEPT = ["bad \x1b[31m\a \0 \ufffd \x9b \u202e ##[error]x", "::error::y"]
WAITING = ("wait-file", "go", 0, "--ready", "test.pid")


def server(name, shell, *lines):
    """A shell script, and then a server."""
    words = ["sh", "-c", f"{shell}; exec {' '.join(fixture('serve', '{port}'))}"]
    return f'[[server]]\nname = "{name}"\nport = "auto"\ncommand = {toml(words)}\n' + "".join(line + "\n" for line in lines)


def inherited(name, shell=":"):
    return server(name, shell, 'output = "inherit"')


def lines_of(name, run):
    return [line.removeprefix(f"{name}| ") for line in run.err.splitlines() if line.startswith(f"{name}| ")]


class ByLines(Case):
    def two(self, shell, *arguments, stage=None, **options):
        """Of two servers the second one is quiet."""
        return (stage or self.stage()).plain(*arguments, config=inherited("model", shell) + inherited("proxy"), **options)

    def test_each_line_has_its_servers_name(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=inherited("model", "echo one; echo two >&2; echo") + inherited("proxy", "echo three"))
        check_equal(run.wait(), 0, "status", run)
        check_equal((lines_of("model", run), lines_of("proxy", run)), (["one", "two", ""], ["three"]), "lines", run)
        check_equal(run.out, "", "stdout is the test's", run)
        stage.prove_clean()

    def test_nothing_of_it_takes_effect(self):
        run = self.two(NASTY, "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check_equal(lines_of("model", run), SHOWN, "lines", run)
        for line in run.err_path.read_bytes().split(b"\n")[:-1]:
            check(line.startswith((b"vlmshim: ", b"model| ", b"proxy| ")) and not re.search(rb"[\0-\x08\x0b-\x1f\x7f-\xff]", line), f"raw: {line!r}", run)

    def test_an_unfinished_line_does_not_wait_for_its_end(self):
        stage = self.stage()
        run = self.two("printf 'Password? '", "--", *fixture(*WAITING), stage=stage)
        stage.ready("test.pid", run)
        wait_for(lambda: "model| Password? \n" in run.err, "the unfinished line")
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        check_equal(lines_of("model", run), ["Password? "], "lines", run)

    def test_the_last_words_of_a_server(self):
        """The rest of the pipe when it ends, with an unfinished line."""
        run = self.two("seq 3000; printf 'last words'; exit 3", "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        check_equal(lines_of("model", run), [*map(str, range(1, 3001)), "last words"], "lines", run)
        check(run.err.index("model| last words") < run.err.index("model: exited with 3"), "they come after its end", run)
        check("what it printed" not in run.err, "shown twice", run)

    def test_the_last_words_of_what_a_server_left(self):
        """Written by a process that is not recognised as the server's, after the server has exited, without an end of line."""
        stage = self.stage()
        script(stage.file("left.sh"), "trap 'printf bye; exit' TERM\ntouch up\nwhile [ -e up ]; do sleep 0.02; done 2>&-\n")
        script(stage.file("model.sh"), f"""
            trap 'kill $server; wait $server; env -i setsid sh left.sh & while ! [ -e up ]; do sleep 0.02; done; exit' TERM
            {FIXTURE} serve $1 & server=$!
            wait""")
        model = f'[[server]]\nname = "model"\nport = "auto"\noutput = "inherit"\ncommand = {toml(["sh", "model.sh", "{port}"])}\n'
        run = stage.plain("-g", "10m", "--", *fixture("exit", 0), config=model + inherited("proxy"))
        check_equal(run.wait(), 0, "status", run)
        check_equal(lines_of("model", run), ["bye"], "lines", run)
        stage.prove_clean()

    def test_a_leftover_that_holds_the_pipe_does_not_delay_the_end(self):
        """Nor does a process that keeps writing into it."""
        def one(shell):
            stage = self.stage()
            run = self.two(f"setsid sh -c 'trap \"\" TERM; {shell}' & :", "-g", "500ms", "--", *fixture("exit", 4), stage=stage)
            check_equal(run.wait(), 4, "status", run)
            check(run.seconds() < 10, f"took {run.seconds():.1f} s", None)
            stage.prove_clean()
        self.each(["sleep 600", "yes"], one)

    def test_serving_several_names_the_server_of_each_line(self):
        stage = self.stage()
        run = stage.plain(config=server("model", "echo one") + server("proxy", "echo two"))
        wait_for(lambda: "serving model, proxy" in run.err, "both to serve")
        run.send(signal.SIGTERM)
        check_equal(run.wait(), 0, "status", run)
        check_equal((lines_of("model", run), lines_of("proxy", run)), (["one"], ["two"]), "lines", run)

    def test_quiet_is_about_vlmshim_itself(self):
        run = self.two("echo one", "-q", "--", *fixture("exit", 0))
        check_equal((run.wait(), run.err), (0, "model| one\n"), "what is shown", run)

    def test_json(self):
        run = self.two(NASTY, "--log-format", "json", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        messages = [json.loads(line)["message"] for line in run.err_path.read_bytes().splitlines()]
        check_equal([message for message in messages if message.startswith("model| ")], [f"model| {line}" for line in SHOWN], "messages", run)

    def test_a_single_server_writes_to_our_output_itself(self):
        stage = self.stage()
        run = stage.plain("--", *fixture("exit", 0), config=inherited("model", r"printf '\033[1mbold\n'; echo wrong >&2"))
        check_equal(run.wait(), 0, "status", run)
        check_equal(run.out, "\033[1mbold\n", "stdout", run)
        check("wrong\n" in run.err and not lines_of("model", run), "stderr", run)


class InTheReport(Case):
    def outputs(self, config, *arguments, status=0, test=("exit", 0)):
        """{server: output}, and the size of the report."""
        stage = self.stage()
        run = stage.plain("--report", "report.json", *arguments, "--", *fixture(*test), config=config)
        check_equal(run.wait(), status, "status", run)
        outputs = {one["name"]: one["output"] for one in read(stage)["servers"]}
        for output in outputs.values():
            check(output is None or set(output) <= fields_within("output"), f"a field that the page does not know: {output}", run)
        return outputs, os.path.getsize(stage.file("report.json"))

    def test_what_was_kept_whatever_the_server_writes(self):
        outputs, _ = self.outputs(server("captured", NASTY) + inherited("shown", NASTY + "; printf 'no end'"))
        check_equal(outputs, {"captured": {"kept": KEPT, "dropped": 0}, "shown": {"kept": [*KEPT, "no end"], "dropped": 0}}, "outputs")

    def test_where_it_is_when_it_is_not_kept(self):
        outputs, _ = self.outputs(server("written", "echo one", 'output = "file:server.log"') + server("lost", "echo one", 'output = "discard"'))
        check_equal((os.path.basename(outputs["written"]["file"]), outputs["lost"]), ("server.log", None), "outputs")
        outputs, _ = self.outputs(inherited("alone", "echo one"))
        check_equal(outputs, {"alone": None}, "passed through")
        outputs, _ = self.outputs(server("first", "echo one; exit 3") + server("second", "echo two", 'after = ["first"]'), status=125)
        check_equal(outputs, {"first": {"kept": ["one"], "dropped": 0}, "second": None}, "not started")

    def test_server_of_another_run(self):
        stage = self.stage()
        stage.outsider("serve", stage.port)
        run = stage.plain("--report", "report.json", "-b", "reuse", "--", *fixture("exit", 0),
                          config=f"[server]\nport = {stage.port}\ncommand = {toml(fixture('serve', '{port}'))}\n")
        check_equal(run.wait(), 0, "status", run)
        check_equal([one["output"] for one in read(stage)["servers"]], [None], "outputs", run)
        check_equal(get(stage.port, "/")[0], 200, "the outsider", run)

    def test_the_report_stays_small(self):
        long_line = "head -c 30000000 /dev/zero"
        outputs, size = self.outputs(server("lines", 'seq -f "line %.0f of many, many" 700000 | tr 0-9 a-j') + server("line", long_line))
        check(size < 65536, f"{size} bytes")
        check_equal((len(outputs["lines"]["kept"]), outputs["lines"]["dropped"]), (50, 699950), "lines")
        (line,) = outputs["line"]["kept"]
        check_equal(line, "\0" * 2048 + "...", "the long line")
