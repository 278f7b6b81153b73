"""Looks again, later, for processes of runs that are over.

A process that forks and exits all the time has another pid each time /proc is read, and can slip through one look, but
not through all: the fixtures' storms are bounded, and their last processes remain.
"""

import os
import threading
import time

from oracle import alive, environment_of, pids, read_bytes
from procs import kill_ours

LOOKS_AT_THE_END = 20


class Sweep:
    def __init__(self):
        self.lock = threading.Lock()
        self.finished = {}  # cookie: what to call the run

    def add(self, cookie, name):
        with self.lock:
            self.finished[cookie] = name

    def look(self):
        """[(name, text)] of the processes that were found; they are ended."""
        found = []
        with self.lock:
            for pid in pids():
                if pid == os.getpid() or b"E2E_COOKIE=" not in read_bytes(f"/proc/{pid}/environ"):
                    continue
                cookie = environment_of(pid).get("E2E_COOKIE", "")
                if cookie in self.finished and alive(pid):
                    command = read_bytes(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode("utf-8", "replace")
                    found.append((self.finished[cookie], f"pid {pid} ({command})"))
                    kill_ours(pid, cookie)
        return found

    def last_look(self):
        found = []
        for _ in range(LOOKS_AT_THE_END):
            found += self.look()
            time.sleep(0.05)
        return found
