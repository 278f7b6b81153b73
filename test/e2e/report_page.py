"""A report, what vlmshim-report(5) says about its fields, and its schema."""

import functools
import json
import os
import sys

from harness import check, check_equal, IN_CI, SOURCE

sys.path.append(str(SOURCE / "test" / "docs"))
import check_report_schema  # noqa: E402 - it reads the page

PAGE = (SOURCE / "man" / "vlmshim-report.5").read_text(encoding="utf-8")


def closed(schema):
    """The same, but of an object with a field that the schema does not name it is an error: a newer vlmshim may have
    more, this one has not."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    return {**parts, "additionalProperties": False} if "properties" in schema else parts


@functools.lru_cache(maxsize=None)
def validator():
    """None, loudly, without python3-jsonschema; in CI that is a failure."""
    try:
        import jsonschema
    except ImportError as missing:
        print(f"\nNOT CHECKED: reports against their schema: {missing}", file=sys.stderr, flush=True)
        check(not IN_CI, f"{missing}, and CI is set")
        return None
    schema = json.loads((SOURCE / "config" / "vlmshim-report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(closed(schema))


def parse(text):
    """A report, as its schema has it."""
    report = json.loads(text)
    if validator():
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator().iter_errors(report)]
        check(not errors, f"the schema does not have it: {errors}")
    return report


def no_unfinished(stage):
    left = [entry for entry in os.listdir(stage.folder) if entry.endswith(".tmp")]
    check(not left, f"temporary files are left: {left}")


def read(stage, name="report.json"):
    text = stage.file(name).read_text(encoding="utf-8")
    no_unfinished(stage)
    return parse(text)


def fields_within(name):
    """The fields that the text of the field `name` names."""
    return check_report_schema.fields_within(PAGE, name)


JSON_TYPES = {"number": int, "string": str, "boolean": bool, "object": dict, "array": list}


def check_against_page(section, found):
    fields = check_report_schema.fields_of_page(PAGE)[section]
    check_equal(set(found), set(fields), f"the fields of {section}")
    for name, value in found.items():
        kind = JSON_TYPES[fields[name].split()[0]]
        check(value is None or type(value) is kind, f"{section}: {name} is {value!r}, not {fields[name]}")
