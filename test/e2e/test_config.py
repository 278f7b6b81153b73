"""Configuration files and options as a user meets them; the parser's own table is a unit test."""

import os
import pathlib
import re
import subprocess

from harness import Case, check, check_equal, fixture, need, SOURCE, Stage, toml, VLMSHIM
from oracle import free_port, listening

NAMING = '[test]\ncommand = ["echo", "{}"]\n[ports]\nguard = [{}]\n'


class Errors(Case):
    def refused(self, text, *wanted, arguments=("--", "touch", "started")):
        stage = self.stage()
        run = stage.plain(*arguments, config=text)
        check_equal(run.wait(), 125, "status", run)
        check(not stage.file("started").exists(), "the test was started", run)
        for pattern in wanted:
            check(re.search(pattern, run.err), f"no {pattern!r}", run)
        check("terminate called" not in run.err, "an exception escaped", run)
        return run

    def test_unknown_table_with_place_and_suggestion(self):
        self.refused('[log]\nlevel = "info"\n\n# comment\n[sever]\ncommand = ["x"]\n', r"vlmshim-1\.toml:5:\d+: unknown key 'sever', did you mean 'server'\?")

    def test_table(self):
        def one(item):
            text, pattern = item
            self.refused(text, pattern)
        self.each([
            ('[server]\ncomand = ["x"]\n', r":2:1: .*'comand'.*'command'"),
            ("[server]\ncommand = 7\n", r":2:\d+: .*command.*7"),
            ('[server]\ncommand = ["x"]\nport = 70000\n', r":3:\d+: .*port.*65535.*70000"),
            ('[server]\ncommand = ["x"]\nport = "8080"\n', r":3:\d+: .*port.*\"8080\""),
            ('[server]\ncommand = ["x"]\ngrace = 3\n', r":3:\d+: .*grace.*unit"),
            ('[server]\ncommand = ["x"]\ngrace = "3 parsecs"\n', r":3:\d+: .*grace"),
            ('[test]\ntimeout = "0s"\n', r":2:\d+: .*timeout"),
            ('[ports]\nbusy = "kil"\n', r':2:\d+: .*"fail".*"kill".*"reuse"'),
            ('[ports]\noutsiders = "shoot"\n', r':2:\d+: .*"own".*"end".*"report"'),
            ('[test]\nleftovers = "keep"\n', r':2:\d+: .*"reap".*"fail"'),
            ('[signals]\nrewrite = { SIGTERM = "SIGNIT" }\n', r":2:\d+: .*SIGNIT.*SIGINT"),
            ('[server]\ncommand = ["x"]\nstop_signal = "SIGTREM"\n', r":3:\d+: .*SIGTREM.*SIGTERM"),
            ('[server]\ncommand = ["x"]\noutput = "tee"\n', r":3:\d+: .*output"),
            ('[server]\ncommand = ["x"]\n[server.ready]\nhttp = "ftp://x"\n', r":4:\d+: .*http"),
            ('[server]\ncommand = ["x"]\n[server.ready]\nhttp = "/a"\nstatus = ["1xx"]\n', r":5:\d+: .*status.*200 to 599.*1xx"),
            ('[server]\ncommand = ["x"]\nport = "none"\n[server.ready]\nhttp = "/a"\n', r":5:\d+: .*\{port\}.*none"),
            ('[server]\ncommand = ["x"]\nexternal = true\n', r":2:\d+: .*command.*external"),
            ('[server]\nport = 1234\n', r":\d+:\d+: .*command"),
            ('[[server]]\nname = "a"\ncommand = ["x"]\nport = 1\n[[server]]\nname = "a"\ncommand = ["x"]\nport = 2\n', r":\d+:\d+: .*name"),
            ('[[server]]\nname = "a"\ncommand = ["x"]\nport = 1\n[[server]]\nname = "b"\ncommand = ["x"]\nport = 1\n', r":\d+:\d+: .*port"),
            ('[[server]]\nname = "a"\ncommand = ["x"]\n[[server]]\nname = "b"\ncommand = ["x"]\n', r":\d+:\d+: .*port"),
            ("[server\n", r":1:\d+: "),
            ('[log]\nlevel = "info"\nlevel = "debug"\n', r":3:\d+: "),
            ("\x00", r":1:\d+: "),
        ], one)

    def test_wrong_types_and_unknown_names(self):
        def one(text):
            self.refused(text, r":\d+:\d+: ")
        self.each(['[report]\npath = 1\n', "[isolation]\npid_namespace = 1\n", '[[server]]\nname = "a"\ncommand = ["x"]\nport = 1\nafter = ["b"]\n'], one)

    def test_all_at_once_and_in_file_order(self):
        run = self.refused('[sever]\n[test]\ntimeout = 3\ncomand = []\n[ports]\nbusy = "no"\n', ":1:", ":3:", ":4:1:", ":6:")
        lines = [int(match.group(1)) for match in re.finditer(r"\.toml:(\d+):\d+:", run.err)]
        check_equal(lines, sorted(lines), "order", run)

    def test_missing_file(self):
        stage = self.stage()
        run = stage.plain("-c", "nowhere.toml", "--", *fixture("exit", 0), keep_config_search=True)
        check_equal(run.wait(), 125, "status", run)
        check("nowhere.toml" in run.err, "the file is not named", run)

    def test_options(self):
        def one(words):
            stage = self.stage()
            run = stage.plain(*words, "touch", "started")
            check_equal(run.wait(), 125, f"status of {words}", run)
            check(run.err.startswith("vlmshim: error:"), "no error", run)
            check(not stage.file("started").exists(), "the test was started", run)
        self.each([("--no-such-option", "--"), ("-p", "0", "--"), ("-p", "x", "--"), ("-t", "5", "--"), ("-g", "-1s", "--"), ("-b", "maybe", "--"),
                   ("--log-level", "loud", "--"), ("--log-format", "xml", "--"), ("-r", "http://local..host/", "--"), ("-s", "a | b", "--"), ("-s", "sleep 9", "-r", "http://web/", "--"),
                   ("--who", "--"), ("--free", "--"), ("--report", "", "--"),
                   ("-p", "auto", "-s", "sleep 9", "-r", "http://127.0.0.1:1{port}/", "--"), ("-p", "auto", "-s", "sleep 9", "-r", "tcp://localhost:{port}5", "--"),
                   ("-p", "20001", "-s", "sleep 9", "-r", "http://[::1]:{port}{port}/", "--")], one)

    def test_not_even_a_name_of_the_program(self):
        """execve(2) with an empty argv: argc is 0, or Linux has put an empty name there. Nothing is run."""
        stage = self.stage()
        stage.file("vlmshim.toml").write_text(f'[ports]\nguard = [{stage.port}]\n[test]\ncommand = ["touch", "started"]\n')
        done = subprocess.run(fixture("without-argv", VLMSHIM), env=stage.environment(), cwd=stage.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        check_equal(done.returncode, 125, f"status of {done}")
        check(done.stderr.startswith("vlmshim: error: no arguments, not even the program's name"), f"no error: {done}")
        check(not stage.file("started").exists(), "the test was started")

    def test_no_command(self):
        stage = self.stage()
        run = stage.run()
        check_equal(run.wait(), 125, "status", run)
        check("command" in run.err, "not logged", run)


class Check(Case):
    def checked(self, stage, *arguments, **options):
        run = stage.plain(*arguments, "--check", **options)
        check_equal(run.wait(), 0, "status", run)
        return run.out.partition("\n")[2]  # the first line is a comment: which file it was

    def test_prints_every_default_and_reads_it_back(self):
        stage = self.stage()
        command = toml(fixture("serve", "{port}", "a b", 'quo"te', "back\\slash", "ü"))
        printed = self.checked(stage, config=f'[server]\ncommand = {command}\nenv = {{ A = "1" }}\n')
        for key in ("name", "command", "port", "cwd", "env", "unset_env", "output", "stop_signal", "grace", "on_exit", "timeout", "leftovers", "guard", "busy",
                    "outsiders", "spare", "forward", "rewrite", "level", "format"):
            check(re.search(rf"^\s*#?\s*{key}\s*=", printed, re.M) or re.search(rf"^\[.*{key}\]", printed, re.M), f"{key} is not printed:\n{printed}")
        again = self.checked(stage, config=printed)
        self.assertEqual(again, printed)

    def test_nothing_is_started(self):
        stage = self.stage()
        self.checked(stage, config=f'[server]\ncommand = {toml(fixture("exit", 0, "--ready", "server.pid"))}\n[test]\ncommand = ["touch", "started"]\n')
        check(not stage.file("started").exists(), "the test was started")

    def test_warns_of_what_will_not_work(self):
        """With status 0, one line each on stderr; none where a run would work."""
        stage = self.stage()
        stage.file("no-program.sh").write_text("#!/bin/sh\n")
        stage.outsider("hold-port", stage.port)
        text = (f'[[server]]\nname = "a"\ncommand = ["{stage.folder}/nowhere", "{{port}}"]\nport = {stage.port}\n'
                f'[[server]]\nname = "b"\ncommand = "{stage.folder}/no-program.sh"\nport = "auto"\nready = {{ http = "http://localhost:1/" }}\n'
                '[[server]]\nname = "c"\ncommand = "sh {port}"\nport = "auto"\ncwd = "nowhere"\noutput = "file:nowhere/c.log"\n'
                '[test]\ncommand = "no-such-program-of-this-test"\n[report]\npath = "/"\n')
        run = stage.plain("--check", config=text)
        check_equal(run.wait(), 0, "status", run)
        for part in ("server 'a' cannot be started", "server 'b' cannot be started", "chmod", "server 'b' is not told its port", "is asked on port 1 ",
                     "server 'c' cannot be started: its cwd", "nowhere/c.log", "the test 'no-such-program-of-this-test' cannot be started",
                     f"port {stage.port} is busy: pid ", "the report / cannot be written"):
            check(part in run.err, f"{part!r} is missing", run)
        check(all(line.startswith("vlmshim: warning: ") for line in run.err.splitlines()), "not all are warnings", run)
        kept = stage.plain("--check", "-b", "kill", config=text)
        check_equal(kept.wait(), 0, "status", kept)
        check(f"port {stage.port} is not free: pid " in kept.err and "a run ends that first" in kept.err, "busy = kill", kept)
        reused = stage.plain("--check", "-b", "reuse", config=text)
        check_equal(reused.wait(), 0, "status", reused)
        check(f"port {stage.port}" not in reused.err, "busy = reuse", reused)
        check(listening(stage.port), "the holder was ended", reused)
        fine = stage.plain("--check", "-s", "sh -c 'exec serve {port}'", "-p", free_port(), "-b", "kill", "--report", "report.json", "--", "true")
        check_equal(fine.wait(), 0, "status", fine)
        check_equal(fine.err, "", "stderr", fine)
        check(not stage.file("report.json").exists(), "a report was written", fine)

    def test_a_program_with_a_port_that_is_chosen_for_a_run(self):
        """Nobody knows its name before that."""
        stage = self.stage()
        run = stage.plain("--check", config=f'[server]\ncommand = "{stage.folder}/serve-{{port}}"\nport = "auto"\n'
                                            f'ready.exec = ["{stage.folder}/probe-{{port}}"]\n[test]\ncommand = "true"\n')
        check_equal(run.wait(), 0, "status", run)
        check_equal(run.err, "", "stderr", run)

    def test_a_limit_of_processes_and_a_namespace_that_is_refused(self):
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.stage()
        stage.folder.chmod(0o777)
        few = stage.plain("--check", "--", "true", wrap=["setpriv", "--reuid=54321", "--clear-groups", "prlimit", "--nproc=20", "--"])
        check_equal(few.wait(), 0, "status", few)
        check(re.search(r"20 processes and threads \(ulimit -u\), and \d+ are there", few.err), "the limit is not mentioned", few)
        need(self, subprocess.run(["unshare", "--user", "--map-root-user", "true"], stderr=subprocess.DEVNULL).returncode == 0, "no user namespace can be made here")
        for refused in (True, False):
            isolated = stage.plain("--check", "--isolate", "--", "true",
                                   wrap=["unshare", "--user", "--map-root-user", "--", "sh", "-c", 'echo "$1" > /proc/sys/user/max_pid_namespaces; shift; exec "$@"', "sh",
                                         "0" if refused else "100"])
            check_equal(isolated.wait(), 0, "status", isolated)
            check_equal("pid_namespace = true (--isolate) is not possible here" in isolated.err, refused, "warned", isolated)

    def test_where_it_looked(self):
        stage = self.stage()
        below = stage.folder / "a" / "b"
        below.mkdir(parents=True)
        run = stage.plain("--check", "--", "true", keep_config_search=True, cwd=below)
        check_equal(run.wait(), 0, "status", run)
        first = run.out.partition("\n")[0]
        for folder in (below, below.parent, stage.folder, stage.folder / "xdg" / "vlmshim", "/etc"):
            check(re.search(rf'"{folder}"(,|$)', first), f"{folder} is not named: {first}", run)
        without = stage.plain("--check", "--", "true")
        check_equal(without.wait(), 0, "status", without)
        check_equal(without.out.partition("\n")[0], "# no configuration file", "first line", without)

    def test_errors(self):
        stage = self.stage()
        run = stage.plain("--check", config="[sever]\n")
        check_equal(run.wait(), 125, "status", run)
        check_equal(run.out, "", "stdout", run)

    def test_shipped_examples(self):
        examples = sorted((SOURCE / "config").glob("*.toml"))
        self.assertIn("vlmshim.toml", [path.name for path in examples])
        for path in examples:
            stage = self.stage()
            self.checked(stage, "-c", path, keep_config_search=True)

    def test_shipped_defaults_are_the_defaults(self):
        """config/vlmshim.toml, every key uncommented or not, describes a run without a file."""
        stage = self.stage()
        with_file = self.checked(stage, "-c", SOURCE / "config" / "vlmshim.toml", "-s", "x", keep_config_search=True)
        without = self.checked(stage, "-s", "x")
        self.assertEqual(with_file, without)

    def test_options_beat_the_file(self):
        stage = self.stage()
        other = free_port()
        text = ('[test]\ntimeout = "1h"\ngrace = "9s"\n[ports]\nguard = [1234]\nbusy = "reuse"\n[shutdown]\ngrace = "9s"\n[log]\nlevel = "error"\nformat = "json"\n'
                '[server]\ncommand = ["x"]\nport = 1234\n')
        printed = self.checked(stage, "-t", "5s", "-g", "7s", "-p", other, "-b", "kill", "-v", "--log-format", "text", "-s", "other 'a b'", "-r", "/live", config=text)
        for wanted in ('timeout = "5s"', 'grace = "7s"', f"{other}", 'busy = "kill"', 'level = "debug"', 'format = "text"', '"other", "a b"', "/live"):
            check(wanted in printed, f"{wanted} is not in effect:\n{printed}")
        for overridden in ("1h", "9s", "1234", "reuse", 'format = "json"'):
            check(overridden not in printed, f"{overridden} is still in effect:\n{printed}")

    def test_help_and_version(self):
        for option in ("--help", "-h", "--version", "-V"):
            stage = self.stage()
            run = stage.plain(option)
            check_equal(run.wait(), 0, "status", run)
            check("vlmshim" in run.out and run.err == "", "on stdout, and nothing on stderr", run)


class Search(Case):
    def found(self, stage, *arguments, cwd=None, env=None):
        run = stage.plain(*arguments, keep_config_search=True, cwd=cwd or stage.folder, env=env)
        run.wait()
        return run.out.strip() or "none: " + run.err

    def put(self, stage, folder, name):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vlmshim.toml").write_text(NAMING.format(name, stage.port))

    def test_order(self):
        stage = self.stage()
        below = stage.folder / "a" / "b"
        self.put(stage, stage.folder / "xdg" / "vlmshim", "xdg")
        self.put(stage, stage.folder / "named", "named")
        below.mkdir(parents=True)
        self.assertEqual(self.found(stage, cwd=below), "xdg")
        self.put(stage, stage.folder, "root of the repository")
        self.assertEqual(self.found(stage, cwd=below), "root of the repository")
        self.put(stage, stage.folder / "a", "parent")
        self.assertEqual(self.found(stage, cwd=below), "parent")
        self.put(stage, below, "here")
        self.assertEqual(self.found(stage, cwd=below), "here")
        self.put(stage, stage.folder / "variable", "variable")
        variable = {"VLMSHIM_CONFIG": str(stage.folder / "variable" / "vlmshim.toml")}
        self.assertEqual(self.found(stage, cwd=below, env=variable), "variable")
        self.assertEqual(self.found(stage, "-c", stage.folder / "named" / "vlmshim.toml", cwd=below, env=variable), "named")
        self.assertIn("none: vlmshim: error:", self.found(stage, "--no-config", cwd=below, env=variable))

    def test_the_search_ends_at_the_root_of_the_repository(self):
        stage = self.stage()
        inner = stage.folder / "inner"
        (inner / ".git").mkdir(parents=True)
        (inner / "deep").mkdir()
        self.put(stage, stage.folder, "outside")
        self.assertIn("none: vlmshim: error:", self.found(stage, cwd=inner / "deep"))

    def test_the_search_ends_at_home(self):
        stage = self.stage()
        home = stage.folder / "home"
        (home / "deep").mkdir(parents=True)
        self.put(stage, stage.folder, "outside")
        self.assertIn("none: vlmshim: error:", self.found(stage, cwd=home / "deep", env={"HOME": str(home)}))

    def test_command_of_the_command_line_beats_the_files(self):
        stage = self.stage()
        self.put(stage, stage.folder, "file")
        self.assertEqual(self.found(stage, "--", "echo", "line"), "line")

    def test_without_home_and_without_a_file(self):
        """uid without a passwd entry, no HOME, read-only everything: runs."""
        stage = self.stage()
        run = subprocess.run([VLMSHIM, "-p", str(stage.port), "--", *fixture("exit", 3)], cwd="/", env={}, stdin=subprocess.DEVNULL, check=False,
                             user=54321 if os.getuid() == 0 else None, extra_groups=[] if os.getuid() == 0 else None)
        self.assertEqual(run.returncode, 3)


class Documents(Case):
    def test_help_and_manual_page_name_the_same_options(self):
        with Stage() as stage:
            run = stage.plain("--help")
            check_equal(run.wait(), 0, "status", run)
            helped = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", run.out))
        page = SOURCE / "man" / "vlmshim.1"
        text = pathlib.Path(page).read_text(encoding="utf-8").replace("\\-", "-")
        for option in sorted(helped):
            check(option[2:] in text, f"{option} is not in {page.name}")
