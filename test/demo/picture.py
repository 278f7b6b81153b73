"""Draws test/demo/session.svg, the picture of README.md, from a real session. Usage: picture.py VLMSHIM STANDIN

An interactive bash gets the lines of TYPED, in a network namespace of its own, where port 8080 is free.
test/docs/check_picture.py says when the program's words have changed and the picture has to be drawn anew.
"""

import fcntl
import html
import itertools
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
PICTURE = HERE / "session.svg"
COLUMNS, ROWS = 86, 40
PROMPT = "$ "
TYPED = [
    "vlmshim -s 'sh serve.sh {port}' -r /health -- python3 vqa_test.py",
    "export VQA_TEST_ENDING=crash     # now the test crashes: no atexit handler would run",
    "vlmshim -o discard -s 'sh serve.sh {port}' -r /health -- python3 vqa_test.py",
    "vlmshim --who",
]
LIMIT = 60  # seconds for one of them
SHELL = """
import fcntl, os, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP: netdevice(7)
os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
"""

# A card of its own: the same on a light and on a dark page. Sizes are in pixels.
BACKGROUND, FOREGROUND, TYPED_COLOUR = "#0d1117", "#d1d7e0", "#ffffff"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea", "90": "#9198a1"}
SIZE, WIDTH, HEIGHT, MARGIN = 14, 8.4, 20, 18
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Screen:
    """What a terminal shows of a text. It knows what vlmshim, bash and unittest write, and refuses the rest."""

    def __init__(self):
        self.lines, self.column, self.style = [[]], 0, ()

    def write(self, text):
        for numbers, letter, other in re.findall(r"\x1b\[([0-9;?]*)([A-Za-z])|([\s\S])", text):
            if letter:
                self.control(numbers, letter)
            elif other == "\n":
                self.lines.append([])
            elif other == "\r":
                self.column = 0
            elif other.isprintable():
                self.put(other)
            else:
                raise ValueError(f"a character that is not known here: {other!r}")

    def put(self, letter):
        if self.column == COLUMNS:
            self.lines.append([])
            self.column = 0
        line = self.lines[-1]
        line += [(" ", ())] * (self.column + 1 - len(line))
        line[self.column] = (letter, self.style)
        self.column += 1

    def control(self, numbers, letter):
        if letter == "m":
            for number in numbers.split(";"):
                self.style = () if number in ("", "0") else (*self.style, number)
        elif letter in "JK" and numbers in ("", "0"):  # to the end of the screen, of the line: it is the last one
            del self.lines[-1][self.column:]
        else:
            raise ValueError(f"a sequence that is not known here: ESC [ {numbers} {letter}")

    def text(self):
        return "\n".join("".join(letter for letter, _style in line).rstrip() for line in self.lines)


class Session:
    """An interactive shell in a terminal of a fixed size."""

    def __init__(self, folder, environment):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
        self.process = subprocess.Popen([*namespace, sys.executable, "-c", SHELL], stdin=slave, stdout=slave, stderr=slave, cwd=folder,
                                        env=environment, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.said = ""
        self.read_to_prompt()

    def read_to_prompt(self):
        start, end = len(self.said), time.monotonic() + LIMIT
        while not re.search(rf"(^|\n){re.escape(PROMPT)}$", self.said[start:]):
            if not select.select([self.master], [], [], max(0.0, end - time.monotonic()))[0]:
                raise RuntimeError(f"no prompt within {LIMIT} s:\n{self.said}")
            try:
                self.said += os.read(self.master, 65536).decode()
            except OSError:
                raise RuntimeError(f"the shell has ended:\n{self.said}") from None

    def type(self, line):
        os.write(self.master, (line + "\n").encode())
        self.read_to_prompt()

    def close(self):
        os.close(self.master)  # as closing the window does
        self.process.wait(timeout=LIMIT)


def record(vlmshim, standin):
    """The screen after all lines of TYPED, without the last prompt."""
    with tempfile.TemporaryDirectory(prefix="vlmshim-picture-") as name:
        folder = pathlib.Path(name)
        (folder / ".git").mkdir()  # the search for a configuration ends here
        (folder / "bin").mkdir()
        for path in (HERE / "serve.sh", HERE / "vqa_test.py"):
            (folder / path.name).symlink_to(path)
        (folder / "bin/vlmshim").symlink_to(os.path.abspath(vlmshim))
        session = Session(folder, {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": name, "TERM": "xterm-256color", "PS1": PROMPT,
                                   "LC_ALL": "C.UTF-8", "HISTFILE": "", "PYTHONDONTWRITEBYTECODE": "1",
                                   "VLMSHIM_STANDIN": os.path.abspath(standin)})
        try:
            for line in TYPED:
                session.type(line)
        finally:
            session.close()
    screen = Screen()
    screen.write(session.said.removesuffix(PROMPT).rstrip("\r\n"))
    return screen


def runs(line):
    """[(column, text, style)] of what looks the same. None has two blanks or one at an end, which SVG would drop."""
    column = 0
    for style, cells in itertools.groupby(line, key=lambda cell: cell[1]):
        text = "".join(letter for letter, _style in cells)
        for part in re.finditer(r"\S+(?: \S+)*", text):
            yield column + part.start(), part[0], style
        column += len(text)


def look(line, style):
    """The attributes of a text; what was typed stands out."""
    typed = "".join(letter for letter, _style in line).startswith(PROMPT)
    colour = next((COLOURS[number] for number in style if number in COLOURS), TYPED_COLOUR if typed else FOREGROUND)
    weight = ' font-weight="bold"' if typed or "1" in style else ""
    return f'fill="{colour}"{weight}' + (' opacity="0.7"' if "2" in style else "")


def svg(screen):
    width, height = 2 * MARGIN + COLUMNS * WIDTH, 2 * MARGIN + len(screen.lines) * HEIGHT
    texts = []
    for row, line in enumerate(screen.lines):
        for column, text, style in runs(line):
            # The length is given, so that every font keeps to the columns.
            texts.append(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{MARGIN + row * HEIGHT + SIZE:.1f}" textLength="{len(text) * WIDTH:.1f}" '
                         f'lengthAdjust="spacingAndGlyphs" {look(line, style)}>{html.escape(text, quote=False)}</text>')
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">
<title>A terminal session with vlmshim</title>
<desc>{html.escape(screen.text(), quote=False)}</desc>
<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>
<g font-family="{FONT}" font-size="{SIZE}">
{chr(10).join(texts)}
</g>
</svg>
"""


def main(vlmshim, standin):
    PICTURE.write_text(svg(record(vlmshim, standin)), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
