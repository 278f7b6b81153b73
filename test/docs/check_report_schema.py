"""Checks that config/vlmshim-report.schema.json has the fields of vlmshim-report(5), with their types, and the words of the
program. Usage: SOURCE_ROOT

That reports are valid is checked where they are made: test/e2e/report_page.py.
"""

import json
import os
import re
import sys

# Section of the page -> the path of its object in the schema.
SECTIONS = {
    "Report": [],
    "Phases": ["phases"],
    "Servers": ["servers"],
    "Test": ["test"],
    "Signals": ["signals"],
    "Ended processes": ["ended_processes"],
    "Listeners": ["ports_before"],
    "Warnings": ["warnings"],
    "Strangers": ["strangers"],
    "Slow readers": ["slow_readers"],
    "Environment": ["environment"],
}
# Fields whose text names those of the objects in it.
WITHIN = {"answers": ["servers", "answers"], "listening": ["servers", "listening"], "output": ["servers", "output"],
          "run": ["ports_before", "run"]}
TYPES = {"integer": "number"}
# Function of the program -> the paths of its words in the schema.
WORDS = {
    ("ended_process.cpp", "ended_how_name"): ["ended_processes", "how"],
    ("ended_process.cpp", "ended_why_name"): ["ended_processes", "why"],
    ("verdict.cpp", "verdict_name"): ["verdict"],
    ("verdict.cpp", "cause_name"): ["cause"],
    ("verdict.cpp", "writer_name"): ["written_by"],
}


def fields_of_page(page):
    """{section: {field: its type}}."""
    fields, section = {}, ""
    for line in page.splitlines():
        header = re.fullmatch(r"\.S[sh] (.*)", line)
        item = re.match(r"\.It Cm (\w+) Pq (.*)$", line)
        if header:
            section = header.group(1)
        elif item:
            fields.setdefault(section, {})[item.group(1)] = item.group(2)
    return fields


def fields_within(page, name):
    text = re.search(rf"^\.It Cm {name} Pq (?:array of )?objects?\n(.*?)^\.(?:It|El)", page, re.M | re.S).group(1)
    return {word for line in re.findall(r"^\.Cm (.*)$", text, re.M) for word in re.findall(r"\w+", line)}


class Checker:
    def __init__(self, schema):
        self.schema, self.problems = schema, []

    def same(self, what, schema, page):
        for name in sorted(set(schema) ^ set(page)):
            self.problems.append(f"{what}: {name} is in {'the schema' if name in schema else 'the page'} only")

    def at(self, path):
        """The schema of a field; of an array, that of its elements."""
        part = self.schema
        for name in path:
            part = part["properties"][name]
            part = part.get("items", part)
            part = self.schema["definitions"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        return part

    def objects(self, part, name="the report"):
        """Each object below, with a name."""
        if isinstance(part, list):
            for one in part:
                yield from self.objects(one, name)
        elif isinstance(part, dict):
            if "properties" in part:
                yield name, part
            for key, value in part.items():
                yield from self.objects(value, key if key not in ("properties", "items", "oneOf") else name)

    def type_of(self, part):
        if "enum" in part or "const" in part:
            values = part.get("enum", [part.get("const")])
            return "string" if all(isinstance(value, str) for value in values) else "number"
        if "oneOf" in part:
            return "object"
        types = [part["type"]] if isinstance(part["type"], str) else part["type"]
        (kind,) = set(types) - {"null"}
        if kind != "array":
            return TYPES.get(kind, kind)
        items = "object" if "$ref" in part["items"] else self.type_of(part["items"])
        return f"array of {items}s"

    def compare(self, page):
        fields = fields_of_page(page)
        self.same("sections", SECTIONS, {name for name in fields if fields[name]})
        for section, path in SECTIONS.items():
            of_schema = self.at(path)["properties"]
            self.same(section, of_schema, fields[section])
            for name in set(of_schema) & set(fields[section]):
                kind = self.type_of(of_schema[name])
                if kind != fields[section][name]:
                    self.problems.append(f"{section}: {name} is {kind} in the schema, {fields[section][name]} in the page")
        for name, path in WITHIN.items():
            part = self.at(path)
            properties = {key for one in part.get("oneOf", [part]) for key in one.get("properties", {})}
            self.same(name, properties, fields_within(page, name))
        for name, part in self.objects(self.schema):
            self.same(f"required of {name}", part.get("required", []), part["properties"])

    def compare_words(self, root, page):
        for (file, function), path in WORDS.items():
            with open(os.path.join(root, "src", "core", "report", file), encoding="utf-8") as source:
                body = re.search(rf"string_view {function}\(.*?^}}", source.read(), re.M | re.S).group(0)
            self.same(function, self.at(path)["enum"], set(re.findall(r'return [^;]*?"([a-z -]+)"', body)) |
                      set(re.findall(r': "([a-z-]+)";', body)))
        for path in WORDS.values():
            for word in self.at(path)["enum"]:
                if word not in page:
                    self.problems.append(f"{path[-1]}: {word!r} is not in the page")


def main(root):
    with open(os.path.join(root, "man", "vlmshim-report.5"), encoding="utf-8") as file:
        page = file.read()
    with open(os.path.join(root, "config", "vlmshim-report.schema.json"), encoding="utf-8") as file:
        check = Checker(json.load(file))
    check.compare(page)
    check.compare_words(root, page)
    print("\n".join(check.problems) or "schema and page agree")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
