"""config/examples, run as a user would, with the tools themselves."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

from harness import Case, check, check_equal, need, SOURCE, VLMSHIM
from oracle import wait_for


class Examples(Case):
    def start(self, name, *command, **files):
        """vlmshim in a copy of the example `name`, in which `files` have another text."""
        stage = self.stage()
        shutil.copytree(SOURCE / "config" / "examples", stage.file("examples"))
        folder = stage.file("examples") / name
        for file, text in files.items():
            (folder / file.replace("_py", ".py")).write_text(text)
        path = os.pathsep.join([str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])
        return stage, stage.plain(*command, keep_config_search=True, cwd=folder, env={"PATH": path})

    def passes(self, name, *command):
        stage, run = self.start(name, *command)
        check_equal(run.wait(120), 0, "status", run)
        ended = re.findall(r"ended server \(\d+ process(?:es)?\) in .*port (\d+) is free", run.err)
        check(ended, "the clean-up is not told", run)
        stage.prove_clean(*(int(port) for port in ended))

    def module(self, name):
        return subprocess.run(["/usr/bin/python3", "-c", f"import {name}"], stderr=subprocess.DEVNULL).returncode == 0

    def test_unittest(self):
        self.passes("unittest")

    def test_pytest(self):
        need(self, self.module("pytest"), "pytest is not installed (python3-pytest)")
        self.passes("pytest")

    def test_pytest_side_by_side(self):
        need(self, self.module("pytest") and self.module("xdist"), "pytest-xdist is not installed (python3-pytest-xdist)")
        self.passes("pytest", "--", "/usr/bin/python3", "-m", "pytest", "-q", "-n", 2)

    def test_make(self):
        need(self, shutil.which("make", path="/usr/bin"), "make is not installed")
        self.passes("make", "--", "make", "-j2", "check")

    def test_npm(self):
        need(self, shutil.which("npm", path="/usr/bin") and shutil.which("node", path="/usr/bin"), "npm is not installed")
        self.passes("npm")

    def test_tox(self):
        need(self, shutil.which("tox", path="/usr/bin"), "tox is not installed")
        self.passes("tox")

    def test_what_a_user_types(self):
        """Not vlmshim, but the tool: it starts vlmshim. parallel.sh has three runs, two of them side by side."""
        for tools, name, command, runs in ((("make",), "make", ["make", "test"], 1), (("npm", "node"), "npm", ["npm", "test"], 1),
                                           ((), "pytest", ["sh", "parallel.sh"], 3)):
            with self.subTest(name):
                need(self, all(shutil.which(tool, path="/usr/bin") for tool in tools), f"{tools} is not installed")
                need(self, name != "pytest" or self.module("pytest") and self.module("xdist"), "pytest-xdist is not installed (python3-pytest-xdist)")
                stage = self.stage()
                shutil.copytree(SOURCE / "config" / "examples", stage.file("examples"))
                path = os.pathsep.join([str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])
                done = subprocess.run(command, cwd=stage.file("examples") / name, env={**stage.environment(), "PATH": path},
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
                check_equal(done.returncode, 0, f"status of {command}: {done.stdout}")
                ports = re.findall(r"ended server \(.*port (\d+) is free", done.stdout)
                check_equal(len(set(ports)), runs, f"runs of {command}: {done.stdout}")
                stage.prove_clean(*map(int, ports))

    def test_a_failing_test_fails(self):
        """Each of the runners hands on the failure."""
        for name, files in (("unittest", {"test_vqa_py": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail()\n"}),
                            ("make", {"Makefile": "check:\n\tfalse\n"})):
            _stage, run = self.start(name, **files)
            check(run.wait(120) not in (0, 124, 125, 126, 127), "the failure is lost", run)

    def test_interrupted(self):
        need(self, shutil.which("make", path="/usr/bin"), "make is not installed")
        stage, run = self.start("make", Makefile="check:\n\ttouch there; sleep 1000\n")
        wait_for(lambda: (stage.file("examples") / "make" / "there").exists(), "the recipe")
        run.send(signal.SIGTERM)
        check(run.wait(60) != 0, "status", run)
        check(not stage.left_over(), "left over", run)
