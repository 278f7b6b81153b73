"""Another user of the machine, and what that user may leave in the folders of others."""

import os
import re
import subprocess
import sys

from harness import Case, check, check_equal, need
from oracle import listening

STRANGER = 1111
LENA = 1000
MALLORY, BYSTANDER = 61111, 60100
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]


LISTEN = """
import socket, sys, time
listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((sys.argv[1], int(sys.argv[2])))
listener.listen()
print("listens", flush=True)
while True:
    time.sleep(60)
"""

# Receives a descriptor unasked, as dbus-daemon does.
TAKES_DESCRIPTORS = """
import socket, sys, time
door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
door.bind("\\0" + sys.argv[1])
print("open", flush=True)
kept = socket.recv_fds(door, 1, 1)
print("taken", flush=True)
while True:
    time.sleep(60)
"""

PASSES_IT_ON = """
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[2])))
listener.listen()
door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
door.connect("\\0" + sys.argv[1])
socket.send_fds(door, [b"x"], [listener.fileno()])
"""


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def start(stage, uid, text, *words):
    """A process of that user that runs a Python text, without the run's marks."""
    process = subprocess.Popen([*as_user(uid), PYTHON, "-c", text, *(str(word) for word in words)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd="/", text=True)
    stage.others.append(process)
    return process


def said(process, line):
    check_equal(process.stdout.readline().strip(), line, "what the other process says")


def passed_to_bystander(stage):
    """A process that holds the stage's port because another user has passed the socket to it."""
    name = f"vlmshim-e2e-{stage.cookie}"
    bystander = start(stage, BYSTANDER, TAKES_DESCRIPTORS, name)
    said(bystander, "open")
    check_equal(start(stage, MALLORY, PASSES_IT_ON, name, stage.port).wait(), 0, "the passing on")
    said(bystander, "taken")
    check(listening(stage.port), "no listener")
    return bystander


def prepared(shell):
    """A wrap: a mount namespace that a shell line has prepared."""
    return [*NAMESPACE, "/bin/sh", "-ec", shell + '; exec "$@"', "sh"]


# A /dev of its own: nothing here touches that of the machine.
OWN_DEV = ("mount -t tmpfs -o mode=755 none /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/full c 1 7; "
           "ln -s /proc/self/fd /dev/fd; ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr; mkdir -m 1777 /dev/shm")


def own(path, user):
    os.chown(path, user, user, follow_symlinks=False)
    return path


def folder(path, user=0, mode=0o755):
    path.mkdir(parents=True)
    own(path, user)
    path.chmod(mode)
    return path


def put(path, text, user=0, mode=0o644):
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return own(path, user)


def link(path, target, user=0):
    path.symlink_to(target)
    return own(path, user)


def unfinished(place):
    return [name for name in os.listdir(place) if re.fullmatch(r"\.vlmshim-.*\.tmp", name)]


class Strangers(Case):
    def stage(self):
        need(self, os.getuid() == 0, "needs root, to run as another user")
        stage = super().stage()
        stage.folder.chmod(0o755)
        return stage


def write_later(path, text):
    """Opens a FIFO that has a reader for writing, without waiting."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.write(descriptor, text.encode())
    return descriptor


