"""Proofs that two expressions are the same function: by normal form, by derivative and one point, or sampled.

Piecewise functions are split into pieces first: the cases that occur at sample points, each proved on
its own. A finite set of targets is taken one target at a time. Points on a boundary are not covered:
values at kinks are conventions, and have a check of their own.
"""

import random
from collections.abc import Iterator

import sympy as sp
from sympy.core.relational import Relational

from derive.balls import Unreachable, certified, compile_ball
from derive.heads import plain
from derive.model import REALS, UNIT_CLOSED, A, Finite, Interval, Parameter, Proof, Set, Y, Z
from derive.proof.normal import equal

__all__ = ["equal", "prove"]

POINTS = 24  # of a sampled proof
_AGREE_BITS = 170  # a relative radius of 1e-50 takes 167
_CASES = 400  # sample points that show which cases occur
_MODERATE = Interval(lo=sp.Integer(-6), hi=sp.Integer(6))
_NONE = Proof(method="none")


def prove(
    left: sp.Expr, right: sp.Expr, target: Set = REALS, parameters: tuple[Parameter, ...] = ()
) -> Proof:
    """How left = right is known, for real z and a, y in `target` and admissible parameters."""
    methods = [
        _prove_smooth(one, other, parameters)
        for left_y, right_y, region in _per_target(left, right, target)
        for one, other in _per_case(left_y, right_y, region, parameters)
    ]
    if not all(m.holds for m in methods):
        return _NONE
    order = ("normal form", "derivative and one point", "sampled")
    return max(methods, key=lambda m: order.index(m.method))


def _per_target(left, right, target: Set) -> Iterator[tuple[sp.Expr, sp.Expr, Set]]:
    if not isinstance(target, Finite):
        yield left, right, target
        return
    for value in target.values:
        yield left.subs(Y, value), right.subs(Y, value), target


def _per_case(left, right, target: Set, parameters) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """The pair of branches of both sides in every case that occurs."""
    if not (left.has(sp.Piecewise, sp.Min, sp.Max) or right.has(sp.Piecewise, sp.Min, sp.Max)):
        yield left, right
        return
    both = [
        plain(side).replace(lambda e: isinstance(e, sp.Min | sp.Max), _as_cases) for side in (left, right)
    ]
    relations = sorted({r for side in both for r in side.atoms(Relational)}, key=str)
    for truth in _signatures(relations, target, parameters):
        known = dict(zip(relations, truth, strict=True))
        yield both[0].xreplace(known), both[1].xreplace(known)


def _as_cases(expr: sp.Expr) -> sp.Expr:
    return expr.rewrite(sp.Piecewise)


def _signatures(relations: list, target: Set, parameters) -> set[tuple]:
    """Which relations hold together, at seeded points of moderate size."""
    if not relations:
        return {()}
    symbols = (Z, A, Y, *(p.symbol for p in parameters))
    holds = sp.lambdify(symbols, relations, "math")
    points = sample(_CASES, target, parameters)
    return {tuple(sp.true if truth else sp.false for truth in holds(*point)) for point in points}


def sample(count: int, target: Set, parameters) -> list[tuple[float, ...]]:
    """Seeded values of z, a, y and the parameters: z and a in [−6, 6], the others in their sets."""
    rng = random.Random(1)
    domains = (_MODERATE, _MODERATE, target, *(p.domain for p in parameters))
    return [tuple(_draw(rng, domain) for domain in domains) for _ in range(count)]


def _draw(rng: random.Random, domain: Set) -> float:
    if isinstance(domain, Finite):
        return float(rng.choice(domain.values))
    if not isinstance(domain, Interval):
        raise TypeError(f"no points in {domain}")
    return rng.uniform(max(float(domain.lo), -6.0), min(float(domain.hi), 6.0))


def _prove_smooth(left: sp.Expr, right: sp.Expr, parameters) -> Proof:
    if left.has(sp.nan, sp.zoo) or right.has(sp.nan, sp.zoo):
        return _NONE
    try:
        if equal(left, right):
            return Proof(method="normal form")
        if _by_derivative(left, right):
            return Proof(method="derivative and one point")
    except TypeError:  # something in it has no normal form; points may still decide
        pass
    return _by_points(left, right, parameters)


def _by_derivative(left: sp.Expr, right: sp.Expr) -> bool:
    same_slope = equal(sp.diff(left, Z), sp.diff(right, Z))
    return same_slope and equal(left.subs(Z, 0), right.subs(Z, 0))


def _by_points(left: sp.Expr, right: sp.Expr, parameters) -> Proof:
    """Agreement in balls of relative radius below 1e-50 at seeded real points."""
    symbols = (Z, A, Y, *(p.symbol for p in parameters))
    sides = [compile_ball(left), compile_ball(right)]
    points = sample(POINTS, UNIT_CLOSED, parameters)
    for point in points:
        env = dict(zip(symbols, point, strict=True))
        try:
            one, other = (certified(s, env, Z, 0, digits=_AGREE_BITS)[0] for s in sides)
        except Unreachable:
            return _NONE
        if not one.overlaps(other):
            return _NONE
    return Proof(method="sampled", points=len(points))
