"""Every system call between start and exit fails once, in the keeper and in the supervisor.

The fixture's `inject` counts the calls of one process from the start of main() on and lets the K-th one
fail; K runs from the first to the last. Left out is what cannot fail (getpid), what would be a lie of the
kernel (a waitid that says ECHILD while there are children) and what the C library cannot survive.
"""

import collections
import errno
import json
import os
import re
import sys

from harness import Case, check, check_equal, fixture, need, toml

EXHAUSTIVE = os.environ.get("VLMSHIM_E2E_LONG", "") not in ("", "0")

NAMES = {}
for _header in ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h"):
    if os.path.exists(_header) and not NAMES:
        for _name, _number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", open(_header, encoding="ascii").read()):
            NAMES[int(_number)] = _name

# Errors of a kernel, a limit or a seccomp filter. Waiting calls fail only with EINTR:
# a wait that fails for another reason is a bug of the program, not a fault of the machine.
WAITS = {"waitid": [errno.EINTR], "wait4": [errno.EINTR], "epoll_wait": [errno.EINTR], "epoll_pwait": [errno.EINTR],
         "poll": [errno.EINTR, errno.ENOMEM], "ppoll": [errno.EINTR, errno.ENOMEM], "futex": [errno.EAGAIN],
         "read": [errno.EINTR, errno.EIO], "recvfrom": [errno.EINTR, errno.ENOMEM], "write": [errno.EPIPE, errno.ENOSPC]}
COMMON = [errno.EPERM, errno.ENOSYS, errno.EMFILE, errno.ENOMEM]
NOT_OURS = {"brk", "mprotect", "rt_sigprocmask", "rt_sigaction"}  # cannot fail with valid arguments


def sample(calls, most=16):
    """A walk through the /proc of a busy machine is a thousand times the same few calls: of each name the first
    ones, the last ones and some in between. VLMSHIM_E2E_LONG=1: every single one, with every error."""
    if EXHAUSTIVE:
        return calls
    by_name = collections.defaultdict(list)
    for call in calls:
        by_name[call[1]].append(call)
    kept = []
    for same in by_name.values():
        kept += same if len(same) <= most else same[:most // 2] + same[most // 2:-2:max(1, len(same) // (most // 2 - 2))] + same[-2:]
    return sorted(kept)


class Faults(Case):
    def command(self, stage, server, words):
        guard = f'[ports]\nguard = [{stage.port}]\n'
        config = guard if not server else f'[server]\nport = {stage.port}\ncommand = {toml(fixture("serve", "{port}"))}\n'
        return dict(config="[shutdown]\ngrace = \"300ms\"\n" + config), words

    def calls(self, role, server, words, more_options):
        """[(K, name)] of a run in which nothing fails."""
        stage = self.stage()
        options, words = self.command(stage, server, words)
        run = stage.plain(*more_options, "--report", "report.json", "--", *fixture(*words), wrap=fixture("inject", role, 0, 0, "--"), **options)
        run.wait()
        stage.prove_clean()
        found = re.findall(r"^call (\d+) (\d+)$", run.err, re.MULTILINE)
        check(len(found) > 20, "hardly any calls were seen", run)
        return [(int(k), NAMES.get(int(number), number)) for k, number in found]

    def inject(self, role, server, words, status, more_options=()):
        known = sample(self.calls(role, server, words, more_options))
        cases = [(k, name, error) for k, name in known if name not in NOT_OURS
                 for error in (WAITS.get(name) or (COMMON if EXHAUSTIVE else [COMMON[k % len(COMMON)]]))]
        outcomes = collections.Counter()

        def one(case):
            k, name, error = case
            stage = self.stage()
            options, more = self.command(stage, server, words)
            summary = stage.file("summary.md")
            summary.touch()
            run = stage.plain(*more_options, "--report", "report.json", "--", *fixture(*more), wrap=fixture("inject", role, k, error, "--"), **options,
                              env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
            got = run.wait(60)  # without /proc pids are tried one by one, and each call takes the way through `inject`
            what = f"{name} (call {k}) failed with {errno.errorcode[error]}"
            outcomes[got] += 1
            check(got in (status, 125), f"status {got} after {what}", run)
            stage.prove_clean()
            if got == 125:
                # A run whose verdict did not reach the keeper has two; this one passed.
                failures = re.findall("^### \u274c.*", summary.read_text(encoding="utf-8"), re.M)
                is_refused = re.search("the (report|step summary) .* cannot be written", run.err)
                check(len(failures) == 1 or is_refused, f"summaries of the failure, after {what}: {failures}", run)
                report = json.loads(stage.file("report.json").read_text(encoding="utf-8")) if stage.file("report.json").exists() else {}
                check(report.get("verdict") in ("error", "not-started") or is_refused, f"the report after {what}: {report.get('verdict')}", run)
                lines = [line for line in run.err.strip().splitlines() if not line.startswith(("injected", "call", "::"))]
                check(lines and lines[-1].startswith("vlmshim: "), f"the last line does not say why, after {what}", run)
        self.each(cases, one)
        print(f"\n    {len(cases)} faults in {len(known)} calls, statuses {dict(outcomes)}", file=sys.stderr)


    def test_supervisor_in_a_pid_namespace(self):
        """Whose init, its only child, has ended by the time that the keeper looks for what is left."""
        need(self, os.getuid() == 0, "needs root for a PID namespace")
        self.inject(1, True, ["exit", 0], 0, ["--isolate"])


LEFT = ["spawn", "setsid,double-fork", "pause", "--ready", "left.pid", "--", "exit", 0]
for _role, _who in enumerate(("keeper", "supervisor")):
    for _server in (False, True):
        def test(self, role=_role, server=_server):
            self.inject(role, server, LEFT, 0)
        setattr(Faults, f"test_{_who}_{'with' if _server else 'without'}_a_server", test)


class Late(Case):
    def test_a_child_that_is_late_after_its_failed_exec(self):
        """It has reported the failure, and is held for a while: its memory must not be used by others meanwhile."""
        def run_with(call):
            stage = self.stage()
            config = (f'[server]\nport = "none"\ncommand = {toml(fixture("pause"))}\n'
                      'ready.exec = ["./nope"]\nready.timeout = "600ms"\n[shutdown]\ngrace = "300ms"\n')
            first_probe = 3  # after keeper, supervisor and server
            run = stage.plain("--", *fixture("exit", 0), wrap=fixture("inject", first_probe, call, 0, "--"), config=config)
            check_equal(run.wait(), 125, "status", run)
            stage.prove_clean()
            return run

        run = run_with(0)
        writes = [int(k) for k, number in re.findall(r"^call (\d+) (\d+)$", run.err, re.MULTILINE) if NAMES.get(int(number)) == "write"]
        check(writes, "the probe reported nothing", run)
        run = run_with(writes[-1])
        check("held after" in run.err, "it was not held", run)
        check("started while one was held" not in run.err, "the next one was started", run)
