"""Where z lies, written into an expression: what is known of it there is then known to every rule."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import sympy as sp

from derive.balls import Unreachable, certified, compile_ball
from derive.heads import plain
from derive.model import REALS, Finite, Interval, Parameter, Proof, Punctured, Set, Y, Z
from derive.own.domains import contains
from derive.proof import equal, prove

_ROOT = sp.Symbol("s", positive=True)  # the root of the distance from the end of a half-line
_LESS = sp.Symbol("t", positive=True)  # e to the distance, less 1
_POSITIVE = sp.Symbol("y", positive=True)


@lru_cache(maxsize=1024)
def placed(expr: sp.Expr, domain: Set, target: Set = REALS) -> sp.Expr:
    """`expr` on a half-line: z = end ± s², or end ± log(1 + t) where there are exponentials; y > 0 known.

    With s, t > 0 roots of the distance are powers, and the signs of 1 − e^z and of its like are manifest.
    """
    if isinstance(target, Interval) and target.lo == 0:
        expr = expr.subs(Y, _POSITIVE)  # at y = 0 both sides are the limits of theirs
    if not isinstance(domain, Interval) or domain == REALS:
        return expr
    distance = sp.log(1 + _LESS) if expr.has(sp.exp) else _ROOT**2
    if domain.hi == sp.oo:
        return plain(expr).subs(Z, domain.lo + distance)
    return plain(expr).subs(Z, domain.hi - distance) if domain.lo == -sp.oo else expr


def proof_of(
    left: sp.Expr,
    right: sp.Expr,
    domain: Set = REALS,
    target: Set = REALS,
    parameters: tuple[Parameter, ...] = (),
) -> Proof:
    """How left = right is known for z in a domain; at points where a condition changes nothing is said."""
    if _same(placed(left - right, domain, target), sp.S.Zero):
        return Proof(method="normal form")
    return prove(left, right, target, parameters, at_points=False)


def same(
    left: sp.Expr,
    right: sp.Expr,
    domain: Set = REALS,
    target: Set = REALS,
    parameters: tuple[Parameter, ...] = (),
) -> bool:
    """Whether left = right is proved for z in a domain, kinks aside."""
    if _same(placed(left - right, domain, target), sp.S.Zero):
        return True
    in_cases = isinstance(target, Finite) or any(e.has(sp.Piecewise, sp.Min, sp.Max) for e in (left, right))
    return in_cases and prove(left, right, target, parameters, at_points=False).proved


def _same(left: sp.Expr, right: sp.Expr) -> bool:
    try:
        return equal(left, right)
    except TypeError:  # no normal form
        return False


def points_of(domain: Set) -> tuple[sp.Rational, ...]:
    """Simple rational numbers inside a domain, which floats hold exactly, the simplest first."""
    if isinstance(domain, Punctured):
        return tuple(v for v in points_of(REALS) if v != 0)
    if not isinstance(domain, Interval):
        return tuple(map(sp.Integer, getattr(domain, "values", ())))
    tried = (*range(3), -1, *(sp.Rational(n, 4) for n in (2, 3, 1, -2)), -2, 3, -3, 5, -5, 10, -10)
    return tuple(sp.Rational(n) for n in tried if contains(domain, sp.Rational(n)))


def exact(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The exact value of an expression at a point."""
    return sp.cancel(plain(expr.subs(values)))


def nonzero(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether an expression is certainly not 0 at a point, by an enclosure."""
    try:
        ball = compile_ball(expr)
        found = certified(ball, {s: float(v) for s, v in values.items()}, next(iter(values)), 0)[0]
    except (Unreachable, TypeError):  # undefined there, or of a function without balls
        return False
    return not found.contains(0)


def settings(parameters: tuple[Parameter, ...]) -> Iterator[dict[sp.Basic, sp.Expr]]:
    """The parameters at their defaults, then each at another value."""
    default = {p.symbol: p.default for p in parameters}
    yield default
    for p in parameters:
        yield default | {p.symbol: off_default(p)}


def off_default(parameter: Parameter) -> sp.Expr:
    """A simple admissible value of a parameter other than its default."""
    tried = [sp.Rational(1, 2), sp.Integer(2), sp.Rational(1, 4), sp.Integer(-1)]
    width = parameter.domain.hi - parameter.domain.lo
    if width.is_finite:
        tried += [parameter.domain.lo + width * part for part in (sp.S.Half, sp.Rational(1, 4))]
    return next(v for v in tried if v != parameter.default and _inside(v, parameter.domain))


def _inside(value: sp.Expr, place: Interval) -> bool:
    return bool(place.lo < value < place.hi)
