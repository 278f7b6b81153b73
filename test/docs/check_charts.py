"""Holds the pictures to the documents. Usage: check_charts.py SOURCE_ROOT

Each chart of test/bench/RESULTS.md is there, below the table that it shows, and each file of test/bench/charts is shown.
What its <desc> says are the columns of tables of RESULTS.md, and what is written at its points is in them. All SVG files are
well-formed, small, and fetch and run nothing: GitHub shows no others. README.md shows two charts and the terminal.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 60_000  # bytes
ACTIVE = ("script", "foreignObject", "iframe", "image", "a", "animate", "set", "handler")
IMAGE = r"!\[([^\]]*)\]\(([^)]*\.svg)\)"


def sections(text):
    """{title: what stands below it} of the second level."""
    return {title: body for title, body in re.findall(r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)", text)}


def said_by_table(title, body):
    """A sentence for each column, as charts.py writes it."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line.startswith("|")]
    for at, column in enumerate(rows[0] if rows else []):
        figures = [(row[0], row[at]) for row in rows[2:] if row[at][:1].isdigit()]
        yield f"{title}, {column}: " + "; ".join(f"{name}: {word}" for name, word in figures)


class Checker:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.problems = []

    def fail(self, path, text):
        self.problems.append(f"{path.relative_to(self.root)}: {text}")

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def images(self, name):
        """[(alternative text, path)] of the SVG files that a document shows."""
        return [(alt, (self.root / name).parent / target) for alt, target in re.findall(IMAGE, self.read(name))]

    def parse(self, path):
        """Its tree; None: it cannot be shown."""
        if not path.is_file():
            self.fail(path, "a document shows it, and it is not there")
            return None
        content = path.read_bytes()
        if len(content) > LARGEST:
            self.fail(path, f"{len(content)} bytes, more than {LARGEST}")
        if b"<!DOCTYPE" in content or b"<?xml-stylesheet" in content:
            self.fail(path, "names another file in its head")
        try:
            tree = xml.etree.ElementTree.fromstring(content)
        except xml.etree.ElementTree.ParseError as error:
            self.fail(path, f"not well-formed: {error}")
            return None
        self.check_inert(path, tree)
        for name in ("title", "desc"):
            if not (tree.findtext(SVG + name) or "").strip():
                self.fail(path, f"has no <{name}> for those who cannot see it")
        return tree

    def check_inert(self, path, tree):
        for element in tree.iter():
            if element.tag.removeprefix(SVG) in ACTIVE:
                self.fail(path, f"has <{element.tag.removeprefix(SVG)}>")
            for name, value in element.items():
                name = name.rpartition("}")[2]
                if name.startswith("on") or name in ("href", "src") and not value.startswith("#"):
                    self.fail(path, f"{name}=\"{value}\"")
            styles = " ".join([*element.attrib.values(), element.text or "" if element.tag == SVG + "style" else ""])
            if "@import" in styles or re.search(r"url\((?!#)", styles):
                self.fail(path, f"a style fetches something: {styles[:80]}")


def check_results(check):
    name = "test/bench/RESULTS.md"
    parts = sections(check.read(name))
    sentences = {sentence: title for title, body in parts.items() for sentence in said_by_table(title, body)}
    shown = {(check.root / name).parent / target: title for title, body in parts.items() for _alt, target in re.findall(IMAGE, body)}
    if len(shown) < 4:
        check.fail(check.root / name, f"only {len(shown)} charts")
    for path in sorted({*shown, *(check.root / "test/bench/charts").glob("*")}):
        if path not in shown:
            check.fail(path, f"{name} does not show it")
            continue
        tree = check.parse(path)
        if tree is None:
            continue
        said = (tree.findtext(SVG + "desc") or "").splitlines()
        for sentence in said:
            if sentence not in sentences:
                check.fail(path, f"{name} has no such figures, draw it anew: {sentence}")
        if shown[path] not in {sentences.get(sentence) for sentence in said}:
            check.fail(path, f"shows nothing of the table '{shown[path]}', below which it stands")
        for group in tree.iter(SVG + "g"):
            word = "".join(group.itertext()).strip()
            if group.get("id", "").startswith("value-") and not re.search(rf": {re.escape(word)}(;|$)", "\n".join(said), re.M):
                check.fail(path, f"'{word}' stands at a point and is none of its figures")


def check_readme(check):
    images = check.images("README.md")
    charts = [path for _alt, path in images if path.parent == check.root / "test/bench/charts"]
    if len(charts) != 2:
        check.fail(check.root / "README.md", f"shows {len(charts)} charts, not 2")
    if check.root / "test/demo/session.svg" not in (path for _alt, path in images):
        check.fail(check.root / "README.md", "does not show test/demo/session.svg")
    for alt, path in images:
        if len(alt.split()) < 5:
            check.fail(path, f"README.md does not describe it: '{alt}'")
        check.parse(path)


def main(root):
    check = Checker(pathlib.Path(root).resolve())
    check_results(check)
    check_readme(check)
    print("\n".join(check.problems) or "pictures and documents agree")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
