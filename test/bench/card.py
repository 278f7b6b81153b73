"""A chart as a card: its frame, its colours, what is written on it, and the SVG file that GitHub shows."""

import io
import re
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

# One program, one colour. Each has a contrast of at least 3 to the white card, those of one chart differ in every kind of colour
# vision, and no chart tells two programs apart by colour alone.
COLOURS = {"vlmshim": "#0072B2", "bare": "#949494", "tini": "#C27C00", "dumb-init": "#004830", "catatonit": "#9B2F6E",
           "cgroup.kill": "#D55E00", "unshare --kill-child": "#A87860", "start-server-and-test": "#7A2A12",
           "Playwright webServer": "#7F8200", "by hand": "#333333"}
MARKERS = {"vlmshim": "o", "cgroup.kill": "s", "unshare --kill-child": "^", "by hand": "D"}
DARK, QUIET, GRID = "#1f2328", "#59636e", "#d8dee4"
FONT, OTHER_FONTS = "DejaVu Sans", "Verdana, sans-serif"  # the others are as wide, where it is not installed
WIDTH = 8.3  # inches: as wide as GitHub shows a README
TIMES = [(1e-4, "100 µs"), (1e-3, "1 ms"), (1e-2, "10 ms"), (1e-1, "100 ms"), (1, "1 s"), (10, "10 s")]  # ticks

matplotlib.rcdefaults()  # and nothing of the user's own
matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "vlmshim", "font.family": FONT, "font.size": 10,
                            "text.color": DARK, "axes.labelcolor": DARK, "axes.edgecolor": QUIET, "xtick.color": QUIET,
                            "ytick.color": DARK, "axes.axisbelow": True, "grid.color": GRID})


def colour(name):
    return COLOURS[name.partition(",")[0]]


def weight(name):
    return "bold" if name == "vlmshim" else "normal"


class Chart:
    """A white card: readable on a light and on a dark page."""

    def __init__(self, height, title, better, how):
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
    axis.set_major_locator(FixedLocator([where for where, _word in ticks]))
    axis.set_major_formatter(FixedFormatter([word for _where, word in ticks]))
    axis.set_minor_locator(NullLocator())


def counts(sizes):
    """Ticks."""
    return [(size, f"{size:,}".replace(",", " ")) for size in sizes]


def name_rows(axes, places, names):
    """Names in place of ticks, from the top down: `places` are below zero."""
    axes.set_yticks(places, names)
    for label, name in zip(axes.get_yticklabels(), names):
        label.set_weight(weight(name))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def name_ends(axes, ends):
    """[(name, x, y)] of lines: each name beside the end of its line, and below the name before it."""
    last = None
    for name, x, y in sorted(ends, key=lambda end: -end[2]):
        height = axes.transData.transform((x, y))[1] * 72 / axes.figure.dpi
        place = height + 5 if last is None else min(height, last - 13)
        axes.annotate(name, (x, y), (10, place - height), textcoords="offset points", va="center", color=COLOURS.get(name, COLOURS["vlmshim"]),
                      weight=weight(name))
        last = place
