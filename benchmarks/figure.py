"""A figure of a run: nanoseconds an element of every system, a panel for each large case."""

import matplotlib as mpl
from matplotlib.figure import Figure

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
SMALL = "unchecked"  # rows of small cases only

# Okabe and Ito's colours, as in the figures of the pairs.
COLORS = {OURS: "#0072B2", NAIVE: "#D55E00"}
OTHERS = "0.65"
LIMIT_LINE = {"color": "#009E73", "linestyle": (0, (3, 1.5)), "linewidth": 1.4}

WIDTH, ROW, HEAD = 8.6, 0.21, 1.5  # inches: the figure, a system in each of the two lines of panels, all else
ACROSS = 2
LEFT = 0.235  # of the width: the names of the systems
ROOM = 2.2  # times the longest bar, for the number at its end


def drawn(rows) -> Figure:
    """The figure of the first level in float64: the large cases, or all where none of those is there."""
    here = [r for r in rows if (r.level, r.dtype) == (rows[0].level, DTYPE) and r.nanoseconds is not None]
    titles = [t for t in SHOWN if any(r.title == t for r in here)] or list(
        dict.fromkeys(r.title for r in here)
    )
    systems = [s for s in dict.fromkeys(r.system for r in here) if s != LIMIT and SMALL not in s]
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        return _figure(here, titles, systems)


def _figure(rows, titles, systems):
    down = -(-len(titles) // ACROSS)
    made = Figure(figsize=(WIDTH, down * (ROW * len(systems) + HEAD / 2)))
    grid = made.add_gridspec(
        down, ACROSS, left=LEFT, right=0.985, top=0.93, bottom=0.1, wspace=0.06, hspace=0.42
    )
    for number, title in enumerate(titles):
        axes = made.add_subplot(grid[divmod(number, ACROSS)])
        _draw(axes, title, {r.system: r for r in rows if r.title == title}, systems)
        axes.tick_params(left=False, labelleft=number % ACROSS == 0)
    return made


def _draw(axes, title, found, systems):
    """A bar for each system that was measured, in the order of the tables."""
    for place, name in enumerate(systems):
        if row := found.get(name):
            color = COLORS.get(name, COLORS.get(row.kind, OTHERS))
            axes.barh(place, row.nanoseconds, color=color, gid=f"{title}-{name}")
            axes.annotate(
                f"{row.nanoseconds:.3g}",
                (row.nanoseconds, place),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    if limit := found.get(LIMIT):
        axes.axvline(limit.nanoseconds, label=LIMIT, **LIMIT_LINE)
        axes.legend(loc="lower right", fontsize=8)
    times = [row.nanoseconds for row in found.values()]
    axes.set(xscale="log", xlim=(min(times) / 1.5, ROOM * max(times)), ylim=(len(systems) - 0.4, -0.6))
    axes.set_yticks(range(len(systems)), systems)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("ns an element")
