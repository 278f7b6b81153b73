"""--report: what happened, as JSON; also when things go wrong. The manual page knows every field."""

import json
import os
import re
import signal
import stat

from harness import Case, check, check_equal, fixture, IS_SUBREAPER, need, SOURCE, toml
from oracle import parent_of, wait_for
from report_page import check_against_page, fields_within, no_unfinished, parse, read


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
                                 "Ended processes": report["ended_processes"], "Environment": [report["environment"]],
                                 "Warnings": report["warnings"]}.items():
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
        ended = {process["pid"]: process for process in report["ended_processes"]}
        for pid, how, why, of in ((left.pid, "killed", "leftover", None), (server["pid"], "asked", "server", "slow")):
            check_equal((ended[pid]["how"], ended[pid]["why"], ended[pid]["server"]), (how, why, of), "an ended process", run)
        killed, asked = ended[left.pid], ended[server["pid"]]
        check(report["test"]["ended_at_ms"] <= killed["asked_at_ms"] <= killed["killed_at_ms"] - 300 + 5, f"times: {killed}", run)
        check(asked["killed_at_ms"] is None and asked["asked_at_ms"] <= server["ended_at_ms"] <= report["duration_ms"], f"times: {asked}", run)
        check_equal(set(server["listening"]), fields_within("listening"), "the fields of the listener", run)
        check_equal((server["listening"]["pid"], server["listening"]["addresses"]), (server["pid"], [f"127.0.0.1:{stage.port}"]), "the listener", run)
        check(fixture("slow-health")[-1] in server["listening"]["command"], "the command of the listener", run)
        warned = [entry["text"] for entry in report["warnings"] if entry["level"] == "warning"]
        check(any(str(left.pid) in text and "[shutdown] grace" in text for text in warned), f"no warning of the killing: {warned}", run)
        check(all(text in run.err_path.read_text() for text in warned), "another text on standard error", run)
        check_equal((report["strangers"], report["slow_readers"]), ([], []), "strangers and slow readers", run)
        check_equal([entry["signal"] for entry in report["signals"]], ["SIGUSR1"], "signals", run)
        check_equal(report["signals"][0]["sender_pid"], os.getpid(), "sender", run)
        check_equal([phase["phase"] for phase in report["phases"]][:3], ["claiming", "starting", "testing"], "phases", run)
        check_equal((report["ports"], report["ports_before"], report["ports_after"]), ([stage.port], [], []), "ports", run)

    def test_the_signal_comes_before_what_it_began(self):
        """Though its sender is looked up after it was passed on."""
        def one(_):
            stage = self.stage()
            run = stage.plain("--report", "report.json", "--", *fixture("pause", "--ready", "test.pid"))
            stage.ready("test.pid", run)
            run.send(signal.SIGTERM)
            check_equal(run.wait(), -signal.SIGTERM, "status", run)
            report = json.loads(stage.file("report.json").read_text())
            (stopping,) = [phase["at_ms"] for phase in report["phases"] if phase["phase"] == "stopping"]
            check(report["signals"][0]["at_ms"] <= stopping, f"{report['signals']} {report['phases']}")
        self.each(range(20), one)

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

    def test_where_it_ran_and_with_which_configuration(self):
        stage = self.stage()
        secrets = {name: f"secret-of-{name}" for name in ("server", "header", "test")}
        config = (f'[server]\ncommand = {toml(fixture("serve", "{port}"))}\nport = {stage.port}\nenv = {{ TOKEN = "{secrets["server"]}" }}\n'
                  f'[server.ready]\nhttp = "/"\nheaders = {{ Authorization = "{secrets["header"]}" }}\n'
                  f'[test]\nenv = {{ KEY = "{secrets["test"]}" }}\ngrace = "1234ms"\n')
        run = stage.plain("--report", "report.json", "-g", "2s", "--", "true", config=config,
                          wrap=["sh", "-c", 'ulimit -n 200; ulimit -u unlimited; exec "$@"', "sh"])
        check_equal(run.wait(), 0, "status", run)
        text = stage.file("report.json").read_text()
        check("secret-of" not in text, "a value is in the report", run)
        report = read(stage)
        for name in ("TOKEN", "Authorization", "KEY"):
            check(f'{name} = "(not shown)"' in report["config_text"], f"{name} is not there", run)
        shown = stage.plain("--check", "-g", "2s", "--", "true", config=report["config_text"])
        check_equal(shown.wait(), 0, "status", shown)
        check('path = ["report.json"]' in report["config_text"], "the option is not in it", run)
        without_path = [[line for line in text.splitlines()[1:] if not line.startswith("path = ")] for text in (shown.out, report["config_text"])]
        check_equal(*without_path, "read again", shown)
        here, name = report["environment"], os.uname()
        check_equal((here["kernel"], here["machine"]), (f"{name.sysname} {name.release}", name.machine), "kernel and machine", run)
        check_equal((here["processors"], here["open_files"], here["pid_one"]), (len(os.sched_getaffinity(0)), 200, False), "limits", run)
        check(here["vlmshim"].startswith(f"vlmshim {report['vlmshim']}"), "version", run)
        check_equal(here["subreaper"], IS_SUBREAPER, "subreaper", run)

    def test_warnings_that_are_not_shown(self):
        """Also one that was said before the run, of a file that everybody may write."""
        stage = self.stage()
        stage.file("vlmshim.toml").write_text("")
        stage.file("vlmshim.toml").chmod(0o666)
        run = stage.plain("--report", "report.json", "--log-level", "off", "-t", "100ms", "-g", "100ms", "--", *fixture("pause"), keep_config_search=True)
        check_equal(run.wait(), 124, "status", run)
        told = read(stage)["warnings"]
        check_equal(run.err_path.read_text(), "", "standard error")
        check("vlmshim.toml" in told[0]["text"] and told[0]["level"] == "warning", f"the first: {told}", run)
        check("longer than" in told[-1]["text"] and told[-1]["level"] == "error", f"the last: {told}", run)

    def test_what_a_server_printed_is_no_warning(self):
        stage = self.stage()
        run = stage.plain("--report", "report.json", "-s", "sh -c 'echo its-own-line; exit 3'", "-p", stage.port, "--", "true")
        check_equal(run.wait(), 125, "status", run)
        check("its-own-line" in run.err, "not shown", run)
        check(not any("its-own-line" in one["text"] for one in read(stage)["warnings"]), "a line of the server counts as ours", run)

    def test_strangers(self):
        """Another process binds the server's port before the server does."""
        stage = self.stage()
        run = stage.plain("--report", "report.json", "--", "true",
                          config=f'[server]\nname = "web"\ncommand = {toml(fixture("serve", "{port}", "--ready", "server.pid", "--listen-when", "never"))}\n'
                                 f'port = {stage.port}\n[ports]\noutsiders = "report"\n')
        stage.ready("server.pid", run)
        stranger = stage.outsider("hold-port", stage.port)
        check_equal(run.wait(), 125, "status", run)
        report = read(stage)
        (seen,) = report["strangers"]
        check_against_page("Strangers", seen)
        check_equal(seen["server"], "web", "the server", run)
        check(f"pid {stranger.pid} " in seen["description"] and f"127.0.0.1:{stage.port}" in seen["description"], f"which: {seen}", run)
        check(report["servers"][0]["started_at_ms"] <= seen["at_ms"] <= report["duration_ms"], "when", run)

    def test_the_holder_of_a_port_that_was_ended(self):
        stage = self.stage()
        holder = stage.outsider("hold-port", stage.port, "--on-term", "ignore")
        run = stage.run("--report", "report.json", "-b", "kill", "-g", "200ms", "--", "true")
        check_equal(run.wait(), 0, "status", run)
        (ended,) = read(stage)["ended_processes"]
        check_equal((ended["pid"], ended["why"], ended["server"]), (holder.pid, "port holder", None), "what was ended", run)
        check(ended["how"] == "killed" and ended["asked_at_ms"] <= ended["killed_at_ms"], f"how: {ended}", run)

    def test_slow_readers(self):
        """Of a pipe that is full all the time, lines are lost."""
        stage = self.stage()
        reader, writer = os.pipe()
        try:
            noise = "i=0; while [ $i -lt 6000 ]; do echo $i-a-line-that-takes-some-room-in-the-queue-of-lines-not-read-yet; i=$((i+1)); done; sleep 1000"
            run = stage.plain("--report", "report.json", "--", "true", stderr=writer,
                              config=f'[server]\ncommand = ["sh", "-c", "{noise}"]\nport = "none"\noutput = "inherit"\nready = {{ log = "^5999-" }}\n')
            os.close(writer)
            check_equal(run.wait(), 0, "status")
        finally:
            os.close(reader)
        (slow,) = read(stage)["slow_readers"]
        check_against_page("Slow readers", slow)
        check(slow["stream"] == "standard error" and slow["dropped"] > 500, f"lost: {slow}")


class SeveralFiles(Case):
    def test_json_and_a_page(self):
        """Each is written, by its name's ending. While the run goes on, none says what an earlier run has written there."""
        stage = self.stage()
        stage.file("run.html").write_text("Passed")
        run = stage.run("--report", "run.json", "--report", "run.html", "--report=more.htm", "--", *waiting(3))
        stage.ready("test.pid", run)
        check_equal(read(stage, "run.json")["verdict"], "running", "the verdict meanwhile", run)
        for name in ("run.html", "more.htm"):
            page = stage.file(name).read_text()
            check("<h1>Not finished: " in page and "Passed" not in page, f"{name} of a run that goes on", run)
        stage.file("go").touch()
        check_equal(run.wait(), 3, "status", run)
        check_equal(read(stage, "run.json")["verdict"], "failed", "verdict", run)
        for name in ("run.html", "more.htm"):
            page = stage.file(name).read_text()
            check(page.lower().startswith("<!doctype html>") and "<h1>Failed: " in page, f"{name} is no page", run)

    def test_of_a_configuration(self):
        stage = self.stage()
        run = stage.plain("--", "true", config='[report]\npath = ["a.json", "b.json", "c.html"]\n')
        check_equal(run.wait(), 0, "status", run)
        check_equal([read(stage, name)["verdict"] for name in ("a.json", "b.json")], ["passed"] * 2, "verdicts", run)
        check(stage.file("c.html").exists(), "no page", run)
        run = stage.plain("--report", "d.json", "--", "true", config='[report]\npath = ["e.json"]\n')
        check_equal((run.wait(), stage.file("d.json").exists(), stage.file("e.json").exists()), (0, True, False), "the option beats the file", run)
        run = stage.plain("--report", "f.json", "--report", "f.json", "--", "true")
        check_equal(run.wait(), 125, "status", run)
        check("--report names a file twice" in run.err and "names a file twice" in read(stage, "f.json")["reason"], "not said", run)

    def test_one_that_cannot_be_written(self):
        for status, wanted in ((0, 125), (7, 7)):
            stage = self.stage()
            run = stage.run("--report", "no/such/a.json", "--report", "b.json", "--report", "no/such/c.html", "--report", "d.html", "--",
                            *fixture("exit", status))
            check_equal(run.wait(), wanted, "status", run)
            for name in ("no/such/a.json", "no/such/c.html"):
                check(f"the report {name} cannot be written: No such file or directory" in run.err, f"{name}: not logged", run)
            report, page = read(stage, "b.json"), stage.file("d.html").read_text()
            check_equal((report["exit_code"], report["verdict"]), (wanted, "failed" if status else "error"), "the other report", run)
            check(("<h1>Failed: " if status else "<h1>Error: ") in page, "the other page", run)
            why = "the report no/such/c.html cannot be written: No such file or directory"
            check(status or (report["reason"] == why and why in page), f"why: {report['reason']}", run)
            no_unfinished(stage)

    def test_a_reader_that_closes(self):
        """What was written before tells of it, and what goes to a stream is written once."""
        stage = self.stage()
        reader, writer = os.pipe()
        os.close(reader)
        run = stage.run("--report", "/dev/stdout", "--report", "a.json", "--report", "/dev/stderr", "--", "true", stdout=writer)
        os.close(writer)
        check_equal(run.wait(), 125, "status", run)
        report = read(stage, "a.json")
        check_equal((report["exit_code"], report["verdict"], report["reason"]),
                    (125, "error", "the report /dev/stdout cannot be written: Broken pipe"), "the other report", run)
        check_equal((run.err.count('"verdict"'), run.err.count('"verdict": "error"')), (1, 1), "reports on standard error", run)

    def test_one_under_two_names(self):
        """Refused, where the second waited for a reader for ever, or followed the first on one stream."""
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        stage.file("sub").mkdir()
        stage.file("link").symlink_to("sub")
        for first, second in (("fifo", "./fifo"), ("/dev/stdout", "/dev/fd/1"), ("a.json", f"{stage.folder}/a.json"),
                              ("sub/b.html", "link/b.html"), ("out", "/dev/stdout")):
            with open(stage.file("out"), "w", encoding="utf-8") as out:
                run = stage.run("--report", first, "--report", second, "--", "touch", "started", stdout=out)
                report = parse(stage.file("fifo").read_text()) if first == "fifo" else None
                check_equal((run.wait(), stage.file("started").exists()), (125, False), f"{first} and {second}: status, and whether it was started", run)
            check(f"the report {second} cannot be written: it is the same as {first}" in run.err, f"{first} and {second}: not said", run)
            if report or first == "a.json":
                report = report or read(stage, first)
                check_equal((report["written_by"], report["cause"]), ("start-up", "system"), f"{first}: the report", run)
        run = stage.run("--report", "fifo", "--report", "./fifo", "--bogus")
        check_equal(parse(stage.file("fifo").read_text())["cause"], "configuration", "of wrong options", run)
        check_equal(run.wait(), 125, "status", run)

    def test_one_that_is_refused_before_the_run(self):
        stage = self.stage()
        run = stage.run("--report", "/dev/fd/99", "--report", "b.json", "--report", "c.html", "--", "touch", "started")
        check_equal((run.wait(), stage.file("started").exists()), (125, False), "status, and whether it was started", run)
        check_equal(run.err.count("the report /dev/fd/99 cannot be written"), 1, "how often it is said", run)
        report = read(stage, "b.json")
        check_equal((report["written_by"], report["cause"]), ("start-up", "system"), "the other report", run)
        check("/dev/fd/99" in report["reason"] and report["config_text"] and stage.file("c.html").exists(), "the others", run)

    def test_one_waits_for_its_reader(self):
        """The others are complete by then."""
        stage = self.stage()
        os.mkfifo(stage.file("fifo"))
        run = stage.run("--report", "fifo", "--report", "a.json", "--report", "b.html", "--", "true")
        wait_for(lambda: stage.file("b.html").exists() and "<h1>Passed" in stage.file("b.html").read_text(), "the page")
        check_equal((read(stage, "a.json")["verdict"], run.process.poll()), ("passed", None), "while it waits", run)
        check_equal(parse(stage.file("fifo").read_text())["verdict"], "passed", "the last one", run)
        check_equal(run.wait(), 0, "status", run)

    def test_of_a_killed_supervisor(self):
        stage = self.stage()
        run = stage.plain("--report", "a.json", "--report", "b.html", "--report", "c.json", "-g", "300ms", "--",
                          *fixture("spawn", "setsid,ignore-term", "pause", "--ready", "left.pid", "--", "pause", "--ready", "test.pid"),
                          config=f'[server]\nname = "web"\ncommand = {toml(fixture("spawn", "setsid", "pause", "--ready", "worker.pid", "--", "serve", "{port}"))}\n'
                                 f'port = {stage.port}\n')
        test = stage.ready("test.pid", run)
        left, worker = stage.ready("left.pid", run), stage.ready("worker.pid", run)
        os.kill(parent_of(test.pid), signal.SIGKILL)
        check_equal(run.wait(), 125, "status", run)
        for name in ("a.json", "c.json"):
            check_equal(read(stage, name)["written_by"], "keeper", name, run)
        ended = {one["pid"]: one for one in read(stage, "a.json")["ended_processes"]}
        check_equal([(ended[one.pid]["how"], ended[one.pid]["why"], ended[one.pid]["server"]) for one in (left, worker)],
                    [("killed", "leftover", None), ("asked", "server", "web")], "what was ended", run)
        check(0 <= ended[left.pid]["asked_at_ms"] <= ended[left.pid]["killed_at_ms"], f"times: {ended}", run)
        check(str(left.pid) in stage.file("b.html").read_text(), "the page does not have it", run)
        stage.prove_clean()

    def test_of_a_refused_run(self):
        stage = self.stage()
        run = stage.run("--report", "a.json", "--report", "b.html", "--bogus", "--", "true")
        check_equal(run.wait(), 125, "status", run)
        report = read(stage, "a.json")
        check_equal((report["written_by"], report["config_text"]), ("start-up", None), "the report", run)
        check("--bogus" in stage.file("b.html").read_text(), "the page does not say why", run)
        no_unfinished(stage)


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
        check(report["config_text"] and report["environment"]["kernel"], "where it ran", run)
        check(any("ending what is left of the run" in one["text"] for one in report["warnings"]), "warnings", run)
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
