"""Proofs that two expressions are the same function: by normal form, by derivative and one point, or sampled.

Piecewise functions are split into all their cases first, each proved on its own. A finite set of targets
is taken one target at a time. Letters that lie in an interval with an end are written with a positive one,
so that the logarithm of a product of them is a sum.
"""

import random
from collections.abc import Iterator

import sympy as sp

from derive.balls import Unreachable, certified, compile_ball
from derive.heads import plain
from derive.model import REALS, A, Finite, Interval, Parameter, Proof, Punctured, Set, Y, Z
from derive.proof.cases import Case, cases, inside
from derive.proof.normal import equal, zero_where

__all__ = ["equal", "prove"]

POINTS = 24  # of a sampled proof
_TRIES = 4000  # points drawn to find those of a case
_AGREE_BITS = 170  # a relative radius of 1e-50 takes 167
_MODERATE = 6.0
_NONE = Proof(method="none")
_ORDER = ("normal form", "derivative and one point", "sampled")
_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)
Where = dict[sp.Symbol, Set]  # the domains of z, a and y
_JUMPING = (sp.sign, sp.Abs, sp.Heaviside, sp.Piecewise, sp.floor)


def prove(
    left: sp.Expr,
    right: sp.Expr,
    target: Set = REALS,
    parameters: tuple[Parameter, ...] = (),
    *,
    at_points: bool = True,
    domain: Set = REALS,
) -> Proof:
    """How left = right is known, for z and a in `domain`, y in `target` and admissible parameters.

    Where `at_points` is false, points at which a condition changes, such as kinks, are left out.
    """
    methods = []
    for one, other, region in _per_target(left, right, target):
        for case in cases(one, other, at_points=at_points):
            if _beyond(case, domain):
                continue
            methods.append(_prove_case(case, {Z: domain, A: domain, Y: region}, parameters))
            if not methods[-1].holds:
                return _NONE
    return max(methods, key=lambda m: _ORDER.index(m.method))


def _per_target(left, right, target: Set) -> Iterator[tuple[sp.Expr, sp.Expr, Set]]:
    if not isinstance(target, Finite):
        yield left, right, target
        return
    for value in target.values:
        yield left.subs(Y, value), right.subs(Y, value), target


def _beyond(case: Case, domain: Set) -> bool:
    """Whether a case lies where z never is."""
    if not isinstance(domain, Interval):
        return False
    return sp.Le(case.high, domain.lo) == sp.true or sp.Ge(case.low, domain.hi) == sp.true


def _prove_case(case: Case, where: Where, parameters: tuple[Parameter, ...]) -> Proof:
    left, right = plain(case.left), plain(case.right)
    if left.has(*_INFINITE) or right.has(*_INFINITE):
        return _NONE
    try:
        if _same(left, right, where, tuple(d for d, sign in case.signs if sign == 0)):
            return Proof(method="normal form")
        cell = _cell(case, where[Z])
        if isinstance(cell, Interval) and _by_derivative(left, right, inside(cell.lo, cell.hi), where):
            return Proof(method="derivative and one point")
    except TypeError:  # something in it has no normal form; points may still decide
        pass
    return _by_points(case, where, parameters)


def _same(left: sp.Expr, right: sp.Expr, where: Where, zeros: tuple[sp.Expr, ...] = ()) -> bool:
    """Whether both sides are one function where `zeros` are 0, by normal form.

    At a closed end of y where a formula says 0 log 0 its limit is meant, which is that of the other side.
    """
    if equal(left, right) or any(zero_where(left - right, d) for d in zeros):
        return True
    letters = {s: written for s, domain in where.items() if (written := positively(s, domain)) != s}
    if not letters.keys() & (left.free_symbols | right.free_symbols):
        return False
    inner = [e.xreplace(letters) for e in (left, right, *zeros)]
    if not (equal(*inner[:2]) or any(zero_where(inner[0] - inner[1], d) for d in inner[2:])):
        return False
    ends = [[side.subs(Y, end) for side in (left, right)] for end in _closed_ends(where[Y])]
    return all(any(side.has(*_INFINITE) for side in sides) or _same(*sides, where) for sides in ends)


def positively(letter: sp.Symbol, domain: Set) -> sp.Expr:
    """A letter of an interval with an end, written with a positive one; another as it is."""
    if not isinstance(domain, Interval) or domain == REALS:
        return letter
    free = sp.Symbol(str(letter), positive=True)
    if domain.hi == sp.oo:
        return domain.lo + free
    return domain.hi - free if domain.lo == -sp.oo else (domain.lo + domain.hi * free) / (1 + free)


def _closed_ends(target: Set) -> tuple[sp.Expr, ...]:
    if not isinstance(target, Interval):
        return ()
    ends = ((target.lo, target.closed_lo), (target.hi, target.closed_hi))
    return tuple(end for end, closed in ends if closed)


def _by_derivative(left: sp.Expr, right: sp.Expr, point: sp.Expr, where: Where) -> bool:
    """Equal slopes, and equal values at a point of the case, of functions that are smooth and real there."""
    if not all(_smooth(side) for side in (left, right)):
        return False
    ends = [side.subs(Z, point) for side in (left, right)]
    if any(end.has(*_INFINITE) for end in ends):
        return False
    return _same(left.diff(Z), right.diff(Z), where) and _same(*ends, where)


def _smooth(side: sp.Expr) -> bool:
    """Whether no function in it jumps, and every logarithm is of something positive."""
    return not side.has(*_JUMPING) and all(e.args[0].is_positive for e in side.atoms(sp.log))


def _by_points(case: Case, where: Where, parameters: tuple[Parameter, ...]) -> Proof:
    """Agreement in balls of relative radius below 1e-50 at seeded real points of the case."""
    symbols = (Z, A, Y, *(p.symbol for p in parameters))
    if any(plain(side).has(*_JUMPING) for side in (case.left, case.right)):
        return _NONE  # a jump can hide between the points
    try:
        sides = [compile_ball(case.left), compile_ball(case.right)]
        points = _points_of(case, where, parameters)
        for point in points:
            env = dict(zip(symbols, point, strict=True))
            one, other = (certified(s, env, Z, 0, digits=_AGREE_BITS)[0] for s in sides)
            if not one.overlaps(other):
                return _NONE
    except (Unreachable, TypeError):
        return _NONE
    return Proof(method="sampled", points=len(points)) if len(points) == POINTS else _NONE


def _points_of(case: Case, where: Where, parameters: tuple[Parameter, ...]) -> list[tuple[float, ...]]:
    """Seeded values of z, a, y and the parameters that belong to a case; a point of z counts as it is."""
    rng = random.Random(1)
    symbols = (Z, A, Y, *(p.symbol for p in parameters))
    domains = (_cell(case, where[Z]), where[A], where[Y], *(p.domain for p in parameters))
    differences = sp.lambdify(symbols, [d for d, _ in case.signs], "math")
    signs = [sign for _, sign in case.signs]
    drawn = (tuple(_draw(rng, domain) for domain in domains) for _ in range(_TRIES))
    fitting = (p for p in drawn if [(d > 0) - (d < 0) for d in differences(*p)] == signs)
    return [point for point, _ in zip(fitting, range(POINTS), strict=False)]


def _cell(case: Case, domain: Set) -> Set:
    """The part of a domain of z that belongs to a case."""
    if not isinstance(domain, Interval):
        return domain
    return Interval(lo=sp.Max(case.low, domain.lo), hi=sp.Min(case.high, domain.hi))


def _draw(rng: random.Random, domain: Set) -> float:
    if isinstance(domain, Finite):
        return float(rng.choice(domain.values))
    if isinstance(domain, Punctured):
        return rng.choice((-1, 1)) * rng.uniform(1 / _MODERATE, _MODERATE)
    if not isinstance(domain, Interval):
        raise TypeError(f"no points in {domain}")
    low, high = float(domain.lo), float(domain.hi)
    if low == -float("inf"):
        low = min(-_MODERATE, high - _MODERATE)
    return rng.uniform(low, max(_MODERATE, low + _MODERATE) if high == float("inf") else high)
