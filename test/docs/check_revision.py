"""Checks what `vlmshim --version` says of the commit. Usage: check_revision.py VLMSHIM SOURCE_ROOT"""

import os
import re
import shutil
import subprocess
import sys
import tempfile


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgSign=false", *arguments],
                   check=True, stdout=subprocess.DEVNULL)


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def check_script(script, problems, folder):
    def expect(pattern, tree, what, **environment):
        said = subprocess.check_output([sys.executable, script, tree], env={**os.environ, "DIST_REVISION": "", **environment},
                                       universal_newlines=True)
        if not re.fullmatch(pattern, said.rstrip("\n")):
            problems.append("revision.py: {}: {!r}".format(what, said))

    write(folder, "tracked", "1")
    expect("", folder, "without git")
    expect("0{7}", folder, "a copy of which the commit is named", DIST_REVISION="0" * 40)
    expect(r"0{7}\+", folder, "a copy of a changed tree", DIST_REVISION="0" * 40 + "-dirty")
    git(folder, "init", "-q")
    expect("", folder, "before the first commit")
    git(folder, "add", "tracked")
    git(folder, "commit", "-q", "-m", "x")
    write(folder, "untracked", "1")
    expect("[0-9a-f]{7}", folder, "as committed")
    write(folder, "tracked", "2")
    expect(r"[0-9a-f]{7}\+", folder, "with a change")
    expect("", folder, "named as without git", DIST_REVISION="none")
    inside = os.path.join(folder, "unpacked")
    os.mkdir(inside)
    expect("", inside, "in a folder of another repository")


def main(program, root):
    problems = []
    said = subprocess.check_output([program, "--version"], universal_newlines=True)
    if not re.fullmatch(r"vlmshim \d+\.\d+\.\d+( \([0-9a-f]{7}\+?\))?\n", said):
        problems.append("--version: {!r}".format(said))
    if not shutil.which("git"):
        print("NOT CHECKED: how the commit is found, because git is not installed", file=sys.stderr)
        if os.environ.get("CI", "") not in ("", "0", "false"):
            problems.append("git is not installed, and CI is set")
        print("\n".join(problems))
        return 1 if problems else 0
    with tempfile.TemporaryDirectory() as folder:
        check_script(os.path.join(root, "src/core/values/revision.py"), problems, folder)
    print("\n".join(problems) or "the commit is named where there is one")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
