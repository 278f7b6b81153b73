"""A report, and what vlmshim-report(5) says about its fields."""

import json
import os
import re

from harness import check, check_equal, SOURCE


def read(stage, name="report.json"):
    text = stage.file(name).read_text(encoding="utf-8")
    left = [entry for entry in os.listdir(stage.folder) if entry.endswith(".tmp")]
    check(not left, f"temporary files are left: {left}")
    return json.loads(text)


def fields_of_page():
    """{section: {field}} of vlmshim-report.5."""
    page = (SOURCE / "man" / "vlmshim-report.5").read_text(encoding="utf-8")
    fields, section = {}, ""
    for line in page.splitlines():
        header = re.fullmatch(r"\.S[sh] (.*)", line)
        item = re.match(r"\.It Cm (\w+) Pq (.*)$", line)
        if header:
            section = header.group(1)
        elif item:
            fields.setdefault(section, {})[item.group(1)] = item.group(2)
    return fields


def fields_within(name):
    """The fields that the text of the field `name` names."""
    page = (SOURCE / "man" / "vlmshim-report.5").read_text(encoding="utf-8")
    text = re.search(rf"^\.It Cm {name} Pq (?:array of )?objects?\n(.*?)^\.(?:It|El)", page, re.M | re.S).group(1)
    return {word for line in re.findall(r"^\.Cm (.*)$", text, re.M) for word in re.findall(r"\w+", line)}


JSON_TYPES = {"number": int, "string": str, "boolean": bool, "object": dict, "array": list}


def check_against_page(section, found):
    fields = fields_of_page()[section]
    check_equal(set(found), set(fields), f"the fields of {section}")
    for name, value in found.items():
        kind = JSON_TYPES[fields[name].split()[0]]
        check(value is None or type(value) is kind, f"{section}: {name} is {value!r}, not {fields[name]}")
