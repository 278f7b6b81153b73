"""clang-tidy on src/ and include/. Usage: tidy.py SOURCE_ROOT BUILD_FOLDER [ROOM...]

The files of a room are looked at as one, at most 16 at a time: most of what clang-tidy costs is the headers of the library.
Where that does not compile, since two of them have something of one name, they are looked at one by one. What was clean is
not looked at again before it changes, or a header of ours, .clang-tidy, the flags or clang-tidy itself does.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

TOGETHER = 16
FLAGS = ("-I", "-D", "-U", "-isystem", "-std=")  # the others are gcc's, or of no concern: -D_FORTIFY_SOURCE wants -O
TIDY = os.environ.get("CLANG_TIDY", "clang-tidy")


def rooms(root, build):
    """NAME of each group: its files, relative to the root, and their flags."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        file = pathlib.Path(os.path.normpath(build / entry["file"]))
        if file.is_relative_to(root / "src"):
            commands[file.relative_to(root)] = [
                word for word in shlex.split(entry["command"]) if word.startswith(FLAGS) and "FORTIFY" not in word]
    by_folder = {}
    for file in sorted(commands):
        by_folder.setdefault(file.parent, []).append(file)
    for folder, files in by_folder.items():
        parts = -(-len(files) // TOGETHER)
        for part in range(parts):
            name = "-".join(folder.parts) + (f"-{part + 1}" if parts > 1 else "")
            some = files[part::parts]
            yield name, some, commands[some[0]]


def ours(root, files):
    """These files and all headers of ours that they include, directly or not."""
    found, left = set(), [root / file for file in files]
    while left:
        file = left.pop()
        if file in found or not file.exists():
            continue
        found.add(file)
        for included in re.findall(r'(?m)^#include "(.+?)"', file.read_text(encoding="utf-8")):
            left += [file.parent / included, root / "include" / included, root / "src" / included]
    return sorted(found)


def state(root, files, flags, version):
    digest = hashlib.sha256(f"{version} {flags} {files}".encode())
    for file in [root / ".clang-tidy", *ours(root, files)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run(root, build, file, flags, *options):
    done = subprocess.run([TIDY, "--quiet", f"--config-file={root / '.clang-tidy'}", *options, str(file), "--", *flags],
                          cwd=build, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def look(root, build, name, files, flags, version):
    """What is wrong in a room; empty: nothing. None: it was clean and has not changed."""
    whole = build / "lint" / f"{name}.cpp"
    clean = whole.with_suffix(".clean")
    now = state(root, files, flags, version)
    if clean.exists() and clean.read_text(encoding="utf-8") == now:
        return None
    whole.write_text("".join(f'#include "{root / file}"\n' for file in files), encoding="utf-8")
    # That a .cpp file is included is our doing.
    status, found, said = run(root, build, whole, flags, "--checks=-bugprone-suspicious-include")
    if "clang-diagnostic-error" in found and len(files) > 1:
        results = [run(root, build, root / file, flags) for file in files]
        status = max(result[0] for result in results)
        found, said = "".join(result[1] for result in results), "".join(result[2] for result in results)
    if status == 0:
        clean.write_text(now, encoding="utf-8")
        return ""
    return found or said or f"{TIDY} ended with {status}\n"


def main(root, build, *wanted):
    root, build = pathlib.Path(root).resolve(), pathlib.Path(build).resolve()
    (build / "lint").mkdir(exist_ok=True)
    version = subprocess.run([TIDY, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    groups = sorted((group for group in rooms(root, build) if not wanted or group[0] in wanted), key=lambda group: -len(group[1]))
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = []
        for found in pool.map(lambda group: look(root, build, *group, version), groups):
            results.append(found)
            print((found or "").replace(f"{root}/", ""), end="", flush=True)
    bad = sum(bool(found) for found in results)
    print(f"clang-tidy: {len(results)} groups of files, {results.count(None)} unchanged, {bad} with findings")
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
