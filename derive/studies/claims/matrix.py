"""Verdicts over pairs that are looked up as one figure: a cell a pair, whose colour and marks they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from derive.catalogue import ROWS
from derive.emit.claims.matrix import Verdicts
from derive.model import ELEMENTWISE, PROVED, REFUTED, UNDECIDED, VECTOR, Outcome
from derive.studies.figure import style

Grid = tuple[list[str], list[str]]  # activations and losses

COLOUR = "convexity"
COLOURS: dict[Outcome, str] = {PROVED: "#9FCAE6", REFUTED: "#F3C9A5", UNDECIDED: "#D9D9D9"}
CONVEX = {PROVED: "convex in z", REFUTED: "not convex in z", UNDECIDED: "undecided"}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A mark within a cell: of which claim, where it stands for which outcome, and what it means."""

    claim: str
    outcome: Outcome
    marker: str
    shift: float
    size: float
    says: str

    @property
    def faces(self) -> tuple[tuple[Outcome, str], ...]:
        """The outcomes that are marked, each with how its mark is filled."""
        return (self.outcome, "black"), (UNDECIDED, "none")


MARKS = (
    Mark(claim="canonical", outcome=PROVED, marker="o", shift=-0.27, size=5.5, says="canonical"),
    Mark(claim="saturation", outcome=REFUTED, marker="v", shift=0.0, size=6, says="saturates"),
    Mark(claim="proper", outcome=PROVED, marker="D", shift=0.27, size=4.8, says="proper"),
)
CLAIMS = (COLOUR, *(mark.claim for mark in MARKS))

CELL = 0.34  # inches
# Inches: names at the left and above, margins, and what the last slanted name sticks out.
LABELS, TOP, EDGE, GAP, RIGHT = 2.1, 2.1, 0.25, 0.35, 0.7
HEADINGS = {ELEMENTWISE: "numbers", VECTOR: "vectors of K components"}


def figure(rows: Sequence[Verdicts]) -> Figure:
    """The figure of all pairs: those of numbers at the left, those of vectors at the right."""
    parts = [[row for row in rows if row.kind == kind] for kind in (ELEMENTWISE, VECTOR)]
    grids = [_names(part) for part in parts]
    widths = [LABELS + CELL * len(losses) for _, losses in grids]
    tall = max(CELL * len(activations) for activations, _ in grids)
    size = (sum(widths) + GAP + RIGHT, TOP + tall + EDGE)
    with style():
        drawn = Figure(figsize=size)
        left = 0.0
        for part, grid, wide in zip(parts, grids, widths, strict=True):
            place = (left + LABELS, size[1] - TOP - CELL * len(grid[0]), wide - LABELS, CELL * len(grid[0]))
            _draw(drawn.add_axes(_share(place, size)), part, grid)
            left += wide + GAP
        _legend(drawn, (widths[0] + GAP + LABELS) / size[0], EDGE / size[1])
    return drawn


def _share(place: tuple[float, float, float, float], size: tuple[float, float]) -> Any:
    """A place in inches as a share of the figure."""
    return tuple(inches / size[n % 2] for n, inches in enumerate(place))


def _names(rows: Sequence[Verdicts]) -> Grid:
    """The activations and the losses of some pairs, in the order of the catalogue."""
    every = [[row.name for row in table] for table in ROWS]
    found = {row.activation for row in rows}, {row.loss for row in rows}
    activations, losses = ([n for n in names if n in some] for names, some in zip(every, found, strict=True))
    return activations, losses


def _draw(axes: Axes, rows: Sequence[Verdicts], grid: Grid) -> None:
    activations, losses = grid
    axes.set(xlim=(-0.5, len(losses) - 0.5), ylim=(len(activations) - 0.5, -0.5))
    for outcome, colour in COLOURS.items():
        places = _places(rows, grid, COLOUR, outcome)
        look: dict[str, Any] = {"marker": "s", "markersize": CELL * 72 - 2, "markeredgewidth": 0}
        _points(axes, places, f"{COLOUR}-{outcome}-{rows[0].kind}", color=colour, **look)
    for mark in MARKS:
        for outcome, face in mark.faces:
            places = [(x + mark.shift, y) for x, y in _places(rows, grid, mark.claim, outcome)]
            look = {"marker": mark.marker, "markersize": mark.size, "markeredgewidth": 0.7}
            name = f"{mark.claim}-{outcome}-{rows[0].kind}"
            _points(axes, places, name, color="black", markerfacecolor=face, **look)
    _label(axes, grid, HEADINGS[rows[0].kind])


def _places(rows: Sequence[Verdicts], grid: Grid, claim: str, outcome: Outcome) -> list[tuple[float, float]]:
    activations, losses = grid
    return [
        (losses.index(row.loss), activations.index(row.activation))
        for row in rows
        if row.of(claim) == outcome
    ]


def _points(axes: Axes, places: list[tuple[float, float]], name: str, **look: Any) -> None:
    axes.plot([x for x, _ in places], [y for _, y in places], gid=name, linestyle="none", **look)


def _label(axes: Axes, grid: Grid, heading: str) -> None:
    activations, losses = grid
    axes.set_yticks(range(len(activations)), activations, fontsize=9)
    axes.set_xticks(range(len(losses)), losses, fontsize=9, rotation=60, ha="left", rotation_mode="anchor")
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0, pad=5)
    axes.spines[:].set_visible(False)
    axes.set_xticks([n - 0.5 for n in range(len(losses) + 1)], minor=True)
    axes.set_yticks([n - 0.5 for n in range(len(activations) + 1)], minor=True)
    axes.grid(which="minor", color="0.92", linewidth=0.6, zorder=0)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel(heading, loc="left", fontsize=10, color="0.35")


def _legend(drawn: Figure, left: float, bottom: float) -> None:
    """What colours and marks mean."""
    plain: dict[str, Any] = {"linestyle": "none", "color": "black"}
    handles = [
        Line2D([], [], linestyle="none", marker="s", markersize=14, color=colour, label=CONVEX[outcome])
        for outcome, colour in COLOURS.items()
    ]
    hollow = Line2D(
        [], [], marker="o", markersize=6, markerfacecolor="none", label="hollow: undecided", **plain
    )
    handles.append(hollow)
    handles += [Line2D([], [], marker=m.marker, markersize=m.size + 1, label=m.says, **plain) for m in MARKS]
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (left, bottom), "borderaxespad": 0}
    drawn.legend(handles=handles, ncols=2, fontsize=10, **place)
