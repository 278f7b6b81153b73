"""A limit on the number of processes: storms run only below one."""

import os
import pathlib
import signal
import subprocess
import time
import uuid


class PidsLimit:
    """A pids cgroup of its own, version 1 or 2; not possible() where none can be made."""

    ROOTS = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")

    def __init__(self, most):
        self.folder = None
        for root in map(pathlib.Path, self.ROOTS):
            folder = root / f"vlmshim-e2e-{uuid.uuid4().hex[:12]}"
            try:
                if root.name == "cgroup" and "pids" not in (root / "cgroup.subtree_control").read_text():
                    continue
                folder.mkdir()
                (folder / "pids.max").write_text(str(most))
            except OSError:
                if folder.is_dir():
                    folder.rmdir()
                continue
            self.folder = folder
            return

    def possible(self):
        return self.folder is not None

    def wrap(self):
        return ["/bin/sh", "-ec", f'echo $$ > "{self.folder}/cgroup.procs"; exec "$@"', "sh"]

    def members(self):
        return [int(pid) for pid in (self.folder / "cgroup.procs").read_text().split()]

    def close(self):
        """Ends every process in the cgroup, so that a failing case leaves no storm."""
        if self.folder is None:
            return
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            members = self.members()
            for pid in members:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                self.folder.rmdir()
                return
            except OSError:
                time.sleep(0.01)


class Watcher:
    """The largest memory that keeper and supervisor had, read from outside while they live."""

    def __init__(self, run):
        self.keeper, self.peak, self._known = run.pid, {}, []

    def look(self):
        for role, pid in (("keeper", self.keeper), ("supervisor", self._supervisor())):
            if pid:
                for line in _read(f"/proc/{pid}/status").splitlines():
                    if line.startswith("VmHWM"):
                        self.peak[role] = max(self.peak.get(role, 0), int(line.split()[1]))

    def _supervisor(self):
        if not self._known:
            self._known = [int(word) for word in _read(f"/proc/{self.keeper}/task/{self.keeper}/children").split()[:1]
                           if _read(f"/proc/{word}/comm") == "vlm-supervisor\n"]
        return self._known[0] if self._known else None

    def until_end(self, process, limit):
        deadline = time.monotonic() + limit
        while process.poll() is None and time.monotonic() < deadline:
            self.look()
            time.sleep(0.005)


def _read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
