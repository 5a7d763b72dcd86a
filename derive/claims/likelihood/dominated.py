"""Why a loss is no negative log-likelihood: a prediction that no outcome speaks for.

If exp(h(y) − c L(a, y)) summed to 1 over the outcomes for every a, no prediction could be at least as bad as
another at every outcome and worse at one: its sum would be smaller, and both are 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any, TypeAlias

import sympy as sp
from sympy import Expr, Indexed

from derive.claims.likelihood.exact import sign_of, value
from derive.claims.working import definition, equality, relation
from derive.model import (
    AS,
    VECTOR,
    YS,
    Finite,
    Interval,
    LogSimplex,
    Loss,
    Nonzero,
    OneHot,
    Quantity,
    Simplex,
    Step,
    Table,
    Witness,
    Y,
)
from derive.proof import prove

GRID = tuple(sp.Integer(n) for n in (0, 1, 2, -1, 3))
PARTS = tuple(sp.Rational(n, 8) for n in (4, 2, 6, 1))
SUM = Quantity(name="sum", latex=r"\sum_y e^{h(y) - c L(a, y)}", text="Σ_y exp(h(y) − c L(a, y))")
SUPPOSED = "what would have to be so, for every a: c > 0 and h are whatever they have to be"
SMALLER = "no term is larger at the worse prediction, and one is smaller: both sums cannot be 1"

Prediction: TypeAlias = Any  # a number, or the components of each input
Outcome: TypeAlias = Any  # a number, or its components


@dataclass(frozen=True, kw_only=True)
class Dominated:
    """A prediction `worse` that at every outcome y costs at least as much as `better`: (y, L, L)."""

    worse: Prediction
    better: Prediction
    costs: tuple[tuple[Outcome, Expr, Expr], ...]

    @property
    def decisive(self) -> tuple[Outcome, Expr, Expr]:
        """An outcome at which it costs more."""
        return next(row for row in self.costs if row[1] != row[2])


def dominated(los: Loss) -> Dominated | None:
    """A dominated prediction, if the outcomes are few and one is found among small numbers."""
    outcomes = list(outcomes_of(los))
    if len(outcomes) < 2:
        return None
    costs = {a: [cost(los, a, y) for y in outcomes] for a in _predictions(los)}
    for worse, better in permutations(costs, 2):
        pairs = list(zip(costs[worse], costs[better], strict=True))
        signs = [sign_of(w - b) for w, b in pairs]
        if all(sign in (0, 1) for sign in signs) and 1 in signs:
            rows = tuple((y, *pair) for y, pair in zip(outcomes, pairs, strict=True))
            return Dominated(worse=worse, better=better, costs=rows)
    return None


def cost(los: Loss, a: Prediction, y: Outcome) -> Expr:
    """The loss of a prediction at an outcome, exactly."""
    if los.kind != VECTOR:
        assert isinstance(a, Expr) and isinstance(y, Expr)
        return value(los, a, y)
    assert isinstance(a, tuple)
    at = dict(zip([i.base for i in los.inputs] or [AS], a, strict=True))
    return value(los, at | {YS: y}) if isinstance(y, tuple) else value(los, at, y)


def outcomes_of(los: Loss) -> Iterator[Outcome]:
    """The outcomes of two classes, or the labels; none where there are too many."""
    if los.kind == VECTOR and any(e.base == YS for e in los.expr.atoms(Indexed)):
        size = _size(los)
        if isinstance(los.target, OneHot) or los.target == Simplex():
            yield from (tuple(sp.Integer(k == j) for k in range(size)) for j in range(size))
        elif isinstance(los.target, Finite):
            yield from product(map(sp.Integer, los.target.values), repeat=size)
    elif los.expr.has(Y) and isinstance(los.target, Finite):
        yield from map(sp.Integer, los.target.values)


def _size(los: Loss) -> int:
    """Of how many components a loss is tried: two classes; one component of stacked vectors on the line."""
    return 1 if los.inputs and los.prediction != Nonzero() else 2


def _predictions(los: Loss) -> Iterator[Prediction]:
    if los.kind != VECTOR:
        if isinstance(los.prediction, Interval):
            low, high = los.prediction.lo, los.prediction.hi
            yield from (n for n in (*GRID, *PARTS) if low < n < high)
    elif isinstance(los.prediction, Simplex | LogSimplex):
        for p in PARTS:
            pair = (p, 1 - p)
            yield (tuple(map(sp.log, pair)) if isinstance(los.prediction, LogSimplex) else pair,)
    else:
        yield from _stacked(len(los.inputs) or 1, los.prediction == Nonzero(), _size(los))


def _stacked(many: int, nonzero: bool, size: int) -> Iterator[Prediction]:
    """A first vector that varies, and others that stay."""
    zero, unit = (sp.S.Zero,) * size, (sp.S.One, *(sp.S.Zero,) * (size - 1))
    turning = [unit, unit[::-1], tuple(-u for u in unit)]
    for first in turning if nonzero else [(n, *zero[1:]) for n in GRID]:
        yield (first, *(unit if nonzero else zero for _ in range(many - 1)))


def why(found: Dominated) -> str:
    """Why a loss with a dominated prediction has no density."""
    return (
        f"the prediction {written(found.worse)} costs at least as much as {written(found.better)} "
        "at every outcome, and more at one: no probabilities can sum to 1 at both"
    )


def steps(found: Dominated) -> tuple[Step, ...]:
    """That the sum over the outcomes cannot be 1 at both predictions."""
    return (
        definition(SUM, SUPPOSED, sp.S.One),
        *(_cost_step(found, *row) for row in found.costs),
        relation(
            _sum_at(found.worse),
            "<",
            ("compare", SMALLER, sp.S.One),
            "rule",
            shown=_sum_at(found.better).latex,
        ),
    )


def _cost_step(found: Dominated, y: Outcome, worse: Expr, better: Expr) -> Step:
    says, more = "costs the same" if worse == better else "costs more", worse - better
    short = sp.simplify(more)
    return equality(
        _difference(found, y),
        ("at an outcome", f"the first prediction {says}", short if _same(short, more) else more),
        more,
    )


def _same(short: Expr, whole: Expr) -> bool:
    """Whether what SymPy made of a number is proved to be that number."""
    return prove(short, whole).proved


def _difference(found: Dominated, y: Outcome) -> Quantity:
    one, other, at = (written(part) for part in (found.worse, found.better, y))
    text = f"L({one}, {at}) − L({other}, {at})"
    latex = text.replace("−", "-")
    return Quantity(name=f"difference at {at}", latex=latex, text=text)


def _sum_at(a: Prediction) -> Quantity:
    at = written(a)
    return Quantity(
        name=f"sum at {at}",
        latex=rf"\sum_y e^{{h(y) - c L({at.replace('−', '-')}, y)}}",
        text=f"Σ_y exp(h(y) − c L({at}, y))",
    )


def written(point: Prediction | Outcome) -> str:
    """A number, or a vector in brackets."""
    if not isinstance(point, tuple):
        return str(point).replace("-", "−")
    if len(point) == 1:
        return written(point[0])
    return f"({', '.join(written(p) for p in point)})"


def witness(found: Dominated) -> Witness:
    """An outcome at which the dominated prediction costs more."""
    y, worse, better = found.decisive
    at = (*_coordinates("a", found.worse), *_coordinates("y", y))
    return Witness(at=at, quantity=_difference(found, y), value=sp.simplify(worse - better))


def _coordinates(letter: str, point: Prediction | Outcome) -> Iterator[tuple[str, Expr]]:
    """Names of the letters of a point with their values."""
    if not isinstance(point, tuple):
        yield letter, point
    elif isinstance(point[0], tuple) and len(point) == 1:
        yield from _coordinates(letter, point[0])
    elif isinstance(point[0], tuple):
        for name, vector in zip("uvr", point, strict=False):
            yield from _coordinates(name, vector)
    else:
        yield from ((f"{letter}_{n}", v) for n, v in enumerate(point, 1))


def table(found: Dominated) -> Table:
    """What both predictions cost at each outcome."""
    head = ("y", f"L({written(found.worse)}, y)", f"L({written(found.better)}, y)")
    rows = tuple((written(y), worse, better) for y, worse, better in found.costs)
    return Table(title="A prediction that no outcome speaks for", head=head, rows=rows)
