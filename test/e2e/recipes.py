"""What the suites of the recipes in config/examples share: reading their files, and the folder of the image."""

import functools
import os
import pathlib
import re
import shutil
import subprocess

from harness import Case, check, check_equal, need, PID_NAMESPACE, SOURCE, STANDIN, VLMSHIM

try:
    import yaml
except ImportError:
    yaml = None

EXAMPLES = SOURCE / "config" / "examples"
VERSION = re.search(r"version: '([^']+)'", (SOURCE / "meson.build").read_text()).group(1)
SHARDS = range(4)
LLAMA_SERVER = """#!/usr/bin/python3
import os, sys
os.execv({standin!r}, [{standin!r}, "--port", sys.argv[sys.argv.index("--port") + 1]])
"""


@functools.cache
def can_be_pid_1():
    return subprocess.run([*PID_NAMESPACE, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def documents(name):
    with open(EXAMPLES / name, encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def instructions(name):
    """[["FROM", "debian:12-slim"], ...] of a Dockerfile."""
    text = re.sub(r"^#.*\n", "", (EXAMPLES / "docker" / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line.split(maxsplit=1) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def copies(name):
    """[["source", ..., "destination"], ...] of what a Dockerfile takes from its context."""
    return [text.split() for word, text in instructions(name) if word == "COPY" and not text.startswith("--from")]


class Recipe(Case):
    def setUp(self):
        need(self, yaml, "python3-yaml is not installed")

    def image(self):
        """A stage, whose folder `test` has what docker/Dockerfile copies, for the stage's port."""
        stage = self.stage()
        folder = stage.file("test")
        folder.mkdir()
        for *sources, destination in copies("Dockerfile"):
            check_equal(destination, "./", "where the Dockerfile copies to")
            for source in sources:
                shutil.copy(EXAMPLES / source, folder)
        config = folder / "vlmshim.toml"
        config.write_text(self.at_port(stage, config.read_text()))
        stage.file("bin").mkdir()
        program = stage.file("bin") / "llama-server"
        program.write_text(LLAMA_SERVER.format(standin=STANDIN))
        program.chmod(0o755)
        return stage

    def at_port(self, stage, text):
        return re.sub(r"\b8080\b", str(stage.port), text)

    def start(self, stage, *words, env=None, **options):
        path = os.pathsep.join([str(stage.file("bin")), str(pathlib.Path(VLMSHIM).parent), "/usr/bin", "/bin"])
        return stage.plain(*(self.at_port(stage, word) for word in words), keep_config_search=True, cwd=stage.file("test"),
                           env={"PATH": path, **{name: self.at_port(stage, value) for name, value in (env or {}).items()}}, **options)

    def words(self, stage, words, **options):
        """The array of a container: `vlmshim ...`, as PID 1 where that can be had."""
        check_equal(words[0], "vlmshim", "the command")
        return self.start(stage, *words[1:], wrap=PID_NAMESPACE if can_be_pid_1() else (), **options)

    def script(self, stage, lines, **options):
        """What a job gives to its shell."""
        return self.start(stage, wrap=["sh", "-ec", self.at_port(stage, "\n".join(lines))], **options)

    def model(self, stage):
        """The server of another container."""
        with open(stage.file("model.log"), "wb") as log:
            process = subprocess.Popen([STANDIN, "--port", str(stage.port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        stage.others.append(process)
        return process

    def passes(self, stage, run):
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def external_passes(self, start):
        """start(stage) runs the test with a server that is not of the run, which is left alone."""
        stage = self.image()
        server = self.model(stage)
        run = start(stage)
        check_equal(run.wait(), 0, "status", run)
        check("started (pid" not in run.err and server.poll() is None, "the server was started or ended", run)
        check("200 of 200 right" in run.out, f"the answers: {run.out}", run)

    def shards_pass(self, start, merge):
        """start(stage, shard) for each shard at once; merge(stage) where all their results are."""
        results = self.image()

        def one(shard):
            stage = self.image()
            self.passes(stage, start(stage, shard))
            shutil.copytree(stage.file("test") / "results", results.file("test") / "results", dirs_exist_ok=True)
        self.each(SHARDS, one)
        done = subprocess.run(merge, cwd=results.file("test"), stdout=subprocess.PIPE, text=True, check=False)
        check_equal(done.returncode, 0, f"status of {merge}: {done.stdout}")
        check("together: 200 of 200 right" in done.stdout, done.stdout)
