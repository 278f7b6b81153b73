#!/usr/bin/env python3
"""Checks the layers: what each folder may include, what may exist in one place only, and that every test is run.

Usage: check_layers.py SOURCE_ROOT
"""
import pathlib
import re
import sys

# What each layer may include; a layer may always include itself.
MAY_INCLUDE = {
    "core": set(),
    "os": {"core"},
    "loop": {"core", "os"},
    "log": {"core", "os"},
    "cleanup": {"core", "os", "log"},
    "supervisor": {"core", "os", "loop", "log", "cleanup"},
    "keeper": {"core", "os", "log", "cleanup"},
    "main": {"core", "os", "log", "cleanup", "supervisor", "keeper"},
}

# The folders of core; each may include those before it.
CORE_ROOMS = ["values", "config", "lifecycle", "report"]

# Pattern -> the only files that may contain it.
ONE_HOME = {
    r"#include <uv\.h>": r"src/loop/",
    r"#include <toml\+\+/": r"src/core/config/config_toml\.cpp$",
    r"\bwaitid\s*\(|\bwaitpid\s*\(|\bwait4\s*\(": r"src/os/wait\.cpp$",
    r"(?<!\w)::kill\s*\(|pidfd_send_signal|\bkillpg\s*\(|\btgkill\b": r"src/os/kill\.cpp$",
    r"\braise\s*\(": r"src/os/signals\.cpp$",
    r"\bfork\s*\(\s*\)|(?<!\w)::clone\s*\(|\bexecv\w*\s*\(": r"src/os/spawn(_child)?\.cpp$",
    r'#include "vlmshim/supervisor/supervisor\.hpp"': r"src/supervisor/(supervisor|carry_out|wiring)\.cpp$|src/main\.cpp$",
    r"#include <spdlog/": r"src/log/",
    r"pthread_create|std::j?thread\b": r"src/os/writing_thread\.cpp$",
    r"pwritev2": r"src/os/outlet\.cpp$",
}

# core decides and makes no system calls.
CORE_MUST_NOT = r"#include <(unistd|sys/|linux/|fcntl|poll|errno|cerrno|dirent|fstream|iostream|uv|spdlog)|\berrno\b|_clock::now"


def layer_of(path):
    parts = path.parts
    if parts[0] == "include":
        return parts[2] if len(parts) > 3 else "main"
    return parts[1] if len(parts) > 2 else "main"


def room_of(path):
    """The folder of a file of core; None: it is in none of them."""
    parts = path.parts[3:] if path.parts[0] == "include" else path.parts[2:]
    return parts[0] if len(parts) > 1 and parts[0] in CORE_ROOMS else None


def strip_comments(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'^(?!#include)(.*?)$', lambda m: re.sub(r'"(\\.|[^"\\])*"', '""', m.group(1)), text, flags=re.M)


def looks_upwards(relative, code):
    room = room_of(relative)
    if room is None:
        return [f"{relative}: a file of core belongs in one of {', '.join(CORE_ROOMS)}"]
    below = CORE_ROOMS[: CORE_ROOMS.index(room) + 1]
    rooms = re.findall(r'#include "vlmshim/core/(\w+)/', code)
    return [f"{relative}: core/{room} must not include core/{other}" for other in rooms if other not in below]


def not_run(root):
    """A test that the build does not list is never run."""
    for folder, ending in (("test/unit", ".cpp"), ("test/e2e", ".py")):
        listed = (root / folder / "meson.build").read_text()
        for file in sorted((root / folder).glob("test_*" + ending)):
            if f"'{file.name}'" not in listed and f"'{file.stem}'" not in listed:
                yield f"{file.relative_to(root)}: {folder}/meson.build does not list it: it is never run"


def main(root):
    root = pathlib.Path(root)
    problems = []
    files = sorted(p for d in ("src", "include") for p in (root / d).rglob("*") if p.suffix in (".cpp", ".hpp"))
    for file in files:
        relative = file.relative_to(root)
        layer = layer_of(relative)
        code = strip_comments(file.read_text())
        if layer not in MAY_INCLUDE:
            problems.append(f"{relative}: folder '{layer}' is no layer")
            continue
        for included in re.findall(r'#include "vlmshim/(\w+)/', code):
            if included != layer and included not in MAY_INCLUDE[layer]:
                problems.append(f"{relative}: {layer} must not include {included}")
        if layer == "core":
            problems += looks_upwards(relative, code)
        for pattern, home in ONE_HOME.items():
            if re.search(pattern, code) and not re.search(home, relative.as_posix()):
                problems.append(f"{relative}: /{pattern}/ belongs in /{home}/ only")
        if layer == "core" and re.search(CORE_MUST_NOT, code):
            problems.append(f"{relative}: core must not use {re.search(CORE_MUST_NOT, code).group(0)!r}")
    problems += not_run(root)
    for problem in problems:
        print(problem)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
