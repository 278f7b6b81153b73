"""What `./dev demo` checks before and after a run. It reads /proc and does not rely on vlmshim.

    after.py pick PORT          prints PORT if it has no listener, otherwise a free port
    after.py look PORT MARKER   shows that PORT has no listener and that no process is left with
                                MARKER (NAME=VALUE) in its environment; status 1 otherwise
"""

import os
import socket
import sys

LISTEN = "0A"  # the state column of /proc/net/tcp, see proc(5)


def listens(port):
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):  # a kernel without IPv6
            continue
        with open(table) as rows:
            for row in list(rows)[1:]:
                fields = row.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    return True
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(pid):
    try:
        with open("/proc/{}/environ".format(pid), "rb") as file:
            return [entry.decode(errors="replace") for entry in file.read().split(b"\0")]
    except OSError:  # it has exited, or belongs to another user
        return []


def describe(pid, variables):
    try:
        with open("/proc/{}/cmdline".format(pid), "rb") as file:
            command = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        command = "?"
    run = [entry for entry in variables if entry.startswith("VLMSHIM_RUN=")]
    return "pid {} ({}) {}".format(pid, command, " ".join(run))


def look(port, marker):
    held = listens(port)
    print("  port {}: {}".format(port, "STILL HELD" if held else "no process listens"))
    left = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        variables = environment(pid)
        if marker in variables:
            left[pid] = describe(pid, variables)
    print("  processes of this run: {}".format(len(left) if left else "none left"))
    for text in left.values():
        print("    LEFT: " + text)
    return 1 if held or left else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "pick":
        port = int(arguments[1])
        print(free_port() if listens(port) else port)
        return 0
    if len(arguments) == 3 and arguments[0] == "look":
        return look(int(arguments[1]), arguments[2])
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
