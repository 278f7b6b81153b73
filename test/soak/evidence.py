"""A run that does not end: what its processes are doing, kept in a file before they are ended."""

import contextlib
import os
import tempfile
import time

from oracle import carriers, children_of, pids, read_bytes, stat_fields

LOOKS = 2  # a process that changes between them is not stuck
BETWEEN_LOOKS = 1.0  # seconds
# Of /proc/PID/status: a pending signal that is not read is a lost wake-up.
TELLING = ("State", "PPid", "TracerPid", "NSpid", "Threads", "SigQ", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt",
           "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")


def keep(run, cookie, why):
    """The file's path."""
    with tempfile.NamedTemporaryFile("w", prefix="vlmshim-soak-stuck-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(f"{why.splitlines()[0]}\ncommand: {run.command}\n")
        for look in range(LOOKS):
            if look > 0:
                time.sleep(BETWEEN_LOOKS)
            file.write(f"\n===== look {look + 1}, {time.monotonic() - run.started:.3f} s after the start\n")
            file.write("\n".join(describe_all(run.pid, cookie)))
        file.write("\n\n===== its standard error so far\n" + run.err)
    return file.name


def describe_all(keeper, cookie):
    roles = roles_of(keeper, cookie)
    holders = pipe_holders()
    for pid, role in roles.items():
        yield from describe(pid, role, holders)


def roles_of(keeper, cookie):
    """The keeper's descendants, and other processes that carry the run's mark."""
    roles, queue = {keeper: "keeper"}, [keeper]
    while queue:
        parent = queue.pop(0)
        for child in children_of(parent):
            if child not in roles:
                roles[child] = "supervisor" if parent == keeper and "supervisor" not in roles.values() else f"below {parent}"
                queue.append(child)
    for pid, _command in carriers([b"E2E_COOKIE=" + cookie.encode()]):
        roles.setdefault(pid, "not below the keeper")
    return roles


def describe(pid, role, holders):
    yield f"\n--- pid {pid}, {role}"
    yield f"title: {text_of(pid, 'cmdline')!r}, name {text_of(pid, 'comm').strip()!r}"
    fields = stat_fields(pid)
    if fields:
        yield f"group {fields[2]}, session {fields[3]}, user and system time {fields[11]} and {fields[12]} ticks"
    yield from (line for line in text_of(pid, "status").splitlines() if line.split(":")[0] in TELLING)
    for thread in listed(f"/proc/{pid}/task"):
        of_thread = f"task/{thread}"
        yield (f"thread {thread}: wchan {text_of(pid, f'{of_thread}/wchan')}, syscall {text_of(pid, f'{of_thread}/syscall').strip()}, "
               f"children {text_of(pid, f'{of_thread}/children').split()}")
        yield from ("    " + line for line in text_of(pid, f"{of_thread}/stack").splitlines())
    for descriptor in listed(f"/proc/{pid}/fd"):
        yield from describe_descriptor(pid, descriptor, holders)


def describe_descriptor(pid, descriptor, holders):
    target = link(f"/proc/{pid}/fd/{descriptor}")
    others = sorted(holders.get(target, set()) - {pid})
    yield f"fd {descriptor}: {target}" + (f", also held by {others}" if others else "")
    if target.startswith("anon_inode:"):  # signalfd: its mask; epoll: what it watches; a timer: when it fires
        yield from ("    " + line for line in text_of(pid, f"fdinfo/{descriptor}").splitlines())


def pipe_holders():
    """Of each pipe and socket of the machine: the processes that have it open."""
    holders = {}
    for pid in pids():
        for descriptor in listed(f"/proc/{pid}/fd"):
            target = link(f"/proc/{pid}/fd/{descriptor}")
            if target.startswith(("pipe:", "socket:")):
                holders.setdefault(target, set()).add(pid)
    return holders


def text_of(pid, file):
    return read_bytes(f"/proc/{pid}/{file}").replace(b"\0", b" ").decode("utf-8", "replace")


def listed(folder):
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder), key=int)
    return []


def link(path):
    with contextlib.suppress(OSError):
        return os.readlink(path)
    return "?"
