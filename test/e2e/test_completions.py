"""The completions in the shells themselves: a line is typed in a terminal, Tab is pressed, and the line is checked."""

import os
import pathlib
import re
import shutil

from harness import Case, check, check_equal, need, script, SOURCE
from terminal import Terminal

FOLDER = SOURCE / "config" / "completions"
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")

# ^G prints the line that is being edited. The program has an option of its own, which its completion knows.
BASH = r"""
bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'
bind -x '"\C-g": printf "\nLINE=<%s>\n" "$READLINE_LINE"'
complete -W '--of-the-program' program-of-this-test
source "$FOLDER"/vlmshim.bash
"""
ZSH = r"""
fpath=("$FOLDER" $fpath); autoload -Uz compinit; compinit -u -D
show() { print -r -- $'\n'"LINE=<$BUFFER>" }; zle -N show; bindkey '^G' show; unsetopt beep
_program() { _arguments --of-the-program }; compdef _program program-of-this-test
"""
FISH = r"""
function fish_greeting; end; function fish_prompt; echo 'PROMPT> '; end
bind \cg 'echo; echo "LINE=<"(commandline)">"'
complete -c program-of-this-test -l of-the-program
source "$FOLDER"/vlmshim.fish
"""

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], BASH),
    "zsh": (["zsh", "-f", "-i"], ZSH),
    "fish": (["fish", "--private"], FISH),
}

# Typed, and what the line is after Tab, apart from a blank or "=" at its end.
LINES = [
    ("vlmshim --bu", "vlmshim --busy"),
    ("vlmshim -v --wh", "vlmshim -v --who"),
    ("vlmshim --busy k", "vlmshim --busy kill"),
    ("vlmshim --busy=k", "vlmshim --busy=kill"),
    ("vlmshim -b re", "vlmshim -b reuse"),
    ("vlmshim --log-format j", "vlmshim --log-format json"),
    ("vlmshim --log-level wa", "vlmshim --log-level warning"),
    ("vlmshim -p au", "vlmshim -p auto"),
    ("vlmshim --completions fi", "vlmshim --completions fish"),
    ("vlmshim --who 80", "vlmshim --who 8080"),
    ("vlmshim --server 'x --y' --rep", "vlmshim --server 'x --y' --report"),
    ("vlmshim -c file-of", "vlmshim -c file-of-this-test"),
    ("vlmshim --report file-of", "vlmshim --report file-of-this-test"),
    ("vlmshim program-of", "vlmshim program-of-this-test"),
    ("vlmshim -q -- program-of", "vlmshim -q -- program-of-this-test"),
    ("vlmshim -vp 9000 -r /health program-of", "vlmshim -vp 9000 -r /health program-of-this-test"),
    ("vlmshim -- cat file-of", "vlmshim -- cat file-of-this-test"),
    # The test command's own completion, and nothing else.
    ("vlmshim -- program-of-this-test --bu", "vlmshim -- program-of-this-test --bu"),
    ("vlmshim program-of-this-test --bu", "vlmshim program-of-this-test --bu"),
    ("vlmshim -- program-of-this-test --of", "vlmshim -- program-of-this-test --of-the-program"),
    ("vlmshim -t 9s program-of-this-test --of", "vlmshim -t 9s program-of-this-test --of-the-program"),
]


class Completions(Case):
    def open(self, name, before=""):
        """The shell `name`, set up; `before` is a line that comes first."""
        command, text = SHELLS[name]
        need(self, shutil.which(command[0]), f"{name} is not installed")
        stage = self.stage()
        stage.file("bin").mkdir()
        script(stage.file("bin") / "program-of-this-test", "#!/bin/sh\n")
        stage.file("file-of-this-test").touch()
        stage.file("set-up").write_text(before + "\n" + text)
        path = f"{stage.file('bin')}:{os.environ['PATH']}"
        shell = Terminal(stage, command, columns=200, env={"FOLDER": str(FOLDER), "PATH": path, "INPUTRC": "/dev/null", "TERM": "xterm"})
        shell.type("source ./set-up; echo set''up\n")
        shell.expect("setup[\r\n]")
        return shell

    def after_tab(self, shell, typed):
        since = shell.mark()
        shell.type(typed + "\t\x07")
        line = shell.expect(r"LINE=<(.*)>", since).group(1)
        shell.type("\x15")  # ^U: an empty line again
        return line

    def check_lines(self, name, lines, before=""):
        shell = self.open(name, before)
        wrong = [(typed, found) for typed, wanted in lines
                 for found in [self.after_tab(shell, typed)] if re.sub("[= ]$", "", found) != wanted]
        check_equal(wrong, [], f"{name}: typed, and the line after Tab")

    def test_zsh(self):
        self.check_lines("zsh", LINES)

    def test_fish(self):
        self.check_lines("fish", LINES)

    def test_bash(self):
        """Without the package bash-completion only file names are completed for the test command."""
        self.check_lines("bash", [line for line in LINES if "--of" not in line[0]])

    def test_bash_with_bash_completion(self):
        need(self, BASH_COMPLETION.exists(), "bash-completion is not installed")
        self.check_lines("bash", LINES, f"source {BASH_COMPLETION}")

    def test_a_choice_is_listed(self):
        for name in SHELLS:
            with self.subTest(name):
                shell = self.open(name)
                since = shell.mark()
                shell.type("vlmshim --busy \t")
                shell.expect(r"fail\b[\s\S]*kill\b[\s\S]*reuse\b", since)
                check("file-of-this-test" not in shell.screen, "files are offered, too")
