"""Checks that completions and --help have the same options, that --completions prints them, and that bash completes.

Usage: check_completions.py VLMSHIM SOURCE_ROOT
"""

import os
import re
import shutil
import subprocess
import sys

FILES = {"bash": "vlmshim.bash", "zsh": "_vlmshim", "fish": "vlmshim.fish"}

# The words of the line, the last one being completed: the words that have to be offered.
BASH = [
    (["vlmshim", "--bu"], ["--busy"]),
    (["vlmshim", "--w"], ["--who"]),
    (["vlmshim", "-v", "--fr"], ["--free"]),
    (["vlmshim", "--run"], ["--runs"]),
    (["vlmshim", "--busy", "k"], ["kill"]),
    (["vlmshim", "--busy", "=", "re"], ["reuse"]),
    (["vlmshim", "-b", ""], ["fail", "kill", "reuse"]),
    (["vlmshim", "--log-format", "j"], ["json"]),
    (["vlmshim", "--log-level", "wa"], ["warning"]),
    (["vlmshim", "--who", "80"], ["8080"]),
    (["vlmshim", "--compl"], ["--completions"]),
    (["vlmshim", "--completions", "z"], ["zsh"]),
    (["vlmshim", "--completions", "bash", "--bu"], ["--busy"]),
    (["vlmshim", "--help", ""], ["config"]),
    (["vlmshim", "-h", "con"], ["config"]),
    (["vlmshim", "--server", "x", "--rep"], ["--report"]),
    (["vlmshim", "--report", "vlmshim-rep"], ["vlmshim-report-of-this-test"]),
    (["vlmshim", "--", "--bu"], []),
    (["vlmshim", "printf", "--bu"], []),
    (["vlmshim", "-q", "prin"], ["printf"]),
    (["vlmshim", "--", "prin"], ["printf"]),
]


def options_of_help(program):
    text = subprocess.check_output([program, "--help"], universal_newlines=True)
    found = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)(?: ([A-Z]+))?(?:  |$)", text, re.MULTILINE)
    return {letter for letter, _, _ in found if letter} | {name for _, name, _ in found}


def options_of(shell, text):
    if shell == "fish":
        text = "\n".join(line for line in text.splitlines() if line.startswith("complete $options"))
        return ({"-" + letter for letter in re.findall(r" -s (\w)\b", text)} |
                {"--" + name for name in re.findall(r" -l ([\w-]+)", text)})
    code = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    if shell == "bash":
        code = re.search(r"compgen -W '(-c --config[^']*)'", code).group(1)
        return {word for word in code.split() if word != "--"}
    return (set(re.findall(r"(?<=[{,'])(-\w)(?=[,}])", code)) |
            set(re.findall(r"(?:^\s*'\*?|[,{)])(--[\w-]+)(?==?[\[}])", code, re.MULTILINE)))


def complete_in_bash(path, words, folder):
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vlmshim; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", script, "bash", path, *words], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=20)
    return [word for word in done.stdout.split("\n") if word], done.stderr


def check_bash(path, problems, folder):
    open(os.path.join(folder, "vlmshim-report-of-this-test"), "w").close()
    for words, wanted in BASH:
        offered, said = complete_in_bash(path, words, folder)
        # A command name may have more completions on this machine.
        fine = set(wanted) <= set(offered) if "prin" in words[-1] else offered == wanted
        if not fine or said:
            problems.append("bash: {} offers {}, not {}: {}".format(words, offered[:9], wanted, said.strip()))


def main(program, root):
    import tempfile
    problems = []
    in_help = options_of_help(program)
    for shell, name in FILES.items():
        path = os.path.join(root, "config", "completions", name)
        with open(path, "rb") as file:
            content = file.read()
        offered = options_of(shell, content.decode())
        if subprocess.check_output([program, "--completions", shell]) != content:
            problems.append("{}: --completions prints another text".format(shell))
        problems += ["{}: {} is missing".format(shell, option) for option in sorted(in_help - offered)]
        problems += ["{}: {} is no option".format(shell, option) for option in sorted(offered - in_help)]
        if shutil.which(shell):
            done = subprocess.run([shell, "-n", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  universal_newlines=True)
            if done.returncode != 0:
                problems.append("{}: {}".format(shell, done.stdout.strip()))
        else:
            print("NOT CHECKED: the syntax of {}, because {} is not installed".format(name, shell), file=sys.stderr)
            if os.environ.get("CI", "") not in ("", "0", "false"):
                problems.append("{} is not installed, and CI is set".format(shell))
    if shutil.which("bash"):
        with tempfile.TemporaryDirectory() as folder:
            check_bash(os.path.join(root, "config", "completions", FILES["bash"]), problems, folder)
    print("\n".join(problems) or "program and completions agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
