"""Holds the files of config/examples to the schemas of the engines that read them. Arguments: SOURCE_ROOT MODULES

MODULES is the node_modules of what `./dev lint` installs with npm. The schemas of GitLab and compose are of 2022: a newer key
would be refused here.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml

SCHEMAS = "schemastore/schemas/json/"
GITLAB = SCHEMAS + "gitlab.com/gitlab-org/gitlab/-/raw/master/app/assets/javascripts/editor/schema/ci.json"
COMPOSE = SCHEMAS + "raw.githubusercontent.com/compose-spec/compose-spec/master/schema/compose-spec.json"


def documents(path):
    with open(path, encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def against_schema(schema, document):
    checker = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    return [f"{error.json_path}: {error.message}" for error in checker(schema).iter_errors(document)]


def by_command(*command, given=None):
    """What a validator says, where it does not end with 0."""
    done = subprocess.run([str(word) for word in command], input=given, stdin=None if given else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return [done.stdout.strip() or f"status {done.returncode}"] if done.returncode else []


def main(root, modules):
    root, modules = pathlib.Path(root), pathlib.Path(modules)

    def by_schema(name):
        schema = json.loads((modules / name).read_text(encoding="utf-8"))
        return lambda path: [problem for document in documents(path) for problem in against_schema(schema, document)]

    def kubernetes(path):
        return by_command("node", root / "test/lint/kubernetes.js", modules, given=json.dumps(documents(path)))

    def github(path):
        return by_command("node", modules / "@action-validator/cli/cli.mjs", path)

    def dockerfile(path):
        return by_command("node", modules / "dockerfile-utils/bin/dockerfile-utils", "lint", path)

    problems = []
    for pattern, check in (("config/examples/kubernetes/*.yaml", kubernetes), ("config/examples/github/*.yml", github),
                           ("config/action/action.yml", github), (".github/workflows/*.yml", github),
                           ("config/examples/gitlab/*.yml", by_schema(GITLAB)), ("config/examples/compose/*.yaml", by_schema(COMPOSE)),
                           ("config/examples/docker/Dockerfile*", dockerfile)):
        paths = sorted(root.glob(pattern))
        problems += [f"{path.relative_to(root)}: {problem}" for path in paths for problem in check(path)]
        problems += [] if paths else [f"{pattern}: there is none"]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
