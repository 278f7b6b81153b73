"""config/examples, run as a user would, with the tools themselves."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

from harness import Case, check, check_equal, need, SOURCE, STANDIN, VLMSHIM
from oracle import get, wait_for


# The small model takes longer: if the test did not wait for both, the large one, which waits for the small one, would
# hide it.
LOADING = """#!/usr/bin/python3
import os, sys
loading = "2500" if "small.gguf" in sys.argv else "1000"
os.execv({standin!r}, [{standin!r}, "--port", sys.argv[sys.argv.index("--port") + 1], "--delay-loading", loading])
"""
# Fails if a server is not ready: "503 Loading model", or connection refused.
REQUESTING = """#!/usr/bin/python3
import os, urllib.request
ports = {name: port for name, port in os.environ.items() if name.startswith("VLMSHIM_PORT_")}
for name, port in ports.items():
    print(name, urllib.request.urlopen("http://127.0.0.1:" + port + "/health").status)
"""


def literal_blocks(page):
    text = (SOURCE / "man" / page).read_text(encoding="utf-8")
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.MULTILINE | re.DOTALL):
        yield block.replace("\\(aq", "'").replace("\\(dq", '"').replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def fenced_blocks(kind):
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class WithALoadingServer(Case):
    """Every example with a server, as it stands in the documents: its test never meets a server that is still loading."""

    def place(self):
        stage = self.stage()
        folder = stage.file("bin")
        folder.mkdir()
        for path, text in ((folder / "llama-server", LOADING), (folder / "pytest", REQUESTING), (folder / "vqa_test.py", REQUESTING),
                           (stage.file("run_smolvlm.py"), LOADING), (stage.file("vqa_test.py"), REQUESTING)):
            path.write_text(text.format(standin=STANDIN) if text is LOADING else text)
            path.chmod(0o755)
        return stage, {"PATH": os.pathsep.join([str(folder), str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])}

    def were_ready(self, output, servers, run):
        check_equal(len(re.findall(r"^VLMSHIM_PORT_\w+ 200$", output, re.MULTILINE)), servers, f"servers that were ready: {output}", run)

    def test_configurations(self):
        texts = [("README.md", text) for text in fenced_blocks("toml")]
        texts += [(page, text) for page in ("vlmshim.toml.5", "vlmshim-migrate.7") for text in literal_blocks(page)]
        texts = [(name, text) for name, text in texts if re.search(r"^\[+server\]", text, re.MULTILINE)]
        texts.append(("config/smolvlm.toml", (SOURCE / "config" / "smolvlm.toml").read_text(encoding="utf-8")))
        check(len(texts) >= 6 and sum("[[server]]" in text for _name, text in texts) >= 2, f"examples: {texts}")

        def one(item):
            name, text = item
            stage, env = self.place()
            stage.file("vlmshim.toml").write_text(re.sub(r"\b8080\b", str(stage.port), text))
            command = [] if "[test]" in text else ["--", "python3", "vqa_test.py"]
            run = stage.plain(*command, keep_config_search=True, env=env)
            check_equal(run.wait(60), 0, f"status of the example in {name}:\n{text}", run)
            self.were_ready(run.out, len(re.findall(r"^\[+server\]", text, re.MULTILINE)), run)
            stage.prove_clean()
        self.each(texts, one)

    def test_command_lines(self):
        """Those that start a server; without a test they serve, and say when they are ready."""
        text = "\n".join([*fenced_blocks("sh"), *literal_blocks("vlmshim.1"),
                          subprocess.run([VLMSHIM, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout]).replace("\\\n", " ")
        lines = re.findall(r"^[ $]*(vlmshim .*\{port\}.*)$", text, re.MULTILINE)
        lines = [re.sub(r"\s+#.*", "", line) for line in lines]
        check(len(lines) >= 6 and all("-r " in line for line in lines), f"command lines: {lines}")

        def one(line):
            stage, env = self.place()
            run = stage.plain(wrap=["sh", "-c", "exec " + line.replace("vlmshim ", f"vlmshim --no-config -p {stage.port} ", 1), "sh"],
                              keep_config_search=True, env=env)
            if " -- " in line:
                check_equal(run.wait(60), 0, f"status of {line}", run)
                self.were_ready(run.out, 1, run)
            else:
                wait_for(lambda: "ready after" in run.err or run.process.poll() is not None, f"{line} to be ready")
                check(get(stage.port, "/health")[0] == 200, f"not ready: {line}", run)
                run.send(signal.SIGINT)
                check_equal(run.wait(60), 0, f"status of {line}", run)
            stage.prove_clean()
        self.each(lines, one)


class Examples(Case):
    def start(self, name, *command, modules=None, **files):
        """vlmshim in a copy of the example `name`, in which `files` have another text; `modules` are its node_modules."""
        stage = self.stage()
        shutil.copytree(SOURCE / "config" / "examples", stage.file("examples"))
        folder = stage.file("examples") / name
        for file, text in files.items():
            (folder / file.replace("_py", ".py")).write_text(text)
        if modules:
            (folder / "node_modules").symlink_to(modules)
        path = os.pathsep.join([str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])
        return stage, stage.plain(*command, keep_config_search=True, cwd=folder, env={"PATH": path})

    def passes(self, name, *command):
        stage, run = self.start(name, *command)
        check_equal(run.wait(120), 0, "status", run)
        ended = re.findall(r"ended server \(\d+ process(?:es)?\) in .*port (\d+) is free", run.err)
        check(ended, "the clean-up is not logged", run)
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

    def test_playwright(self):
        """Without a browser: its test makes a request."""
        modules = pathlib.Path(os.environ.get("VLMSHIM_E2E_TOOLS", "")) / "node_modules"
        need(self, shutil.which("npx", path="/usr/bin") and (modules / "@playwright" / "test").is_dir(), "@playwright/test is not installed")
        stage, run = self.start("playwright", modules=modules)
        check_equal(run.wait(120), 0, "status", run)
        check("1 passed" in run.out, run.out, run)
        stage.prove_clean(*map(int, re.findall(r"port (\d+) is free", run.err)))

    def test_each_model(self):
        """A run for each; a failure of the first is not lost."""
        need(self, self.module("pytest"), "pytest is not installed (python3-pytest)")
        for started, wanted in (("$model", 0), ("large", 1)):
            stage = self.stage()
            shutil.copytree(SOURCE / "config" / "examples", stage.file("examples"))
            script = stage.file("examples") / "models" / "each_model.sh"
            script.write_text(script.read_text().replace("{port} $model", "{port} " + started))
            path = os.pathsep.join([str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])
            done = subprocess.run(["sh", script], env={**stage.environment(), "PATH": path}, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
            check_equal(done.returncode, wanted, f"status: {done.stdout}")
            check_equal(len(re.findall(r"ended server \(.*port \d+ is free", done.stdout)), 2, f"runs: {done.stdout}")
            check_equal(sorted(path.name for path in script.parent.glob("re*-*")),
                        ["report-large.json", "report-small.json", "result-large.xml", "result-small.xml"], "files")
            stage.prove_clean()

    def test_what_a_user_types(self):
        """The command is the tool, which starts vlmshim. parallel.sh has three runs, two of them side by side."""
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
        """Each of the runners passes the failure on."""
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
