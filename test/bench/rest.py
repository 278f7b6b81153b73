"""What the wrapper costs while the test runs: wake-ups and memory."""

import os
import pathlib
import signal
import subprocess
import time

from common import Aim, HELPER, NOT_HERE, Table, VLMSHIM, free_port, helper, wait_for


def processes_of(program, root):
    """Of the processes from `root` down, those that run this program."""
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        if os.readlink(f"/proc/{pid}/exe") == program:
            found.append(pid)
        queue += [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return found


def fields(path, names):
    values = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, rest = line.partition(":")
        if name in names:
            values[name] = int(rest.split()[0])
    return values


def switches(pids):
    names = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
    return sum(sum(fields(f"/proc/{pid}/status", names).values()) for pid in pids)


def memory(pids):
    """(private, PSS) in KiB, of all together."""
    private = pss = 0
    for pid in pids:
        values = fields(f"/proc/{pid}/smaps_rollup", ("Private_Clean", "Private_Dirty", "Pss"))
        private += values["Private_Clean"] + values["Private_Dirty"]
        pss += values["Pss"]
    return private, pss


def start(bench, command):
    ready = bench.file("ready")
    process = subprocess.Popen([str(word) for word in command] + helper("pause", ready), cwd=bench.folder,
                               env=bench.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_for(lambda: ready.exists() and ready.read_bytes(), f"the test below {command[0]}")
    return process


def run(bench):
    ports = free_port(), free_port()
    server = f"{HELPER} serve {{port}} 0 {bench.file('server-ready')} {bench.file('server-end')}"
    wrappers, missing = bench.peers({
        "tini": ["tini", "-s", "-g", "--"],
        "dumb-init": ["dumb-init"],
        "catatonit": ["catatonit"],
        "vlmshim": [VLMSHIM, "-p", ports[0], "--"],
        "vlmshim, a server": [VLMSHIM, "-p", ports[1], "-s", server, "-r", "/", "--"],
    })
    seconds = bench.runs(10.0, 3.0, 0.3)
    started = {}
    try:
        for name, command in wrappers.items():
            started[name] = start(bench, command)
        time.sleep(min(1.0, seconds))  # every process has started
        pids = {name: processes_of(os.readlink(f"/proc/{process.pid}/exe"), process.pid) for name, process in started.items()}
        before = {name: switches(pids[name]) for name in started}
        time.sleep(seconds)
        woken = {name: switches(pids[name]) - before[name] for name in started}
        used = {name: memory(pids[name]) for name in started}
    finally:
        for process in started.values():
            process.send_signal(signal.SIGTERM)
        for process in started.values():
            process.wait()
    return tables(seconds, started, pids, woken, used, missing), aims(woken, used)


def tables(seconds, started, pids, woken, used, missing):
    rows = [[name, str(len(pids[name])), str(woken[name]), f"{used[name][0]} KiB", f"{used[name][1]} KiB"] for name in started]
    rows += [[name, NOT_HERE, "", "", ""] for name in missing]
    data = [{"name": name, "processes": len(pids[name]), "switches": woken[name], "private_kib": used[name][0],
             "pss_kib": used[name][1]} for name in started]
    how = (f"Context switches of the wrapper's processes in {seconds:g} s while the test sleeps (/proc/PID/status), and their "
           "memory afterwards (smaps_rollup, the sum over them).")
    return [Table("At rest", how, ["", "processes", "switches", "private", "PSS"], rows, data)]


def aims(woken, used):
    private, pss = used["vlmshim"]
    most = max(woken["vlmshim"], woken["vlmshim, a server"])
    return [Aim(3, "context switches at rest", "0", str(most), most == 0),
            Aim(3, "private memory of keeper and supervisor", "< 1024 KiB", f"{private} KiB", private < 1024),
            Aim(3, "PSS of both", "< 1536 KiB", f"{pss} KiB", pss < 1536)]
