"""--report: what happened, as JSON; also when things go wrong. The manual page knows every field."""

import json
import os
import re
import signal
import stat

from harness import Case, check, check_equal, fixture, need, SOURCE, toml
from oracle import parent_of, wait_for
from report_page import check_against_page, fields_within, read


def waiting(status=0):
    """A test that ends when the file "go" exists."""
    return fixture("wait-file", "go", status, "--ready", "test.pid")


class Fields(Case):
    def test_a_full_run_and_the_manual_page(self):
        stage = self.stage()
        server = fixture("slow-health", "{port}", 50, 200)
        run = stage.plain("--report", "report.json", "-g", "300ms", "--",
                          *fixture("spawn", "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", *waiting(3)[1:]),
                          config=f'[server]\nname = "slow"\ncommand = {toml(server)}\nport = {stage.port}\n'
                                 'ready = { http = "http://127.0.0.1:{port}/health" }\n')
        test = stage.ready("test.pid", run)
        left = stage.ready("left.pid", run)
        check_equal(read(stage)["verdict"], "running", "the verdict meanwhile", run)
        run.send(signal.SIGUSR1)  # passed on to the test, which dies of it
        status = run.wait()
        stage.prove_clean()
        report = read(stage)
        for section, objects in {"Report": [report], "Phases": report["phases"], "Servers": report["servers"],
                                 "Test": [report["test"]], "Signals": report["signals"],
                                 "Ended processes": report["ended_processes"]}.items():
            check(objects, f"{section} is empty", run)
            for one in objects:
                check_against_page(section, one)
        check_equal(report["run"], test.run, "run")
        check_equal(report["test"]["pid"], test.pid, "pid of the test")
        own = report["exit_code"] if report["signal"] is None else -int(getattr(signal, report["signal"]))
        check_equal(own, status, "status", run)
        (server,) = report["servers"]
        answers = [entry["answer"] for entry in server["answers"]]
        for entry in server["answers"]:
            check_equal(set(entry), fields_within("answers"), "the fields of an answer", run)
        check("HTTP 200" in answers[-1] and len(answers) == len(set(answers)) > 1, f"answers: {answers}", run)
        check(server["started_at_ms"] <= server["ready_at_ms"] <= report["test"]["started_at_ms"] <=
              report["test"]["ended_at_ms"] <= report["duration_ms"], "the order of times", run)
        check(server["exit_code"] is not None or server["signal"], "the end of the server", run)
        ended = {process["pid"]: process["how"] for process in report["ended_processes"]}
        check_equal(ended[left.pid], "killed", "the leftover", run)
        check_equal(ended[server["pid"]], "asked", "the server", run)
        check_equal([entry["signal"] for entry in report["signals"]], ["SIGUSR1"], "signals", run)
        check_equal(report["signals"][0]["sender_pid"], os.getpid(), "sender", run)
        check_equal([phase["phase"] for phase in report["phases"]][:3], ["claiming", "starting", "testing"], "phases", run)
        check_equal((report["ports"], report["ports_before"], report["ports_after"]), ([stage.port], [], []), "ports", run)

    def test_listeners_and_the_manual_page(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port)
        run = stage.run("--report", "report.json", "--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        report = read(stage)
        check_equal((report["verdict"], report["cause"]), ("not-started", "port-busy"), "verdict", run)
        check(str(holder.pid) in report["reason"], "the reason names no process", run)
        check_equal(report["test"], None, "test", run)
        for name in ("ports_before", "ports_after"):
            (listener,) = report[name]
            check_against_page("Listeners", listener)
            check_equal(listener["pid"], holder.pid, name, run)
        dead = stage.outsider("hold-port", stage.port, "--addr", "127.0.0.2", env={"VLMSHIM_RUN": report["run"]})
        who = stage.plain("--who", stage.port, "--log-format", "json")
        check_equal(who.wait(), 0, "status", who)
        listeners = {one["pid"]: one for one in map(json.loads, who.out.splitlines())}
        for listener in listeners.values():
            check_against_page("Listeners", listener)
        check_equal((listeners[holder.pid]["run"], set(listeners[dead.pid]["run"])), (None, fields_within("run")), "runs", who)

    def test_the_ports_that_auto_stands_for(self):
        """It said 0, also in the server's command."""
        stage = self.stage()
        run = stage.plain("--report", "report.json", "-p", "auto", "-s", " ".join(fixture("serve", "{port}")), "--", "sh", "-c", "echo $VLMSHIM_PORT")
        check_equal(run.wait(), 0, "status", run)
        port, report = int(run.out), read(stage)
        (server,) = report["servers"]
        check_equal((report["ports"], server["port"], server["command"]), ([port], port, fixture("serve", port)), "ports", run)
        stage.outsider("hold-port", stage.port)
        run = stage.plain("--report", "busy.json", "--", "true", config=f'[ports]\nguard = [{stage.port}, "auto"]\n')
        check_equal(run.wait(), 125, "status", run)
        check_equal(read(stage, "busy.json")["ports"], [stage.port], "nothing was chosen", run)

    def test_every_verdict_and_cause_is_in_the_page(self):
        page = (SOURCE / "man" / "vlmshim-report.5").read_text(encoding="utf-8")
        source = (SOURCE / "src" / "core" / "report" / "run_report.cpp").read_text(encoding="utf-8")
        for word in re.findall(r'return "([a-z-]+)";', source):
            check(word in page, f"{word} is not explained")


class Outcomes(Case):
    def report_of(self, *words, status, config=None, **options):
        stage = self.stage()
        run = stage.run("--report", "report.json", *words, config=config, **options)
        check_equal(run.wait(), status, "status", run)
        return read(stage), run

    def test_passed_and_failed(self):
        report, run = self.report_of("--", *fixture("exit", 0), status=0)
        check_equal((report["verdict"], report["cause"], report["reason"]), ("passed", "none", None), "verdict", run)
        check_equal(report["written_by"], "supervisor", "written_by", run)
        report, run = self.report_of("--", *fixture("exit", 9), status=9)
        check_equal((report["verdict"], report["exit_code"], report["test"]["exit_code"]), ("failed", 9, 9), "verdict", run)
        report, run = self.report_of("--", "/bin/sh", "-c", "kill -9 $$", status=-9)
        check_equal((report["verdict"], report["signal"], report["exit_code"]), ("failed", "SIGKILL", None), "verdict", run)

    def test_timed_out(self):
        report, run = self.report_of("-t", "200ms", "--", *fixture("pause"), status=124)
        check_equal((report["verdict"], report["cause"]), ("timed-out", "test-timed-out"), "verdict", run)
        check("longer than" in report["reason"] and report["reason"] in run.err, "reason", run)
        check(report["test"]["pid"] in {one["pid"] for one in report["ended_processes"] if one["how"] == "asked"},
              "the test had to be ended", run)

    def test_not_started(self):
        report, run = self.report_of("--", "/no/such/command", status=127)
        check_equal((report["verdict"], report["cause"]), ("not-started", "test-not-started"), "verdict", run)
        report, run = self.report_of("-s", "/no/such/server", "--", "true", status=125)
        check_equal(report["cause"], "server-not-started", "cause", run)

    def test_usage_and_configuration(self):
        report, run = self.report_of("--bogus", "--", "true", status=125)
        check_equal((report["verdict"], report["cause"], report["written_by"]), ("not-started", "configuration", "start-up"), "verdict", run)
        check("--bogus" in report["errors"][0] and report["command"] == ["true"], "errors", run)
        stage = self.stage()
        run = stage.plain("--", "true", config='[report]\npath = "of-the-file.json"\n[test]\ngrace = "x"\n[sever]\n')
        check_equal(run.wait(), 125, "status", run)
        check_equal(len(read(stage, "of-the-file.json")["errors"]), 2, "errors", run)

    def test_interrupted(self):
        stage = self.stage()
        run = stage.run("--report", "report.json", "-s", " ".join(fixture("serve", "{port}", "--ready", "server.pid", "--ok-when", "never")),
                        "-r", "/", "--", "true")
        stage.ready("server.pid", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        report = read(stage)
        check_equal((report["verdict"], report["signal"]), ("interrupted", "SIGTERM"), "verdict", run)
        stage.prove_clean()


class WhenThingsGoWrong(Case):
    def start(self, stage):
        run = stage.run("--report", "report.json", "-g", "300ms", "--", *fixture("pause", "--ready", "test.pid"))
        return run, stage.ready("test.pid", run)

    def test_supervisor_killed(self):
        stage = self.stage()
        run, test = self.start(stage)
        os.kill(parent_of(test.pid), signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        report = read(stage)
        check_against_page("Report", report)
        check_equal((report["written_by"], report["verdict"], report["cause"]), ("keeper", "error", "supervisor-killed"), "verdict", run)
        check(report["reason"] in run.err, "reason", run)
        check_equal(report["ports_after"], [], "ports", run)
        stage.prove_clean()

    def test_keeper_killed(self):
        stage = self.stage()
        run, test = self.start(stage)
        run.process.kill()
        run.wait()
        report = wait_for(lambda: (lambda r: r if r["verdict"] != "running" else None)(json.loads(stage.file("report.json").read_text())), "the report")
        check_equal((report["written_by"], report["verdict"], report["cause"]), ("supervisor", "error", "keeper-killed"), "verdict", run)
        wait_for(lambda: not test.lives(), "the end of the test")

    def test_cannot_be_written(self):
        stage = self.stage()
        for status, wanted in ((0, 125), (7, 7)):
            run = stage.run("--report", "no/such/folder/report.json", "--", *fixture("exit", status))
            check_equal(run.wait(), wanted, "status", run)
            check("cannot be written: No such file or directory" in run.err, "not logged", run)

    def test_a_full_disk(self):
        """The complete report of the start remains; "running" is never taken for "passed"."""
        need(self, os.getuid() == 0, "needs root to mount a small disk")
        for status, wanted in ((0, 125), (7, 7)):
            stage = self.stage()
            stage.file("disk").mkdir()
            run = stage.run("--report", "disk/report.json", "--", "sh", "-c", f"cat /dev/zero > disk/pad 2> err-of-cat; exit {status}",
                            wrap=["unshare", "--mount", "--propagation", "private", "sh", "-c",
                                  'mount -t tmpfs -o size=64k none disk || exit 99; "$@"; status=$?; rm disk/pad; mv disk/* .; exit $status', "sh"])
            found = run.wait()
            need(self, found != 99 and "unshare" not in run.err, "no mount namespace here")
            check_equal(found, wanted, "status", run)
            check("the report disk/report.json cannot be written: No space left on device" in run.err, "not logged", run)
            check_equal(read(stage)["verdict"], "running", "the report", run)
        run = stage.run("--report", "/dev/full", "--", "true")
        check_equal(run.wait(), 125, "status", run)

    def test_what_is_no_regular_file_is_not_replaced(self):
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        reader = os.open(stage.file("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        try:
            run = stage.run("--report", "fifo", "--", *fixture("exit", 0))
            check_equal(run.wait(), 0, "status", run)
            text = os.read(reader, 1 << 20).decode()
        finally:
            os.close(reader)
        check(stat.S_ISFIFO(os.stat(stage.file("fifo")).st_mode), "the FIFO was replaced", run)
        check('"verdict": "passed"' in text, "nothing was written", run)
        run = stage.run("--report", "/dev/null", "--", *fixture("exit", 0))
        check_equal(run.wait(), 0, "status", run)
        check(stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null was replaced", run)

    def test_as_pid_1(self):
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        run = stage.run("--report", "report.json", "--", *fixture("exit", 5),
                        wrap=["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc"])
        status = run.wait()
        need(self, "unshare" not in run.err, "no PID namespace here")
        check_equal(status, 5, "status", run)
        check_equal(read(stage)["verdict"], "failed", "verdict", run)
