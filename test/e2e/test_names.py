"""The names of keeper and supervisor: a signal to a name must not hit both of them and leave the server."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import Case, check, check_equal, fixture, FIXTURE, in_pid_namespace, need, PID_NAMESPACE, script, toml, VLMSHIM
from oracle import alive, children_of, environ_of, parent_of, pids, read_bytes, wait_for


def comm_of(pid):
    return read_bytes(f"/proc/{pid}/comm").decode().rstrip("\n")


def title_of(pid):
    return read_bytes(f"/proc/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ").decode()


class Killed(Case):
    """By name, in a PID namespace of its own. The path of the programs contains neither name."""

    def start(self, *options):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="e2e-names-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        for program, name in ((VLMSHIM, "vlmshim"), (FIXTURE, "modelserver"), (FIXTURE, "mytest")):
            shutil.copy2(program, folder / name)
        stage = self.stage()
        self.port = stage.port
        server = f"{folder}/modelserver spawn setsid,double-fork,ignore-term pause --ready helper.pid -- serve {{port}} --ready server.pid"
        run = subprocess.Popen([folder / "vlmshim", "--no-config", "-p", str(stage.port), *options, "-s", server, "--", folder / "mytest", "spawn",
                                "setsid,double-fork,ignore-term", "pause", "--ready", "left.pid", "--", "pause", "--ready", "test.pid"],
                               cwd=stage.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={name: value for name, value in os.environ.items() if not name.startswith("VLMSHIM")})
        stage.others.append(run)
        wait_for(lambda: stage.file("test.pid").exists(), "the test")
        return run

    def check_nothing_survives(self, command, *options):
        run = self.start(*options)
        before = [pid for pid in pids() if pid != os.getpid() and alive(pid)]
        check(len(before) >= 6, f"too few processes to be killed: {before}")
        done = subprocess.run([word.format(port=self.port) for word in command], capture_output=True, text=True, check=False)
        check_equal(done.returncode, 0, f"{command}: {done.stderr}")
        run.wait()
        wait_for(lambda: not any(alive(pid) for pid in before), f"the end of everything after {command}: {[title_of(pid) for pid in before if alive(pid)]}")

    @in_pid_namespace
    def test_by_the_name_of_the_program(self):
        need(self, shutil.which("pkill") and shutil.which("killall"), "needs procps and psmisc")
        for command in (["pkill", "-9", "vlmshim"], ["pkill", "-9", "-x", "vlmshim"], ["pkill", "-9", "-f", "vlmshim"], ["killall", "-9", "vlmshim"],
                        ["sh", "-c", "kill -9 $(pidof vlmshim)"], ["sh", "-c", "kill -9 $(pgrep -f '[v]lmshim --no-config')"]):
            self.check_nothing_survives(command)
        self.check_nothing_survives(["pkill", "-9", "vlmshim"], "--isolate")
        self.check_nothing_survives(["pkill", "-9", "-f", "vlmshim"], "--isolate")

    @in_pid_namespace
    def test_by_a_word_of_the_command_line(self):
        need(self, shutil.which("pkill"), "needs procps")
        for pattern in ("modelserver", "modelserver spawn setsid", "mytest", "serve", "helper.pid", "{port}"):
            self.check_nothing_survives(["pkill", "-9", "-f", pattern])
        self.check_nothing_survives(["pkill", "-9", "-f", "modelserver"], "--isolate")

    @in_pid_namespace
    def test_by_the_other_names(self):
        need(self, shutil.which("pkill"), "needs procps")
        for options in ((), ("--isolate",)):
            for pattern in ("vlm-supervisor", "vlm-init") if options else ("vlm-supervisor",):
                self.check_nothing_survives(["pkill", "-9", pattern], *options)
                self.check_nothing_survives(["pkill", "-9", "-f", pattern], *options)

    def test_from_inside_a_container(self):
        """PID 1 is keeper and supervisor in one: nothing in there can kill it."""
        need(self, os.getuid() == 0 and shutil.which("pkill") and shutil.which("killall"), "needs root, procps and psmisc")
        stage = self.stage()
        test = script(stage.file("murder"), "#!/bin/sh\npkill -9 vlmshim; killall -9 vlmshim; pkill -9 -f 'no-such-server --port'\ncat /proc/1/comm\nexit 3\n")
        run = stage.run("-s", "sh -c 'exec sleep 1000' no-such-server --port", "-r", "tcp://localhost:{port}", "--", str(test), wrap=PID_NAMESPACE)
        run.process.kill()
        run.wait()
        run = stage.run("--", *fixture("spawn", "setsid,double-fork", "hold-port", stage.port, "--", "with", "--", str(test)), wrap=PID_NAMESPACE)
        check_equal(run.wait(), 3, "status", run)
        check_equal(run.out, "vlmshim\n", "the name of PID 1", run)
        stage.prove_clean()


class Named(Case):
    def serving(self):
        return fixture("serve", "{port}", "--ok-when", "ok", "--ready", "server.pid")

    def test_what_ps_shows(self):
        stage = self.stage()
        test = script(stage.file("deaf"), "#!/bin/sh\ntrap : TERM\n: > up\nwhile [ ! -e go ]; do sleep 0.02; done\n")
        run = stage.plain("-g", "1m", "--", str(test),
                          config=f'[server]\nport = {stage.port}\ncommand = {toml(self.serving())}\nready.http = "http://localhost:{{port}}/"\n')
        supervisor = parent_of(stage.ready("server.pid", run).pid)
        before = read_bytes(f"/proc/{run.pid}/cmdline")

        def shows(phase):
            wait_for(lambda: title_of(supervisor) == f"vlm-supervisor: {phase}, port {stage.port}", f"the phase {phase}")

        check_equal(comm_of(supervisor), "vlm-supervisor", "the supervisor's name", run)
        shows("starting")
        stage.file("ok").touch()
        wait_for(lambda: stage.file("up").exists() or run.process.poll() is not None, "the test")
        shows("testing")
        shown = subprocess.run(["ps", "-o", "args=", "-p", str(supervisor)], capture_output=True, text=True, check=True).stdout
        check_equal(shown.strip(), f"vlm-supervisor: testing, port {stage.port}", "ps", run)
        check_equal((comm_of(run.pid), read_bytes(f"/proc/{run.pid}/cmdline")), (os.path.basename(VLMSHIM), before), "the keeper", run)
        check_equal(before.rstrip(b"\0").decode().split("\0"), run.command, "the keeper's command line", run)
        check_equal(environ_of(supervisor), environ_of(run.pid), "the supervisor's environment", run)
        run.send(signal.SIGTERM)
        shows("stopping")
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def test_what_the_command_line_says_is_not_shown(self):
        """A pattern for pkill -f that is taken from it must not hit the supervisor, too."""
        stage = self.stage()
        run = stage.run("-s", " ".join(self.serving()), "-r", "/", "-g", "1m", "--", *fixture("pause", "--ready", "test.pid"))
        supervisor = parent_of(stage.ready("server.pid", run).pid)
        wait_for(lambda: title_of(supervisor) == "vlm-supervisor: starting", "the phase")
        stage.file("ok").touch()
        stage.ready("test.pid", run)
        wait_for(lambda: title_of(supervisor) == "vlm-supervisor: testing", "the phase")
        words = {word for argument in run.command for word in argument.split() if len(word) > 2}
        check(not any(word in title_of(supervisor) for word in [*words, "vlmshim"]), "a word of the command line is in the title", run)
        run.send(signal.SIGTERM)
        run.wait()
        stage.prove_clean()

    def test_what_was_said_on_the_command_line_holds(self):
        """The title overwrites no memory that is used later."""
        stage = self.stage()
        run = stage.plain("-p", stage.port, "-s", " ".join(self.serving()), "-r", "/health",
                          "-o", "file:server.log", "-t", "1m", "-b", "fail", "--report", "report.json", "--",
                          "/bin/sh", "-c", 'printf "%s\\n" "$0" "$@" > words', "first word", "", "last")
        supervisor = parent_of(stage.ready("server.pid", run).pid)
        wait_for(lambda: "starting" in title_of(supervisor), "the title")
        stage.file("ok").touch()
        check_equal(run.wait(), 0, "status", run)
        check_equal(stage.file("words").read_text(), "first word\n\nlast\n", "the test's words", run)
        report = stage.file("report.json").read_text()
        check("first word" in report and "--ok-when" in report, "the report", run)
        stage.prove_clean()

    def test_a_short_command_line_leaves_little_room(self):
        stage = self.stage()
        shutil.copy2(VLMSHIM, stage.file("v"))
        run = subprocess.Popen(["v", "./t"], executable=stage.file("v"), cwd=stage.folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**stage.environment(), "VLMSHIM_CONFIG": "c"})
        stage.others.append(run)
        stage.file("never").touch()
        run.wait()  # no such configuration: 125 before anything is forked
        check_equal(run.returncode, 125, "status")
        stage.file("c").write_text(f"[ports]\nguard = [{stage.port}]\n")
        script(stage.file("t"), f'#!/bin/sh\nexec "{FIXTURE}" pause --ready test.pid\n')
        run = subprocess.Popen(["v", "./t"], executable=stage.file("v"), cwd=stage.folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**stage.environment(), "VLMSHIM_CONFIG": "c"})
        stage.others.append(run)
        supervisor = parent_of(stage.ready("test.pid").pid)
        check_equal((comm_of(supervisor), title_of(supervisor)), ("vlm-supervisor", "vlm-s"), "name and title")
        check_equal(environ_of(supervisor), environ_of(run.pid), "the supervisor's environment")
        run.send_signal(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status")

    def test_the_init_of_a_namespace(self):
        need(self, os.getuid() == 0, "needs root")
        stage = self.stage()
        run = stage.run("--isolate", "--", *fixture("pause", "--ready", "test.ready"))
        wait_for(lambda: stage.file("test.ready").exists() or run.process.poll() is not None, "the test")
        (supervisor,) = children_of(run.pid)
        names = {comm_of(pid): title_of(pid) for pid in children_of(supervisor)}
        check_equal(names.get("vlm-init"), "vlm-init", f"the init among {names}", run)
        run.send(signal.SIGTERM)
        check_equal(run.wait(), -signal.SIGTERM, "status", run)
        stage.prove_clean()

    def test_the_who_option_names_it(self):
        """A supervisor that holds a socket for its test, which has not started yet."""
        stage = self.stage()
        with socket.create_server(("127.0.0.1", 0)) as passed:
            port = passed.getsockname()[1]
            run = stage.plain("-p", stage.port, "-s", " ".join(self.serving()), "-r", "/",
                              "--", *fixture("exit", 0), pass_fds=[passed.fileno()])
            supervisor = parent_of(stage.ready("server.pid", run).pid)
            who = stage.plain("--who", port, "--log-format", "json")
            check_equal(who.wait(), 0, "status", who)
            told = {one["pid"]: one["command"] for one in map(json.loads, who.out.splitlines())}
            check_equal(told.get(supervisor), "vlm-supervisor: starting", f"the supervisor in {told}", who)
            stage.file("ok").touch()
            check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()
