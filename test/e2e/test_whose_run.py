"""The run that a listener belongs to, and whether that run lives: if that is not known, it counts as alive, and nothing is
ended for it."""

import json
import os
import shutil
import signal
import subprocess
import sys

from harness import Case, check, check_equal, fixture, in_pid_namespace, need, PID_NAMESPACE, script, VLMSHIM
from oracle import alive, boot_id, carriers, children_of, fields_of, forged, free_port, parent_of, read_bytes, start_ticks, stat_fields, wait_for

OTHER_USER = 54321
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
LATER = ["unshare", "--time", "--boottime", "100000", "--fork", "--kill-child"]  # a time namespace
BWRAP = ["bwrap", "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc"]


def prepared(shell, *then):
    return [*NAMESPACE, "/bin/sh", "-ec", shell + '; exec "$@"', "sh", *then]


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def works(wrap):
    return subprocess.run([*wrap, "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


SUBSET = prepared("mount -t proc -o subset=pid proc /proc")
HIDEPID = prepared("mount -t proc -o hidepid=2 proc /proc", *as_user(OTHER_USER))
NO_PROC = prepared("mount -t tmpfs none /proc")


class Runs(Case):
    def open_stage(self):
        stage = self.stage()
        os.chmod(stage.folder, 0o777)
        return stage

    def live_run(self, stage, wrap=(), holder=(), traits="setsid,double-fork"):
        """A run whose test left a listener on the port; both are returned."""
        run = stage.run("--", *holder, *fixture("spawn", traits, "hold-port", stage.port, "--ready", "left.pid", "--",
                                                "wait-file", "go", 0, "--ready", "test.pid"), wrap=wrap)
        stage.ready("test.pid", run)
        return run, stage.ready("left.pid", run)

    def kill_both(self, stage, run, supervisor=None):
        """Neither can react to the death of the other."""
        supervisor = supervisor or parent_of(stage.ready("test.pid", run).pid)
        os.kill(run.pid, signal.SIGSTOP)
        wait_for(lambda: stat_fields(run.pid)[0] == "T", "the keeper to be stopped")
        os.kill(supervisor, signal.SIGKILL)
        os.kill(run.pid, signal.SIGKILL)
        wait_for(lambda: not alive(supervisor) and not alive(run.pid), "both to be dead")
        return supervisor

    def dead_mark(self, stage):
        run = stage.plain("-p", free_port(), "--", "/bin/sh", "-c", 'printf %s "$VLMSHIM_RUN"')
        check_equal(run.wait(), 0, "status", run)
        stage.runs.clear()  # processes with its mark are no leftovers of the runs that are checked here
        return run.out

    def of_other_user(self, stage, mark, *words):
        """A process of another user that carries this mark."""
        process = subprocess.Popen([*as_user(OTHER_USER), *fixture(*words, "--ready", "other.ready")], cwd=stage.folder,
                                   stdin=subprocess.DEVNULL, env={**os.environ, "VLMSHIM_RUN": mark})
        stage.others.append(process)
        wait_for(lambda: stage.file("other.ready").exists(), "the other user's process")
        return process

    def refused(self, stage, left, *, wrap=(), options=("--",), words=None):
        """A second run ends with a busy port, and the holder lives on."""
        second = stage.run(*options, *(words or fixture("exit", 0)), wrap=wrap)
        check_equal(second.wait(), 125, "status of the second run", second)
        check(alive(left.pid), "the live run's listener was ended", second)  # its start time may be of another time namespace
        return second


class Alive(Runs):
    """A run that lives, seen from where little of it can be seen."""

    def setUp(self):
        need(self, os.getuid() == 0 and works(NAMESPACE), "needs root and namespaces")

    def check_seen_from(self, wrap, *, first=(), holder=()):
        need(self, works(wrap or ["true"]) and works(first or ["true"]), f"not possible here: {wrap or first}")
        stage = self.open_stage()
        run, left = self.live_run(stage, first, holder)
        self.refused(stage, left, wrap=wrap)
        check(run.process.poll() is None, "the live run was harmed", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status of the first", run)
        stage.prove_clean()

    def test_proc_shows_only_processes(self):
        self.check_seen_from(SUBSET)

    def test_proc_hides_the_supervisor(self):
        """The server has dropped its user: the second run, of that user, sees the server and not the run."""
        self.check_seen_from(HIDEPID, holder=as_user(OTHER_USER))

    def test_another_user_without_hidepid(self):
        self.check_seen_from(as_user(OTHER_USER), holder=as_user(OTHER_USER))

    def test_another_time_namespace(self):
        """Start times are others there."""
        self.check_seen_from(LATER)
        self.check_seen_from((), first=LATER)

    def test_the_run_has_no_proc(self):
        """Its mark has neither boot ID nor start time."""
        self.check_seen_from((), first=NO_PROC)
        self.check_seen_from((), first=SUBSET)

    def test_another_user_namespace(self):
        self.check_seen_from(["unshare", "--user", "--map-root-user"])

    def test_a_run_that_is_ending_lives(self):
        """The supervisor was killed, and the keeper has not ended the rest yet."""
        stage = self.stage()
        run, left = self.live_run(stage)
        test = stage.ready("test.pid")
        supervisor = parent_of(test.pid)
        os.kill(run.pid, signal.SIGSTOP)
        wait_for(lambda: stat_fields(run.pid)[0] == "T", "the keeper to be stopped")
        os.kill(supervisor, signal.SIGKILL)
        wait_for(lambda: not alive(supervisor) and not test.lives(), "the supervisor's end")
        second = self.refused(stage, left)
        check(f"the vlmshim run of pid {run.pid}, which is still alive" in second.err, "its run is not named", second)
        os.kill(run.pid, signal.SIGCONT)
        check_equal(run.wait(), 125, "status of the first", run)
        stage.prove_clean()

    def check_from_below(self, ways):
        """A second run and --free inside the first one's PID namespace."""
        def one(item):
            options, wrap, traits = item
            stage = self.stage()
            inner = script(stage.file("inner"), f"""#!/bin/sh
"{fixture()[0]}" {traits}hold-port {stage.port} --ready inner.ready &
while [ ! -e inner.ready ]; do sleep 0.01; done
"{VLMSHIM}" --no-config -p {stage.port} -- true; echo "run $?"
"{VLMSHIM}" -c free.toml --free; echo "free $?"
read pid more <inner.ready; kill -0 $pid && echo lives
""")
            stage.file("free.toml").write_text(f"[ports]\nguard = [{stage.port}]\n")
            run = stage.plain("-p", free_port(), *options, "--", *wrap, str(inner))
            check_equal(run.wait(), 0, "status", run)
            check_equal(run.out.split("\n")[:3], ["run 125", "free 125", "lives"], "what the inner ones made of it", run)
            check("it belongs to a vlmshim run, which is still alive" in run.err, "not logged", run)
            stage.prove_clean()
        self.each([(*way, traits) for way in ways for traits in ("", "spawn wipe-env ")], one)

    def test_from_below(self):
        need(self, works(PID_NAMESPACE), "no PID namespace can be made here")
        self.check_from_below([((), PID_NAMESPACE), (("--isolate",), [])])

    def test_from_below_bubblewrap(self):
        need(self, shutil.which("bwrap") and works(BWRAP), "no bubblewrap here")
        self.check_from_below([((), BWRAP)])


class Name(Runs):
    """The proof of life: an abstract socket."""

    def holders(self, token, among):
        """Those that hold the socket of this name, by /proc/net/unix and their descriptors."""
        rows = [row.split() for row in read_bytes("/proc/net/unix").decode("utf-8", "replace").splitlines()]
        inodes = [row[6] for row in rows if row[-1] == f"@vlmshim-run.{token}"]
        if not inodes:
            return None
        (inode,) = inodes
        held = {pid: [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")] for pid in among}
        return [pid for pid in among if f"socket:[{inode}]" in held[pid]]

    def test_keeper_and_supervisor_hold_it_and_no_other_process(self):
        stage = self.stage()
        run = stage.plain("-s", " ".join(fixture("serve", "{port}", "--ready", "server.pid")), "-p", stage.port, "--",
                          *fixture("wait-file", "go", 0, "--ready", "test.pid"))
        test = stage.ready("test.pid", run)
        fields = fields_of(test.run)
        supervisor = parent_of(test.pid)
        check_equal((fields["boot"], fields["keeper"], fields["supervisor"], fields["start"]),
                    (boot_id(), str(run.pid), str(supervisor), start_ticks(supervisor)), f"VLMSHIM_RUN={test.run}", run)
        check_equal(fields["pid_namespace"], str(os.stat("/proc/self/ns/pid").st_ino), "the PID namespace", run)
        processes = [run.pid, supervisor, test.pid, stage.ready("server.pid").pid]
        check_equal(self.holders(fields["token"], processes), [run.pid, supervisor], "holders of the name", run)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        check_equal(self.holders(fields["token"], []), None, "the name after the run", run)

    def test_each_run_has_its_own(self):
        stage = self.stage()
        marks = [self.dead_mark(stage) for _ in range(3)]
        check_equal(len({fields_of(mark)["token"] for mark in marks}), 3, f"tokens of {marks}")

    def test_where_no_name_can_be_had_the_numbers_decide(self):
        stage = self.stage()
        run = stage.plain("-p", free_port(), "--", *fixture("wait-file", "go", 0, "--ready", "test.pid"),
                          wrap=fixture("with", "seccomp=bind:EPERM", "--"))
        test = stage.ready("test.pid", run)
        check_equal(fields_of(test.run)["network"], "0", f"VLMSHIM_RUN={test.run}", run)
        check_equal(self.holders(fields_of(test.run)["token"], []), None, "the name", run)
        holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": test.run})
        second = stage.run("--", *fixture("exit", 0))
        check_equal(second.wait(), 125, "status of the second", second)
        check("which is still alive" in second.err and holder.poll() is None, "it is not known as alive", second)
        self.kill_both(stage, run)
        third = stage.run("--", *fixture("exit", 0))
        check_equal(third.wait(), 0, "status when the first is dead", third)
        check_equal(holder.wait(10), 0, "the holder", third)


class Unknown(Runs):
    def marks(self, stage):
        dead = self.dead_mark(stage)
        return {
            "another boot": forged(dead, boot="0b038691-577b-4f6a-8d0c-3f1f7d7ff0a1"),
            "no boot": forged(dead, boot="-"),
            "another network and PID namespace": forged(dead, network=int(fields_of(dead)["network"]) + 1, pid_namespace=1),
            "no namespaces": forged(dead, network=0, pid_namespace=0),
            "the first versions'": f"{boot_id()}.{fields_of(dead)['supervisor']}.1",
            "made up, with dots": "x.1.2",
            "made up": "x",
            "too long": dead + ".1",
            "no token": forged(dead, token=""),
        }

    def test_a_second_run_leaves_it_alone(self):
        stage = self.stage()
        for what, mark in self.marks(stage).items():
            holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": mark})
            run = stage.run("--", *fixture("exit", 0))
            check_equal(run.wait(), 125, f"status, {what}", run)
            check("which may still be alive" in run.err, f"not said: {what}", run)
            check(holder.poll() is None, f"harmed: {what}", run)
            who = stage.plain("--who", stage.port, "--log-format", "json")
            check_equal(who.wait(), 0, "status", who)
            check_equal((json.loads(who.out)["run"]["state"], json.loads(who.out)["run"]["keeper"]), ("unknown", None), what, who)
            holder.kill()
            holder.wait()

    @in_pid_namespace
    def test_free_leaves_it_alone(self):
        stage = self.stage()
        for what, mark in self.marks(stage).items():
            holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": mark})
            helper = stage.outsider("pause", env={"VLMSHIM_RUN": mark})
            run = stage.plain("--free", config=f"[ports]\nguard = [{stage.port}]\n")
            check_equal(run.wait(), 125, f"status, {what}", run)
            check(holder.poll() is None and helper.poll() is None, f"harmed: {what}", run)
            named = stage.plain("--free", stage.port)
            check_equal(named.wait(), 0, f"status when the port is named, {what}", named)
            check_equal((holder.wait(10), helper.poll()), (0, None), f"the holder and the other one, {what}", named)
            helper.kill()
            helper.wait()


class Dead(Runs):
    def test_zombies_are_dead(self):
        """Its parent does not wait for it."""
        stage = self.stage()
        code = ("import ctypes, os, subprocess, sys, time\nctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\n"
                "print(subprocess.Popen(sys.argv[1:]).pid, flush=True)\nsys.stdin.read()")
        parent = subprocess.Popen([sys.executable, "-c", code, VLMSHIM, "--no-config", "-p", str(stage.port), "--", *fixture(
            "spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--", "pause", "--ready", "test.pid")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=stage.environment(), cwd=stage.folder)
        stage.others.append(parent)
        keeper = int(parent.stdout.readline())
        wait_for(lambda: stage.file("test.pid").exists(), "the test")
        supervisor = parent_of(stage.ready("test.pid").pid)
        os.kill(keeper, signal.SIGSTOP)
        wait_for(lambda: stat_fields(keeper)[0] == "T", "the keeper to be stopped")
        os.kill(supervisor, signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: [stat_fields(pid)[0] for pid in (keeper, supervisor)] == ["Z", "Z"], "two zombies")
        left = stage.ready("left.pid")
        check(left.lives(), "nothing is left")
        run = stage.run("-g", "100ms", "--", *fixture("exit", 6))
        check_equal(run.wait(), 6, "status", run)
        check("left over from a vlmshim run that died" in run.err, "not logged", run)
        check(not left.lives(), "it was not ended", run)
        check_equal([stat_fields(pid)[0] for pid in (keeper, supervisor)], ["Z", "Z"], "the zombies", run)
        parent.stdin.close()

    @in_pid_namespace
    def test_in_another_network_namespace_the_numbers_decide(self):
        """--free there has no port of the run to see, but its processes; with a time namespace, start times are others."""
        for wrap in (["unshare", "--net"], ["unshare", "--net", *LATER[1:]]):
            stage = self.stage()

            def free(stage=stage, wrap=wrap):
                run = stage.plain("--free", config=f"[ports]\nguard = [{stage.port}]\n", wrap=wrap)
                check_equal(run.wait(), 0, "status", run)
                return run

            first, left = self.live_run(stage)
            free()
            check(left.lives() and first.process.poll() is None, "the live run was harmed", first)
            supervisor = parent_of(stage.ready("test.pid").pid)
            recycled = forged(left.run, keeper=os.getpid(), supervisor=os.getpid(), start=1)
            other = stage.outsider("pause", env={"VLMSHIM_RUN": recycled})
            older = stage.outsider("pause", env={"VLMSHIM_RUN": forged(recycled, start=10**15)})
            run = free()
            check_equal((other.wait(10), older.poll()), (-signal.SIGTERM, None), "recycled, and not known", run)
            os.kill(first.pid, signal.SIGSTOP)
            wait_for(lambda first=first: stat_fields(first.pid)[0] == "T", "the keeper to be stopped")
            os.kill(supervisor, signal.SIGKILL)
            wait_for(lambda supervisor=supervisor: not alive(supervisor), "the supervisor's end")
            free()
            check(left.lives(), "a run that is ending was taken for dead", run)
            os.kill(first.pid, signal.SIGKILL)
            wait_for(lambda first=first: not alive(first.pid), "the keeper's end")
            run = free()  # both are zombies: neither the supervisor nor the keeper has been reaped
            check_equal(stat_fields(supervisor)[0], "Z", "the supervisor", run)
            check(not left.lives(), "what a dead run has left was not ended", run)
            check(older.poll() is None, "harmed", run)

    def test_a_run_in_a_pid_namespace_below(self):
        """Its pids mean nothing here, but no socket has its name."""
        need(self, os.getuid() == 0 and works(PID_NAMESPACE), "needs root and a PID namespace")
        stage = self.stage()
        run = stage.run("--", *fixture("spawn", "setsid,double-fork,ignore-term", "wedge", stage.port, "--ready", "left.ready", "--",
                                       "pause", "--ready", "test.ready"), wrap=[*PID_NAMESPACE, "/bin/sh", "-c", '"$@"; : > ended; while :; do sleep 0.05; done', "sh"])
        wait_for(lambda: stage.file("test.ready").exists(), "the test")
        (shell,) = children_of(run.pid)
        (keeper,) = [pid for pid in children_of(shell) if pid]
        (supervisor,) = children_of(keeper)
        os.kill(keeper, signal.SIGSTOP)
        wait_for(lambda: stat_fields(keeper)[0] == "T", "the keeper to be stopped")
        os.kill(supervisor, signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: stage.file("ended").exists(), "the end of both")
        wait_for(lambda: not alive(supervisor), "the supervisor's end")
        second = stage.run("-g", "100ms", "--", *fixture("exit", 6))
        check_equal(second.wait(), 6, "status", second)
        check("left over from a vlmshim run that died" in second.err, "not logged", second)
        run.process.kill()
        run.wait()

    def test_of_another_user(self):
        """Root's run does not believe what another user's process carries; the user's own does."""
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.open_stage()
        mark = self.dead_mark(stage)
        holder = self.of_other_user(stage, mark, "hold-port", stage.port)
        run = stage.run("--", *fixture("exit", 0))
        check_equal(run.wait(), 125, "status", run)
        check(holder.poll() is None, "it was believed", run)
        run = stage.run("--", *fixture("exit", 0), wrap=as_user(OTHER_USER))
        check_equal(run.wait(), 0, "status as that user", run)
        check_equal(holder.wait(10), 0, "the holder", run)


class Forged(Runs):
    """A mark never names a process that is signalled."""

    def reports(self, stage, victim, **popen):
        """Everything that vlmshim prints about the listener."""
        texts = []
        for words in (["--who", stage.port], ["--who", stage.port, "--log-format", "json"]):
            run = stage.plain(*words, **popen)
            check_equal(run.wait(), 0, "status", run)
            texts.append(run.out + run.err)
        busy = stage.run("--", *fixture("exit", 0), **popen)
        check_equal(busy.wait(), 125, "status", busy)
        reused = stage.run("-b", "reuse", "--", *fixture("exit", 0), **popen)
        check_equal(reused.wait(), 0, "status", reused)
        text = "\n".join([*texts, busy.err, reused.err])
        check(f"pid {victim}" not in text and f'"keeper": {victim}' not in text and f"kill {victim}" not in text,
              f"an innocent process is named:\n{text}")
        return json.loads(texts[1])["run"]

    def test_numbers_of_an_innocent_process(self):
        stage = self.stage()
        victim = stage.outsider("pause").pid
        live = stage.plain("-p", free_port(), "--", *fixture("wait-file", "go", 0, "--ready", "test.pid"))
        mark = forged(stage.ready("test.pid", live).run, keeper=victim, supervisor=victim, start=start_ticks(victim))
        for env in (mark, f"{boot_id()}.{victim}.{start_ticks(victim)}"):
            holder = stage.outsider("hold-port", stage.port, env={"VLMSHIM_RUN": env})
            run = self.reports(stage, victim)
            check_equal((run["state"], run["keeper"]), ("alive" if env == mark else "unknown", None), "the run")
            holder.kill()
            holder.wait()
        stage.file("go").touch()
        check_equal(live.wait(), 0, "status of the live one", live)

    def test_by_another_user(self):
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.open_stage()
        live = stage.plain("-p", free_port(), "--", *fixture("wait-file", "go", 0, "--ready", "test.pid"))
        mark = stage.ready("test.pid", live).run
        holder = self.of_other_user(stage, mark, "hold-port", stage.port)
        run = self.reports(stage, live.pid)
        check_equal((run["state"], run["keeper"], run["id"]), ("unknown", None, None), "the run")
        holder.kill()
        stage.file("go").touch()
        check_equal(live.wait(), 0, "status of the live one", live)


    def test_to_belong_to_a_run_without_a_subreaper(self):
        """Without a subreaper, orphans are found by their mark, and ended."""
        need(self, os.getuid() == 0, "needs root to become another user")
        stage = self.open_stage()
        run = stage.run("-g", "100ms", "--", *fixture("spawn", "setsid,double-fork", "pause", "--ready", "left.pid", "--",
                                                      "wait-file", "go", 0, "--ready", "test.pid"),
                        wrap=fixture("with", "seccomp=subreaper:EPERM", "--"))
        other = self.of_other_user(stage, stage.ready("test.pid", run).run, "pause")
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status", run)
        check(other.poll() is None, "another user's process was ended", run)
        check(not stage.ready("left.pid").lives(), "the run's own was left", run)


class Wiped(Runs):
    """setproctitle(3) overwrites the environment: vLLM, SGLang, Ray, redis and others do it."""

    def leave(self, stage, *more):
        """A listener without a mark in the run's group, and its other processes; keeper and supervisor are dead."""
        run = stage.run("--", *fixture("spawn", "wipe-env,ignore-term", "wedge", stage.port, "--ready", "left.pid", "--", *more,
                                       "pause", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        left = stage.ready("left.pid")
        check_equal(carriers([f"VLMSHIM_RUN={stage.ready('test.pid').run}".encode()])[0][0] == left.pid, False, "its mark")
        self.kill_both(stage, run)
        check(left.lives(), "nothing is left", run)
        return left

    def test_one_of_the_group_still_carries_the_mark(self):
        stage = self.stage()
        left = self.leave(stage, "spawn", "plain", "pause", "--ready", "more.pid", "--")
        second = stage.run("-g", "100ms", "--", *fixture("exit", 6))
        check_equal(second.wait(), 6, "status", second)
        check(f"pid {left.pid} " in second.err and "left over from a vlmshim run that died" in second.err, "not logged", second)
        stage.prove_clean()

    def test_it_goes_with_the_rest_of_its_run(self):
        """Another process holds the port, and is recognised by its own mark."""
        stage = self.stage()
        other = free_port()
        run = stage.run("--", *fixture("spawn", "wipe-env,ignore-term", "wedge", other, "--ready", "wiped.pid", "--",
                                       "spawn", "plain", "hold-port", stage.port, "--ready", "left.pid", "--", "pause", "--ready", "test.pid"))
        stage.ready("test.pid", run)
        wiped = stage.ready("wiped.pid")
        self.kill_both(stage, run)
        second = stage.run("-g", "100ms", "--", *fixture("exit", 6))
        check_equal(second.wait(), 6, "status", second)
        check(not wiped.lives(), "the wiped one was left", second)
        stage.prove_clean(stage.port, other)

    def test_unrecognised(self):
        """The run is not recognised: the listener may belong to anything."""
        stage = self.stage()
        left = self.leave(stage)
        second = stage.run("--", *fixture("exit", 0))
        check_equal(second.wait(), 125, "status", second)
        check(left.lives() and str(left.pid) in second.err, "harmed, or not named", second)

    @in_pid_namespace
    def test_of_a_run_that_lives(self):
        """--free recognises it by its ancestors."""
        stage = self.stage()
        run, left = self.live_run(stage, traits="setsid,double-fork,wipe-env")
        free = stage.plain("--free", config=f"[ports]\nguard = [{stage.port}]\n")
        check_equal(free.wait(), 125, "status", free)
        check(f"the vlmshim run of pid {run.pid}, which is still alive" in free.err, "not logged", free)
        check(left.lives(), "harmed", free)
        stage.file("go").touch()
        check_equal(run.wait(), 0, "status of the first", run)
