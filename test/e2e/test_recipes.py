"""The recipes of config/examples for what schedules work: each command is run as that would run it, with the stand-in as its
llama-server, in the folder that the Dockerfile makes. No container, no cluster: their files are read, not applied."""

import base64
import json
import pathlib
import shlex
import signal
import subprocess
import zlib

from harness import check, check_equal, SOURCE
from oracle import wait_for
from recipes import documents, EXAMPLES, Recipe, SHARDS, VERSION


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

    def test_a_cancelled_job(self):
        """The runner's signal goes to the step's first process only."""
        stage = self.image()
        (stage.file("test") / "evaluate.py").write_text("import pathlib, time\npathlib.Path('there').touch()\ntime.sleep(1000)\n")
        run = self.script(stage, self.script_of("shard"))
        wait_for(lambda: (stage.file("test") / "there").exists() or run.process.poll() is not None, "the test")
        run.send(signal.SIGINT)
        check_equal(run.wait(), -signal.SIGINT, "status", run)
        stage.prove_clean()

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
