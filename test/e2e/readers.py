"""Readers of stderr that do not read: the descriptor is full from the start until start_reading()."""

import contextlib
import fcntl
import os
import socket
import termios
import threading

from harness import fixture

NOBODY = 65534


class Reader:
    """`writer` is for a run's stderr, `options` are for Run. It is filled with empty lines."""

    def __init__(self, stage, *, wrap=(), **options):
        self.options = {"wrap": wrap, **options}
        self.stage = stage
        self.reader, self.writer = self.make()
        self.text, self._thread = b"", None
        stage.others.append(self)

    def make(self):
        return os.pipe()

    def fill(self):
        before = self.flags()
        fcntl.fcntl(self.writer, fcntl.F_SETFL, before | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self.writer, b"\n" * 512)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self.writer, b"\n")
        fcntl.fcntl(self.writer, fcntl.F_SETFL, before)
        return self

    def flags(self):
        """Of the open file description that the run shares with its caller."""
        return fcntl.fcntl(self.writer, fcntl.F_GETFL)

    def start_reading(self):
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        with contextlib.suppress(OSError):  # EIO at the end of a terminal
            while part := os.read(self.reader, 65536):
                self.text += part

    def lines(self):
        """All lines that arrived until the run was over; without the empty ones."""
        if self._thread is None:
            self.start_reading()
        self.close_writer()
        self._thread.join()
        return [line.rstrip("\r") for line in self.text.decode("utf-8", "replace").split("\n") if line.strip("\r")]

    def close_writer(self):
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def go_away(self):
        os.close(self.reader)
        self.reader = -1

    # As one of the stage's others.
    def poll(self):
        return 0

    def wait(self):
        self.close_writer()
        if self._thread is not None:
            self._thread.join()
        if self.reader >= 0:
            os.close(self.reader)


class Fifo(Reader):
    def make(self):
        path = self.stage.file(f"fifo-{self.stage.count()}")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open(path, os.O_WRONLY)
        os.set_blocking(reader, True)
        return reader, writer


class Socket(Reader):
    def make(self):
        return tuple(end.detach() for end in socket.socketpair())


class Terminal(Reader):
    """Full, as with a terminal emulator that hangs."""

    def make(self):
        return os.openpty()


class HeldTerminal(Terminal):
    """By ^S, until ^Q is typed."""

    def fill(self):
        os.write(self.reader, b"\x13")
        return super().fill()

    def start_reading(self):
        os.write(self.reader, b"\x11")
        super().start_reading()


def as_nobody(stage, program=()):
    os.chmod(stage.folder, 0o777)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *program]


def take_as_controlling():
    os.setsid()
    fcntl.ioctl(2, termios.TIOCSCTTY, 0)


def no_nowait(error):
    return fixture("with", f"seccomp=pwritev2:{error}", "--")


# What stderr is -> how it is made. Root may open every file, so some of these run as another user.
KINDS = {
    "pipe": Reader,
    "pipe, an old kernel": lambda stage: Reader(stage, wrap=no_nowait("EOPNOTSUPP")),
    "pipe of another user, an old kernel": lambda stage: Reader(stage, wrap=as_nobody(stage, no_nowait("ENOSYS"))),
    "fifo": Fifo,
    "socket": Socket,
    "terminal": Terminal,
    "terminal, ^S": HeldTerminal,
    "controlling terminal of another user": lambda stage: Terminal(stage, wrap=as_nobody(stage), preexec_fn=take_as_controlling),
    "terminal of another user": lambda stage: Terminal(stage, wrap=as_nobody(stage), start_new_session=True),
}
NEEDS_ROOT = {name for name in KINDS if "another user" in name}
