"""Checks that config/vlmshim.schema.json and the program agree. Usage: VLMSHIM PRINT_SCHEMA SOURCE_ROOT

The file is generated from the program's list of keys. Both have the same keys with the same defaults as --help config.
Schema and parser accept the same files, except for errors that a schema cannot express.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from settings import settings_of

SERVER = '[server]\ncommand = ["x"]\n'

# Accepted by both.
GOOD = [
    "",
    SERVER,
    '[server]\ncommand = "x --port {port}"\n',
    '[server]\ncommand = ["x", ""]\n',
    SERVER + 'port = "auto"\n',
    SERVER + "port = 65535\n",
    SERVER + 'name = "A_b-3"\n',
    SERVER + 'env = { A = "1", "odd name" = "" }\nunset_env = ["B"]\n',
    SERVER + 'output = "discard"\n',
    SERVER + 'output = "file:a b.log"\n',
    SERVER + 'stop_signal = "SIGINT"\n',
    SERVER + 'stop_signal = "int"\n',
    SERVER + 'stop_signal = "2"\n',
    SERVER + 'stop_signal = "SIGRTMIN+3"\n',
    SERVER + 'stop_signal = "rtmax-1"\n',
    SERVER + 'grace = "0s"\non_exit = "ignore"\ncwd = "."\n',
    SERVER + 'ready = { http = "http://localhost:{port}/health", timeout = "1h30m" }\n',
    SERVER + '[server.ready]\nexec = "is-ready now"\n',
    '[[server]]\nname = "a"\ncommand = "x"\nport = 1\n[[server]]\nname = "b"\ncommand = "x"\nport = 2\nafter = ["a"]\n',
    SERVER + 'ready = "/health"\n',
    SERVER + 'ready = { http = "https://localhost:1/", status = [200, "204", "3xx"], headers = { A = "x" }, insecure = true }\n',
    SERVER + 'owner = "any"\nstdin = "open"\n',
    SERVER + 'port = "none"\nready = { unix = "a.sock", log = "listening" }\n',
    '[server]\nexternal = true\nready = "http://localhost:3000/"\n',
    '[test]\ncommand = ["x"]\ntimeout = "1.5s"\ngrace = "1h2m3s4ms"\nleftovers = "fail"\n',
    '[test]\ncommand = "x"\ncwd = "."\nenv = { A = "{port}" }\nunset_env = ["B"]\n',
    '[ports]\nguard = [1, "auto"]\nbusy = "kill"\noutsiders = "end"\nspare = []\n',
    '[signals]\nforward = "group"\nrewrite = { SIGTERM = "SIGINT", hup = "15" }\n',
    '[log]\nlevel = "off"\nformat = "json"\n[isolation]\npid_namespace = true\n[report]\npath = "r.json"\n',
    '[report]\npath = ["r.json", "r.html"]\n',
]

# Refused by both.
BAD = [
    "[sever]\n",
    "server = 1\n",
    "server = [1]\n",
    "test = []\n",
    "[server]\nport = 1\n",
    "[server]\ncommand = 7\n",
    "[server]\ncommand = []\n",
    '[server]\ncommand = [""]\n',
    '[server]\ncommand = ["x", 1]\n',
    '[server]\ncommand = " "\n',
    SERVER + "prot = 1\n",
    SERVER + "port = 0\n",
    SERVER + "port = 65536\n",
    SERVER + 'port = "8080"\n',
    SERVER + "port = 1.5\n",
    SERVER + 'name = "a b"\n',
    SERVER + 'name = ""\n',
    SERVER + 'cwd = ""\n',
    SERVER + "env = { A = 1 }\n",
    SERVER + 'env = { VLMSHIM_PORT_X = "1" }\n',
    SERVER + 'env = { "" = "1" }\n',
    SERVER + 'env = { "a=b" = "1" }\n',
    SERVER + 'unset_env = ["VLMSHIM_RUN"]\n',
    SERVER + 'output = "tee"\n',
    SERVER + 'output = "file:"\n',
    SERVER + 'stop_signal = "SIGTREM"\n',
    SERVER + "stop_signal = 15\n",
    SERVER + "grace = 3\n",
    SERVER + 'grace = ""\n',
    SERVER + 'grace = "3"\n',
    SERVER + 'grace = "1s1m"\n',
    SERVER + 'grace = "-1s"\n',
    SERVER + 'on_exit = "restart"\n',
    SERVER + 'ready = 1\n',
    SERVER + 'ready = "localhost:80"\n',
    SERVER + 'ready = { status = [] }\n',
    SERVER + 'ready = { http = "/", status = ["9xx"] }\n',
    SERVER + 'ready = { http = "/", status = [99] }\n',
    SERVER + 'ready = { http = "/", status = 200 }\n',
    SERVER + 'ready = { http = "/", headers = { A = 1 } }\n',
    SERVER + 'ready = { http = "/", insecure = "yes" }\n',
    SERVER + 'ready = { log = "" }\n',
    SERVER + 'owner = "all"\n',
    SERVER + 'stdin = "tty"\n',
    SERVER + 'external = 1\n',
    '[server]\nexternal = false\n',
    '[ports]\nguard = ["none"]\n',
    SERVER + "ready = { http = 1 }\n",
    SERVER + 'ready = { timeout = "0s" }\n',
    SERVER + 'ready = { time = "1s" }\n',
    SERVER + "after = 1\n",
    SERVER + "after = [1]\n",
    '[test]\ntimeout = "0.0ms"\n',
    '[test]\ncommand = "x"\ncwd = ""\n',
    '[test]\nenv = { VLMSHIM_RUN = "x" }\n',
    '[test]\nunset_env = [1]\n',
    '[test]\nleftovers = "keep"\n',
    "[ports]\nguard = []\n",
    '[ports]\nguard = ["8080"]\n',
    '[signals]\nrewrite = { SIGNIT = "SIGTERM" }\n',
    '[signals]\nrewrite = { SIGINT = "SIGTREM" }\n',
    '[isolation]\npid_namespace = "yes"\n',
    '[report]\npath = ""\n',
    "[report]\npath = []\n",
    '[report]\npath = [""]\n',
    "[report]\npath = [1]\n",
    '[report]\npath = ["a", "a"]\n',
    '[shutdown]\ngrace = true\n',
]

# Errors that a schema cannot express: relations between keys, addresses, numbers that are too large, shell syntax.
PARSER_KNOWS_MORE = [
    SERVER + 'after = ["nobody"]\n',
    '[test]\ncwd = "."\n',
    SERVER + 'port = "none"\n',
    SERVER + 'external = true\nready = "/"\n',
    SERVER + 'ready = { log = "(" }\n',
    SERVER + 'ready = { http = "/", headers = { "a b" = "c" } }\n',
    SERVER + 'grace = "9999h"\n',
    SERVER + 'grace = "0.0001s"\n',
    SERVER + "port = 8080.0\n",
    SERVER + 'stop_signal = "SIGSTOP"\n',
    SERVER + 'stop_signal = "99"\n',
    SERVER + 'ready = { http = "ftp://x" }\n',
    '[server]\ncommand = "x | y"\n',
    '[[server]]\ncommand = "x"\nport = 1\n[[server]]\ncommand = "x"\nport = 1\n',
    '[signals]\nrewrite = { SIGKILL = "SIGINT" }\n',
]


def meanings_of_help(text):
    """{"server.port": "what {port} stands for"}: the comment above each key."""
    meanings, section = {}, ""
    lines = text.splitlines()
    for comment, line in zip(lines, lines[1:]):
        header = re.fullmatch(r"\[+([\w.]+)\]+", line)
        setting = re.match(r"(?:# )?(\w+) = ", line)
        if header:
            section = header.group(1)
            meanings[section] = comment[2:]
        elif setting and comment.startswith("# ") and section:
            meanings[section + "." + setting.group(1)] = comment[2:]
    return meanings


class Checker:
    def __init__(self, program, schema):
        self.program, self.schema, self.problems = program, schema, []

    def fail(self, text):
        self.problems.append(text)

    def resolve(self, part):
        while "$ref" in part:
            part = self.schema["definitions"][part["$ref"].rpartition("/")[2]]
        return part

    def keys_of_schema(self, part, name=""):
        """(dotted name, its schema) of every key below, tables among them."""
        for key, value in part.get("properties", {}).items():
            yield name + key, value
            table = self.resolve(value["allOf"][0]) if "items" in value and "allOf" in value else value
            yield from self.keys_of_schema(table, name + key + ".")

    def same_keys(self):
        text = subprocess.check_output([self.program, "--help", "config"], universal_newlines=True)
        helped, meanings = settings_of(text), meanings_of_help(text)
        keys = dict(self.keys_of_schema(self.schema))
        tables = {key for key, value in keys.items() if any(other.startswith(key + ".") for other in keys)}
        if len(helped) < 20:
            self.fail(f"--help config: only {len(helped)} keys understood")
        for key in sorted(set(helped) ^ (set(keys) - tables)):
            self.fail(f"{key} is in {'--help config' if key in helped else 'the schema'} only")
        for key in sorted(set(helped) & set(keys)):
            default = json.dumps(keys[key]["default"]) if "default" in keys[key] else None
            if default != helped[key]:
                self.fail(f"default of {key}: {default} in the schema, {helped[key]} in --help config")
        for key, value in keys.items():
            if not value.get("description") or value["description"] != meanings.get(key):
                self.fail(f"{key}: {value.get('description')!r} in the schema, {meanings.get(key)!r} in --help config")
            if not set(value) - {"description", "default"}:
                self.fail(f"{key}: its type is missing (core/config/key_shape.hpp)")

    def parser_refuses(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "vlmshim.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run([self.program, "--check", "-c", path], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=20)
        return done.returncode != 0

    def same_class(self, root):
        try:
            import jsonschema
            import tomllib
        except ImportError as missing:
            print(f"NOT CHECKED: files against the schema: {missing} (python3-jsonschema, Python 3.11)", file=sys.stderr)
            if os.environ.get("CI", "") not in ("", "0", "false"):
                self.fail(f"{missing}, and CI is set")
            return
        jsonschema.Draft7Validator.check_schema(self.schema)
        validator = jsonschema.Draft7Validator(self.schema)
        rows = [(text, False, False) for text in GOOD]
        rows += [(text, True, True) for text in BAD]
        rows += [(text, False, True) for text in PARSER_KNOWS_MORE]
        for folder, _, names in os.walk(os.path.join(root, "config")):
            for name in sorted(names):
                if name.endswith(".toml"):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        text = file.read()
                    rows.append((text, False, False))
                    rows.append((re.sub(r"^#(?=[\[\w])", "", text, flags=re.MULTILINE), False, False))
        for text, by_schema, by_parser in rows:
            errors = [error.message for error in validator.iter_errors(tomllib.loads(text))]
            if bool(errors) != by_schema:
                self.fail(f"the schema {'refuses' if errors else 'accepts'} {text!r}: {errors}")
            if self.parser_refuses(text) != by_parser:
                self.fail(f"the parser {'accepts' if by_parser else 'refuses'} {text!r}")


def main(program, print_schema, root):
    path = os.path.join(root, "config", "vlmshim.schema.json")
    made = subprocess.check_output([print_schema], universal_newlines=True)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check = Checker(os.path.abspath(program), json.loads(text))
    if text != made:
        check.fail("config/vlmshim.schema.json is not generated from the list of keys: ./dev schema writes it")
    check.same_keys()
    check.same_class(root)
    print("\n".join(check.problems) or "schema and program agree")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
