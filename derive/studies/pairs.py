"""All legal pairs as one picture: a cell for each, coloured by what is known of its accuracy."""

from collections.abc import Sequence
from typing import Protocol

from matplotlib.figure import Figure

from derive import catalogue
from derive.studies.figure import style

COLOURS = {
    "meets the bar": "#7fbf9f",
    "loses digits": "#e0a458",
    "not shown": "#d0d0d0",
    "unproved": "#d95f5f",
}
CELL, EDGE, LABELS, TOP, LEGEND = 0.13, 0.15, 1.35, 1.45, 0.35  # inches


class Cell(Protocol):
    """What is drawn of a pair."""

    @property
    def activation(self) -> str: ...
    @property
    def loss(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def canonical(self) -> bool: ...
    @property
    def twice(self) -> bool: ...
    @property
    def state(self) -> str: ...


def figure(rows: Sequence[Cell]) -> Figure:
    """The pairs of numbers, an activation a line; a dot is a canonical one, a ring one with two links."""
    some = [row for row in rows if row.kind == "elementwise"]
    acts = list(dict.fromkeys(row.activation for row in some))
    there = {row.loss for row in some}
    losses = [row.name for row in catalogue.LOSSES if row.name in there]  # in its order, family by family
    wide, high = CELL * len(losses), CELL * len(acts)
    size = (LABELS + wide + EDGE, TOP + high + LEGEND)
    with style():
        drawn = Figure(figsize=size)
        axes = drawn.add_axes((LABELS / size[0], LEGEND / size[1], wide / size[0], high / size[1]))
        axes.set(xlim=(-0.5, len(losses) - 0.5), ylim=(len(acts) - 0.5, -0.5))
        for state, colour in COLOURS.items():
            _points(axes, _places(some, acts, losses, state), state, "s", CELL * 72 - 1.5, colour)
        for name, marker, face in (("canonical", ".", "black"), ("twice", "o", "none")):
            chosen = [row for row in some if getattr(row, name)]
            _points(axes, _places(chosen, acts, losses), name, marker, 3.5, face, edge="black")
        _label(axes, acts, losses)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.002), ncols=5, frameon=False, fontsize=6)
    return drawn


def _places(rows, acts, losses, state: str | None = None) -> list[tuple[int, int]]:
    chosen = [row for row in rows if state in (None, row.state)]
    return [(losses.index(row.loss), acts.index(row.activation)) for row in chosen]


def _points(axes, places, name: str, marker: str, size: float, face: str, edge: str = "none") -> None:
    label = {"twice": "link applied twice"}.get(name, name)
    x, y = zip(*places, strict=True) if places else ((), ())
    look = {"marker": marker, "markersize": size, "markerfacecolor": face, "markeredgecolor": edge}
    axes.plot(x, y, linestyle="none", markeredgewidth=0.5, label=label, gid=name, **look)


def _label(axes, acts, losses) -> None:
    axes.set_xticks(range(len(losses)), losses, rotation=90, fontsize=5.5)
    axes.set_yticks(range(len(acts)), acts, fontsize=5.5)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for side in axes.spines.values():
        side.set_visible(False)
