"""--runs lists the runs that live, by what the kernel knows of them. The other runs of the machine are in root's list, too."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys

from harness import Case, check, check_equal, fixture, need, PID_NAMESPACE, SANITIZED, toml, VLMSHIM, WAITING
from oracle import children_of, free_port, parent_of, stat_fields, wait_for
from strangers import as_user, LENA, MALLORY, own, said, start, STRANGER, Strangers, TAKES_DESCRIPTORS

SUPERVISOR = "vlm-supervisor"

# A process that calls itself like a supervisor, and whose parent calls itself like a keeper.
IMPOSTORS = """
import ctypes, os, subprocess, sys, time
libc = ctypes.CDLL(None)
if len(sys.argv) < 2:
    libc.prctl(15, b"vlmshim", 0, 0, 0)
    subprocess.run(["vlm-supervisor: testing, port 8080", "-c", sys.stdin.read(), "child"], executable="/proc/self/exe")
    sys.exit()
libc.prctl(15, b"vlm-supervisor", 0, 0, 0)
print(os.getpid(), flush=True)
time.sleep(1000)
"""

# Sends a socket with the name of a run.
SENDS_A_NAME = """
import socket, sys
held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
held.bind("\\0" + sys.argv[2])
door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
door.connect("\\0" + sys.argv[1])
socket.send_fds(door, [b"x"], [held.fileno()])
"""


def listed(stage, *words, **options):
    """What --runs prints as JSON, and how it ended."""
    run = stage.plain("--runs", "--log-format", "json", *words, keep_config_search=True, **options)
    status = run.wait()
    found = [json.loads(line) for line in run.out.splitlines()]
    check_equal(status, 0 if found else 1, "status", run)
    return found, run


def object_of(stage, pid, **options):
    return next((one for one in listed(stage, **options)[0] if one["pid"] == pid), None)


def object_when(stage, pid, is_it, what):
    """The object of the run, once it is like this."""
    def now():
        one = object_of(stage, pid)
        return one if one and is_it(one) else None
    return wait_for(now, what)


def in_phase(stage, run, phase):
    """The object of the run, once it is in this phase."""
    def now():
        check(run.process.poll() is None, f"ended before {phase}", run)
        one = object_of(stage, run.pid)
        return one if one and one["phase"] == phase else None
    return wait_for(now, f"the phase {phase}")


def server(stage, *words, name="smolvlm"):
    return f'[[server]]\nname = "{name}"\nport = {stage.port}\ncommand = {toml(fixture(*words))}\n'


class Runs(Case):
    def test_each_phase(self):
        stage = self.stage()
        run = stage.plain("-g", "1m", "--", *fixture("spawn", "ignore-term", "pause", "--ready", "left.pid", "--", *WAITING),
                          config=server(stage, "serve", "{port}", "--listen-when", "ok", "--ready", "server.pid"))
        held = stage.ready("server.pid", run)
        found = in_phase(stage, run, "starting")
        check_equal((found["ports"], found["test"], found["stopped"]), ([stage.port], None, False), "starting", run)
        (its,) = found["servers"]
        check_equal((its["name"], its["pid"], its["ports"]), ("smolvlm", held.pid, []), "the server", run)
        check(" serve " in its["command"], f"{its}", run)
        stage.file("ok").touch()
        test = stage.ready("test.pid", run)
        found = in_phase(stage, run, "testing")
        check_equal((found["ports"], found["servers"][0]["ports"]), ([stage.port],) * 2, "ports", run)
        check_equal(found["test"]["pid"], test.pid, "the test", run)
        check(re.fullmatch(r"\d{4}-.*Z", found["since"]), f"{found}", run)
        stage.file("go").touch()
        found = in_phase(stage, run, "draining")
        check_equal(found["test"], None, "a leftover is no test", run)
        os.kill(stage.ready("left.pid", run).pid, signal.SIGKILL)
        check_equal(run.wait(), 0, "status", run)
        check(object_of(stage, run.pid) is None, "listed after its end", run)
        stage.prove_clean()

    def test_stopping_and_serving(self):
        stage = self.stage()
        run = stage.run("-g", "1m", "--", *fixture("with", "ignore=TERM", "--", *fixture(*WAITING)))
        test = stage.ready("test.pid", run)
        run.send(signal.SIGTERM)
        found = in_phase(stage, run, "stopping")
        check_equal(found["test"]["pid"], test.pid, "the test", run)
        stage.file("go").touch()
        run.wait()
        stage = self.stage()
        run = stage.plain(config=server(stage, "serve", "{port}"))
        check_equal(in_phase(stage, run, "serving")["test"], None, "a test", run)
        run.send(signal.SIGTERM)
        run.wait()
        stage.prove_clean()

    def test_the_table(self):
        stage = self.stage()
        run = stage.plain("--", *fixture(*WAITING), config=server(stage, "serve", "{port}", "--ready", "server.pid"))
        stage.ready("test.pid", run)
        shown = stage.plain("--runs", keep_config_search=True)
        check_equal(shown.wait(), 0, "status", shown)
        heading, *lines = shown.out.splitlines()
        check_equal(heading.split(), ["PID", "USER", "STARTED", "PHASE", "PORTS", "SERVERS", "TEST"], "headings", shown)
        (line,) = [line for line in lines if line.split()[0] == str(run.pid)]
        for words in (" ago ", " testing ", f" {stage.port} ", f" smolvlm (pid {stage.ready('server.pid').pid}) ", "wait-file go 0"):
            check(words in line, f"{words!r} is missing: {line}", shown)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_two_at_once_and_nested(self):
        stage, other = self.stage(), self.stage()
        first = stage.run("--", VLMSHIM, "--no-config", "-p", free_port(), "--",
                          *fixture("spawn", "plain", "hold-port", free_port(), "--ready", "held.pid", "--", *WAITING))
        stage.ready("test.pid", first)
        second = other.run("--", *fixture(*WAITING))
        other.ready("test.pid", second)
        held = stage.ready("held.pid", first).pid
        outer, beside = object_of(stage, first.pid), object_of(stage, second.pid)
        inner = object_of(stage, outer["test"]["pid"])
        check(inner and beside, "not all are listed", first)
        check_equal((outer["servers"], outer["ports"]), ([], [stage.port]), "of the outer run", first)
        (its,) = inner["servers"]
        check_equal((its["name"], its["pid"]), (None, held), "of the inner run", first)
        check(its["ports"][0] in inner["ports"], f"{inner}", first)
        place = [one["pid"] for one in listed(stage)[0]]
        check(place.index(first.pid) < place.index(inner["pid"]) < place.index(second.pid), f"the oldest is not first: {place}", first)
        for one, its in ((stage, first), (other, second)):
            one.file("go").touch()
            check_equal(its.wait(), 0, "status", its)

    def test_what_the_title_does_not_say(self):
        """A word of the command line is left out of it."""
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 0, "--ready", "testing.pid"))
        test = stage.ready("testing.pid", run)
        found = object_of(stage, run.pid)
        check_equal((found["phase"], found["ports"], found["test"]["pid"]), (None, [stage.port], test.pid), "found", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_isolated(self):
        stage = self.stage()
        possible = subprocess.run([VLMSHIM, "--no-config", "-p", str(stage.port), "--isolate", "--", "true"],
                                  stderr=subprocess.DEVNULL, check=False).returncode == 0
        need(self, possible, "no PID namespace can be made here")
        run = stage.plain("--isolate", "--", *fixture("wait-file", "go", 0), config=server(stage, "serve", "{port}"))
        found = object_when(stage, run.pid, lambda its: its["test"], "the test")
        check_equal(found["phase"], "testing", "the phase", run)
        wait_for(lambda: b"wait-file" in open(f"/proc/{found['test']['pid']}/cmdline", "rb").read(), "the test's pid as seen from here")
        check_equal((found["servers"][0]["name"], found["servers"][0]["ports"]), ("smolvlm", [stage.port]), "the server", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        stage.prove_clean()

    def test_pid_one(self):
        """There is no keeper, and no title."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        run = stage.plain("--", *fixture("wait-file", "go", 0), config=server(stage, "serve", "{port}"), wrap=PID_NAMESPACE)
        one = wait_for(lambda: next((pid for pid in children_of(run.pid) if len(stat_fields(pid)) > 1), None), "PID 1")
        found = object_when(stage, one, lambda its: its["test"] and its["servers"] and its["servers"][0]["ports"], "the run of PID 1")
        check_equal((found["phase"], found["ports"], found["servers"][0]["name"]), (None, [stage.port], "smolvlm"), "found", run)
        check("wait-file" in found["test"]["command"], f"{found}", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_from_inside(self):
        """The runs outside cannot be seen, but it is known that there are some."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        stage = self.stage()
        run = stage.run("--", *fixture(*WAITING))
        stage.ready("test.pid", run)
        found, shown = listed(stage, wrap=PID_NAMESPACE)
        check_equal(found, [], "runs", shown)
        check("no run lives here" in shown.err, "not said", shown)
        check(re.search(r"[0-9]+ other runs? lives?, not shown: in a PID namespace that cannot be seen", shown.err), "not said", shown)
        inside = stage.plain("-p", free_port(), "--", VLMSHIM, "--runs", "--log-format", "json", wrap=PID_NAMESPACE)
        check_equal(inside.wait(), 0, "status", inside)
        check_equal([json.loads(line)["pid"] for line in inside.out.splitlines()], [1], "inside", inside)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_a_name_proves_nothing(self):
        """Nor does a title, with a parent of a forged name and another program."""
        stage = self.stage()
        copy = stage.file("copy")
        copy.write_bytes(open(os.path.realpath(sys.executable), "rb").read())
        copy.chmod(0o755)
        text = IMPOSTORS.replace('executable="/proc/self/exe"', f'executable="{copy}"')
        impostor = subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stage.others.append(impostor)
        impostor.stdin.write(text)
        impostor.stdin.close()
        child = int(impostor.stdout.readline())
        try:
            check_equal(open(f"/proc/{child}/comm", encoding="ascii").read().strip(), SUPERVISOR, "the name")
            check(open(f"/proc/{child}/cmdline", encoding="ascii").read().startswith("vlm-supervisor: testing"), "the title")
            pids = {one["pid"] for one in listed(stage)[0]}
            check(not pids & {child, impostor.pid}, "taken for a run")
        finally:
            os.kill(child, signal.SIGKILL)
            impostor.stdout.close()

    def test_a_keeper_with_the_name_of_its_file(self):
        stage = self.stage()
        other = stage.file("shim-0.1")
        shutil.copy(VLMSHIM, other)
        run = stage.run("--", str(other), "--no-config", "-p", free_port(), "--", *fixture(*WAITING))
        stage.ready("test.pid", run)
        renamed = object_when(stage, run.pid, lambda its: its["test"], "the test")["test"]
        check("shim-0.1" in renamed["command"] and object_of(stage, renamed["pid"]), "not listed", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_stopped_and_left_alone(self):
        stage = self.stage()
        run = stage.plain("--", *fixture(*WAITING), config=server(stage, "serve", "{port}"))
        supervisor = parent_of(stage.ready("test.pid", run).pid)
        in_phase(stage, run, "testing")
        for pid in (run.pid, supervisor):  # the keeper would continue it
            os.kill(pid, signal.SIGSTOP)
            wait_for(lambda: stat_fields(pid)[0] == "T", "the stop")
            found = object_of(stage, run.pid)
            check_equal((found["phase"], found["stopped"]), ("testing", True), "stopped", run)
        os.kill(supervisor, signal.SIGKILL)
        wait_for(lambda: stat_fields(supervisor)[:1] in ([], ["Z"]), "the end of the supervisor")
        found = object_of(stage, run.pid)
        check_equal((found["phase"], found["stopped"]), (None, True), "the keeper alone", run)
        os.kill(run.pid, signal.SIGCONT)
        check_equal(run.wait(), 125, "status", run)
        stage.prove_clean()

    def test_where_the_run_may_have_no_name(self):
        """It is known by keeper and supervisor alone."""
        stage = self.stage()
        run = stage.run("--", *fixture(*WAITING), wrap=fixture("with", "seccomp=bind:EPERM", "--"))
        test = stage.ready("test.pid", run)
        check_equal(test.run.split(".")[5], "0", "it has a name", run)
        found = object_of(stage, run.pid)
        check(found and found["test"]["pid"] == test.pid, f"not found: {found}", run)
        stage.file("go").touch()
        run.wait()

    def test_text_of_others(self):
        stage = self.stage()
        run = stage.run("--", *fixture("wait-file", "go", 0, "--ready", "\x1b[2J::error::\u202e"))
        object_when(stage, run.pid, lambda its: its["test"], "the test")
        shown = stage.plain("--runs", keep_config_search=True)
        check_equal(shown.wait(), 0, "status", shown)
        check("\\x1b[2J" in shown.out and "\\u202e" in shown.out and "\x1b" not in shown.out, "not escaped", shown)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_without_proc(self):
        need(self, os.getuid() == 0, "needs root for a mount namespace")
        stage = self.stage()
        nothing_there = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
        for wrap in (nothing_there, ["unshare", "--pid", "--fork"]):
            run = stage.plain("--runs", keep_config_search=True, wrap=wrap)
            # LeakSanitizer reads its threads and its own options from /proc, and then ends with 1.
            status = 1 if SANITIZED and wrap is nothing_there else 125
            check_equal((run.wait(), run.out), (status, ""), "status and output", run)
            check("/proc is not mounted, or is that of another PID namespace" in run.err, "not said", run)

    def test_readers(self):
        stage = self.stage()
        run = stage.run("--", *fixture(*WAITING))
        stage.ready("test.pid", run)
        with open("/dev/full", "wb") as full:
            shown = stage.plain("--runs", keep_config_search=True, stdout=full)
            check_equal(shown.wait(), 125, "status with a full device", shown)
        reader, writer = os.pipe()
        os.close(reader)
        shown = stage.plain("--runs", keep_config_search=True, stdout=writer)
        os.close(writer)
        check_equal(shown.wait(), -signal.SIGPIPE, "status without a reader", shown)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_usage(self):
        stage = self.stage()
        for words in (["--runs", "8080"], ["--runs", "--", "true"], ["--runs", "-p", "8080"], ["--runs", "--who"], ["--runs", "-c", "x"]):
            run = stage.plain(*words, keep_config_search=True)
            check_equal((run.wait(), run.out), (125, ""), f"status of {words}", run)


class OfOthers(Strangers):
    def test_root_sees_all_a_user_the_own(self):
        stage = self.stage()
        own(stage.folder, LENA)
        run = stage.run("--", *fixture(*WAITING), wrap=as_user(LENA))
        stage.ready("test.pid", run)
        for wrap in ([], as_user(LENA)):
            found = object_of(stage, run.pid, wrap=wrap)
            check(found and found["test"] and found["ports"] == [stage.port], f"{wrap}: {found}", run)
        found, shown = listed(stage, wrap=as_user(STRANGER))
        check_equal(found, [], "the stranger's", shown)
        check("no run of yours lives here" in shown.err, "not said", shown)
        check(re.search(r"[0-9]+ other runs? lives?, not shown: of another user, or in a PID namespace", shown.err), "not said", shown)
        found, shown = listed(stage, wrap=["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"])
        check(run.pid not in [one["pid"] for one in found], "root may not look into it", shown)
        check("without CAP_SYS_PTRACE" in shown.err, "not said", shown)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)

    def test_a_socket_that_was_sent_to_a_bystander(self):
        """Any user can bind such a name and send the socket to a process that takes what it gets."""
        stage = self.stage()
        name = f"vlmshim-e2e-{stage.cookie}"
        bystander = start(stage, 0, TAKES_DESCRIPTORS, name)
        said(bystander, "open")
        check_equal(start(stage, MALLORY, SENDS_A_NAME, name, f"vlmshim-run.{stage.cookie[:16]}").wait(), 0, "the sending")
        said(bystander, "taken")
        found, shown = listed(stage)
        check(bystander.pid not in [one["pid"] for one in found], "taken for a run", shown)
        check(bystander.poll() is None, "harmed", shown)

    def test_hidepid(self):
        """It hides the others, and the own are seen."""
        stage = self.stage()
        own(stage.folder, LENA)
        run = stage.run("--", *fixture(*WAITING), wrap=as_user(LENA))
        stage.ready("test.pid", run)
        prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc || exit 77\nexec "$@"', "sh"]
        possible = subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
        need(self, possible, "proc cannot be mounted with hidepid here")
        check(object_of(stage, run.pid, wrap=[*prefix, *as_user(LENA)]), "not listed", run)
        found, shown = listed(stage, wrap=[*prefix, *as_user(STRANGER)])
        check_equal(found, [], "the stranger's", shown)
        check(re.search(r"[0-9]+ other runs? lives?, not shown: of another user", shown.err), "not said", shown)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
