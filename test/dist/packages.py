"""What the suites share: where the packages are, and what every installed vlmshim has to do."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import uuid

from oracle import carriers, free_port, listening, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
OUT = SOURCE / "build-dist"
WORK = OUT / "work"
VERSION = re.search(r"version: '([^']+)'", (SOURCE / "meson.build").read_text()).group(1)
IN_CI = os.environ.get("CI", "") not in ("", "0", "false")
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable
MANUAL_PAGES = ("man1/vlmshim.1", "man5/vlmshim.toml.5", "man5/vlmshim-report.5", "man7/vlmshim-migrate.7", "zh_TW/man1/vlmshim.1")


def one(pattern):
    """The one package with such a name."""
    found = sorted(OUT.glob(pattern))
    assert len(found) == 1, f"{pattern} in build-dist: {[path.name for path in found]}"
    return found[0]


def run(*command, **options):
    """Its standard output; what it said is in the error when it failed."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def files_below(folder):
    """Every file and link below it, and every folder that has nothing in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")
            if not path.is_dir() or path.is_symlink() or not any(path.iterdir())}


class Case(unittest.TestCase):
    def need(self, program):
        """A case that cannot run here fails in CI and is skipped loudly elsewhere. Returns the program's path."""
        path = shutil.which(program)
        if path is None:
            print(f"\nNOT RUN: {self.id()}: {program} is not here", file=sys.stderr, flush=True)
            if IN_CI:
                self.fail(f"cannot run in CI: {program} is not here")
            self.skipTest(f"{program} is not here")
        return path

    def folder(self):
        path = pathlib.Path(tempfile.mkdtemp(prefix="vlmshim-dist-"))
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def check_works(self, *command, environment=None):
        """It says its version, runs a test, hands its status on, and starts and ends a server."""
        environment = {**os.environ, **(environment or {})}
        self.assertEqual(run(*command, "--version", env=environment).splitlines()[0].split()[:2], ["vlmshim", VERSION])
        run(*command, "-p", free_port(), "--", "true", env=environment)
        failed = subprocess.run([*map(str, command), "-p", str(free_port()), "--", "sh", "-c", "exit 7"], env=environment,
                                stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(failed.returncode, 7)
        port, mark = free_port(), f"VLMSHIM_DIST_CASE={uuid.uuid4()}"
        environment["VLMSHIM_DIST_CASE"] = mark.partition("=")[2]
        server = f"{PYTHON} -m http.server --bind 127.0.0.1 {{port}}"
        out = run(*command, "-s", server, "-r", "/", "-p", port, "--", "sh", "-c", "setsid sleep 1000 & echo port $VLMSHIM_PORT",
                  env=environment, cwd=self.folder())
        self.assertEqual(out, f"port {port}\n")
        self.check_gone(mark, port)

    def start_with_server(self, *command, cwd=None):
        """A run whose test does not end; with the mark of its processes and its port."""
        port, mark = free_port(), str(uuid.uuid4())
        server = f"{PYTHON} -m http.server --bind 127.0.0.1 {{port}}"
        process = subprocess.Popen([*map(str, command), "-s", server, "-p", str(port), "--", "sleep", "1000"], cwd=cwd,
                                   env={**os.environ, "VLMSHIM_DIST_CASE": mark}, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, mark, process)
        wait_for(lambda: listening(port) or process.poll() is not None, "the server to listen")
        self.assertIsNone(process.poll(), "it ended")
        return process, f"VLMSHIM_DIST_CASE={mark}", port

    def end(self, mark, process):
        """Whatever the case has found: nothing of it stays."""
        for pid, _ in carriers([f"VLMSHIM_DIST_CASE={mark}".encode()]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        process.wait()

    def check_gone(self, mark, port):
        wait_for(lambda: not carriers([mark.encode()]), "its processes to be gone")
        self.assertFalse(listening(port), "its port is still held")
