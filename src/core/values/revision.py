"""Prints the commit of the tree: "a1b2c3d", with a "+" where tracked files are changed; nothing where there is no git.

Usage: revision.py SOURCE_ROOT. DIST_REVISION, which `./dev dist` sets, names the commit of a copy without git.
"""

import os
import re
import subprocess
import sys

SHOWN = 7  # digits


def git(root, *arguments):
    # The tree's own repository, not one that it was unpacked into. The index is not written: a build may be root's.
    command = ["git", "--no-optional-locks", "--git-dir", os.path.join(root, ".git"), "--work-tree", root, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode().strip()


def revision(root):
    named = re.fullmatch(r"([0-9a-f]{40})(-dirty)?|none", os.environ.get("DIST_REVISION", ""))
    if named:
        commit, dirty = named.groups()
        return commit[:SHOWN] + ("+" if dirty else "") if commit else ""
    try:
        commit = git(root, "rev-parse", "--verify", "HEAD")
        return commit[:SHOWN] + ("+" if git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


if __name__ == "__main__":
    print(revision(os.path.abspath(sys.argv[1])))
