"""Helpers that play.py and aftermath.py share."""

import contextlib
import os
import pathlib
import signal
import time

from oracle import environment_of, stat_fields

STUCK = 25.0  # seconds: nothing in here takes that long
READY = 8.0


def until(condition, limit):
    """Whether condition() became true in time. At least fifty looks: on a machine so busy that looks are rare, the
    processes are as slow to end."""
    deadline, looks = time.monotonic() + limit, 0
    while not condition():
        looks += 1
        if looks >= 50 and time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def kill_ours(pid, cookie, number=signal.SIGKILL, parent=None):
    """Only a process that carries the cookie or is a child of `parent`; a pidfd holds it during the check."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        fields = stat_fields(pid)
        ours = environment_of(pid).get("E2E_COOKIE") == cookie or (parent is not None and fields and int(fields[1]) == parent)
        if ours:
            signal.pidfd_send_signal(handle, number)
        return ours
    except OSError:
        return False
    finally:
        os.close(handle)


def supervisor_of(keeper):
    with contextlib.suppress(OSError, ValueError):
        words = pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text(encoding="ascii").split()
        return int(words[0]) if words else None
    return None
