"""Holds what is written in Traditional Chinese to the English and to the program. Usage: check_zh_tw.py VLMSHIM SOURCE_ROOT

man/zh_TW/vlmshim.1 has the sections and subsections of man/vlmshim.1 in their order, each with the English name in
full-width brackets, and in each of them the same items, examples, options, variables, signals, paths, keys and pages, and
every number. config/quickstart.zh-TW.md names only options, keys and variables that there are; its configurations are
valid, and the first one is config/smolvlm.toml.
"""

import collections
import os
import re
import sys

from check_docs import Checker, options_of_page, unescape
from settings import settings_of

ENGLISH = "man/vlmshim.1"
CHINESE = "man/zh_TW/vlmshim.1"
QUICKSTART = "config/quickstart.zh-TW.md"
# Not .Ar, .Dq, .Nm, .Pq and the like: they follow the sentence. Nor .Sx, which has a name of its own here.
NAMED = {"Fl": "option", "Ev": "variable", "Dv": "constant", "Cm": "word", "Pa": "path", "Xr": "page", "Li": "literal",
         "Ic": "command", "Ql": "text"}
MACROS = set(NAMED) | {"Ar", "Bq", "Dc", "Do", "Dq", "No", "Ns", "Op", "Pc", "Po", "Pq", "Sc", "So", "Sq", "Sx"}
# Lower-case words in backquotes in the quickstart that are no keys.
FOREIGN = {"atexit", "pkill", "python", "python3", "sleep", "vlmshim"}
PUNCTUATION = re.compile(r"[,.:;()\u3000-\u303f\uff00-\uffef]+")


# --- the manual page -------------------------------------------------------------------------


def parts_of(page):
    """[(".Sh PORTS", lines)], the lines before the first heading aside."""
    parts = []
    for line in page.splitlines():
        if re.match(r"\.S[hs] ", line):
            parts.append((line, []))
        elif parts:
            parts[-1][1].append(line)
    return parts


def english_name(heading):
    """".Sh 連接埠（PORTS）" is ".Sh PORTS"."""
    match = re.fullmatch(r"(\.S[hs]) [^（）]+（([^（）]+)）", heading)
    return "{} {}".format(*match.groups()) if match else heading


def named_in(lines):
    """{("option", "--free"), ("page", "prctl 2")}: the arguments of macros that name something."""
    found = set()
    for line in lines:
        if not line.startswith(".") or line.startswith((".\\", ".Dl ", ".Bd ", ".Bl ")):
            continue
        macro, words = "", []
        for word in [*line[1:].split(), "No"]:
            if word not in MACROS:
                if not PUNCTUATION.fullmatch(word):
                    words.append(word)
                continue
            if macro in ("Xr", "Li", "Ic", "Ql"):  # what has blanks in it
                found.add((NAMED[macro], " ".join(words)))
            elif macro in NAMED:
                # The Chinese page joins its punctuation with Ns, so that what follows is text.
                found.update((NAMED[macro], word) for word in words)
            macro, words = word, []
    return {(kind, unescape(name)) for kind, name in found if name}


def numbers_in(lines):
    """How often each stands there; the sections of other pages aside."""
    text = " ".join(line for line in lines if not line.startswith(('.\\"', ".Bl", ".Bd")))
    text = re.sub(r"\bXr [\w.-]+ \d", "", text)
    return collections.Counter(re.findall(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?", text))


def items_of(lines):
    """What begins an item with a macro or a word in English, in its order. The one that is a phrase is translated."""
    items = [unescape(line) for line in lines if re.match(r"\.It ", line)]
    return [item for item in items if item.isascii() and item != ".It the test's own"]


def examples_of(lines):
    text = "\n".join(lines)
    return re.findall(r"^\.Dl [^\n]*|^\.Bd -literal.*?^\.Ed", text, re.MULTILINE | re.DOTALL)


def check_page(check):
    english, chinese = parts_of(check.read(ENGLISH)), parts_of(check.read(CHINESE))
    wanted, found = [heading for heading, _ in english], [english_name(heading) for heading, _ in chinese]
    check.same("heading", ENGLISH, CHINESE, set(wanted), set(found))
    if len(wanted) < 10:
        check.fail("{}: only {} headings understood".format(ENGLISH, len(wanted)))
    if set(wanted) == set(found) and wanted != found:
        check.fail("{}: the headings are not in the order of {}: {}".format(CHINESE, ENGLISH, ", ".join(found)))
    for heading in re.findall(r"^\.Sx ([^（]+（[^）]+）)", check.read(CHINESE), re.MULTILINE):
        if not any(one.endswith(" " + heading) for one, _ in chinese):
            check.fail("{}: .Sx {} leads nowhere".format(CHINESE, heading))
    translated = {english_name(heading): lines for heading, lines in chinese}
    counted = 0
    for heading, lines in english:
        if heading not in translated:
            continue
        other = translated[heading]
        place = "of " + heading[4:]
        names = named_in(lines)
        counted += len(names)
        check.same("in the section " + heading[4:], ENGLISH, CHINESE,
                   {"{} {}".format(*name) for name in names}, {"{} {}".format(*name) for name in named_in(other)})
        for number in sorted((numbers_in(lines) - numbers_in(other)) | (numbers_in(other) - numbers_in(lines))):
            check.fail("the number {} {} stands {} times in {} and {} times in {}".format(
                number, place, numbers_in(lines)[number], ENGLISH, numbers_in(other)[number], CHINESE))
        if items_of(lines) != items_of(other):
            first = [(one, two) for one, two in zip([*items_of(lines), "none"], [*items_of(other), "none"]) if one != two]
            check.fail("an item {} is '{}' in {} and '{}' in {}".format(place, first[0][0], ENGLISH, first[0][1], CHINESE))
        if examples_of(lines) != examples_of(other):
            check.fail("the examples {} differ between {} and {}".format(place, ENGLISH, CHINESE))
    if counted < 200:
        check.fail("{}: only {} names understood".format(ENGLISH, counted))


# --- the quickstart --------------------------------------------------------------------------


def code_of(text):
    """What stands in backquotes, and each line of a block of code that is no configuration and no Python."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for language, block in blocks if language in ("sh", "yaml") for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`]+)`", prose), lines


def check_options(check, spans, lines, known):
    """Options of vlmshim: up to "--", quoted words aside; and what stands alone in backquotes."""
    commands = [(text, match.group(1)) for text in spans + lines
                for match in re.finditer(r"(?:^|\s)vlmshim((?: +(?:'[^']*'|[^\s'#]+))*)", text)]
    commands += [(span, " " + span) for span in spans if re.match(r"--?[a-z]", span)]
    seen = 0
    for text, arguments in commands:
        for word in re.sub(r"'[^']*'", "", arguments).split():
            if word == "--":
                break
            if re.fullmatch(r"--?[A-Za-z][a-z-]*", word):
                seen += 1
                if word not in known:
                    check.fail("{}: '{}' has the unknown option {}".format(QUICKSTART, text.strip(), word))
    if seen < 10:
        check.fail("{}: only {} options understood".format(QUICKSTART, seen))


def check_keys(check, spans, keys):
    """`[server.ready] http`, `port = "auto"`, `[server]` and `http`."""
    sections, names = {key.rpartition(".")[0] for key in keys}, {key.rpartition(".")[2] for key in keys}
    seen = 0
    for span in spans:
        full = re.fullmatch(r"\[([\w.]+)\](?: (\w+))?(?: = .*)?", span)
        setting = re.fullmatch(r"(\w+) = .*", span)
        if full and full.group(2):
            seen += 1
            if "{}.{}".format(*full.groups()) not in keys:
                check.fail("{}: there is no key `{}`".format(QUICKSTART, span))
        elif full and full.group(1) not in sections:
            check.fail("{}: there is no section `{}`".format(QUICKSTART, span))
        elif re.fullmatch(r"[a-z]\w+", span) and span not in names | FOREIGN:
            check.fail("{}: `{}` is no key of vlmshim.toml".format(QUICKSTART, span))
        elif setting and setting.group(1) not in names:
            check.fail("{}: there is no key `{}`".format(QUICKSTART, span))
    if seen < 5:
        check.fail("{}: only {} keys understood".format(QUICKSTART, seen))


def settings_of_text(check, text):
    """Without the folders, which are those of the file."""
    return {key: value for key, value in settings_of(check.check_text(text)).items() if not key.endswith(".cwd")}


def check_quickstart(check):
    text = check.read(QUICKSTART)
    page = check.read(ENGLISH)
    spans, lines = code_of(text)
    known = {word for option in options_of_page(page) for word in option[:2] if word}
    check_options(check, spans, lines, known)
    keys = set(settings_of(check.run("--help", "config")))
    check_keys(check, spans, keys)
    variables = set(re.findall(r"\.(?:Ev|It Ev) (VLMSHIM_\w+)", page))
    for variable in sorted(set(re.findall(r"\bVLMSHIM_\w+", text)) - variables):
        check.fail("{}: {} is no variable of {}".format(QUICKSTART, variable, ENGLISH))
    configurations = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    settings = [settings_of_text(check, one) for one in configurations]
    if not settings or settings[0] != settings_of_text(check, check.read("config/smolvlm.toml")):
        check.fail("{}: its first configuration is not that of config/smolvlm.toml".format(QUICKSTART))
    if QUICKSTART not in "".join(check.read("README.md").splitlines(True)[:25]):
        check.fail("README.md: its beginning has no link to " + QUICKSTART)


def main(program, root):
    check = Checker(os.path.abspath(program), root)
    check_page(check)
    check_quickstart(check)
    print("\n".join(check.problems) or "the Chinese documents agree with the English ones and the program")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
