"""The plane of accuracy and cross-entropy: what is possible, where calibrated models lie, and one model."""

from typing import Any

import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from derive.claims.reading.accuracy import least
from derive.claims.reading.baselines import entropy
from derive.claims.reading.bounds import calibrated_accuracy, calibrated_error, constant_confidence
from derive.claims.reading.exact import below, numeral
from derive.claims.reading.given import Given
from derive.studies.figure import style

SIZE = (8.0, 4.8)
PLACE = (0.09, 0.12, 0.63, 0.82)  # the rest is for the names of the lines
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.45"
POINTS = 100  # of a curve
CORNERS = 100  # of the lower edge; beyond, a line to its end
ABOVE = 1.18  # how far the axis reaches above the highest line
SMALL, CORNER = 7, 4  # a cross-entropy below log(K)/7 is shown in a corner 4 times as high
TINY = sp.Rational(1, 10**6)  # nats; a corner that small has no digits left
ROOM = 0.055  # of the axis, between the names of two lines
BESIDE = 1.02  # where the names stand
RING: dict[str, Any] = {
    "color": BLUE,
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": "white",
    "linestyle": "none",
    "zorder": 3,
    "clip_on": False,
}


def figure(known: Given) -> Figure:
    """The figure of what is known of a model."""
    with style():
        drawn = Figure(figsize=SIZE)
        axes = drawn.add_axes(PLACE)
        _impossible(axes, known)
        _calibrated(axes, known)
        left, top = window(known)
        axes.set(xlim=(left, 1), ylim=(0, top), xlabel="accuracy", ylabel=f"cross-entropy in {known.unit}")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None if left else 0))
        _lines(axes, known, top)
        _model(axes, known)
    return drawn


def window(known: Given) -> tuple[float, float]:
    """The least accuracy and the largest cross-entropy shown: all, or the corner of a good model."""
    own, uniform = known.cross_entropy, sp.log(known.classes)
    if below(TINY, own) and below(own, uniform / SMALL):
        return max(0.0, 1 - float(sp.N(CORNER * own / sp.log(2)))), _height(known, CORNER * own)
    return 0.0, ABOVE * max(_height(known, nats) for nats in (own, uniform))


def _height(known: Given, nats: sp.Expr) -> float:
    """Where a number of nats lies on the axis."""
    return float(sp.N(known.in_unit(nats)))


def _impossible(axes: Axes, known: Given) -> None:
    """The triangle below the bound: too many errors for so little."""
    edge = _height(known, sp.log(2))
    axes.fill_between([0, 1], [edge, 0], color="0.9", linewidth=0, gid="impossible")
    axes.plot([0, 1], [edge, 0], color=ORANGE, linewidth=2, gid="bound")
    words = r"impossible: below $1 - A$" if known.unit == "bits" else r"impossible: below $(1 - A)\,\log 2$"
    place: dict[str, Any] = {"xytext": (9, 5), "textcoords": "offset points", "xycoords": "axes fraction"}
    axes.annotate(words, (0, 0), color=ORANGE, **place)


def _calibrated(axes: Axes, known: Given) -> None:
    """The region of the calibrated models, between their least and their largest cost."""
    lower, upper = least_edge(known.classes), largest_edge(known.classes)
    accuracies = [float(a) for a, _ in (*lower, *reversed(upper))]
    costs = [_height(known, cost) for _, cost in (*lower, *reversed(upper))]
    axes.fill(accuracies, costs, color=GREEN, alpha=0.18, linewidth=0, gid="calibrated", label="calibrated")
    level = _free(known)
    middle = (1 - calibrated_error(level)[1] + calibrated_accuracy(level, known.classes)) / 2
    place: dict[str, Any] = {"color": GREEN, "ha": "center", "va": "center"}
    axes.annotate("calibrated", (float(sp.N(middle)), _height(known, level)), **place)


def _free(known: Given) -> sp.Expr:
    """A cost of calibrated models that is shown, away from the model's line."""
    if window(known)[0]:
        return known.cross_entropy * sp.Rational(5, 2)
    uniform = sp.log(known.classes)
    middle, higher = (uniform * sp.Rational(n, 10) for n in (4, 6))
    return higher if below(abs(known.cross_entropy - middle), uniform / 10) else middle


def least_edge(classes: int) -> list[tuple[sp.Rational, sp.Expr]]:
    """The corners (accuracy, least cost of a calibrated model), from the accuracy 1 down to 1/K."""
    corners = [sp.Rational(1, m) for m in (*range(1, min(classes, CORNERS)), classes)]
    return [(corner, -sp.log(corner)) for corner in corners]


def largest_edge(classes: int) -> list[tuple[sp.Rational, sp.Expr]]:
    """Points (accuracy, largest cost of a calibrated model), from the accuracy 1 down to 1/K."""
    last = 1 - sp.Rational(1, classes)
    steps = [last * sp.Rational(n, POINTS) ** 2 for n in range(POINTS + 1)]  # steep at 1
    return [(1 - step, constant_confidence(1 - step, classes)) for step in steps]


def _lines(axes: Axes, known: Given, top: float) -> None:
    """The horizontal lines with their names."""
    rows = [(sp.log(known.classes), f"uniform guess {known.amount(sp.log(known.classes))}", GREY, "uniform")]
    if known.rates is not None:
        best = entropy(known.rates)
        rows.append((best, f"base rates {known.amount(best)}", "black", "base-rates"))
    heights = [_height(known, nats) for nats, *_ in rows]
    for (_, _, colour, name), height in zip(rows, heights, strict=True):
        axes.axhline(height, color=colour, linewidth=1, linestyle=(0, (4, 2)), gid=name)
    named = [(height, text, colour) for (_, text, colour, _), height in zip(rows, heights, strict=True)]
    own = _height(known, known.cross_entropy), f"this model {known.amount(known.cross_entropy)}", BLUE
    _names(axes, [*named, own], top)


def _names(axes: Axes, rows: list[tuple[float, str, str]], top: float) -> None:
    """The names beside the lines, moved up where two would meet; at the top those of lines above it."""
    before = -top
    for height, text, colour in sorted(rows):
        before = max(min(height, top), before + ROOM * top)
        place: dict[str, Any] = {
            "xycoords": ("axes fraction", "data"),
            "va": "center",
            "annotation_clip": False,
        }
        axes.annotate("↑ " * (height > top) + text, (BESIDE, before), color=colour, **place)


def _model(axes: Axes, known: Given) -> None:
    """The accuracies that go with the cross-entropy, and the model itself where its accuracy is known."""
    height = _height(known, known.cross_entropy)
    low = float(sp.N(least(known.cross_entropy)))
    axes.plot([low, 1], [height, height], color=BLUE, linewidth=2.4, gid="possible")
    if not below(known.cross_entropy, sp.log(known.classes)):
        axes.plot([1], [height], gid="excluded", **RING)
    dot: dict[str, Any] = {"color": BLUE, "marker": "o", "linestyle": "none", "zorder": 4, "clip_on": False}
    if known.accuracy is not None:
        axes.plot([float(known.accuracy)], [height], markersize=9, gid="model", **dot)
        return
    if low > 0:
        axes.plot([low], [height], markersize=5, gid="guaranteed", **dot)
        words = f"at least {numeral(100 * least(known.cross_entropy), 'ROUND_FLOOR')}%"
        place: dict[str, Any] = {"xytext": (6, 6), "textcoords": "offset points"}
        axes.annotate(words, (low, height), color=BLUE, **place)
