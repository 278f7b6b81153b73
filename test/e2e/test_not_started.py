"""A command that cannot be started: one message says why and what to write instead; the status is that of a shell."""

import os
import pwd

from harness import Case, check, check_equal, fixture, need, script, toml

PYTHON = "#!/usr/bin/python3\n"
PATH = "/usr/bin:/bin"


class Test(Case):
    """The test command."""

    def refused(self, words, status, *phrases, files=(), cwd=None, env=None, stage=None, **popen):
        """Exactly one message, which is the last line, too."""
        stage = stage or self.stage()
        for name, text, mode in files:
            script(stage.file(name), text, mode)
        run = stage.plain(*words, cwd=cwd or stage.folder, env={"PATH": PATH, **(env or {})}, **popen)
        check_equal(run.wait(), status, "status", run)
        lines = run.err.splitlines()
        check_equal(len(lines), 1, "lines that say it", run)
        check("could not be started: " in lines[0] and lines[0].endswith(f"(exit status {status})"), "not the reason", run)
        for phrase in phrases:
            check(phrase.replace("FOLDER", str(stage.folder)) in lines[0], f"{phrase!r} is missing", run)
        return run

    def test_not_in_path(self):
        self.refused(["--", "no-such-program"], 127, "no such program is in PATH: install it, or write where it is")
        self.refused(["--", "no-such-program"], 127, "no such program is in PATH", env={"PATH": ""})

    def test_path_of_the_child_counts(self):
        stage = self.stage()
        stage.file("bin").mkdir()
        script(stage.file("bin") / "tool", "#!/bin/sh\nexit 5\n")
        run = stage.plain("--", "tool", env={"PATH": f"bin:{PATH}"})
        check_equal(run.wait(), 5, "status", run)
        self.refused(["--", "tool"], 127, "no such program is in PATH", stage=stage)

    def test_python_without_its_number(self):
        self.refused(["--", "tool"], 127, "no such program is in PATH, but tool3 is",
                  files=[("tool3", "#!/bin/sh\n", 0o755)], env={"PATH": "."})

    def test_in_this_folder_but_not_in_path(self):
        self.refused(["--", "t.py"], 127, "it is not in PATH, but in FOLDER: run 'python3 t.py'", files=[("t.py", "", 0o644)])
        self.refused(["--", "t"], 127, "it is not in PATH, but in FOLDER: run 'python3 t'", files=[("t", PYTHON, 0o644)])
        self.refused(["--", "t.py"], 127, "it is not in PATH, but in FOLDER: write ./t.py", files=[("t.py", PYTHON, 0o755)])

    def test_not_there(self):
        self.refused(["--", "./run.sh"], 127, "there is no such file in FOLDER")
        self.refused(["--", "/no/such/run.sh"], 127, "there is no such file (exit")

    def test_not_executable(self):
        self.refused(["--", "./t.py"], 126, "it is not executable: 'chmod +x ./t.py', or run 'python3 ./t.py'", files=[("t.py", "", 0o644)])
        self.refused(["--", "./t"], 126, "it is not executable: 'chmod +x ./t', or run 'bash ./t'", files=[("t", "#!/bin/bash -e\n", 0o644)])
        self.refused(["--", "./t"], 126, "it is not executable: 'chmod +x ./t' (exit", files=[("t", "", 0o644)])
        self.refused(["--", "tool"], 126, "./tool is not executable: 'chmod +x ./tool'", files=[("tool", "", 0o644)], env={"PATH": "."})

    def test_not_executable_by_this_user(self):
        need(self, os.getuid() == 0, "needs root to run as the user nobody")
        nobody = pwd.getpwnam("nobody")
        stage = self.stage()
        stage.folder.chmod(0o755)
        self.refused(["--", "./t"], 126, "this user may not execute it: run 'sh ./t'", files=[("t", "#!/bin/sh\n", 0o744)], stage=stage,
                  user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])

    def test_mounted_noexec(self):
        need(self, os.getuid() == 0, "needs root to mount")
        stage = self.stage()
        mount = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-ec",
                 'mount -t tmpfs -o noexec none "$0"; printf "#!/bin/sh\\n" > "$0/t"; chmod 755 "$0/t"; exec "$@"', str(stage.file("mounted"))]
        stage.file("mounted").mkdir()
        self.refused(["--", "mounted/t"], 126, "it lies in a file system that is mounted noexec: run 'sh mounted/t'", stage=stage, wrap=mount)

    def test_missing_interpreter(self):
        self.refused(["--", "./t.py"], 127, "its first line names an interpreter that is not there (#!/usr/bin/pyton): mend that line, or run 'python3 ./t.py'",
                  files=[("t.py", "#!/usr/bin/pyton\n", 0o755)])
        self.refused(["--", "./t"], 127, "(#! /no/such -x): mend that line (exit", files=[("t", "#! /no/such -x\n", 0o755)])
        self.refused(["--", "./t"], 127, "its lines end as on Windows, mend that with 'sed -i 's/\\r$//' ./t'", files=[("t", "#!/bin/sh\r\n", 0o755)])

    def test_missing_loader(self):
        stage = self.stage()
        image = open("/bin/true", "rb").read()
        loader = image.find(b"/lib64/ld-linux")
        need(self, loader > 0, "/bin/true has another loader")
        stage.file("t").write_bytes(image[:loader] + b"/lib65" + image[loader + 6:])
        stage.file("t").chmod(0o755)
        self.refused(["--", "./t"], 127, "its loader is not there: it was built for another system", stage=stage)

    def test_folder(self):
        stage = self.stage()
        stage.file("tests").mkdir()
        self.refused(["--", "./tests"], 126, "it is a folder: a command begins with the name of a program", stage=stage)
        self.refused(["--", "tests"], 127, "no such program is in PATH, and in FOLDER it is a folder: ", stage=stage)

    def test_quotes_too_many(self):
        self.refused(["python3 t.py"], 127, "it is one word, with blanks in it: drop the quotes around it, vlmshim -- python3 t.py (exit")
        self.refused(["python3 t.py", "-v"], 127, "drop the quotes around it, vlmshim -- python3 t.py -v (exit")
        self.refused(["sh x && pytest"], 127, "it is one word, and holds a second command ('&'), which needs a shell")
        self.refused(["no-such-program t.py"], 127, "no such program is in PATH")

    def test_what_only_a_shell_knows(self):
        self.refused(["A=1", "pytest"], 127, "it sets a variable, which only a shell understands: vlmshim -- env A=1 pytest")
        self.refused(["cd", "x"], 127, "it is a command of the shell and no program: vlmshim -- sh -c 'cd x && ...'")
        self.refused(["--", "cd", "x", "&&", "pytest"], 127, "vlmshim -- sh -c 'cd x && pytest'")

    def test_options_behind_the_dashes(self):
        self.refused(["--", "-p", "8080", "pytest"], 127, "an option of vlmshim comes before the --, after it comes the command: vlmshim -p 8080 -- pytest")
        self.refused(["--", "-x"], 127, "it is an option: a command begins with the name of a program")

    def test_an_option_without_dashes(self):
        for name in ("who", "check", "free", "help", "version"):
            self.refused([name], 127, f"did you mean 'vlmshim --{name}'?", env={"PATH": "/nowhere"})
        run = self.stage().plain("who", env={"PATH": PATH})  # a program of this name exists
        check(run.wait() == 0 or "did you mean" in run.err, "the program was not run", run)

    def test_empty_word(self):
        self.refused(["--", ""], 127, "its first word is empty")

    def test_of_a_file(self):
        """The advice is in the syntax of the configuration."""
        one_word, variable, folder = (f"[test]\ncommand = {toml(words)}\n" for words in (["python3 t.py"], ["A=1", "x"], ["cd", "x"]))
        self.refused([], 127, 'drop the quotes around it, command = ["python3", "t.py"]', config=one_word)
        self.refused([], 127, 'command = ["env", "A=1", "x"], or the key env', config=variable)
        self.refused([], 127, 'command = ["sh", "-c", "cd x && ..."], or the key cwd', config=folder)
        self.refused([], 125, "working directory 'FOLDER/gone': No such file or directory", config='[test]\ncommand = "true"\ncwd = "gone"\n')

    def test_isolated(self):
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        self.refused(["--isolate", "--", "./t.py"], 126, "it is not executable: 'chmod +x ./t.py', or run 'python3 ./t.py'", files=[("t.py", "", 0o644)])


class Server(Case):
    def refused(self, words, *phrases, files=(), config=None):
        stage = self.stage()
        for name, text, mode in files:
            script(stage.file(name), text, mode)
        run = stage.plain("-g", "500ms", *words, config=config and config.replace("PORT", str(stage.port)), env={"PATH": PATH})
        check_equal(run.wait(), 125, "status", run)
        for phrase in phrases:
            check(phrase in run.err.splitlines()[-1], f"{phrase!r} is missing", run)
        stage.prove_clean()
        return stage, run

    def test_cannot_be_started(self):
        def one(item):
            command, text, mode, phrase = item
            config = f'[server]\ncommand = {toml(command)}\nport = PORT\n'
            _stage, run = self.refused(["--", *fixture("exit", 0, "--ready", "test.pid")], "server 'server' could not be started: '", phrase,
                                    files=[("serve.py", text, mode)] if text is not None else (), config=config)
            check_equal(run.err.count("error: "), 1, "how often it is said", run)
        self.each([(["./serve.py", "8080"], "", 0o644, "it is not executable: 'chmod +x ./serve.py', or run 'python3 ./serve.py'; the test was not run"),
                   (["./serve.py"], "#!/no/such\n", 0o755, "names an interpreter that is not there (#!/no/such)"),
                   (["python3 serve.py"], None, 0, 'drop the quotes around it, command = ["python3", "serve.py"]'),
                   (["no-such-server"], None, 0, "no such program is in PATH")], one)

    def test_its_probe(self):
        """It is tried again and again: the server may still write it."""
        config = (f'[server]\ncommand = {toml(fixture("hold-port", "{port}"))}\nport = PORT\nready = {{ exec = "./is-ready.py", timeout = "300ms" }}\n')
        self.refused(["--", "true"], "was not ready within 300 ms", "the probe command could not be started: it is not executable: "
                  "'chmod +x ./is-ready.py', or run 'python3 ./is-ready.py'", files=[("is-ready.py", "", 0o644)], config=config)

    def test_path_of_its_own_environment(self):
        self.refused(["--", "true"], "no such program is in PATH",
                  config='[server]\ncommand = "python3 -c pass"\nport = PORT\nenv = { PATH = "/nowhere" }\n')

    def test_quotes_forgotten(self):
        """python3 alone is the server, which ends at once, and run.py the test."""
        stage = self.stage()
        run = stage.run("-g", "500ms", "-s", "python3", "run.py", "--port", "1", "--", "pytest")
        check_equal(run.wait(), 125, "status", run)
        check("if the server is more than one word, quote it: -s 'python3 run.py --port 1' (exit status 125)" in run.err.splitlines()[-1], "not logged", run)
        run = stage.run("-s", "python3", "-m", "http.server", "--", "pytest")
        check_equal(run.wait(), 125, "status", run)
        check_equal(run.err, "vlmshim: error: unknown option '-m'; --server takes the whole command as one word: -s 'python3 -m http.server'\n", "what is said", run)
        run = stage.run("-g", "500ms", "-s", fixture()[0] + f" serve {stage.port}", "no-such-program")
        check_equal(run.wait(), 127, "status", run)
        check("quote it" not in run.err, "it was quoted", run)


class NoConfiguration(Case):
    def test_where_it_was_looked_for(self):
        stage = self.stage()
        deep = stage.folder / "a" / "b"
        deep.mkdir(parents=True)
        run = stage.plain(keep_config_search=True, cwd=deep)
        check_equal(run.wait(), 125, "status", run)
        order = [deep, deep.parent, stage.folder, stage.folder / "xdg" / "vlmshim", "/etc"]
        check("no vlmshim.toml was found in " + ", ".join(f'"{folder}"' for folder in order) + "; vlmshim --init writes one\n" in run.err, "the places", run)
        check_equal(len(run.err.splitlines()), 1, "lines that say it", run)

    def test_that_nothing_was_looked_for(self):
        stage = self.stage()
        run = stage.plain()
        check_equal(run.wait(), 125, "status", run)
        check("; --no-config: no configuration was looked for" in run.err, "not logged", run)
        run = stage.plain(config="[log]\nlevel = \"info\"\n")
        check_equal(run.wait(), 125, "status", run)
        check(f'; the configuration is "{stage.folder}/vlmshim-' in run.err, "not logged", run)
