"""The results: on the terminal, as JSON, as test/bench/RESULTS.md."""

import dataclasses
import datetime
import json
import os
import platform
import shutil
import subprocess
import tempfile

from common import HERE, NOT_HERE, NPM, VLMSHIM, Aim, say

PACKAGES = {"tini": "tini", "dumb-init": "dumb-init", "catatonit": "catatonit", "lsof": "lsof", "fuser": "psmisc",
            "ss": "iproute2", "unshare": "util-linux", "hyperfine": "hyperfine"}
LOAD = round(os.getloadavg()[0], 2)  # before anything is measured
# Title of a table -> the chart that stands below it.
CHARTS = {"Start-up, wall time": "start-up", "At rest": "memory", "Readiness, a server that takes 10 s": "readiness",
          "Teardown of one server": "teardown", "Growth of teardown": "growth"}
MODULES = ("start-server-and-test", "@playwright/test")
# Debian's comes first: it has python3-matplotlib.
PYTHON = shutil.which("python3", path="/usr/bin" + os.pathsep + os.environ["PATH"])


def machine():
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) / 1048576
    return {"cores": os.cpu_count(), "memory_gib": round(memory, 1), "load": LOAD, "kernel": platform.release().split("-")[0],
            "architecture": platform.machine()}


def _output(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True).stdout.strip()
    except OSError:
        return ""


def peers():
    """Name -> version of what is measured beside vlmshim."""
    found = {}
    for program, package in PACKAGES.items():
        version = _output("dpkg-query", "-W", "-f", "${Version}", package) if shutil.which(program) else ""
        found[program] = version if version and " " not in version else ("here" if shutil.which(program) else NOT_HERE)
    for module in MODULES:
        try:
            with open(f"{NPM}/node_modules/{module}/package.json", encoding="utf-8") as file:
                found[module] = json.load(file)["version"]
        except OSError:
            found[module] = NOT_HERE
    return found


def binary():
    """(bytes without symbols, whether it needs no shared library)"""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "vlmshim")
        shutil.copyfile(VLMSHIM, copy)
        _output("strip", copy)
        size = os.path.getsize(copy)
    return size, "not a dynamic executable" in _output("env", "LC_ALL=C", "ldd", VLMSHIM) or \
        "statically linked" in _output("env", "LC_ALL=C", "ldd", VLMSHIM)


def binary_aims():
    size, static = binary()
    return [Aim(1, "needs no shared library", "yes", "yes" if static else "no", static),
            Aim(1, "size without symbols", "≤ 2 MB", f"{size / 1e6:.2f} MB", size <= 2_000_000)]


def aims_as_rows(aims):
    return [[str(aim.item), aim.what, aim.limit, aim.here, "met" if aim.met else "MISSED"]
            for aim in sorted(aims, key=lambda one: one.item)]


AIM_COLUMNS = ["", "figure", "aim", "here", ""]


def text_table(columns, rows):
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    lines = []
    for row in [columns, ["-" * width for width in widths], *rows]:
        lines.append("  ".join(cell.ljust(widths[0]) if i == 0 else cell.rjust(widths[i]) for i, cell in enumerate(row)).rstrip())
    return "\n".join(lines)


def markdown_table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def show(table):
    print(f"\n{table.title}\n{table.how}\n\n{text_table(table.columns, table.rows)}", flush=True)


def show_aims(aims):
    print("\nAims\n\n" + text_table(AIM_COLUMNS, aims_as_rows(aims)), flush=True)


def write_json(path, pace, groups, aims, notes):
    everything = {"date": datetime.date.today().isoformat(), "pace": pace, "machine": machine(), "peers": peers(),
                  "aims": [dataclasses.asdict(aim) for aim in aims],
                  "groups": {name: [{"title": table.title, "how": table.how, "columns": table.columns, "rows": table.rows,
                                     "data": table.data} for table in tables] for name, tables in groups.items()},
                  "notes": notes}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(everything, file, indent=1, ensure_ascii=False)
        file.write("\n")


def draw_charts(bench, figures, *folder):
    """From the JSON file, into test/bench/charts or that folder. Without matplotlib the charts stay as they are, as a peer that is not here is left out."""
    if subprocess.run([PYTHON, "-c", "import matplotlib"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        say("no charts: python3-matplotlib is not here")
        return
    done = subprocess.run([PYTHON, HERE / "charts.py", figures, *folder], stderr=subprocess.PIPE, check=False, text=True)
    if done.returncode != 0:
        bench.note(f"no charts: {done.stderr.strip()[-500:]}")


def section_of_soak(path):
    """What `./dev soak` had to say was put into the file by hand, at its end, and stays there."""
    try:
        with open(path, encoding="utf-8") as file:
            _tables, heading, text = file.read().partition("\n## Soak\n")
    except FileNotFoundError:
        return []
    return [heading.strip() + "\n\n" + text.strip()] if heading else []


def write_markdown(path, groups, aims, notes):
    shape = machine()
    versions = ", ".join(f"{name} {version}" for name, version in peers().items())
    parts = ["# vlmshim beside its peers",
             f"Made by `./dev bench` on {datetime.date.today().isoformat()}: {shape['cores']} cores, {shape['memory_gib']} GiB of memory, "
             f"Linux {shape['kernel']}, {shape['architecture']}, load average {shape['load']} before the start. Peers: {versions}.",
             "All that is compared in a table ran in the same minutes, in turns; nothing was dropped. *median* and *min* are over the "
             "number of *runs*; a ratio is one of medians. Times are CLOCK_MONOTONIC.",
             "## Aims", markdown_table(AIM_COLUMNS, aims_as_rows(aims))]
    for tables in groups.values():
        for table in tables:
            parts += [f"## {table.title}", table.how, markdown_table(table.columns, table.rows)]
            if table.title in CHARTS:
                parts.append(f"![Chart: {CHARTS[table.title]}](charts/{CHARTS[table.title]}.svg)")
    if notes:
        parts += ["## Notes of this run", "\n".join(f"- {note}" for note in notes)]
    parts += section_of_soak(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(parts) + "\n")
