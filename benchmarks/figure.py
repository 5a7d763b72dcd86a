"""A figure of a run: nanoseconds an element of every system, a panel for each large case."""

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmarks.bars import LIMIT, NAIVE
from benchmarks.rows import OURS
from derive.studies.figure import STYLE, svg

__all__ = ["drawn", "svg"]

SHOWN = (
    "sigmoid+bce 1e7",
    "gelu+squared_error 1e7",
    "softmax+cross_entropy 4096×1000",
    "softmax+cross_entropy 256×50000",
)
DTYPE = "float64"

# Okabe and Ito's colours, as in the figures of the pairs.
COLORS = {OURS: "#0072B2", NAIVE: "#D55E00"}
OTHERS = "0.65"
LIMIT_LINE = {"color": "#009E73", "linestyle": (0, (3, 1.5)), "linewidth": 1.4}

# In inches: the figure, the names of the systems, a line, what lies above and below a panel, the legend.
WIDTH, NAMES, LINE, ABOVE, BELOW, KEY = 9.0, 2.5, 0.21, 0.32, 0.48, 0.3
ACROSS = 2
ROOM = 2.2  # times the longest bar, for the number at its end
START = 1.5  # times shorter than the shortest


def drawn(rows) -> Figure:
    """The figure of the first level in float64: the large cases, or all where none of those is there."""
    here = [r for r in rows if (r.level, r.dtype) == (rows[0].level, DTYPE) and r.nanoseconds is not None]
    titles = [t for t in SHOWN if any(r.title == t for r in here)] or list(
        dict.fromkeys(r.title for r in here)
    )
    here = [r for r in here if r.title in titles]
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        return _figure(here, titles)


def _figure(rows, titles):
    systems = [s for s in dict.fromkeys(r.system for r in rows) if s != LIMIT]
    down = -(-len(titles) // ACROSS)
    inside = LINE * len(systems)
    height = down * (ABOVE + inside + BELOW) + KEY
    made = Figure(figsize=(WIDTH, height))
    grid = made.add_gridspec(
        down,
        ACROSS,
        left=NAMES / WIDTH,
        right=1 - 0.1 / WIDTH,
        top=1 - ABOVE / height,
        bottom=(BELOW + KEY) / height,
        wspace=0.06,
        hspace=(ABOVE + BELOW) / inside,
    )
    for number, title in enumerate(titles):
        axes = made.add_subplot(grid[divmod(number, ACROSS)])
        _draw(axes, title, {r.system: r for r in rows if r.title == title}, systems)
        axes.set_xlim(_reach(rows))
        axes.tick_params(left=False, labelleft=number % ACROSS == 0)
    _key(made)
    return made


def _reach(rows):
    """The ends of the axis of all panels."""
    times = [row.nanoseconds for row in rows]
    return min(times) / START, ROOM * max(times)


def _draw(axes, title, found, systems):
    """A bar for each system that was measured, in the order of the tables."""
    for place, name in enumerate(systems):
        if row := found.get(name):
            axes.barh(place, row.nanoseconds, color=COLORS.get(name, COLORS.get(row.kind, OTHERS)))
            _number(axes, row.nanoseconds, place)
    if limit := found.get(LIMIT):
        axes.axvline(limit.nanoseconds, **LIMIT_LINE)
    axes.set(xscale="log", ylim=(len(systems) - 0.4, -0.6), xlabel="ns an element")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_yticks(range(len(systems)), systems)
    axes.set_title(title, fontsize=10)


def _number(axes, value, place):
    axes.annotate(f"{value:.3g}", (value, place), (3, 0), textcoords="offset points", va="center", fontsize=8)


def _key(made):
    """The legend, below all panels."""
    bars = [Patch(color=COLORS[OURS], label="emitted by derive"), Patch(color=COLORS[NAIVE], label=NAIVE)]
    others = [Patch(color=OTHERS, label="others"), Line2D([], [], label=LIMIT, **LIMIT_LINE)]
    made.legend(handles=[*bars, *others], loc="lower center", ncols=4, fontsize=9)
