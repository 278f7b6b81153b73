"""What all groups share: where the programs are, how often to run, series of times, tables, aims."""

import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from oracle import free_port, wait_for  # noqa: E402,F401 - the groups take them from here

VLMSHIM = os.path.abspath(os.environ.get("VLMSHIM", ""))
HELPER = os.path.abspath(os.environ.get("VLMSHIM_BENCH", ""))
LOOKUP = os.path.abspath(os.environ.get("VLMSHIM_BENCH_LOOKUP", ""))
NPM = os.environ.get("VLMSHIM_BENCH_NPM", "")  # a folder with node_modules; empty: none

NOT_HERE = "not here"


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def helper(*words):
    return [HELPER, *(str(word) for word in words)]


def duration(nanoseconds):
    """Three figures, in the unit that fits."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if abs(nanoseconds) >= size:
            value = nanoseconds / size
            return f"{value:.{max(0, 3 - len(str(int(abs(value)))))}f} {unit}"
    return f"{nanoseconds:.0f} ns"


@dataclasses.dataclass
class Series:
    """Times of one thing, in nanoseconds."""
    name: str
    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    def as_json(self):
        if not self.values:
            return {"name": self.name, "runs": 0}
        ordered = sorted(self.values)
        return {"name": self.name, "runs": len(ordered), "median_ns": round(self.median), "min_ns": ordered[0],
                "p90_ns": ordered[int(0.9 * (len(ordered) - 1))], "max_ns": ordered[-1]}


@dataclasses.dataclass
class Table:
    title: str
    how: str     # what is measured, in a sentence or two
    columns: list
    rows: list   # of lists of words
    data: list = dataclasses.field(default_factory=list)  # for the JSON file


@dataclasses.dataclass
class Aim:
    item: int  # of the list in "what is aimed at"
    what: str
    limit: str
    here: str
    met: bool


def ratio(value, base):
    return f"{value / base:.2f}" if base else "-"


def compare(title, how, series, base, missing=()):
    """A row per series, with its ratio to the series named `base`. A series that never ran has a row, too."""
    bases = [one.median for one in series if one.name == base and one.values]
    rows = []
    for one in series:
        if one.values:
            rows.append([one.name, duration(one.median), duration(min(one.values)),
                         ratio(one.median, bases[0]) if bases else "-", str(len(one.values))])
        else:
            rows.append([one.name, "no result", "", "", "0"])
    rows += [[name, NOT_HERE, "", "", ""] for name in missing]
    return Table(title, how, ["", "median", "min", f"× {base}", "runs"], rows, [one.as_json() for one in series])


class Bench:
    def __init__(self, pace):
        """pace: full, quick or smoke."""
        self.pace = pace
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vlmshim-bench-"))
        (self.folder / ".git").mkdir()  # the search for a configuration ends here
        self.notes = []
        self._files = 0

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def runs(self, full, quick, smoke=1):
        return {"full": full, "quick": quick, "smoke": smoke}[self.pace]

    def file(self, stem):
        """A path that nothing else uses."""
        self._files += 1
        return self.folder / f"{stem}-{self._files}"

    def note(self, text):
        """For the results, which name no path of this machine."""
        for path, word in ((str(self.folder), "FOLDER"), (str(HERE.parents[1]), "."), (os.path.dirname(VLMSHIM), ".")):
            text = text.replace(path, word)
        say(text)
        self.notes.append(text)

    def environment(self):
        """The environment without any setting of vlmshim."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("VLMSHIM") and name != "XDG_CONFIG_HOME"}
        return {**kept, "HOME": str(self.folder)}

    def peers(self, commands):
        """Splits {name: command} into the installed ones and the names of the missing ones."""
        here = {name: command for name, command in commands.items() if shutil.which(command[0])}
        missing = [name for name in commands if name not in here]
        return here, missing

    def output(self, command, **options):
        """Its standard output; raises when it fails. Its messages go to a file, so that no reader wakes up for them."""
        options.setdefault("cwd", self.folder)
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as messages:
            done = subprocess.run([str(word) for word in command], env=self.environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=messages, check=False, text=True, **options)
            if done.returncode != 0:
                messages.seek(0)
                raise RuntimeError(f"{command[0]} ended with {done.returncode}: {messages.read().strip()[-500:]}")
        return done.stdout

    def time(self, commands, runs, warmups, status=0, **options):
        """{name: command} in turns -> (wall times, CPU times), a Series each, in that order."""
        words = []
        for command in commands.values():
            words += ["+++"] * bool(words) + [str(word) for word in command]
        wall = [Series(name, []) for name in commands]
        cpu = [Series(name, []) for name in commands]
        strange = {}
        for line in self.output(helper("time", runs, warmups, "--", *words), **options).splitlines():
            index, wall_ns, cpu_ns, ended = map(int, line.split())
            wall[index].values.append(wall_ns)
            cpu[index].values.append(cpu_ns)
            if ended != status:
                strange.setdefault(wall[index].name, []).append(ended)
        for name, statuses in strange.items():
            self.note(f"{name}: {len(statuses)} of {runs} runs ended with {sorted(set(statuses))}, not {status}")
        return wall, cpu
