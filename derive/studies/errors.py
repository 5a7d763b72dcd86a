"""What a figure of errors plots: the largest error in ulp over z, a curve for each system and hard target.

The axis of z is cut into cells, narrow about 0 and wide far out; a curve has the worst of some points of
each cell, which are drawn once for all systems.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from derive.accuracy.points import SATURATION
from derive.accuracy.tally import Errors, errors
from derive.accuracy.truth import ORDER, formula, truth
from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.truth import certified
from derive.model import ELEMENTWISE, Pair
from derive.rivals.rival import Array, Rivalry
from derive.rivals.side_by_side import Plan, one_hot
from derive.studies.curves import blocks, logits, targets

CELLS, POINTS, ROWS = 120, 10, 2  # cells on the axis, points in a cell, and rows of vectors, which cost more
STEEP = 10.0  # so many times narrower is a cell at 0 than one would be on an even axis

# Values of a system at a target, beside the truth there.
Found = Callable[[Rivalry], Errors | None]


@dataclass(frozen=True, kw_only=True)
class ErrorCurve:
    """The worst error in each cell, NaN where all is bad; where values are bad, and where they are 0."""

    system: str
    z: Array
    ulp: Array
    bad: Array
    zeros: Array


@dataclass(frozen=True, kw_only=True)
class ErrorPanel:
    """The curves of all systems at one hard target."""

    label: str
    curves: tuple[ErrorCurve, ...]


def error_panels(
    pair: Pair, everyone: Sequence[Rivalry], plan: Plan, quantity: str
) -> tuple[ErrorPanel, ...]:
    """A panel for each hard target; of vectors, over the first component, at three targets."""
    each = _elementwise if pair.kind == ELEMENTWISE else _vectors
    return tuple(
        ErrorPanel(
            label=label,
            curves=tuple(
                _curve(rivalry.name, grid, errors_)
                for rivalry in everyone
                if quantity in rivalry.quantities and (errors_ := found(rivalry)) is not None
            ),
        )
        for label, grid, found in each(pair, plan, quantity)
    )


def cells(dtype: str, seed: int, points: int) -> Array:
    """Points (cells, points) over the axis, from one end of what saturates to the other."""
    edges = np.sinh(np.linspace(-1, 1, CELLS + 1) * np.arcsinh(STEEP**3)) / STEEP**3 * SATURATION[dtype]
    within = np.random.default_rng(seed).random((CELLS, points))
    return (edges[:-1, None] + np.diff(edges)[:, None] * within).astype(dtype).astype(np.float64)


def _elementwise(pair: Pair, plan: Plan, quantity: str) -> list[tuple[str, Array, Found]]:
    grid = cells(plan.dtype, plan.seed, POINTS)
    return [(f"$y = {y}$", grid, _at(pair, grid.ravel(), float(y), plan, quantity)) for y in pair.loss.hard]


def _at(pair: Pair, z: Array, y: float, plan: Plan, quantity: str) -> Found:
    true = truth(formula(pair), z, np.full(len(z), y))
    hi, lo = true.hi[ORDER[quantity]], true.lo[ORDER[quantity]]
    given = true.z.astype(plan.dtype), true.y.astype(plan.dtype)

    def found(rivalry: Rivalry) -> Errors:
        values = rivalry.quantities[quantity](*given).astype(np.float64)
        return errors(values, hi, lo, np.full(len(z), True), plan.dtype)

    return found


def _vectors(pair: Pair, plan: Plan, quantity: str) -> list[tuple[str, Array, Found]]:
    grid = cells(plan.dtype, plan.seed, ROWS)
    stacked = logits(grid.ravel(), blocks(pair))
    return [(label, grid, _at_rows(pair, stacked, y, plan, quantity)) for label, y in targets(pair.loss)]


def _at_rows(pair: Pair, stacked: Array, y: Array, plan: Plan, quantity: str) -> Found:
    parameters = tuple((p.name, float(p.default)) for p in pair.parameters)
    true = [certified(pair, quantity, Row(x=x, y=y, parameters=parameters)) for x in stacked]
    hi, lo = np.stack([t.hi for t in true]), np.stack([t.lo for t in true])

    def found(rivalry: Rivalry) -> Errors | None:
        if rivalry.hard_only and not one_hot(y):
            return None
        function = rivalry.quantities[quantity]
        given = [(x.astype(plan.dtype), y.astype(plan.dtype)) for x in stacked]
        values = np.stack([function(*row).astype(np.float64).ravel() for row in given])
        return errors(values, hi, lo, np.full(hi.shape, True), plan.dtype)

    return found


def _curve(system: str, grid: Array, found: Errors) -> ErrorCurve:
    """The worst of each cell; a value that is NaN at a kink has no error."""
    wrong = (found.bad | found.missed).reshape(len(grid), -1)
    ulp = np.where(np.isnan(found.ulp), 0.0, found.ulp).reshape(len(grid), -1)
    z = np.median(grid, axis=1)
    return ErrorCurve(
        system=system,
        z=z,
        ulp=np.where(wrong.all(axis=1), np.nan, np.where(wrong, 0.0, ulp).max(axis=1)),
        bad=z[wrong.any(axis=1)],
        zeros=z[found.zero.reshape(len(grid), -1).any(axis=1)],
    )
