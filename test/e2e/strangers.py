"""Another user of the machine, and what he may leave where somebody else works."""

import os
import re

from harness import Case, need

STRANGER = 1111
LENA = 1000
NAMESPACE = ["unshare", "--mount", "--propagation", "private"]


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


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
        need(self, os.getuid() == 0, "needs root, to be somebody else")
        stage = super().stage()
        stage.folder.chmod(0o755)
        return stage


def write_later(path, text):
    """Opens a FIFO for writing when its reader is there, and never waits."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.write(descriptor, text.encode())
    return descriptor


