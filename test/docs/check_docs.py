"""Checks that program and documents agree. Usage: check_docs.py VLMSHIM SOURCE_ROOT

Options: --help and vlmshim.1 name the same ones. Keys: --check, --help config, vlmshim.toml.5 and
config/vlmshim.toml have the same ones, and the values in config/vlmshim.toml are the defaults. Example configurations are
valid. Every exit status is documented in --help, README and vlmshim(1). mandoc has no warnings about the manual pages.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from settings import settings_of

EXIT_STATUSES = ("124", "125", "126", "127")


class Checker:
    def __init__(self, program, root):
        self.program = program
        self.root = root
        self.problems = []

    def fail(self, text):
        self.problems.append(text)

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments):
        """The output of a successful run, without settings from the caller's environment."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("VLMSHIM_")}
        done = subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, env=environment, timeout=20)
        if done.returncode != 0:
            self.fail("{} ended with {}: {}".format(" ".join(arguments), done.returncode, done.stdout.strip()))
        return done.stdout

    def check_text(self, text):
        """--check of a file with this text."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "vlmshim.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return self.run("--check", "-c", path)

    def same(self, what, one, two, first, second):
        for item in sorted(first - second):
            self.fail("{} {} is in {} but not in {}".format(what, item, one, two))
        for item in sorted(second - first):
            self.fail("{} {} is in {} but not in {}".format(what, item, two, one))


# --- options ---------------------------------------------------------------------------------


def options_of_help(text):
    """("-p", "--port", "PORT"), with "" for a missing part."""
    found = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)(?: ([A-Z]+))?(?:  |$)", text, re.MULTILINE)
    return {(letter, name, argument) for letter, name, argument in found}


def unescape(mdoc):
    return mdoc.replace("\\(aq", "'").replace("\\(dq", '"').replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def section_of(page, name):
    match = re.search(r"^\.Sh {}\n(.*?)(?=^\.Sh |\Z)".format(re.escape(name)), page, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


def options_of_page(page):
    found = set()
    for item in re.findall(r"^\.It (Fl .*)$", unescape(section_of(page, "OPTIONS")), re.MULTILINE):
        letter = re.search(r"\bFl (\w)\b", item)
        name = re.search(r"\bFl (-[\w-]+)", item)
        argument = re.search(r"\bAr (\w+)$", item)
        found.add(("-" + letter.group(1) if letter else "", "-" + name.group(1) if name else "?",
                   argument.group(1) if argument else ""))
    return found


def check_options(check):
    in_help = options_of_help(check.run("--help"))
    in_page = options_of_page(check.read("man/vlmshim.1"))
    if len(in_help) < 10:
        check.fail("--help: only {} options understood".format(len(in_help)))
    written = {" ".join(filter(None, option)) for option in in_help}
    check.same("option", "--help", "man/vlmshim.1", written, {" ".join(filter(None, o)) for o in in_page})
    known = {word for option in in_help for word in option[:2] if word}
    for name in ("README.md", "man/vlmshim.1"):
        for line in unescape(check.read(name)).splitlines():
            # The arguments of `vlmshim`, as far as its own go: up to "--", quoted words aside.
            match = re.search(r"(?:^|[`\s])vlmshim((?: +(?:'[^']*'|[^\s'`]+))+)", line)
            for word in re.sub(r"'[^']*'", "", match.group(1)).split() if match else []:
                if word == "--":
                    break
                if re.fullmatch(r"--?[a-z][a-z-]*", word) and word not in known:
                    check.fail("{}: '{}' uses the unknown option {}".format(name, line.strip(), word))


# --- keys ------------------------------------------------------------------------------------


def keys_of_page(page):
    keys, section = set(), ""
    for line in section_of(page, "DESCRIPTION").splitlines():
        header = re.fullmatch(r"\.Ss \[([\w.]+)\]", line)
        item = re.match(r"\.It Cm (\w+)", line)
        if header:
            section = header.group(1)
        elif item:
            keys.add(section + "." + item.group(1))
    return keys


def keys_of_example(text):
    """The keys of settings ("#key = "), and those of alternatives that a comment shows ("# key = ")."""
    settings, section = set(), ""
    for line in text.splitlines():
        header = re.fullmatch(r"#\[([\w.]+)\]", line)
        setting = re.match(r"#(\w+) = ", line)
        if header:
            section = header.group(1)
        elif setting:
            settings.add(section + "." + setting.group(1))
    return settings, {"server.ready." + key for key in re.findall(r"^# (\w+) = ", text, re.MULTILINE)}


def uncomment(text):
    return "".join(re.sub(r"^#(?=[\[\w])", "", line) for line in text.splitlines(True))


def check_keys(check):
    page = check.read("man/vlmshim.toml.5")
    example = check.read("config/vlmshim.toml")
    defaults = settings_of(check.run("--check", "--no-config", "-s", "x"))
    keys = set(defaults)
    keys |= set(settings_of(check.run("--check", "--no-config", "-s", "x", "-r", "/")))
    keys |= set(settings_of(check.check_text('[server]\ncommand = "x"\nready = { exec = "x" }\n')))
    if len(keys) < 20:
        check.fail("--check: only {} keys understood".format(len(keys)))
    check.same("key", "--check", "man/vlmshim.toml.5", keys, keys_of_page(page))
    check.same("key", "--check", "--help config", keys, set(settings_of(check.run("--help", "config"))))
    settings, alternatives = keys_of_example(example)
    check.same("key", "--check", "config/vlmshim.toml", keys, settings | alternatives)
    check.same("key with a default or without", "--check -s x", "config/vlmshim.toml", set(defaults), settings)

    untouched = settings_of(check.check_text(example))
    if untouched != settings_of(check.run("--check", "--no-config")):
        check.fail("config/vlmshim.toml as it is changes something")
    active = settings_of(check.check_text(uncomment(example)))
    defaults["server.command"] = None  # required, so it has no default
    for key, default in sorted(defaults.items()):
        if default is not None and active.get(key) != default:
            check.fail("config/vlmshim.toml: {} is {}, its default is {}".format(key, active.get(key), default))
        if default is None and active.get(key) is None:
            check.fail("config/vlmshim.toml: {} has no effect when it is un-commented".format(key))
    # The grace of a server has no default of its own, but one that follows from another.
    if active.get("server.grace") != defaults.get("shutdown.grace"):
        check.fail("config/vlmshim.toml: the grace of [server] is not that of [shutdown]")
    check_page_defaults(check, page, defaults)


def check_page_defaults(check, page, defaults):
    """`.It Cm port Pq number, default 8080`"""
    section = ""
    for line in unescape(page).splitlines():
        header = re.fullmatch(r"\.Ss \[([\w.]+)\]", line)
        item = re.match(r"\.It Cm (\w+) Pq .*[dD]efault (?:Li )?([\[\"{\d].*)$", line)
        if header:
            section = header.group(1)
        elif item and defaults.get(section + "." + item.group(1)) not in (None, item.group(2)):
            check.fail("man/vlmshim.toml.5: default of {}.{} is {}, not {}".format(
                section, item.group(1), defaults[section + "." + item.group(1)], item.group(2)))


# --- the rest --------------------------------------------------------------------------------


def check_examples(check):
    for path in sorted(glob.glob(os.path.join(check.root, "config", "**", "*.toml"), recursive=True)):
        check.run("--check", "-c", path)
    readme = re.findall(r"^```toml\n(.*?)^```", check.read("README.md"), re.MULTILINE | re.DOTALL)
    page = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section_of(check.read("man/vlmshim.toml.5"), "EXAMPLES"),
                      re.MULTILINE | re.DOTALL)
    if len(readme) < 2 or len(page) < 2:
        check.fail("no examples found in README.md or man/vlmshim.toml.5")
    for text in readme + [unescape(example) for example in page]:
        server = '[server]\ncommand = "x"\n' if text.startswith("[server.ready]") else ""  # a part of a configuration
        check.check_text(server + text)


def check_exit_statuses(check):
    texts = {
        "README.md": check.read("README.md").partition("## Exit status")[2].partition("\n## ")[0],
        "man/vlmshim.1": section_of(check.read("man/vlmshim.1"), "EXIT STATUS"),
        "--help": check.run("--help").partition("Exit status:")[2],
    }
    for name, text in texts.items():
        for status in EXIT_STATUSES:
            if not re.search(r"\b{}\b".format(status), text):
                check.fail("{}: the exit status {} is not explained".format(name, status))


def check_lint(check):
    if not shutil.which("mandoc"):
        print("NOT CHECKED: the manual pages, because mandoc is not installed", file=sys.stderr)
        if os.environ.get("CI"):
            check.fail("mandoc is not installed, and CI is set")
        return
    pages = sorted(glob.glob(os.path.join(check.root, "man", "**", "*.[1-9]"), recursive=True))
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0 or len(pages) < 2:
        check.fail("mandoc: {} pages: {}".format(len(pages), done.stdout.strip()))


def main(program, root):
    check = Checker(os.path.abspath(program), root)
    for part in (check_options, check_keys, check_examples, check_exit_statuses, check_lint):
        part(check)
    print("\n".join(check.problems) or "program and documents agree")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
