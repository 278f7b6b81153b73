"""PID 1 of a namespace: pkill.py READY DELAY HIT... -- COMMAND...

Starts COMMAND, waits for the file READY and DELAY seconds, and calls pkill(1) with HIT. Status 0 if then no other process is
left, else 1. The kernel ends the others when PID 1 exits, so they have to be looked for before that.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

LIMIT, LOOKS = 1.5, 50  # seconds, as after any kill; on a busy machine at least so many looks
START = 20.0


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass


def others():
    """(pid, command) of the other processes in this namespace."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        if int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            state = pathlib.Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            if state not in "ZX":
                found.append((int(name), pathlib.Path(f"/proc/{name}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")))
    return found


def main():
    ready, delay, words = pathlib.Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    hit, command = words[:words.index("--")], words[words.index("--") + 1:]
    run = subprocess.Popen(command)
    deadline = time.monotonic() + START
    while not ready.exists() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(delay)
    subprocess.run(["pkill", *hit], check=False)
    deadline, looks = time.monotonic() + LIMIT, 0
    while others() and (looks < LOOKS or time.monotonic() < deadline):
        reap()
        looks += 1
        time.sleep(0.002)
    left = others()
    if left:
        print(f"pkill {' '.join(hit)} left {left}", file=sys.stderr)
    sys.exit(1 if left else 0)


main()
