"""Holds the maps of the code to the code: src/README.md and .github/CONTRIBUTING.md. Usage: check_map.py SOURCE_ROOT

What stands in backquotes there is looked for:
  a path                     it is there: from the root, from src/ or from include/vlmshim/
  `Class::name()`, `ns::X`   it is declared or defined; `name()`, `Name` and `name` as well
  `./dev word`, `--option`   dev, or the program, knows it
A name with a file beside it ("`file`: `one`, `two`", "`file`: a row of `one`", "`one` in `file`", "`one` (`file`)") has to
be in that file or in its header, or below that folder; any other anywhere in the code, or be the name of a test. Targets
of links have to be there, too, and unit tests that are quoted in a paragraph with "fail until" or a file of test/unit.
What has blanks, brackets or "=" is not looked for.
"""

import difflib
import functools
import pathlib
import re
import sys

MAPS = ("src/README.md", ".github/CONTRIBUTING.md")
PLACES = ("", "src", "include/vlmshim")  # where a path may start
CODE = {".cpp": "//", ".hpp": "//", ".py": "#", ".build": "#", "": "#"}
FOLDERS = ("src", "include", "test")
# What stands in backquotes and is no name of ours, or too short to be looked for.
FOREIGN = {"std::error_code", "waitid", "on", "<uv.h>", "///"}

NAME = r"~?[A-Za-z_]\w*"
TYPE = r"\b(?:class|struct|enum class|enum|union|using|concept|namespace)\s+(?:\w+::)*{}\b"
NO_RESULT = ("return", "else", "throw", "case", "new", "delete", "co_return")


def paragraphs(text):
    """(number of the first line, lines) of each paragraph, item of a list or row of a table."""
    first, lines, fenced = 0, [], False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.startswith("```")
        starts = not line.strip() or fenced or re.match(r"\s*([-*|#`]|\d+\.)", line) and not line.lstrip().startswith("`")
        if starts and lines:
            yield first, lines
            lines = []
        if line.strip() and not fenced:
            first = first if lines else number
            lines.append(line)
    if lines:
        yield first, lines


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def find(self, path):
        """The files or folders that a path in a map means: with its header, and the .cpp file of a header."""
        found = [self.root / place / path for place in PLACES if (self.root / place / path).exists()]
        pure = pathlib.PurePath(path)
        if found and pure.suffix in (".cpp", ".hpp"):
            inside = re.sub(r"^(src|include/vlmshim)/", "", pure.with_suffix("").as_posix())
            pairs = [self.root / "src" / (inside + ".cpp"), self.root / "include/vlmshim" / (inside + ".hpp")]
            found += [pair for pair in pairs if pair.exists() and pair not in found]
        return found

    @functools.cached_property
    def all_code(self):
        files = (file for folder in FOLDERS for file in sorted((self.root / folder).rglob("*")))
        return [file for file in files if file.suffix in (".cpp", ".hpp", ".py")]

    def files(self, places):
        for place in places:
            if place.is_dir():
                yield from (file for file in sorted(place.rglob("*")) if file.is_file() and file.suffix in CODE)
            else:
                yield place

    @functools.cache
    def code(self, file):
        """C++ without its comments."""
        text = file.read_text(encoding="utf-8", errors="replace")
        if CODE.get(file.suffix) == "//":
            text = re.sub(r"//[^\n]*", "", text)
        return text

    @functools.cached_property
    def tests(self):
        """Their names, as far as the build says them."""
        builds = "".join(file.read_text(encoding="utf-8") for file in (self.root / "test").rglob("meson.build"))
        return set(re.findall(r"test\(\s*'([\w-]+)'", builds)) | set(re.findall(r"'test_(\w+)'", builds))

    @functools.cached_property
    def all_names(self):
        return sorted({name for file in self.all_code for name in re.findall(r"[A-Za-z_]\w{3,}", self.code(file))})

    def shown(self, file):
        return file.relative_to(self.root).as_posix()


def declares(text, name, owner=""):
    """Whether C++, Python or a shell script has a type or a function of this name. `owner`: only `owner::name`."""
    if not owner and (re.search(TYPE.format(name), text) or re.search(rf"(?m)^\s*(?:def|class) {name}\b|^{name}\(\) \{{", text)):
        return True
    for match in re.finditer(rf"(?m)^(?P<before>[^\n]*?)(?<![\w.]){re.escape(name)}\s*\(", text):
        before = match["before"]
        if owner and not before.endswith(owner + "::"):
            continue
        result = re.sub(r"(\w+::)*$", "", before).strip()
        is_constructor = owner == name and not result
        is_plain = re.fullmatch(r"[\w:<>,&*\[\]\s~\"()]*", result) and "(" not in re.sub(r"\([^()]*\)", "", result)
        if is_constructor or result and is_plain and result.split()[0] not in NO_RESULT:
            return True
    return False


def bodies(text, owner):
    """What stands between the braces of each class, enum or namespace of this name."""
    for match in re.finditer(TYPE.format(owner) + r"[^;{}()]*\{", text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text[match.end():end]


def has(text, name):
    """`name` or `a::b::name`. Of a member also where it is only declared in its class."""
    owner, _, last = name.rpartition("::")
    owner = owner.rpartition("::")[2]
    if last not in text:
        return False
    if owner:
        in_python = rf"(?m)^class {owner}\b(?:.*\n(?!\S))*?.*\n +def {last}\("
        return (re.search(in_python, text) is not None or declares(text, last, owner) or
                any(re.search(rf"\b{re.escape(last)}\b", body) for body in bodies(text, owner)))
    return declares(text, last)


class Map:
    def __init__(self, tree, name):
        self.tree, self.name = tree, name
        self.problems = []
        self.looked_for = 0

    def fail(self, line, text):
        self.problems.append(f"{self.name}:{line}: {text}")

    def check(self):
        text = (self.tree.root / self.name).read_text(encoding="utf-8")
        for first, lines in paragraphs(text):
            paragraph = "\n".join(lines)
            tokens = list(re.finditer(r"`([^`]+)`", paragraph))
            paths = [self.check_path(first + paragraph.count("\n", 0, token.start()), token[1]) for token in tokens]
            between = [" ".join(paragraph[one.end():two.start()].split()) for one, two in zip(tokens, tokens[1:])] + [""]
            beside = None  # the index of the file that names are in
            for i, token in enumerate(tokens):
                if paths[i] is not None:
                    beside = i if re.match(r":(?!.*[.;:])", between[i]) else None
                    continue
                follows = i + 1 < len(tokens) and paths[i + 1] is not None and between[i] in ("in", "of", "(")
                place = i + 1 if follows else beside
                self.check_token(first + paragraph.count("\n", 0, token.start()), token[1],
                                 [] if place is None else paths[place], "" if place is None else tokens[place][1])
                beside = beside if between[i] in (",", "and", "or", ", and") else None
            for target in re.findall(r"\]\(([^)#:]+)\)", paragraph):
                if not (self.tree.root / self.name).parent.joinpath(target).exists():
                    self.fail(first, f"the link to {target} leads nowhere")
            if "fail until" in paragraph or "`test/unit/" in paragraph:
                self.check_cases(first, " ".join(paragraph.split()))
        return self.problems

    def check_path(self, line, token):
        """Its files and folders; None: it is no path."""
        is_path = re.fullmatch(r"[\w.+-]*(/[\w.+-]+)+/?|[\w.+-]+/|\.?[\w-]+\.(cpp|hpp|py|md|toml|build|yml|json)|\.[a-z-]+|dev",
                               token)
        if not is_path or "NAME" in token:
            return None
        self.looked_for += 1
        found = self.tree.find(token)
        if not found:
            self.fail(line, f"there is no file or folder `{token}` (from the root, src/ or include/vlmshim/){self.moved(token)}")
        return found

    def check_token(self, line, token, beside, beside_path):
        self.looked_for += 1
        if token.startswith("./dev "):
            self.check_dev(line, token.split()[1])
        elif token.startswith("--"):
            self.check_option(line, token.split()[0])
        elif token in FOREIGN or re.search(r"[\s=\[]|NAME", token):
            self.looked_for -= 1
        elif re.fullmatch(rf"(?:{NAME}::)*{NAME}(?:\(\))?|{NAME}\.{NAME}\(\)", token):
            self.check_name(line, token.removesuffix("()").replace(".", "::"), token, beside, beside_path)
        else:
            self.fail(line, f"`{token}` is neither a path nor a name nor a command")

    def moved(self, path):
        same = [self.tree.shown(file) for file in self.tree.all_code if file.name == pathlib.PurePath(path).name]
        return f"; it may be {', '.join(same)} now" if same else ""

    def check_name(self, line, name, token, beside, beside_path):
        files = list(self.tree.files(beside)) if beside else self.tree.all_code
        last = name.rpartition("::")[2]
        is_variable = beside and name == token and "::" not in name  # or a member, or a list of the build
        texts = [self.tree.code(file) for file in files]
        if any(has(text, name) or is_variable and re.search(rf"\b{last}\b", text) for text in texts):
            if beside_path.endswith(".cpp"):
                self.check_definition(line, name, token, files, beside_path)
            return
        if not beside and name in self.tree.tests:
            return
        elsewhere = [self.tree.shown(file) for file in self.tree.all_code if has(self.tree.code(file), name)]
        near = [] if elsewhere else difflib.get_close_matches(last, self.tree.all_names, 3)
        where = f"`{beside_path}`" if beside else "the code"
        self.fail(line, f"`{token}` is not declared or defined in {where}: " +
                  (f"it is in {', '.join(elsewhere[:4])}" if elsewhere else "renamed or removed?") +
                  (f" Like it: {', '.join(near)}" if near else ""))

    def check_definition(self, line, name, token, files, path):
        """A member that the header declares, and another file than the named one defines."""
        owner, _, last = name.rpartition("::")
        owner = owner.rpartition("::")[2]
        defining = [file for file in self.tree.all_code
                    if owner and file.suffix == ".cpp" and declares(self.tree.code(file), last, owner)]
        if defining and not set(defining) & set(files):
            self.fail(line, f"`{token}` is not defined in `{path}`: it is in {', '.join(map(self.tree.shown, defining))}")

    def check_cases(self, line, paragraph):
        cases = "".join(self.tree.code(file) for file in self.tree.all_code if file.parent.name == "unit")
        for case in re.findall(r'"([^"]+)"', re.sub(r"`[^`]*`", "", paragraph)):
            self.looked_for += 1
            if f'"{case}")' not in cases:
                self.fail(line, f"no unit test has the name \"{case}\"")

    def check_dev(self, line, word):
        script = (self.tree.root / "dev").read_text(encoding="utf-8")
        if not re.search(rf"(?m)^    (?:\w+ \| )*{re.escape(word)}(?: \|[^)]*)?\)", script):
            self.fail(line, f"./dev has no command '{word}'")

    def check_option(self, line, option):
        table = (self.tree.root / "src/core/config/help_text.cpp").read_text(encoding="utf-8")
        if f'"{option[2:]}"' not in table:
            self.fail(line, f"vlmshim has no option {option}")


def main(root):
    tree = Tree(root)
    problems, looked_for = [], 0
    for name in MAPS:
        one = Map(tree, name)
        problems += one.check()
        looked_for += one.looked_for
    if looked_for < 150:
        problems.append(f"only {looked_for} names understood in {', '.join(MAPS)}")
    print("\n".join(problems) or f"{looked_for} names, paths and commands of {', '.join(MAPS)} are there")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
