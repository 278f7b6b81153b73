"""Holds test/demo/session.svg, the picture of README.md, to the program: the same lines typed now have to be answered in the same
words, but for pids and times. Usage: check_picture.py VLMSHIM STANDIN SOURCE_ROOT
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def comparable(text):
    """Without what differs from run to run."""
    return re.sub(r"pid \d+", "pid N", re.sub(r"\d[\d.]* ?(ms|s|min)\b", "TIME", text)).splitlines()


def can_be_tried():
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    try:
        return subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def main(vlmshim, standin, root):
    root = pathlib.Path(root).resolve()
    sys.path.insert(0, str(root / "test/demo"))
    import picture

    tree = xml.etree.ElementTree.parse(picture.PICTURE)
    told = tree.findtext(SVG + "desc").splitlines()
    drawn = {}
    for text in tree.iter(SVG + "text"):
        drawn.setdefault(float(text.get("y")), []).append(text.text)
    drawn = [" ".join(drawn[y]).split() for y in sorted(drawn)]
    if drawn != [line.split() for line in told if line]:
        print(f"{picture.PICTURE.name}: what is drawn is not what <desc> says")
        return 1
    if not can_be_tried():
        print("NOT CHECKED: the picture of README.md, because there can be no network namespace", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    here = picture.record(vlmshim, standin).text()
    if comparable(here) != comparable("\n".join(told)):
        print("\n".join(difflib.unified_diff(comparable("\n".join(told)), comparable(here), "the picture", "the program", lineterm="")))
        print(f"To draw it anew: python3 test/demo/picture.py {os.path.abspath(vlmshim)} {os.path.abspath(standin)}")
        return 1
    print("the program says what the picture shows")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
