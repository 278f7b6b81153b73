"""The folders that paths of a configuration start from, and in which its commands run."""

import os

from harness import Case, check, check_equal, fixture, script, toml

PWD = '#!/bin/sh\npwd > "$1"; printf "%s\\n" "$OF_TEST" >> "$1"\n'


class Folders(Case):
    """A project with a configuration, and a caller in a folder of it."""

    def project(self):
        stage = self.stage()
        self.folder = stage.folder / "project"
        self.below = self.folder / "src" / "deep"
        self.below.mkdir(parents=True)
        for name in ("tell.sh", "test.sh"):
            script(self.folder / name, PWD)
        script(self.folder / "serve.sh", f'#!/bin/sh\npwd > "$2"; exec "{fixture()[0]}" hold-port "$1"\n')
        return stage

    def config(self, stage, test='command = ["./test.sh", "RESULT"]\n', more=""):
        text = (f'[server]\ncommand = ["./serve.sh", "{{port}}", "{stage.folder}/server"]\nport = {stage.port}\n{more}'
                f'output = "file:server.log"\nready.exec = ["./tell.sh", "{stage.folder}/probe"]\n'
                f'[test]\n{test}[report]\npath = "report.json"\n')
        return text.replace("RESULT", str(stage.folder / "result"))

    def ran_in(self, stage, name):
        return (stage.folder / name).read_text().splitlines()[0]

    def passes(self, stage, *words, cwd=None, **options):
        run = stage.plain(*words, keep_config_search=True, cwd=cwd or self.below, **options)
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
        return run

    def test_started_below(self):
        """All of it is relative to the file, which was found in a folder above."""
        stage = self.project()
        (self.folder / "vlmshim.toml").write_text(self.config(stage))
        self.passes(stage)
        for name in ("server", "probe", "result"):
            check_equal(self.ran_in(stage, name), str(self.folder), name)
        check((self.folder / "server.log").exists() and (self.folder / "report.json").exists(), "not beside the file")
        check_equal(os.listdir(self.below), [], "what is left below")

    def test_named(self):
        """Also by a relative name, from elsewhere."""
        stage = self.project()
        (self.folder / "ci.toml").write_text(self.config(stage))
        for name in ("../../ci.toml", str(self.folder / "ci.toml")):
            self.passes(stage, "-c", name)
            check_equal(self.ran_in(stage, "result"), str(self.folder), name)
        self.passes(stage, env={"VLMSHIM_CONFIG": "../../ci.toml"})
        check_equal(self.ran_in(stage, "server"), str(self.folder), "the variable")

    def test_typed_commands_run_where_they_are_typed(self):
        stage = self.project()
        (self.folder / "vlmshim.toml").write_text(self.config(stage, more='cwd = "."\n'))
        script(self.below / "mine.sh", PWD)
        self.passes(stage, "--", "./mine.sh", stage.folder / "typed")
        check_equal((self.ran_in(stage, "typed"), self.ran_in(stage, "server")), (str(self.below), str(self.folder)), "folders")
        script(self.below / "serve.sh", f'#!/bin/sh\npwd > "{stage.folder}/server"; exec "{fixture()[0]}" hold-port "$1"\n')
        self.passes(stage, "-s", "./serve.sh {port}")
        check_equal([self.ran_in(stage, name) for name in ("server", "probe", "result")],
                    [str(self.below), str(self.folder), str(self.folder)], "with -s: server, probe and test")

    def test_cwd(self):
        stage = self.project()
        (self.folder / "tests").mkdir()
        (self.folder / "vlmshim.toml").write_text(self.config(stage, test='command = ["../test.sh", "RESULT"]\ncwd = "tests"\n'))
        self.passes(stage)
        check_equal(self.ran_in(stage, "result"), str(self.folder / "tests"), "folder")
        run = stage.plain("--check", keep_config_search=True, cwd=self.below)
        check_equal(run.wait(), 0, "status", run)
        check(f'cwd = "{self.folder}/tests"' in run.out and f'cwd = "{self.folder}"' in run.out, "--check", run)

    def test_by_the_name_of_the_file_and_not_of_what_a_link_leads_to(self):
        stage = self.project()
        elsewhere = stage.folder / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "shared.toml").write_text(self.config(stage))
        (self.folder / "vlmshim.toml").symlink_to(elsewhere / "shared.toml")
        self.passes(stage)
        check_equal(self.ran_in(stage, "result"), str(self.folder), "folder")

    def test_files_without_a_folder_of_their_own(self):
        """XDG, pipes, and a file that is the standard input."""
        stage = self.project()
        xdg = stage.folder / "xdg" / "vlmshim"
        xdg.mkdir(parents=True)
        (xdg / "vlmshim.toml").write_text(self.config(stage))
        self.passes(stage, cwd=self.folder)
        check_equal(self.ran_in(stage, "result"), str(self.folder), "XDG")
        reader, writer = os.pipe()
        os.write(writer, self.config(stage).encode())
        os.close(writer)
        self.passes(stage, "-c", "/dev/stdin", cwd=self.folder, stdin=reader)
        os.close(reader)
        check_equal(self.ran_in(stage, "server"), str(self.folder), "a pipe")
        with open(xdg / "vlmshim.toml", "rb") as file:
            self.passes(stage, "-c", "/dev/stdin", cwd=self.folder, stdin=file)
        check((self.folder / "server.log").exists(), "its output is not where the caller is")

    def test_isolated(self):
        stage = self.project()
        (self.folder / "vlmshim.toml").write_text(self.config(stage))
        self.passes(stage, "--isolate")
        check_equal(self.ran_in(stage, "result"), str(self.folder), "folder")


class Variables(Case):
    def test_of_the_test(self):
        """Values appear in no message and no report."""
        stage = self.stage()
        show = ["/bin/sh", "-c", 'echo "$URL $GONE-$TOKEN $VLMSHIM_PORT"']
        config = (f'[test]\ncommand = {toml(show)}\nenv = {{ URL = "http://localhost:{{port}}/", TOKEN = "s3cret" }}\nunset_env = ["GONE"]\n'
                  f'[ports]\nguard = [{stage.port}]\n[report]\npath = "report.json"\n[log]\nlevel = "trace"\n')
        for words in ((), ("--", *show)):
            run = stage.plain(*words, config=config, env={"GONE": "here", "TOKEN": "other"})
            check_equal(run.wait(), 0, "status", run)
            check_equal(run.out, f"http://localhost:{stage.port}/ -s3cret {stage.port}\n", "variables", run)
            check("s3cret" not in run.err + stage.file("report.json").read_text(), "the value is shown", run)
        run = stage.plain("--check", config=config)
        check_equal(run.wait(), 0, "status", run)
        check("s3cret" in run.out, "--check shows the configuration as it is", run)

    def test_of_the_test_are_not_the_servers(self):
        stage = self.stage()
        config = (f'[server]\ncommand = ["/bin/sh", "-c", "echo \\"[$OF_TEST]\\" > server.env; exec {fixture()[0]} hold-port {{port}}"]\nport = {stage.port}\n'
                  '[test]\ncommand = "true"\nenv = { OF_TEST = "x" }\n')
        run = stage.plain(config=config)
        check_equal(run.wait(), 0, "status", run)
        check_equal(stage.file("server.env").read_text(), "[]\n", "the server's", run)

    def test_refused(self):
        for text, phrase in (('[test]\ncommand = "x"\nenv = { VLMSHIM_PORT = "1" }\n', "is set by vlmshim itself"),
                             ('[test]\ncommand = "x"\nunset_env = ["A="]\n', "is no name of a variable"),
                             ('[test]\ncwd = "."\n', "is for the 'command' of this file, and there is none"),
                             ('[test]\ncommand = "x"\ncwd = ""\n', "must not be empty")):
            run = self.stage().plain("--", "true", config=text)
            check_equal(run.wait(), 125, "status", run)
            check(phrase in run.err, f"{phrase!r} is missing", run)
