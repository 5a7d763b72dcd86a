"""The largest |a′| and the z at which a share of it is left, exactly, by an equation of low degree."""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from derive.claims.saturation.tails import Side
from derive.derivation.kinks import boundaries
from derive.model import Z
from derive.proof.limits import limit
from derive.proof.normal import HYPERBOLIC

_E = sp.Symbol("E", positive=True)
_X = sp.Symbol("x", real=True)
DEGREE = 4  # of the equations that are solved


@dataclass(frozen=True, kw_only=True)
class Rational:
    """a′ as a rational function of one letter, and how z comes back from the letter."""

    expr: sp.Expr
    letter: sp.Symbol
    back: Callable[[sp.Expr], sp.Expr]


def solved(slope: sp.Expr, side: Side, share: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """The largest |a′| and the last z before an end at which the share of it is left, if solved."""
    slope = slope.replace(lambda e: isinstance(e, HYPERBOLIC), lambda e: e.rewrite(sp.exp))
    if isinstance(slope, sp.Piecewise):
        return _by_pieces(slope, side, share)
    if found := _gaussian(slope, side, share):
        return found
    written = rational(slope)
    if written is None:
        return None
    values = _stationary(written)
    ends = [limit(slope, Z, end) for end in (-sp.oo, sp.oo)]
    if values is None or None in ends:
        return None
    largest = max([abs(v) for v in (*values, *ends)], key=lambda v: v.evalf())
    return _crossing(written, largest, side, share)


def rational(slope: sp.Expr) -> Rational | None:
    """a′ in one e^(cz), or in z; None where it is rational in neither."""
    arguments = sorted({e.args[0] for e in slope.atoms(sp.exp)}, key=str)
    if not arguments:
        return _of(sp.cancel(slope.subs(Z, _X)), _X, lambda x: x)
    rate = arguments[0].coeff(Z)
    if rate == 0 or any(not (a / (rate * Z)).simplify().is_Integer for a in arguments):
        return None
    rate = abs(rate)
    powers = slope.replace(lambda e: isinstance(e, sp.exp), lambda e: _E ** sp.cancel(e.args[0] / (rate * Z)))
    return _of(sp.cancel(sp.together(powers)), _E, lambda e: _logarithm(e) / rate)


def _logarithm(number: sp.Expr) -> sp.Expr:
    """log e^(cz), of a number above 1: −log 99 rather than log(1/99)."""
    number = sp.sqrtdenest(number)
    return sp.log(number) if number > 1 else -sp.log(sp.sqrtdenest(sp.radsimp(1 / number)))


def _of(expr: sp.Expr, letter: sp.Symbol, back) -> Rational | None:
    if expr.has(Z) or not expr.is_rational_function(letter):
        return None
    return Rational(expr=expr, letter=letter, back=back)


def _stationary(written: Rational) -> list[sp.Expr] | None:
    """The values of a′ where its own slope is 0; None where those points are not all found."""
    top = sp.fraction(sp.cancel(written.expr.diff(written.letter)))[0]
    roots = _roots(top, written.letter)
    return None if roots is None else [sp.radsimp(written.expr.subs(written.letter, r)) for r in roots]


def _roots(top: sp.Expr, letter: sp.Symbol) -> list[sp.Expr] | None:
    """All real roots (positive ones of e^(cz)) of a polynomial whose factors are of low degree."""
    found: list[sp.Expr] = []
    for part, _ in sp.factor_list(top, letter)[1]:
        roots = sp.roots(part, letter) if sp.degree(part, letter) <= DEGREE else {}
        if sum(roots.values()) != sp.degree(part, letter):
            return None
        found += [r for r in roots if r.is_real]
    return [r for r in found if letter is _X or r.is_positive]


def _crossing(written: Rational, largest: sp.Expr, side: Side, share: sp.Expr):
    """The outermost z with |a′| = share · largest; beyond it a continuous a′ cannot come back."""
    found: list[sp.Expr] = []
    for level in (share * largest, -share * largest):
        roots = _roots(sp.fraction(sp.cancel(written.expr - level))[0], written.letter)
        if roots is None:
            return None
        found += [written.back(r) for r in roots]
    return (largest, min(found, key=lambda z: side.inward * z.evalf())) if found else None


def _gaussian(slope: sp.Expr, side: Side, share: sp.Expr):
    """c·e^(−k z²): largest at 0, and z = ± sqrt(log(1/share)/k)."""
    front, rest = slope.as_independent(Z, as_Add=False)
    if not isinstance(rest, sp.exp):
        return None
    rate = sp.cancel(rest.args[0] / Z**2)
    if rate.has(Z) or not rate.is_negative:
        return None
    return sp.Abs(front), -side.inward * sp.sqrt(sp.log(1 / share) / -rate)


def _by_pieces(slope: sp.Piecewise, side: Side, share: sp.Expr):
    """Cases in z with constants and one that falls: relu and elu."""
    edges = boundaries(slope)
    if len(edges) != 1 or side.end != -sp.oo:
        return None
    edge = edges[0]
    outer, inner = (_piece(slope, edge + step) for step in (1, -1))
    if outer.has(Z):
        return None
    if inner == 0:
        return sp.Abs(outer), edge
    if not isinstance(sp.Mul(*[f for f in sp.Mul.make_args(inner) if f.has(Z)]), sp.exp):
        return None
    largest = sp.Max(sp.Abs(outer), sp.Abs(inner.subs(Z, edge)))
    written = rational(inner)
    return None if written is None else _crossing(written, largest, side, share)


def _piece(slope: sp.Piecewise, point: sp.Expr) -> sp.Expr:
    return next(e for e, c in slope.args if c.subs(Z, point) == sp.true)
