"""The recipes of config/examples for what schedules work: each command is run as that would run it, with the stand-in as its
llama-server, in the folder that the Dockerfile makes. No container, no cluster: their files are read, not applied."""

import base64
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import zlib

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


class Kubernetes(Recipe):
    def pod(self, job):
        check_equal((job["apiVersion"], job["kind"]), ("batch/v1", "Job"), "what it is")
        return job["spec"]["template"]["spec"]

    def command(self, job, shard=""):
        """$(VARIABLE) is replaced by Kubernetes, without a shell."""
        container = self.pod(job)["containers"][0]
        return [word.replace("$(JOB_COMPLETION_INDEX)", str(shard)) for word in container["command"] + container.get("args", [])]

    def test_one_container(self):
        stage = self.image()
        self.passes(stage, self.words(stage, self.command(documents("kubernetes/pod.yaml")[0])))

    def test_sidecar(self):
        job = documents("kubernetes/pod.yaml")[1]
        server = self.pod(job)["initContainers"][0]
        check_equal((server["restartPolicy"], server["startupProbe"]["httpGet"]["port"]), ("Always", 8080), "a sidecar")
        self.external_passes(lambda stage: self.words(stage, self.command(job)))

    def test_shards(self):
        job, = documents("kubernetes/shards.yaml")
        merge, = documents("kubernetes/merge.yaml")
        check_equal((job["spec"]["completionMode"], job["spec"]["completions"]), ("Indexed", len(SHARDS)), "shards")
        for pod in map(self.pod, (job, merge)):
            mounts = [mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]]
            check_equal(mounts, ["/test/results"], "where the results are kept")
        self.shards_pass(lambda stage, shard: self.words(stage, self.command(job, shard)), self.command(merge))

    def test_graces(self):
        """What the comments say of vlmshim's graces is less than what Kubernetes and Docker give."""
        grace = documents("kubernetes/shards.yaml")[0]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        check(grace >= 10, f"terminationGracePeriodSeconds {grace}")
        check_equal(documents("compose/compose.yaml")[0]["services"]["test"]["stop_grace_period"], "10s", "stop_grace_period")


class GitHub(Recipe):
    def job(self, name):
        return documents("github/workflow.yml")[0]["jobs"][name]

    def script_of(self, name, shard=0):
        """Of the steps only the one that runs the test, or merges."""
        lines = [step["run"] for step in self.job(name)["steps"] if "run" in step and "apt-get" not in step["run"]]
        for expression, value in (("strategy.job-index", shard), ("strategy.job-total", len(SHARDS))):
            lines = [line.replace("${{ " + expression + " }}", str(value)) for line in lines]
        check(lines and "${{" not in "".join(lines), f"an expression is left: {lines}")
        return lines

    def test_shards(self):
        check_equal(self.job("shard")["strategy"]["matrix"], {"shard": list(SHARDS)}, "the matrix")
        merge, = self.script_of("merge")
        self.shards_pass(lambda stage, shard: self.script(stage, self.script_of("shard", shard)), shlex.split(merge))

    def test_external(self):
        check_equal(self.job("external")["services"]["model"]["ports"], ["8080:8080"], "the port of the runner")
        self.external_passes(lambda stage: self.script(stage, self.script_of("external")))

    def test_the_action_is_there(self):
        for name in ("shard", "external"):
            for step in self.job(name)["steps"]:
                if step.get("uses", "").startswith("OWNER/vlmshim/"):
                    folder, _, version = step["uses"].removeprefix("OWNER/vlmshim/").partition("@")
                    check((SOURCE / folder / "action.yml").is_file(), f"{folder} has no action.yml")
                    check_equal(version, "v" + VERSION, "the version of the action")
                    break
            else:
                self.fail(f"{name} does not use the action")


class GitLab(Recipe):
    def job(self, name):
        return documents("gitlab/gitlab-ci.yml")[0][name]

    def test_shards(self):
        check_equal(self.job("shard")["parallel"], len(SHARDS), "shards")
        merge, = self.job("merge")["script"]
        self.shards_pass(lambda stage, shard: self.script(stage, self.job("shard")["script"], env={
            "CI_NODE_INDEX": str(shard + 1), "CI_NODE_TOTAL": str(len(SHARDS))}), shlex.split(merge))

    def test_external(self):
        """By the service's alias, which is 127.0.0.1 here."""
        job = self.job("external")
        check_equal(job["services"][0]["alias"], "model", "its name")
        url = job["variables"]["MODEL_URL"].replace("//model:", "//127.0.0.1:")
        self.external_passes(lambda stage: self.script(stage, job["script"], env={"MODEL_URL": url}))


class Compose(Recipe):
    def test_one_container(self):
        stage = self.image()
        check("command" not in documents("compose/compose.yaml")[0]["services"]["test"], "the ENTRYPOINT alone is run")
        self.passes(stage, self.words(stage, ["vlmshim"]))

    def test_external(self):
        services = documents("compose/compose.external.yaml")[0]["services"]
        check_equal(services["test"]["depends_on"], ["model"], "services")

        def start(stage):
            for mount in services["test"]["volumes"]:
                source, destination = mount.split(":")[:2]
                if source.endswith(".toml"):
                    text = (EXAMPLES / "compose" / source).read_text().replace("//model:", "//127.0.0.1:")
                    (stage.file("test") / pathlib.Path(destination).name).write_text(self.at_port(stage, text))
            url = services["test"]["environment"]["MODEL_URL"].replace("//model:", "//127.0.0.1:")
            return self.words(stage, ["vlmshim", *services["test"]["command"]], env={"MODEL_URL": url})
        self.external_passes(start)


class Docker(Case):
    """The Dockerfiles are not built here."""

    def installed(self, name):
        """The packages of its first RUN."""
        line = next(text for word, text in instructions(name) if word == "RUN" and "apt-get install" in text)
        return set(re.search(r"apt-get install -y --no-install-recommends ([^&]*)", line)[1].split())

    def test_instructions(self):
        for name in ("Dockerfile", "Dockerfile.source"):
            words = {word for word, _text in instructions(name)}
            check(words <= {"FROM", "RUN", "ENV", "COPY", "WORKDIR", "HEALTHCHECK", "ENTRYPOINT", "CMD"}, f"instructions of {name}: {words}")
            stages = {text.split()[-1] for word, text in instructions(name) if word == "FROM" and " AS " in text}
            taken = {text.split()[0].removeprefix("--from=") for word, text in instructions(name) if text.startswith("--from=")}
            check_equal(taken, stages, f"the stages of {name} that are used")

    def test_one_is_what_the_other_takes(self):
        """Dockerfile.source makes the image that Dockerfile starts from, as that of a release is (config/packaging/image.py)."""
        name = f"vlmshim:{VERSION}"
        check(["FROM", f"{name} AS vlmshim"] in instructions("Dockerfile"), f"{name} is not what it takes")
        check(f"-t {name} " in (EXAMPLES / "docker" / "Dockerfile.source").read_text(), f"{name} is not what is made")
        check_equal(instructions("Dockerfile.source")[-2:], [["ENTRYPOINT", '["/vlmshim"]'], ["CMD", '["--help"]']], "its end")
        release = (SOURCE / "config" / "packaging" / "image.py").read_text()
        check('"Entrypoint": ["/vlmshim"], "Cmd": ["--help"]' in release, "a release's image has another entry point")

    def test_packages(self):
        """Those of ./dev that the program needs, without those of its tests; README.md has the same."""
        needed = set(re.search(r"^build_packages=\((.*?)\)$", (SOURCE / "dev").read_text(), re.MULTILINE)[1].split()) - {"doctest-dev", "python3"}
        check_equal(self.installed("Dockerfile.source"), needed, "packages of Dockerfile.source")
        readme = re.search(r"^sudo apt-get install (g\+\+.*)$", (SOURCE / "README.md").read_text(), re.MULTILINE)[1]
        check_equal(set(readme.split()), needed, "packages in README.md")

    def test_the_source_configures(self):
        """With what Dockerfile.source copies: meson names no file that is left out."""
        need(self, shutil.which("meson"), "meson is not installed")
        stage = self.stage()
        for *sources, destination in copies("Dockerfile.source"):
            for source in sources:
                target = stage.file("root" + destination)
                if (SOURCE / source).is_dir():
                    shutil.copytree(SOURCE / source, target)
                else:
                    target.mkdir(parents=True, exist_ok=True)
                    shutil.copy(SOURCE / source, target)
        setup = next(text for word, text in instructions("Dockerfile.source") if word == "RUN" and "meson setup" in text).split(" && ")[0]
        words = [stage.file("root" + word) if word.startswith("/") else word for word in setup.split()]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        check_equal(done.returncode, 0, f"status of {setup}:\n{done.stdout}")


class Shards(Recipe):
    """shards/merge.py names what has to be run again."""

    def run_shard(self, stage, shard, *options, test=None):
        own = ["python3", "evaluate.py", "--shard", shard, "--of", 2, "--questions", "questions.jsonl", "--out", f"results/result-{shard}.json"]
        run = self.start(stage, *map(str, ["--report", f"results/report-{shard}.json", *options, "--", *(test or own)]))
        run.wait()
        stage.prove_clean()
        return run.process.returncode

    def merged(self, stage):
        done = subprocess.run(["python3", "merge.py", "--of", "2", "results"], cwd=stage.file("test"), stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_what_is_named(self):
        stage = self.image()
        check_equal([self.run_shard(stage, shard) for shard in (0, 1)], [0, 0], "statuses")
        status, lines = self.merged(stage)
        check_equal((status, lines[-1]), (0, "together: 200 of 200 right"), "both shards")
        for options, test, wanted, said in ((["-t", "50ms"], ["sleep", "60"], 124, "vlmshim ended it with 124: the test ran longer than 50 ms"),
                                            (["-s", "false"], None, 125, "vlmshim ended it with 125: "),
                                            ([], ["sh", "-c", "exit 1"], 1, "no result, exit status 1"),
                                            ([], ["sh", "-c", "kill -9 $$"], -9, "no result, killed by SIGKILL")):
            check_equal(self.run_shard(stage, 1, *options, test=test), wanted, f"status of {test}")
            status, lines = self.merged(stage)
            check_equal((status, lines[-1]), (1, "to be run again: 1"), f"after {test}: {lines}")
            check(lines[0].startswith("shard 0: 100 of 100 right") and lines[1].startswith("shard 1: " + said), f"after {test}: {lines}")
        report = stage.file("test") / "results" / "report-1.json"
        check_equal(self.run_shard(stage, 1), 0, "status")
        report.write_text(json.dumps({**json.loads(report.read_text()), "verdict": "running", "exit_code": None}))
        status, lines = self.merged(stage)
        check_equal((status, lines[-1]), (1, "to be run again: 1"), f"vlmshim was killed: {lines}")
        for name in ("report", "result"):
            check_equal(self.run_shard(stage, 1), 0, "status")
            (stage.file("test") / "results" / f"{name}-1.json").unlink()
            status, lines = self.merged(stage)
            check_equal((status, lines[-1]), (1, "to be run again: 1"), f"without the {name}: {lines}")

    def test_a_wrong_answer(self):
        stage = self.image()
        questions = stage.file("test") / "questions.jsonl"
        lines = questions.read_text().splitlines()
        lines[0] = json.dumps({**json.loads(lines[0]), "expect": "no colour at all"})
        questions.write_text("\n".join(lines) + "\n")
        check_equal([self.run_shard(stage, shard) for shard in (0, 1)], [1, 0], "statuses")
        status, lines = self.merged(stage)
        check_equal((status, lines[-1]), (1, "together: 199 of 200 right"), "a wrong answer is not run again")

    def test_questions(self):
        """Each has a PNG of its own: the stand-in names its sum, a model its colour."""
        found = [json.loads(line) for line in (EXAMPLES / "shards" / "questions.jsonl").read_text().splitlines()]
        check_equal(len({question["id"] for question in found}), 200, "questions")
        for question in found:
            image = base64.b64decode(question["image"].removeprefix("data:image/png;base64,"))
            colour, _, rest = question["expect"].partition("|")
            check(image.startswith(b"\x89PNG") and rest == f"CRC32 {zlib.crc32(image):08x}" and colour.isalpha(), f"question {question}")

    def test_a_shard_that_is_none(self):
        stage = self.image()
        check_equal(self.run_shard(stage, 2), 2, "status")


class Documents(Case):
    """README.md of the examples, and what every file holds to."""

    def test_the_lines_that_matter(self):
        """Each line of a block stands, as it is, in a file of the folders that the section links to."""
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        sections = text.split("\n## ")[1:]
        check(len(sections) >= 8, f"sections: {sections}")
        for section in sections:
            title = section.partition("\n")[0]
            folders = re.findall(r"\]\((\w+)\)", section)
            check(folders, f"{title} names no folder")
            known = {line.strip() for folder in folders for file in (EXAMPLES / folder).rglob("*") if file.is_file()
                     for line in file.read_text(encoding="utf-8").splitlines()}
            for block in re.findall(r"^```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
                unknown = [line for line in block.splitlines() if line.strip() not in known]
                check(not unknown, f"{title}: in no file of {folders}: {unknown}")

    def test_links(self):
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
        missing = [link for link in links if not (EXAMPLES / link).exists()]
        check(not missing, f"links to nothing: {missing}")
        folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
        check(folders <= set(links), f"not in README.md: {folders - set(links)}")

    def test_configurations(self):
        """--check takes every TOML file."""
        for path in EXAMPLES.rglob("*.toml"):
            done = subprocess.run([VLMSHIM, "--check", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            check_equal(done.returncode, 0, f"status for {path}: {done.stderr}")

    def test_every_file_is_read(self):
        need(self, yaml, "python3-yaml is not installed")
        readers = {".yaml": lambda text: list(yaml.safe_load_all(text)), ".yml": lambda text: list(yaml.safe_load_all(text)),
                   ".json": json.loads, ".py": lambda text: compile(text, "example", "exec")}
        for path in EXAMPLES.rglob("*.*"):
            if path.suffix in readers:
                check(readers[path.suffix](path.read_text(encoding="utf-8")) is not None or path.suffix == ".py", f"{path} is empty")
        for path in EXAMPLES.rglob("*.sh"):
            check_equal(subprocess.run(["sh", "-n", path], check=False).returncode, 0, f"the syntax of {path}")
            check(os.access(path, os.X_OK), f"{path} cannot be run")
