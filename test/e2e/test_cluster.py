"""vlmshim in jobs of a real Slurm of one node (slurm.py), and config/examples/slurm as its README says."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from harness import Case, check, check_equal, fixture, need, SOURCE, toml, VLMSHIM
from oracle import environment_of, get, listening, read_bytes, stat_fields, wait_for
from slurm import missing, Slurm

EXAMPLE = SOURCE / "config" / "examples" / "slurm"
CALLS = {"script": "exec vlmshim", "step": "exec srun vlmshim"}
UNSET = "unset VLMSHIM_RUN"
# As llama-server: it needs a moment to end, and aborts at a second signal. One that ends at once, of a signal of Slurm's that
# vlmshim has not got yet, has died under the test.
SERVING = ("serve", "{port}", "--ready", "server.pid", "--signals", "server.log", "--on-term", "twice", "--linger", 300)
SERVER = fixture(*SERVING)
DAEMON = fixture("spawn", "setsid,double-fork,close-stdio", *SERVING, "--", "exit", 0)
PASSES = fixture("wait-file", "go", 0, "--ready", "test.pid")
# At SIGTERM it needs a second to finish.
FINISHES = fixture("count-signals", "test.log", "--exit-on", "TERM", "--status", 7, "--linger", 1000, "--ready", "test.pid")


class Cluster(Case):
    """The cases of a class share a Slurm."""
    tracking = ()

    @classmethod
    def setUpClass(cls):
        cls.slurm = None if missing() else Slurm(*cls.tracking)

    @classmethod
    def tearDownClass(cls):
        if cls.slurm:
            left = cls.slurm.left()
            cls.slurm.stop()
            check(not left, f"left on the node: {left}")

    def setUp(self):
        need(self, self.slurm, f"no Slurm here; apt-get install {' '.join(missing())}")

    # --- a job

    def configured(self, test, server=SERVER, test_keys="", server_keys=""):
        stage = self.stage()
        stage.file("vlmshim.toml").write_text(
            f'[server]\nport = "auto"\ncommand = {toml(server)}\n{server_keys}\n[test]\ncommand = {toml(test)}\n{test_keys}\n', encoding="utf-8")
        return stage

    def environment(self, stage):
        return {**stage.environment(), **self.slurm.environment(), "E2E_COOKIE": stage.cookie,
                "PATH": os.pathsep.join([str(pathlib.Path(VLMSHIM).parent), self.slurm.environment()["PATH"]])}

    def submit(self, stage, *options, call="script"):
        """The number of the job: vlmshim as the script's process, or as a step."""
        stage.file("job.sh").write_text(f"#!/bin/sh\n{CALLS[call]}\n", encoding="utf-8")
        return self.slurm.call("sbatch", "--parsable", "--output=job-%j.log", *options, "job.sh", cwd=stage.folder,
                               env=self.environment(stage)).strip()

    def ends_with(self, stage, job, state, status, number=0):
        """The job ends like this, vlmshim itself has ended the server, and nothing of the job lives."""
        found = self.slurm.ended(job)
        path = stage.file(f"job-{self.slurm.job(job)['JobId']}.log")
        check(path.exists(), f"the job, {found}, has not begun\n{self.slurm.said()}")
        log = path.read_text(encoding="utf-8", errors="replace")
        check_equal(found, (state, status, number), f"state, status and signal of the job\n{log}")
        free = re.search(r"^vlmshim: .*port (\d+) is free$", log, re.MULTILINE)
        check(free, f"no clean-up is logged:\n{log}")
        stage.prove_clean(int(free.group(1)))
        return log

    def stopped(self, stage, job):
        """Suspends it: Slurm sends SIGTSTP, and 2 s later SIGSTOP. Where only the keeper gets them, the supervisor stays awake."""
        self.slurm.call("scontrol", "suspend", job)

        def all_but_supervisor():
            processes = {pid for pid, _command in stage.left_over() if read_bytes(f"/proc/{pid}/comm") != b"vlm-supervisor\n"}
            return len(processes) >= 3 and all(stat_fields(pid)[:1] in (["T"], ["D"]) for pid in processes)
        wait_for(all_but_supervisor, "the job to be stopped")

    # --- what Slurm does

    def cancel(self, call):
        """The test finishes in its own time, and a server that aborts at a second signal gets one."""
        stage = self.configured(FINISHES, server_keys='grace = "10s"')
        job = self.submit(stage, call=call)
        stage.ready("test.pid")
        self.slurm.call("scancel", job)
        log = self.ends_with(stage, job, "CANCELLED", 7)
        check("test exited with 7" in log, f"the test was cut short:\n{log}")
        if call == "script":  # a step that is cancelled with its job gets two from Slurm itself
            check_equal(stage.file("server.log").read_text(), "TERM\n", f"what the server got:\n{log}")

    def suspend(self):
        """For longer than the test may take: its time stands still."""
        stage = self.configured(PASSES, test_keys='timeout = "3s"')
        job = self.submit(stage)
        begun = time.monotonic()
        stage.ready("test.pid")
        self.stopped(stage, job)
        stage.file("go").touch()
        wait_for(lambda: time.monotonic() > begun + 4, "the time limit to pass")
        self.slurm.call("scontrol", "resume", job)
        self.ends_with(stage, job, "COMPLETED", 0)

    def cancel_suspended(self):
        """Slurm sends SIGKILL at once, to what it knows of."""
        stage = self.configured(PASSES)
        job = self.submit(stage)
        port = int(environment_of(stage.ready("test.pid").pid)["VLMSHIM_PORT"])
        self.stopped(stage, job)
        self.slurm.call("scancel", job)
        check_equal(self.slurm.ended(job), ("CANCELLED", 0, signal.SIGKILL), "state, status and signal of the job")
        wait_for(lambda: not stage.left_over() and not listening(port), f"the rest to end: {stage.left_over()}")


class Jobs(Cluster):
    def test_the_status_is_that_of_the_test(self):
        def one(call):
            stage = self.configured(fixture("exit", 3))
            self.ends_with(stage, self.submit(stage, call=call), "FAILED", 3)
        self.each(CALLS, one)

    def test_scancel(self):
        self.each(CALLS, self.cancel)

    def test_suspend_and_resume(self):
        self.suspend()

    def test_scancel_while_suspended(self):
        self.cancel_suspended()

    def test_a_server_that_daemonises(self):
        def one(end):
            stage = self.configured(PASSES if end == "go" else FINISHES, DAEMON, server_keys='grace = "10s"')
            job = self.submit(stage)
            stage.ready("test.pid")
            if end == "go":
                stage.file("go").touch()
            else:
                self.slurm.call("scancel", job)
            log = self.ends_with(stage, job, *(("COMPLETED", 0) if end == "go" else ("CANCELLED", 7)))
            check_equal(stage.file("server.log").read_text(), "TERM\n", f"what the server got:\n{log}")
        self.each(("go", "scancel"), one)

    def test_two_tasks_side_by_side(self):
        """Each with its own port. The end of one leaves the other alone."""
        stage = self.configured(["sh", "-c", 'exec "$0" wait-file go 0 --ready "test-$SLURM_ARRAY_TASK_ID.pid"', fixture()[0]])
        array = self.submit(stage, "--array=0-1")
        tests = [stage.ready(f"test-{task}.pid") for task in range(2)]
        ports = [int(environment_of(test.pid)["VLMSHIM_PORT"]) for test in tests]
        check(ports[0] != ports[1] and all(map(listening, ports)), f"the ports: {ports}")
        self.slurm.call("scancel", f"{array}_0")
        check_equal(self.slurm.ended(f"{array}_0"), ("CANCELLED", 0, signal.SIGTERM), "state, status and signal of the first task")
        check(not tests[0].lives() and not listening(ports[0]), "the first task is not gone")
        check(tests[1].lives() and get(ports[1], "/")[0] == 200, "the second task was harmed")
        stage.file("go").touch()
        self.ends_with(stage, f"{array}_1", "COMPLETED", 0)

    def test_submitted_below_a_run(self):
        """The job gets the VLMSHIM_RUN of a run that ends before it. Without it, as in the example, it is not taken for what that
        run has left behind."""
        check(f"\n{UNSET} " in (EXAMPLE / "evaluate.sbatch").read_text(encoding="utf-8"), "the example keeps VLMSHIM_RUN")

        def one(first):
            stage = self.configured(PASSES)
            stage.file("job.sh").write_text(f"#!/bin/sh\n{first}\nexec vlmshim -c vlmshim.toml\n", encoding="utf-8")
            submitting = stage.run("--", "sh", "-c", 'sbatch --parsable --output=job-%j.log job.sh >&2 && printf %s "$VLMSHIM_RUN"', env=self.environment(stage))
            check_equal(submitting.wait(), 0, "status of the run that submits", submitting)
            job = submitting.err.splitlines()[0]
            test = stage.ready("test.pid")
            check(environment_of(test.pid)["VLMSHIM_RUN"] != submitting.out, "the job has not got a run of its own")
            if first == UNSET:
                left = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": submitting.out})
                free = stage.plain("--free", stage.port)
                check_equal((free.wait(), left.wait(10)), (0, 0), "status, and what is left of the run that has submitted", free)
                check(test.lives(), "the job was ended with that run", free)
            stage.file("go").touch()
            self.ends_with(stage, job, "COMPLETED", 0)
        self.each((UNSET, ""), one)


class TrackedByGroup(Cluster):
    """Slurm signals the process group of the script: the keeper, and none of the processes below."""
    tracking = ("pgid",)

    def test_scancel_and_suspend(self):
        self.each((lambda: self.cancel("script"), self.suspend, self.cancel_suspended), lambda one: one())


class LongOnes(Cluster):
    def test_side_by_side(self):
        self.each((self.time_limit, self.example), lambda one: one())

    def time_limit(self):
        """Slurm looks at time limits every 30 s."""
        stage = self.configured(FINISHES)
        job = self.submit(stage, "--time=5")
        stage.ready("test.pid")
        self.slurm.call("scontrol", "update", f"job={job}", "EndTime=now+1seconds")
        log = self.ends_with(stage, job, "TIMEOUT", 7)
        check("test exited with 7" in log, f"the test was cut short:\n{log}")

    def example(self):
        """As its README says: 200 questions; again with a shard that hangs; that shard once more."""
        stage = self.stage()
        shutil.copytree(SOURCE / "config" / "examples", stage.file("config") / "examples")
        evaluation, again, standin, hanging = re.findall(r"^```sh\n(.*?)^```", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        first, _, rest = evaluation.partition("\n")
        text = "\n".join([first, standin, rest, hanging, again])
        done = subprocess.run(["bash", "-c", text], cwd=stage.folder, env=self.environment(stage), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=150, check=False)
        check_equal(re.findall(r"^(?:together: |to be run again: |shard \d: vlmshim).*", done.stdout, re.MULTILINE),
                    ["together: 200 of 200 right",
                     "shard 2: vlmshim ended it with 124: the test ran longer than 10 s", "together: 150 of 150 right", "to be run again: 2",
                     "together: 200 of 200 right"], f"what the merges said\n{done.stdout}")
        ports = [json.loads(path.read_text())["ports"] for path in stage.folder.glob("config/examples/slurm/results/report-*.json")]
        check(len(ports) == 4 and all(ports), f"ports in the reports: {ports}")
        stage.prove_clean(*sum(ports, []))
