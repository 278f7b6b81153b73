"""What the kernel says of ports, processes and marks. Nothing in here relies on vlmshim."""

import contextlib
import http.client
import os
import pathlib
import random
import socket
import time

LIMIT = 20.0  # seconds; for things that normally take milliseconds, on a noisy machine


def wait_for(condition, what, limit=LIMIT):
    """The first true value of condition(); an AssertionError after the limit."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit:.0f} s in vain for {what}")
        time.sleep(0.002)


# --- ports ------------------------------------------------------------------------------------

_reservations = []


def free_port():
    """A port that no other case of this machine's test run uses: below the ephemeral range, and
    reserved by an abstract socket name, which the kernel releases when this process dies."""
    while True:
        port = random.randrange(20000, 32000)
        reservation = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            reservation.bind(f"\0vlmshim-e2e-port-{port}")
            for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                with socket.socket(family, socket.SOCK_STREAM) as trial:
                    trial.bind((any_address, port))
        except OSError:
            reservation.close()
            continue
        _reservations.append(reservation)
        return port


def tcp_rows(port, state):
    """Local addresses in /proc/net/tcp{,6} with this port and state ("0A" LISTEN, "06" TIME_WAIT)."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as rows:
            next(rows)
            for row in rows:
                fields = row.split()
                if fields[3] == state and int(fields[1].rpartition(":")[2], 16) == port:
                    found.append(fields[1])
    return found


def listening(port):
    return bool(tcp_rows(port, "0A"))


def get(port, path, host="127.0.0.1"):
    """(status, body) of a GET; (None, "") when there is no answer."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return None, ""
    finally:
        connection.close()


# --- processes --------------------------------------------------------------------------------


def read_bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def stat_fields(pid):
    """Fields 3.. of /proc/PID/stat: state, parent, group, session ...; [] when it does not exist."""
    text = read_bytes(f"/proc/{pid}/stat").decode("utf-8", "replace")
    return text.rpartition(")")[2].split()


def start_ticks(pid):
    fields = stat_fields(pid)
    return fields[19] if len(fields) > 19 else None


def alive(pid):
    """A process whose leader thread has ended shows as a zombie, with more than one thread."""
    fields = stat_fields(pid)
    return bool(fields) and (fields[0] not in "ZX" or int(fields[17]) > 1)


def environ_of(pid):
    """From /proc; from another thread when the leader has exited."""
    text = read_bytes(f"/proc/{pid}/environ")
    if not text and stat_fields(pid)[:1] == ["Z"]:
        with contextlib.suppress(OSError):
            text = next(filter(None, (read_bytes(f"/proc/{pid}/task/{tid}/environ") for tid in os.listdir(f"/proc/{pid}/task"))), b"")
    return text


def environment_of(pid):
    variables = {}
    for entry in environ_of(pid).split(b"\0"):
        name, equals, value = entry.decode("utf-8", "replace").partition("=")
        if equals:
            variables[name] = value
    return variables


def parent_of(pid):
    return int(stat_fields(pid)[1])


def children_of(pid):
    return [child for child in pids() if (stat_fields(child) or ["", ""])[1] == str(pid)]


def carriers(marks):
    """Live processes whose environment holds one of the marks (bytes)."""
    found = []
    for pid in pids():
        entries = environ_of(pid).split(b"\0")
        if any(entry == mark or (mark.endswith(b".") and entry.startswith(mark)) for entry in entries for mark in marks):
            if alive(pid):
                found.append((pid, read_bytes(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode("utf-8", "replace")))
    return found


MARK_FIELDS = ("boot", "keeper", "supervisor", "start", "pid_namespace", "network", "token")


def fields_of(mark):
    """Of a VLMSHIM_RUN, by the names that vlmshim(1) gives to them."""
    values = mark.split(".")
    assert len(values) == len(MARK_FIELDS), f"VLMSHIM_RUN={mark!r}"
    return dict(zip(MARK_FIELDS, values))


def forged(mark, **changes):
    """The same VLMSHIM_RUN with other values in these fields."""
    fields = {**fields_of(mark), **{name: str(value) for name, value in changes.items()}}
    return ".".join(fields[name] for name in MARK_FIELDS)


def boot_id():
    return pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
