"""What is found of a vector pair: whether ∂L/∂z_j is a constant times a_j − y_j.

Refuted by two exact points at which the quotient of both differs, or proved for every size by normal form.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import sympy as sp

from derive.claims.claim import Found, found, not_applicable
from derive.claims.convexity.vectors.concrete import EXACT, Env, at, with_names
from derive.claims.matching import matching_finding
from derive.claims.places import nonzero, points_of
from derive.derivation.vectors import ASSUMPTION, step, work
from derive.derivation.vectors import quantities as q
from derive.model import (
    AS,
    PROVED,
    REFUTED,
    UNDECIDED,
    VECTOR,
    YS,
    ZS,
    Finding,
    Interval,
    J,
    K,
    Nonzero,
    OneHot,
    Pair,
    Parameter,
    Quantity,
    Set,
    Simplex,
    Sphere,
    Step,
    Unproved,
    Witness,
    Z,
)

SAYS = "∂L/∂z_j is a constant times a_j − y_j"
CHANGE = Quantity(
    name="change of the factor",
    latex=r"g(z', y') - g(z, y)",
    text="g(z', y') − g(z, y)",
)
FACTOR = Quantity(
    name="factor",
    latex=r"\frac{\partial L/\partial z_{1}}{a_{1} - y_{1}}",
    text="(∂L/∂z_1)/(a_1 − y_1)",
)
SIZE = 2
ENOUGH = 9  # points at which the quotient is one number, before a proof is sought
LOGITS = ((1, 0), (2, 1), (0, 1), (0, 0), (1, 3), (2, 0), (1, -1))


@dataclass(frozen=True, kw_only=True)
class Point:
    """Inputs and targets with the quotient (∂L/∂z_1)/(a_1 − y_1) there."""

    z: tuple[sp.Expr, ...]
    y: tuple[sp.Expr, ...]
    factor: sp.Expr

    def named(self, mark: str) -> tuple[tuple[str, sp.Expr], ...]:
        """The numbers with their names."""
        return (f"z{mark}", sp.Tuple(*self.z)), (f"y{mark}", sp.Tuple(*self.y))


@lru_cache(maxsize=64)
def vectors(pair: Pair) -> Found:
    """The findings about a vector pair."""
    why = _unlike(pair)
    if why:
        return not_applicable("canonical", SAYS, why)
    return found([*canonical(pair), matching_finding(pair.activation)])


def _unlike(pair: Pair) -> str:
    """Why a_j − y_j means nothing."""
    if pair.activation.inputs:
        return "the activation reads more vectors than it gives"
    if pair.loss.target is None or not _reads_targets(pair):
        return "the targets are no vector of the size of the output"
    return ""


def _reads_targets(pair: Pair) -> bool:
    return pair.loss.kind != VECTOR or any(
        e.base == YS for part in _formulas(pair) for e in part.atoms(sp.Indexed)
    )


def _formulas(pair: Pair) -> list[sp.Expr]:
    los = pair.loss
    return [los.expr, *(s.of for s in los.selections), *(n.meaning for n in los.names)]


@lru_cache(maxsize=64)
def canonical(pair: Pair) -> tuple[Finding, ...]:
    """The claim itself, and whether the constant is 1."""
    seen: list[Point] = []
    for point in _points(pair):
        if seen and _differ(seen[0].factor, point.factor):
            return (_refuted(pair, seen[0], point),)
        seen.append(point)
        if len(seen) == ENOUGH:
            break
    if not seen:
        how = "at no point that was tried could both sides be evaluated"
        return (Finding(name="canonical", says=SAYS, outcome=UNDECIDED, how=how),)
    return _constant(pair, seen[0].factor)


def _differ(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two exact numbers are certainly different."""
    difference = sp.cancel(one - other)
    return difference != 0 and nonzero(difference, {Z: sp.S.Zero})


def _refuted(pair: Pair, first: Point, second: Point) -> Finding:
    fixed = ", ".join(f"{p.name} = {_unusual(p)}" for p in pair.parameters)
    return Finding(
        name="canonical",
        says=SAYS,
        outcome=REFUTED,
        how=f"g = (∂L/∂z_1)/(a_1 − y_1) differs at two points, for K = {SIZE}{fixed and f' and {fixed}'}",
        witness=Witness(
            at=(*first.named(""), *second.named("'")), quantity=CHANGE, value=second.factor - first.factor
        ),
    )


def _constant(pair: Pair, factor: sp.Expr) -> tuple[Finding, ...]:
    """The proof, for every size, that the factor is what it is at the points."""
    for constant in dict.fromkeys((factor, *_with_parameters(pair, factor))):
        try:
            steps = _steps(pair, constant)
        except (Unproved, TypeError):
            continue
        assuming = any(ASSUMPTION in s.says for s in steps)
        how = f"by normal form, for every K{f', under the assumption {ASSUMPTION}' if assuming else ''}"
        plain = {1: "a_j − y_j", -1: "y_j − a_j"}.get(constant, f"{constant} (a_j − y_j)")
        says = f"∂L/∂z_j = {plain}"
        first = Finding(name="canonical", says=says, outcome=PROVED, how=how, steps=steps, value=constant)
        return first, _exactly(constant)
    how = "the quotient is the same at all points that were tried, and no proof of it was found"
    return (Finding(name="canonical", says=SAYS, outcome=UNDECIDED, how=how),)


def _with_parameters(pair: Pair, factor: sp.Expr) -> list[sp.Expr]:
    """What the factor may be in letters, if it is a number at certain values of the parameters."""
    letters = [(p.symbol, _unusual(p)) for p in pair.parameters if isinstance(p.symbol, sp.Symbol)]
    return [power for s, v in letters for power in (factor / v * s, factor * v / s)]


def _exactly(constant: sp.Expr) -> Finding:
    says = "∂L/∂z_j = a_j − y_j"
    if constant == 1:
        return Finding(name="exactly canonical", says=says, outcome=PROVED, how="the constant is 1")
    witness = Witness(at=(), quantity=FACTOR, value=constant)
    how = f"the constant is {constant}"
    return Finding(name="exactly canonical", says=says, outcome=REFUTED, how=how, witness=witness)


def _steps(pair: Pair, constant: sp.Expr) -> tuple[Step, ...]:
    """∂L/∂z_j as the constant times a_j − y_j, proved with or without the assumption on the targets."""
    made = work(pair)
    output_ = ZS[J] if made.found.output is None else made.found.output[J]
    about = made.about(q.loss_slope(ZS), made.slope(made.found.loss, ZS[J]))
    claimed = sp.Mul(constant, output_ - YS[J], evaluate=False) if constant != 1 else output_ - YS[J]
    under = f", under the assumption {ASSUMPTION}" if made.sums_to_one else ""
    says = f"Differentiate the loss through every component, and collect{under}."
    return (step(about, "chain rule", says, claimed, assuming=made.sums_to_one, result=True),)


def _points(pair: Pair) -> Iterator[Point]:
    """Points at which the quotient could be evaluated, parameters off their defaults."""
    made = work(pair)
    slope = made.slope(made.found.loss, ZS[J])
    targets = _targets(pair.loss.target)
    both = product(range(len(LOGITS)), range(len(targets)))
    for z, y in ((LOGITS[n], targets[m]) for n, m in sorted(both, key=lambda nm: (sum(nm), nm))):
        place = tuple(map(sp.Integer, z))
        try:
            factor = _quotient(pair, slope, {ZS: list(place), YS: list(y)})
        except (ArithmeticError, TypeError, ValueError, KeyError, IndexError):
            continue
        if factor is not None:
            yield Point(z=place, y=tuple(y), factor=factor)


def _quotient(pair: Pair, slope: sp.Expr, point: Env) -> sp.Expr | None:
    """(∂L/∂z_1)/(a_1 − y_1) at a point; None where that is no number."""
    values: Env = {p.symbol: _each(p) if p.per_class else _unusual(p) for p in pair.parameters}
    env: Env = {**point, **values, K: sp.Integer(SIZE)}
    row = pair.activation
    env = with_names(env, row, EXACT)
    outputs = [at(row.expr, {**env, J: j}, EXACT) for j in (1, 2)] if row.kind == VECTOR else point[ZS]
    made = work(pair).found
    read = {made.output: outputs} if made.output is not None else {}
    env = with_names({**env, **read, AS: outputs}, made, EXACT)
    below = outputs[0] - point[YS][0]
    value = at(slope, {**env, J: 1}, EXACT)
    if not value.is_finite or not nonzero(below, {Z: sp.S.Zero}):
        return None
    return sp.cancel(value / below)


def _unusual(parameter: Parameter) -> sp.Rational:
    """A value of a parameter other than its default."""
    return _each(parameter)[0]


def _each(parameter: Parameter) -> list[sp.Rational]:
    """One such value for each of two classes."""
    inside = [v for v in points_of(parameter.domain) if v not in (0, 1, parameter.default)]
    return [*inside, parameter.default, parameter.default][:SIZE]


def _targets(place: Set) -> tuple[tuple[sp.Rational, ...], ...]:
    """Some targets of two components."""
    zero, one, part = sp.S.Zero, sp.S.One, sp.Rational(1, 4)
    if isinstance(place, Simplex | OneHot):
        corners = ((one, zero), (zero, one))
        return (*corners, (part, 1 - part)) if isinstance(place, Simplex) else corners
    if isinstance(place, Sphere | Nonzero):
        return (one, zero), (zero, one)
    numbers = points_of(place)[:3] if isinstance(place, Interval) else points_of(place)
    return tuple(product(numbers, repeat=2))
