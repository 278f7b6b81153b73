"""What others have written - names, command lines, what a server prints - controls no terminal and commands no CI runner."""

import json
import re
import unicodedata

from harness import Case, VLMSHIM, check, check_equal, fixture, toml
from oracle import read_bytes
from report_page import parse
from terminal import Terminal

# A line each: clears the screen, as one character and as a byte; changes the text direction; ends a line; is invisible.
EVIL = "\x1b[2J \x9b2J \u202egnp.exe \u2028::error::x \u2066a\u2069 \ufeffb\u200bc ##[set-output name=v;]x ##vso[task.complete]y"
RAW = EVIL.encode() + b" \x9b2J \xff"
GOOD = "Grüße 日本語 😀 👨‍👩‍👧"


def problems(text):
    """The oracle: what would have an effect, by the Unicode tables and the runners' rules."""
    found = [f"U+{ord(c):04X}" for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c != "\u200d"]
    found += re.findall(r"##\w*\[", text) + re.findall(r"^\s*::.*", text, re.M)
    return found


def decoded(raw):
    return raw.decode("utf-8", "surrogateescape")  # a byte that is no UTF-8 shows as Cs


class TextOfOthers(Case):
    def safe(self, raw, what, *expected):
        text = decoded(raw)
        check_equal(problems(text), [], f"{what}:\n{text!r}")
        for words in expected:
            check(words in text, f"{what}: {words!r} is missing:\n{text}")

    def named(self, stage, *words):
        """A listener with such a command line."""
        copy = stage.file("evil").with_name(f"{GOOD} {EVIL}")
        copy.symlink_to(fixture()[0])
        return stage.outsider(*words, program=str(copy))

    def test_a_command_line(self):
        def one(form):
            stage = self.stage()
            self.named(stage, "hold-port", stage.port)
            run = stage.run("--log-format", form, "--", *fixture("exit", 0), env={"GITHUB_ACTIONS": "true"})
            check_equal(run.wait(), 125, "status", run)
            raw = run.err_path.read_bytes()
            lines = [line for line in raw.split(b"\n") if not line.startswith(b"::error title=vlmshim::")]
            check_equal(len(raw.split(b"\n")) - len(lines), 1, "annotations", run)
            self.safe(b"\n".join(lines), form, GOOD, "set-output")
            self.safe(raw.replace(b"::error title=vlmshim::", b"annotation "), "the annotation")
            if form == "json":
                check(any(EVIL[:40] in json.loads(line)["message"] for line in lines if line), "JSON does not say it as it is", run)
        self.each(["text", "json"], one)

    def test_who_and_free(self):
        stage = self.stage()
        self.named(stage, "hold-port", stage.port)
        for options in ((), ("--log-format", "json")):
            run = stage.plain("--who", stage.port, *options)
            check_equal(run.wait(), 0, "status", run)
            self.safe(run.out_path.read_bytes(), f"--who {options}", GOOD)
            if options:
                check(EVIL[:40] in json.loads(run.out)["command"], "JSON does not say it as it is", run)
        run = stage.plain("--free", stage.port, "--log-format", "json")
        check_equal(run.wait(), 0, "status", run)
        self.safe(run.out_path.read_bytes() + run.err_path.read_bytes(), "--free", GOOD)

    def test_a_process_name(self):
        """Where there is no command line: a title of its own, or none."""
        stage = self.stage()
        name = "\x1b[2J\n##[a]x"
        script = ("import ctypes, os, sys, time\nlibc = ctypes.CDLL(None)\nlibc.prctl(15, os.fsencode(sys.argv[1]))\n"
                  "fields = open('/proc/self/stat').read().rpartition(')')[2].split()\n"  # the 45th: where the arguments begin
                  "ctypes.memset(int(fields[45]), 0, int(fields[46]) - int(fields[45]))\nopen(sys.argv[2], 'w').close()\ntime.sleep(1000)\n")
        words = ["/bin/sh", "-c", 'setsid /usr/bin/python3 -c "$1" "$2" ready & while [ ! -e ready ]; do sleep 0.01; done; exit 0', "sh", script, name]
        run = stage.run("-v", "--", *words)
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        raw = run.err_path.read_bytes()
        check(b"left behind" in raw, "it is not named", run)
        self.safe(raw, "the log", r"[\x1b[2J\n##\[a]x]")

    def test_what_a_server_prints(self):
        stage = self.stage()
        stage.file("says").write_bytes(RAW + b" " + GOOD.encode() + b"\ttab\n::set-output name=v::x\n")
        run = stage.plain("--", *fixture("exit", 0), config=f"[server]\ncommand = {toml(['cat', stage.file('says')])}\nport = {stage.port}\n")
        check_equal(run.wait(), 125, "status", run)
        self.safe(run.err_path.read_bytes().replace(b"\t", b" "), "the log", GOOD, "server| ::set-output", "\\x9b2J", "\\u202e")

    def test_a_configuration(self):
        """A message that quotes it; --check, which still says the same."""
        stage = self.stage()
        text = f"[test]\ncommand = {json.dumps(['echo', EVIL, GOOD], ensure_ascii=False)}\n"
        for c in "\x1b\x9b":
            text = text.replace(c, f"\\u00{ord(c):02x}")
        run = stage.plain("--check", config=text)
        check_equal(run.wait(), 0, "status", run)
        self.safe(run.out_path.read_bytes(), "--check", GOOD)
        again = stage.plain("--check", config=run.out)
        again.wait()
        check_equal(again.out.splitlines()[1:], run.out.splitlines()[1:], "read again", again)
        run = stage.plain("--check", config=text.replace("command", "timeout"))
        check_equal(run.wait(), 125, "status", run)
        self.safe(run.err_path.read_bytes(), "the error")

    def test_a_report(self):
        stage = self.stage()
        run = stage.run("--report", "report.json", "--", "/bin/sh", "-c", "exit 0", f"{EVIL} {GOOD}")
        check_equal(run.wait(), 0, "status", run)
        raw = read_bytes(stage.file("report.json"))
        self.safe(raw, "the report", GOOD)
        check_equal(parse(raw)["command"][-1], f"{EVIL} {GOOD}", "the command in it", run)

    def test_the_live_line(self):
        stage = self.stage()
        words = ["sh", "-c", "exit 1", EVIL]
        config = f"[server]\ncommand = {toml(fixture('pause'))}\nport = 'none'\n[server.ready]\nexec = {json.dumps(words, ensure_ascii=False)}\n"
        for c in "\x1b\x9b":
            config = config.replace(c, f"\\u00{ord(c):02x}")
        stage.file("live.toml").write_text(config, encoding="utf-8")
        terminal = Terminal(stage, [VLMSHIM, "-c", "live.toml", "--", "true"], env={"TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C"})
        shown = terminal.expect(r"\x1b\[J(vlmshim: [^\r]*exited with 1[^\r]*)\r").group(1)
        self.safe(shown.encode(), "the live line", "task.complete")
        terminal.type("\x03")
        terminal.process.wait(20)


class Secrets(Case):
    def test_values_of_env_are_nowhere(self):
        """Only their names: in the log at level trace, in the report, and in the message about a wrong value."""
        secret = "s3cr3t-value"
        stage = self.stage()
        config = (f"[server]\ncommand = {toml(fixture('serve', '{port}', '--ready', 'server.pid'))}\nport = {stage.port}\n"
                  f"env = {{ TOKEN = \"{secret}\" }}\n")
        run = stage.plain("-vv", "--report", "report.json", "--", *fixture("exit", 3), config=config)
        check_equal(run.wait(), 3, "status", run)
        stage.prove_clean()
        for name in (run.out_path, run.err_path, stage.file("report.json")):
            check(secret.encode() not in read_bytes(name), f"it stands in {name}", run)

    def test_nor_in_what_is_said_of_a_wrong_one(self):
        def one(env):
            stage = self.stage()
            run = stage.plain("-vv", "--", "true", config=f"[server]\ncommand = [\"true\"]\nenv = {env}\n")
            check_equal(run.wait(), 125, "status", run)
            check(re.search(r"env|TOKEN|toml:", run.err) and "7531" not in run.err, "not logged", run)
        self.each(['"TOKEN=7531"', "{ TOKEN = 7531 }", '{ TOKEN = "7531\\u0000" }', "{ TOKEN = 7531x }", '{ TOKEN = "7531" 7 }', '["TOKEN=7531"]',
                   '{ TOKEN = "7531\\q" }', '{ VLMSHIM_PORT = "7531" }'], one)
