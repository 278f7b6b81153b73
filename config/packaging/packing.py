"""What the recipes share: where things lie, how they are called, and archives that have the same bytes for the same content."""

import collections
import gzip
import io
import os
import pathlib
import re
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build-dist"
WORK = OUT / "work"
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])  # dist.sh sets both
REVISION = os.environ["DIST_REVISION"]
VERSION = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)

SUMMARY = "Runs a test, ends everything that it started, and checks that the port is free again"

# How the same machine is called by uname, Debian, node and OCI.
Machine = collections.namedtuple("Machine", "name debian node oci")
MACHINES = [Machine("x86_64", "amd64", "x64", "amd64"), Machine("aarch64", "arm64", "arm64", "arm64")]

Entry = collections.namedtuple("Entry", "mode content")


def installed(machine, folder=""):
    """path: Entry, of what meson has installed below the prefix, or below a folder of it."""
    top = WORK / machine.name / "usr"
    files = sorted(path for path in (top / folder).rglob("*") if path.is_file())
    return {path.relative_to(top).as_posix(): entry(path) for path in files}


def entry(path):
    path = pathlib.Path(path)
    return Entry(0o755 if path.stat().st_mode & 0o100 else 0o644, path.read_bytes())


def text(content):
    return Entry(0o644, content.encode())


def folders_of(paths):
    """Every folder that lies above one of these paths, the upper ones first."""
    return sorted({parent.as_posix() for path in paths for parent in pathlib.PurePosixPath(path).parents} - {"."})


def tar_bytes(entries):
    """A tar of {path: Entry}, everything root's and of one time."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted([*entries, *folders_of(entries)]):
            member = tarfile.TarInfo(path)
            member.mtime = EPOCH
            member.uname = member.gname = "root"
            if path in entries:
                member.mode, content = entries[path]
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
    return whole.getvalue()


def gzip_bytes(content):
    return gzip.compress(content, 9, mtime=0)
