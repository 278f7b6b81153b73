"""Draws test/bench/charts/*.svg from the figures of a run. Usage: charts.py BENCH.json [FOLDER]

Needs matplotlib (python3-matplotlib). The same figures give the same bytes. The <desc> of each chart has the values that are
drawn, in the words of the tables: test/docs/check_charts.py compares them with RESULTS.md.
"""

import io
import json
import pathlib
import re
import sys
from xml.sax.saxutils import escape

FOLDER = pathlib.Path(__file__).resolve().parent / "charts"

# Title of a table -> the chart that stands below it in RESULTS.md.
BELOW = {"Start-up, wall time": "start-up", "At rest": "memory", "Readiness, a server that takes 10 s": "readiness",
         "Teardown of one server": "teardown", "Growth of teardown": "growth"}

# One program, one colour. Each has a contrast of at least 3 to the white card, and no chart tells two programs apart by colour alone.
COLOURS = {"vlmshim": "#0072B2", "bare": "#767676", "tini": "#B87800", "dumb-init": "#008060", "catatonit": "#BF5B93",
           "cgroup.kill": "#D55E00", "unshare --kill-child": "#8A4FA3", "start-server-and-test": "#882255",
           "Playwright webServer": "#6F7200", "by hand": "#333333"}
MARKERS = {"vlmshim": "o", "cgroup.kill": "s", "unshare --kill-child": "^", "by hand": "D"}
DARK, QUIET, GRID = "#1f2328", "#59636e", "#d8dee4"
FONT, OTHER_FONTS = "DejaVu Sans", "Verdana, sans-serif"  # the others are as wide, where it is not installed
WIDTH = 8.3  # inches: as wide as GitHub shows a README


def colour(name):
    return COLOURS[name.partition(",")[0]]


class Figures:
    """The tables of a run: the words that they show, and the numbers behind them."""

    def __init__(self, everything):
        self.tables = {table["title"]: table for tables in everything["groups"].values() for table in tables}

    def words(self, title, column):
        """{first cell of a row: the cell below this column}, without the rows that have no figure."""
        table = self.tables[title]
        at = table["columns"].index(column)
        return {row[0]: row[at] for row in table["rows"] if row[at][:1].isdigit()}

    def numbers(self, title, field, key="name", **only):
        return {one[key]: one[field] for one in self.tables[title]["data"]
                if field in one and all(one[name] == value for name, value in only.items())}

    def says(self, title, column):
        return f"{title}, {column}: " + "; ".join(f"{name}: {word}" for name, word in self.words(title, column).items())


class Chart:
    """A white card: readable on a light and on a dark page."""

    def __init__(self, height, title, better, how):
        import matplotlib
        matplotlib.use("svg")
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "vlmshim", "font.family": FONT,
                                    "font.size": 10, "text.color": DARK, "axes.labelcolor": DARK, "axes.edgecolor": QUIET,
                                    "xtick.color": QUIET, "ytick.color": DARK, "axes.axisbelow": True, "grid.color": GRID})
        from matplotlib.figure import Figure
        self.title, self.height = f"{title} ({better})", height
        self.figure = Figure(figsize=(WIDTH, height), facecolor="white")
        self.figure.text(0.02, 1 - 0.14 / height, title, size=12.5, weight="bold", va="top")
        self.figure.text(0.98, 1 - 0.16 / height, better, size=10, ha="right", va="top", color=QUIET)
        self.figure.text(0.02, 1 - 0.40 / height, how, size=9.5, va="top", color=QUIET)
        self.said = []
        self.values = 0

    def axes(self, left, right=0.15, top=0.8, bottom=0.6):
        """Its frame, in inches from the edges of the card."""
        box = [left / WIDTH, bottom / self.height, 1 - (left + right) / WIDTH, 1 - (top + bottom) / self.height]
        axes = self.figure.add_axes(box)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        return axes

    def value(self, axes, x, y, word, dx=5, dy=0, **how):
        """A figure beside its point; marked, so that a test finds it."""
        how = {"va": "center", "ha": "left", "size": 10, **how}
        note = axes.annotate(word, (x, y), (dx, dy), textcoords="offset points", **how)
        self.values += 1
        note.set_gid(f"value-{self.values}")

    def svg(self):
        file = io.StringIO()
        self.figure.savefig(file, format="svg")
        text = re.sub(r"(?s)<\?xml.*?(?=<svg)|<metadata>.*?</metadata>\s*", "", file.getvalue())  # what names other sites, and the date
        text = re.sub(r"(?m) +$", "", text)
        text = re.sub(rf"(font: [^;\"]*)'{FONT}'", rf"\1'{FONT}', {OTHER_FONTS}", text)
        described = f"<title>{escape(self.title)}</title>\n<desc>{escape(chr(10).join(self.said))}</desc>\n"
        return re.sub(r"(<svg [^>]*>\s*)", lambda start: start[1] + described, text, count=1)


def ticks_only(axis, ticks):
    """[(where, word)] on a logarithmic axis, and nothing between them."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
    axis.set_major_locator(FixedLocator([where for where, _word in ticks]))
    axis.set_major_formatter(FixedFormatter([word for _where, word in ticks]))
    axis.set_minor_locator(NullLocator())


TIMES = [(1e-3, "1 ms"), (1e-2, "10 ms"), (1e-1, "100 ms"), (1, "1 s"), (10, "10 s")]


def counts(sizes):
    return [(size, f"{size:,}".replace(",", " ")) for size in sizes]


def bars(axes, chart, names, numbers, words):
    """From the top down."""
    for y, name in enumerate(names):
        axes.barh(-y, numbers[name], 0.62, color=colour(name))
        chart.value(axes, numbers[name], -y, words[name], weight="bold" if name == "vlmshim" else "normal")
    axes.set_yticks([-y for y in range(len(names))], names)
    for label, name in zip(axes.get_yticklabels(), names):
        label.set_weight("bold" if name == "vlmshim" else "normal")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlim(0, max(numbers[name] for name in names) * 1.16)


def start_up(figures):
    table = "Start-up, wall time"
    words, numbers = figures.words(table, "median"), figures.numbers(table, "median_ns")
    least = figures.numbers(table, "min_ns")
    chart = Chart(3.1, "Start-up", "less is better", "From fork to the reaped exit of the command true below each wrapper. Bars: median; white lines: the fastest run.")
    axes = chart.axes(1.5)
    bars(axes, chart, list(words), {name: value / 1e6 for name, value in numbers.items()}, words)
    for y, name in enumerate(words):
        axes.plot([least[name] / 1e6] * 2, [-y - 0.31, -y + 0.31], color="white", linewidth=1.5)
    axes.set_xlabel("wall time in ms")
    chart.said = [figures.says(table, "median"), figures.says(table, "min")]
    return chart


def memory(figures):
    table = "At rest"
    words, private = figures.words(table, "PSS"), figures.numbers(table, "private_kib")
    chart = Chart(2.8, "Memory while the test runs", "less is better",
                  "All processes of the wrapper. Dark: private; whole bar: proportional set size (PSS), with the share of what others map, too.")
    axes = chart.axes(1.5)
    bars(axes, chart, list(words), figures.numbers(table, "pss_kib"), words)
    for bar in axes.patches:
        bar.set_facecolor([1 - 0.45 * (1 - part) for part in bar.get_facecolor()[:3]])
    for y, name in enumerate(words):
        axes.barh(-y, private[name], 0.62, color=colour(name))
    axes.set_xlabel("memory in KiB")
    chart.said = [figures.says(table, "PSS"), figures.says(table, "private")]
    return chart


def readiness(figures):
    chart = Chart(3.7, "Readiness", "less is better",
                  "From the moment when the server would answer 200 to the first line of the test. Medians, on a logarithmic axis.")
    axes = chart.axes(3.15, right=0.4, top=0.95)
    y, places, names = 0, [], []
    for seconds in ("0.3", "10"):
        table = f"Readiness, a server that takes {seconds} s"
        words, numbers = figures.words(table, "median"), figures.numbers(table, "median_ns")
        axes.annotate(f"a server that takes {seconds} s", (0, y), (-2.98 * 72, 0), xycoords=("axes fraction", "data"),
                      textcoords="offset points", va="center", size=9.5, style="italic", color=QUIET)
        y -= 0.9
        for name in words:
            axes.plot([1e-3, numbers[name] / 1e9], [y, y], color=GRID, linewidth=1, zorder=1)
            axes.plot(numbers[name] / 1e9, y, "o", markersize=8, color=colour(name))
            chart.value(axes, numbers[name] / 1e9, y, words[name], dx=8, weight="bold" if name == "vlmshim" else "normal")
            places, names = places + [y], names + [name]
            y -= 1
        y -= 0.25
        chart.said.append(figures.says(table, "median"))
    axes.set_yticks(places, names)
    for label in axes.get_yticklabels():
        label.set_weight("bold" if label.get_text() == "vlmshim" else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set_xscale("log")
    ticks_only(axes.xaxis, TIMES)
    axes.set_xlim(1e-3, 10)
    axes.grid(axis="x")
    axes.set_xlabel("time (logarithmic)")
    return chart


def teardown(figures):
    table, server = "Teardown", "Teardown of one server"
    chart = Chart(4.3, "Teardown", "less is better",
                  "From the test's last instruction to the wrapper's exit. Medians, by the number of descendants; both axes are logarithmic.")
    axes = chart.axes(0.95, right=1.6)
    beside = {"vlmshim": 6, "cgroup.kill": -1, "unshare --kill-child": -14}  # the lines of the last two meet
    for name in ("unshare --kill-child", "cgroup.kill", "vlmshim"):
        words, numbers = figures.words(table, name), figures.numbers(table, "median_ns", "descendants", name=name)
        if not words:
            continue
        sizes = sorted(numbers)
        axes.plot(sizes, [numbers[size] / 1e9 for size in sizes], marker=MARKERS[name], markersize=6.5, linewidth=2, color=colour(name))
        axes.annotate(name, (sizes[-1], numbers[sizes[-1]] / 1e9), (10, beside[name]), textcoords="offset points", va="center",
                      color=colour(name), weight="bold" if name == "vlmshim" else "normal")
        if name == "vlmshim":
            for size in sizes:
                chart.value(axes, size, numbers[size] / 1e9, words[str(size)], dx=-6, dy=9 if size > 1 else 15, ha="right" if size > 1 else "left",
                            color=colour(name), weight="bold")
        chart.said.append(figures.says(table, name))
    by_hand = figures.numbers(server, "median_ns").get("by hand")
    if by_hand:
        axes.plot(1, by_hand / 1e9, MARKERS["by hand"], markersize=7, color=colour("by hand"))
        chart.value(axes, 1, by_hand / 1e9, figures.words(server, "median")["by hand"], dx=8, weight="bold", color=colour("by hand"))
        axes.annotate("by hand, one server: terminate, sleep, lsof | xargs kill -9", (1, by_hand / 1e9), (52, 0),
                      textcoords="offset points", va="center", color=colour("by hand"))
        chart.said.append(figures.says(server, "median"))
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks_only(axes.yaxis, TIMES)
    axes.set_ylim(3e-4, 10)
    ticks_only(axes.xaxis, counts([1, 10, 100, 1000, 10000]))
    axes.grid()
    axes.set_xlabel("descendants (logarithmic)")
    axes.set_ylabel("time (logarithmic)")
    return chart


def growth(figures):
    table = "Growth of teardown"
    chart = Chart(3.3, "Teardown for each descendant", "flat is linear growth",
                  "Median of a teardown by the number of descendants; dashed: with other processes on the machine. Logarithmic x axis.")
    axes, tops = chart.axes(0.75, right=1.35), []
    for others in sorted({one["others"] for one in figures.tables[table]["data"]}):
        numbers = figures.numbers(table, "median_ns", "descendants", others=others)
        sizes = sorted(numbers)
        each = [numbers[size] / size / 1e3 for size in sizes]
        axes.plot(sizes, each, "--" if others else "-", marker="o", markerfacecolor="white" if others else colour("vlmshim"), linewidth=2,
                  color=colour("vlmshim"))
        word = f"{others} others" if others else "alone"
        axes.annotate(word, (sizes[-1], each[-1]), (10, 4 if others else -4), textcoords="offset points", va="center", color=colour("vlmshim"))
        chart.said.append(figures.says(table, word))
        tops.append(max(each))
    axes.set_xscale("log")
    ticks_only(axes.xaxis, counts(sizes))
    axes.set_ylim(0, max(tops) * 1.2)
    axes.grid()
    axes.set_xlabel("descendants (logarithmic)")
    axes.set_ylabel("µs for each descendant")
    return chart


CHARTS = {"start-up": start_up, "memory": memory, "readiness": readiness, "teardown": teardown, "growth": growth}


def main(path, folder=FOLDER):
    figures = Figures(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
    missing = [table for table in BELOW if table not in figures.tables]
    if missing:
        sys.exit(f"charts.py: {path} has no table {', '.join(missing)}: run all groups of ./dev bench")
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for name, draw in CHARTS.items():
        (folder / f"{name}.svg").write_text(draw(figures).svg(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
