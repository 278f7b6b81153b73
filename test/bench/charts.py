"""Draws test/bench/charts/*.svg from the figures of a run. Usage: charts.py BENCH.json [FOLDER]

Needs matplotlib (python3-matplotlib). The same figures give the same bytes. The <desc> of each chart has the values that are
drawn, in the words of the tables: test/docs/check_charts.py compares them with RESULTS.md.
"""

import json
import pathlib
import sys

from card import GRID, MARKERS, QUIET, TIMES, Chart, colour, counts, name_ends, name_rows, ticks_only, weight

FOLDER = pathlib.Path(__file__).resolve().parent / "charts"


class Figures:
    """The tables of a run: the words that they show, and the numbers behind them."""

    def __init__(self, everything):
        self.tables = {table["title"]: table for tables in everything["groups"].values() for table in tables}

    def table(self, title):
        if title not in self.tables:
            sys.exit(f"charts.py: there is no table '{title}': run all groups of ./dev bench")
        return self.tables[title]

    def words(self, title, column):
        """{first cell of a row: the cell below this column}, without the rows that have no figure."""
        table = self.table(title)
        at = table["columns"].index(column)
        return {row[0]: row[at] for row in table["rows"] if row[at][:1].isdigit()}

    def numbers(self, title, field, key="name", **only):
        return {one[key]: one[field] for one in self.table(title)["data"]
                if field in one and all(one[name] == value for name, value in only.items())}

    def says(self, title, column):
        return f"{title}, {column}: " + "; ".join(f"{name}: {word}" for name, word in self.words(title, column).items())


def bars(axes, chart, numbers, words):
    for y, (name, word) in enumerate(words.items()):
        axes.barh(-y, numbers[name], 0.62, color=colour(name))
        chart.value(axes, numbers[name], -y, word, weight=weight(name))
    name_rows(axes, [-y for y in range(len(words))], list(words))
    axes.set_xlim(0, max(numbers[name] for name in words) * 1.16)


def start_up(figures):
    table = "Start-up, wall time"
    words, numbers = figures.words(table, "median"), figures.numbers(table, "median_ns")
    least = figures.numbers(table, "min_ns")
    chart = Chart(3.1, "Start-up", "less is better", "From fork to the reaped exit of the command true below each wrapper. Bars: median; white lines: the fastest run.")
    axes = chart.axes(1.5)
    bars(axes, chart, {name: value / 1e6 for name, value in numbers.items()}, words)
    for y, name in enumerate(words):
        axes.plot([least[name] / 1e6] * 2, [-y - 0.31, -y + 0.31], color="white", linewidth=1.5)
    axes.set_xlabel("wall time in ms")
    chart.said = [figures.says(table, "median"), figures.says(table, "min")]
    return chart


def memory(figures):
    table = "At rest"
    words, private = figures.words(table, "PSS"), figures.numbers(table, "private_kib")
    chart = Chart(2.8, "Memory while the test runs", "less is better",
                  "All processes of the wrapper. Dark: private; whole bar: PSS, which adds a share of the pages that others map, too.")
    axes = chart.axes(1.5)
    bars(axes, chart, figures.numbers(table, "pss_kib"), words)
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
            chart.value(axes, numbers[name] / 1e9, y, words[name], dx=8, weight=weight(name))
            places, names = places + [y], names + [name]
            y -= 1
        y -= 0.25
        chart.said.append(figures.says(table, "median"))
    name_rows(axes, places, names)
    axes.set_xscale("log")
    ticks_only(axes.xaxis, TIMES)
    times = [end for line in axes.lines for end in line.get_xdata()]
    axes.set_xlim(min(times), max(10, max(times) * 2))
    axes.set_xlabel("time (logarithmic)")
    return chart


def teardown(figures):
    table, server = "Teardown", "Teardown of one server"
    chart = Chart(4.3, "Teardown", "less is better",
                  "From the test's last instruction to the wrapper's exit. Medians, by the number of descendants; both axes are logarithmic.")
    axes = chart.axes(0.95, right=1.6)
    ends = []
    for name in ("unshare --kill-child", "cgroup.kill", "vlmshim"):
        words, numbers = figures.words(table, name), figures.numbers(table, "median_ns", "descendants", name=name)
        if not words:
            continue
        sizes = sorted(numbers)
        axes.plot(sizes, [numbers[size] / 1e9 for size in sizes], marker=MARKERS[name], markersize=6.5, linewidth=2, color=colour(name))
        ends.append((name, sizes[-1], numbers[sizes[-1]] / 1e9))
        if name == "vlmshim":
            for size in sizes:
                chart.value(axes, size, numbers[size] / 1e9, words[str(size)], dx=-6, dy=9 if size > 1 else 15, ha="right" if size > 1 else "left",
                            color=colour(name), weight="bold")
        chart.said.append(figures.says(table, name))
    by_hand = figures.numbers(server, "median_ns").get("by hand")
    if by_hand:
        axes.plot(1, by_hand / 1e9, MARKERS["by hand"], markersize=7, color=colour("by hand"))
        chart.value(axes, 1, by_hand / 1e9, figures.words(server, "median")["by hand"], dx=8, weight="bold", color=colour("by hand"))
        axes.annotate("by hand, one server: terminate, sleep, kill -9", (1, by_hand / 1e9), (52, 0),
                      textcoords="offset points", va="center", color=colour("by hand"))
        chart.said.append(figures.says(server, "median"))
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks_only(axes.yaxis, TIMES)
    times = [end for line in axes.lines for end in line.get_ydata()]
    axes.set_ylim(min(3e-4, min(times) / 2), max(10, max(times) * 2))
    ticks_only(axes.xaxis, counts([1, 10, 100, 1000, 10000]))
    axes.grid()
    name_ends(axes, ends)
    axes.set_xlabel("descendants (logarithmic)")
    axes.set_ylabel("time (logarithmic)")
    return chart


def growth(figures):
    table = "Growth of teardown"
    chart = Chart(3.3, "Teardown for each descendant", "flat is linear growth",
                  "Median of a teardown by the number of descendants; dashed: with other processes on the machine. Logarithmic x axis.")
    axes, ends, top = chart.axes(0.75, right=1.35), [], 0
    for others in sorted({one["others"] for one in figures.table(table)["data"]}):
        numbers = figures.numbers(table, "median_ns", "descendants", others=others)
        sizes = sorted(numbers)
        each = [numbers[size] / size / 1e3 for size in sizes]
        axes.plot(sizes, each, "--" if others else "-", marker="o", markerfacecolor="white" if others else colour("vlmshim"), linewidth=2,
                  color=colour("vlmshim"))
        word = f"{others} others" if others else "alone"
        chart.said.append(figures.says(table, word))
        ends.append((word, sizes[-1], each[-1]))
        top = max(top, *each)
    axes.set_xscale("log")
    ticks_only(axes.xaxis, counts(sizes))
    axes.set_ylim(0, top * 1.2)
    axes.grid()
    name_ends(axes, ends)
    axes.set_xlabel("descendants (logarithmic)")
    axes.set_ylabel("µs for each descendant")
    return chart


CHARTS = {"start-up": start_up, "memory": memory, "readiness": readiness, "teardown": teardown, "growth": growth}


def main(path, folder=FOLDER):
    figures = Figures(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for name, draw in CHARTS.items():
        (folder / f"{name}.svg").write_text(draw(figures).svg(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
