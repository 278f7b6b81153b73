"""A terminal whose screen and keys are the harness's: a pseudo terminal with a session of its own."""

import contextlib
import fcntl
import os
import re
import select
import signal
import subprocess
import termios
import threading
import time

from oracle import LIMIT

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "dash": ["dash", "-i"],
    "zsh": ["zsh", "-f", "-i", "+Z", "-o", "nopromptsp"],
}


class Terminal:
    """Runs `command` as the leader of a session with this terminal. What is written to it is the screen."""

    def __init__(self, stage, command, columns=1000, env=None):
        self.stage = stage
        self.master, slave = os.openpty()
        self.slave_name = os.ttyname(slave)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, columns.to_bytes(2, "little").join((b"\x28\x00", b"\0\0\0\0")))
        variables = {**stage.environment(), "TERM": "dumb", "PS1": "PROMPT> ", "LC_ALL": "C", "HISTFILE": "", **(env or {})}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=variables, cwd=stage.folder,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.pid = self.process.pid
        self._text, self._changed, self._open = b"", threading.Condition(), True
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        stage.others.append(self.process)
        stage.terminals.append(self)

    def _read(self):
        waiting = select.poll()
        waiting.register(self.master, select.POLLIN)
        while True:
            # Not inside read(2): that would hold the terminal open when the other thread hangs up.
            while not self._hung_up.is_set() and not waiting.poll(20):
                pass
            try:
                part = b"" if self._hung_up.is_set() else os.read(self.master, 65536)
            except OSError:
                part = b""
            with self._changed:
                self._text += part
                self._open = bool(part)
                self._changed.notify_all()
            if not part:
                return

    @property
    def screen(self):
        with self._changed:
            return self._text.decode("utf-8", "replace")

    def screen_since(self, since):
        with self._changed:
            return self._text[since:].decode("utf-8", "replace")

    def mark(self):
        with self._changed:
            return len(self._text)

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, since=0, limit=LIMIT):
        """Waits for the regular expression in what came after `since`."""
        end = time.monotonic() + limit
        with self._changed:
            while True:
                found = re.search(pattern, self._text[since:].decode("utf-8", "replace"))
                if found:
                    return found
                if not self._open or not self._changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    break
        raise AssertionError(f"{pattern!r} did not come:\n{self.screen[-4000:]}")

    def foreground(self):
        return os.tcgetpgrp(self.master)

    def modes(self):
        return termios.tcgetattr(self.master)

    def hang_up(self):
        """What closing the window does."""
        self._hung_up.set()
        self._reader.join()
        os.close(self.master)

    def close(self):
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


class Shell(Terminal):
    """An interactive shell in a terminal."""

    def __init__(self, stage, name="bash", **options):
        super().__init__(stage, SHELLS[name], **options)
        self.name = name
        self.prompt(0)

    def prompt(self, since):
        self.expect("PROMPT> ", since)

    def start(self, line):
        """Types a line; the result is where its output begins."""
        since = self.mark()
        self.type(line + "\n")
        end = re.escape(line[-8:]) + "\r?\n"
        self.expect(end, since)
        return since + len(re.split(end, self.screen_since(since), maxsplit=1)[0].encode()) + 8

    def run(self, line):
        """A line that comes back to the prompt by itself; the result is what it printed."""
        since = self.start(line)
        self.prompt(since)
        return self.screen_since(since).replace("PROMPT> ", "")

    def status(self):
        return int(re.search(r"STATUS=(\d+)", self.run("echo STATUS=$?")).group(1))
