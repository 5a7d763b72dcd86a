"""One pair, measured for every system at the same points and by the same clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from derive.accuracy.measure import compare as compare_points
from derive.accuracy.points import SEED, as_dtype, points
from derive.accuracy.tally import Look, Measured
from derive.accuracy.truth import QUANTITIES, formula, truth
from derive.accuracy.vectors.measure import compare as compare_rows
from derive.accuracy.vectors.rows import rows
from derive.accuracy.vectors.truth import Certified, certified, holds, quantities
from derive.model import ELEMENTWISE, BadInput, Pair, Subject
from derive.rivals import Met
from derive.rivals.clock import nanoseconds
from derive.rivals.emitted import rivalry as ours
from derive.rivals.rival import Array, Rivalry

POINTS: Final = 3000
SIZE: Final = 100_000  # elements that are timed
CLASSES: Final = 10
# Others have zeros by the thousand, and all of them are counted.
_LOOK: Final = Look(most=10**9, of_row=10**9)
_MATRICES: Final = 3  # one row of so many where a quantity is a matrix


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured: about so many points, elements to time (0: none), classes of vectors."""

    points: int = POINTS
    seed: int = SEED
    dtype: str = "float64"
    size: int = SIZE
    classes: int = CLASSES


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one system reaches in one quantity."""

    system: str
    measured: Measured

    @property
    def ulp(self) -> float:
        """The largest error in ulp."""
        return max(self.measured.hard.ulp, self.measured.soft.ulp)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All lines of a pair, by quantity and system, and what loss and gradient cost an element.

    `says` tells what each system is asked for.
    `missing` names those whose package is not installed, `without` those that have no counterpart;
    `hard_only` those that were asked at one-hot targets only.
    """

    pair: Pair
    plan: Plan
    lines: tuple[Line, ...]
    nanoseconds: Mapping[str, float]
    missing: tuple[str, ...]
    without: tuple[str, ...]
    hard_only: tuple[str, ...]
    says: Mapping[str, str]

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems that have a line, ours first."""
        return tuple(dict.fromkeys(line.system for line in self.lines))


def compared(pair: Subject, module: Mapping[str, Any], plan: Plan, found: Met) -> Comparison:
    """Our code, from its module, and every system found at the points and the clock of a plan.

    BadInput for an entry alone.
    """
    if not isinstance(pair, Pair):
        raise BadInput(f"a comparison needs a pair; {pair.name!r} is one entry. Try: sigmoid bce")
    everyone = (ours(module), *found.present)
    each = _elementwise if pair.kind == ELEMENTWISE else _vectors
    lines = each(pair, everyone, plan)
    clock = nanoseconds(everyone, pair, plan.dtype, plan.size, plan.classes, plan.seed) if plan.size else {}
    return Comparison(
        pair=pair,
        plan=plan,
        lines=tuple(lines),
        nanoseconds=clock,
        missing=tuple(row.name for row in found.missing),
        without=tuple(row.name for row in found.without),
        says={rivalry.name: rivalry.says for rivalry in everyone},
        hard_only=tuple(rivalry.name for rivalry in everyone if rivalry.hard_only),
    )


def _elementwise(pair: Pair, everyone: Sequence[Rivalry], plan: Plan) -> list[Line]:
    about = formula(pair)
    true = truth(about, *points(about, plan.dtype, plan.points, plan.seed))
    z, y = true.z.astype(plan.dtype), true.y.astype(plan.dtype)
    return [
        Line(
            system=rivalry.name,
            measured=compare_points(
                rivalry.quantities[quantity](z, y).astype(np.float64), true, quantity, plan.dtype, _LOOK
            ),
        )
        for quantity in QUANTITIES
        for rivalry in everyone
        if quantity in rivalry.quantities
    ]


def _vectors(pair: Pair, everyone: Sequence[Rivalry], plan: Plan) -> list[Line]:
    found = []
    for quantity in quantities(pair):
        true = truths(pair, quantity, plan)
        found += [
            _of_rows(rivalry, quantity, true, plan) for rivalry in everyone if quantity in rivalry.quantities
        ]
    return found


def truths(pair: Pair, quantity: str, plan: Plan) -> list[Certified]:
    """The truth at rows of K classes, about as many components as there are points."""

    def drawn(size: int) -> list:
        return rows(pair, plan.dtype, classes=(plan.classes,), size=size, seed=plan.seed)

    chosen = drawn(max(1, round(plan.points / (plan.classes * len(drawn(1))))))
    share = _MATRICES if quantity == QUANTITIES[-1] else 1
    mixed = np.random.default_rng(plan.seed).permutation(len(chosen))[::share]
    # Targets too are numbers of the dtype: others know but one dtype for both.
    kept = [replace(chosen[n], y=as_dtype(chosen[n].y, plan.dtype)) for n in mixed]
    return [certified(pair, quantity, row) for row in kept if holds(pair, row, plan.dtype)]


def _of_rows(rivalry: Rivalry, quantity: str, true: Sequence[Certified], plan: Plan) -> Line:
    if rivalry.hard_only:
        true = [row for row in true if one_hot(row.row.y)]
    function = rivalry.quantities[quantity]
    given = [(t.row.x.astype(plan.dtype), t.row.y.astype(plan.dtype)) for t in true]
    values = [function(*row).astype(np.float64).ravel() for row in given]
    measured = compare_rows(values, true[0].subject, quantity, true, plan.dtype, _LOOK)
    return Line(system=rivalry.name, measured=measured)


def one_hot(y: Array) -> bool:
    """Whether a target is one class."""
    return bool(np.isin(y, (0, 1)).all() and y.sum() == 1)
