"""What a figure plots: loss and gradient of a pair over z, from the emitted code, broken where they jump."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.emit.places import many_targets
from derive.model import ELEMENTWISE, Finite, Loss, Pair, Simplex

Function = Callable[[np.ndarray], np.ndarray]

REACH = 6
GRID = np.arange(-60, 61) / 10  # holds the whole numbers exactly: most kinks lie there

# A third class and unequal logits: with two equal ones the curves of two targets would coincide.
LOGITS = (0.0, 0.0, -1.0)
# Gates are half open or more, so that the values pass.
GATE = 1.0
# A target inside the simplex: most of it one class, and the rest for all of them.
SOFT, REST = 0.7, 0.1

# A gap this narrow is invisible, yet wide against the distance of the floats in it.
NARROW = 1e-13
# A change over such a gap is a jump: far above what a slope could do, far below what an eye could see.
JUMP = 1e-6


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a panel; NaN where it is interrupted.

    `dots` are the values taken at jumps, `rings` the ends of the line there that are not taken.
    """

    label: str
    z: np.ndarray
    values: np.ndarray
    dots: tuple[tuple[float, float], ...] = ()
    rings: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The curves of one quantity, one for each hard target."""

    name: str
    axis: str
    curves: tuple[Curve, ...]


def panels(pair: Pair, module: Mapping[str, Any]) -> tuple[Panel, Panel]:
    """The loss panel and the gradient panel of a pair, from the namespace of its code."""
    rows = _elementwise(pair, module) if pair.kind == ELEMENTWISE else _vector(pair, module)
    variable = "z" if pair.kind == ELEMENTWISE else f"{first_letter(pair)}_1"
    losses = tuple(curve(label, loss) for label, loss, _ in rows)
    slopes = tuple(curve(label, slope) for label, _, slope in rows)
    return (
        Panel(name="loss", axis="$L$", curves=losses),
        Panel(name="gradient", axis=rf"$\partial L/\partial {variable}$", curves=slopes),
    )


def _elementwise(pair: Pair, module: Mapping[str, Any]) -> list[tuple[str, Function, Function]]:
    """A label, the loss and the gradient as functions of z, for each hard target."""

    def at(y: float, name: str) -> Function:
        return lambda z: module[name](z, y)

    return [(f"$y = {y}$", at(y, "loss"), at(y, "grad")) for y in pair.loss.hard]


def _vector(pair: Pair, module: Mapping[str, Any]) -> list[tuple[str, Function, Function]]:
    """The same as functions of the first input, for three targets; the gradient is its own component."""

    def loss(y: np.ndarray) -> Function:
        return lambda first: module["loss"](logits(first, blocks(pair)), _for_each(y, first))

    def slope(y: np.ndarray) -> Function:
        return lambda first: module["grad"](logits(first, blocks(pair)), _for_each(y, first))[..., 0]

    return [(label, loss(y), slope(y)) for label, y in targets(pair.loss)]


def blocks(pair: Pair) -> int:
    """How many vectors of K components a pair reads."""
    return len(pair.activation.inputs) or 1


def first_letter(pair: Pair) -> str:
    """The letter of the first vector that a pair reads."""
    return str(pair.activation.inputs[0].base.label) if pair.activation.inputs else "z"


def targets(loss: Loss) -> list[tuple[str, np.ndarray]]:
    """Three targets of a loss over vectors with their labels: each class once, as far as the set allows."""
    if not many_targets(loss):
        return [(f"$y = {y}$", np.array(float(y))) for y in loss.hard]
    units = np.eye(len(LOGITS))
    if isinstance(loss.target, Finite) and 0 not in loss.target.values:
        return [(f"$y = 2 e_{k} - 1$", 2 * unit - 1) for k, unit in enumerate(units, 1)]
    if isinstance(loss.target, Simplex) and not loss.target.closed:
        return [(rf"$y = {SOFT} e_{k} + {REST}$", SOFT * unit + REST) for k, unit in enumerate(units, 1)]
    return [(f"$y = e_{k}$", unit) for k, unit in enumerate(units, 1)]


def _for_each(y: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The target once for each row."""
    return np.broadcast_to(y, (*first.shape, *y.shape))


def logits(first: np.ndarray, many: int = 1) -> np.ndarray:
    """Vectors whose first component varies and whose others stay; further vectors of ones behind them."""
    rest = [*LOGITS[1:], *([GATE] * (len(LOGITS) * (many - 1)))]
    return np.stack([first, *(np.full_like(first, other) for other in rest)], axis=-1)


def curve(label: str, function: Function) -> Curve:
    """The values of `function` over the grid, with a gap at each jump and a dot for the value taken there."""
    z = GRID
    while True:  # another round finds a second jump within one interval
        left, right, found = _jumps(function, z)
        finer = np.union1d(z, np.concatenate([left, right]))
        if len(finer) == len(z):
            break
        z = finer
    values = function(z)
    ends = np.concatenate([left, right])
    kinks = np.intersect1d(ends, GRID)
    at_kink = np.tile(np.isin(left, kinks) | np.isin(right, kinks), 2)
    open_ends = np.setdiff1d(ends[at_kink], kinks)
    return Curve(
        label=label,
        z=np.insert(z, found + 1, left),
        values=np.insert(values, found + 1, np.nan),
        dots=tuple(zip(kinks.tolist(), function(kinks).tolist(), strict=True)),
        rings=tuple(zip(open_ends.tolist(), function(open_ends).tolist(), strict=True)),
    )


def _jumps(function: Function, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ends of a narrow gap around one jump in each interval of `z` that has one, and its number."""
    left, right = z[:-1], z[1:]
    while (wide := right - left > NARROW).any():
        middle = (left + right) / 2
        in_left = np.abs(function(middle) - function(left)) >= np.abs(function(right) - function(middle))
        left, right = np.where(wide & ~in_left, middle, left), np.where(wide & in_left, middle, right)
    found = np.flatnonzero(np.abs(function(right) - function(left)) > JUMP)
    return left[found], right[found], found
