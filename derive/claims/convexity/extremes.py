"""The largest value of a derivative: candidates from limits and stationary points, then a proof of the bound.

A function of z, or of a, and of targets: where it is affine in y the ends of y's place decide; where it
depends on a and y by a − y = t alone, t takes y's place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from derive.claims.convexity.curvature import curvature, gradient, in_z
from derive.claims.convexity.shape import Piece
from derive.claims.convexity.signs import T, in_cell, of_one_sign
from derive.claims.convexity.witness import negative, points_below
from derive.claims.convexity.words import where
from derive.derivation.slopes import loss_slope, output_slope
from derive.heads import plain
from derive.model import REALS, UNDECIDED, A, Finite, Interval, Loss, Set, Y, Z
from derive.proof.limits import limit
from derive.proof.signs import Decision

SIMPLE = tuple(map(sp.Rational, (0, 1, -1, "1/2", 2)))
CONTINUOUS = "its formula is continuous there"
LINEAR = "it grows with y as a multiple of y does"
LONG = 60  # operations; of a longer function no exact largest value is to be hoped for
SOMEWHERE = sp.Rational(711, 1000)
NEARLY = 1e-9  # what is not within this of 0 in floats is not 0
_HIGH = 4  # the degree of a polynomial whose roots are still written


Point = tuple[tuple[sp.Symbol, sp.Expr], ...]


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """The largest value: where letters are, `at`, and where others tend, `to`, when it is approached.

    `cell` is the piece, in words; `own` what the derivative itself is at a point where nothing tends. An end
    is approached by a limit, or by a `rule` that says why.
    """

    value: sp.Expr
    at: Point
    to: Point = ()
    cell: str = ""
    own: sp.Expr | None = None
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A function of one letter in a place; `fixed` are letters that have come to a value."""

    expr: sp.Expr
    letter: sp.Symbol
    place: Interval
    fixed: Point = ()


@cache
def largest(piece: Piece, order: int, sign: int) -> Extreme | None:
    """The supremum of ± a derivative on the cell of a piece; ∞ where unbounded, None where not found."""
    candidates: list[Extreme] = []
    for line in _lines(piece, order, sign):
        found = [line] if isinstance(line, Extreme) else _of_line(line)
        candidates += [e for e in found if _belongs(e, piece)]
    best = max(candidates, key=lambda c: _float(c.value, _defaults(piece)), default=None)
    if best is None:
        return None
    return replace(best, cell=where(piece), own=None if best.to else _own(best, sign, piece, order))


def _own(extreme: Extreme, sign: int, piece: Piece, order: int) -> sp.Expr:
    """The derivative where an extreme is, with nothing simplified; y is a − t at a distance t."""
    expr, point = sign * plain(derivative(piece, order)), dict(extreme.at)
    apart = next((s for s in point if s in (T, DISTANCE)), None)
    if apart is not None:
        expr = expr.subs(Y, A - point.pop(apart))
    return (expr.subs(A, plain(piece.act.expr)) if Z in point else expr).subs(point)


def _belongs(extreme: Extreme, piece: Piece) -> bool:
    """Whether the output there lies in a cell between numbers; a cell that moves with y was put in before."""
    low, high, z = piece.low, piece.high, dict((*extreme.at, *extreme.to)).get(Z)
    if z is None or not (low.is_number and high.is_number) or (low.is_infinite and high.is_infinite):
        return True
    side = -1 if z == getattr(piece.act.domain, "hi", sp.oo) else 1
    output = limit(piece.act.expr, Z, z if z.is_infinite else (z, side))
    if output is None:
        return False
    return float(low) <= _float(output, _defaults(piece)) <= float(high)


def derivative(piece: Piece, order: int) -> sp.Expr:
    """∂L/∂z or ∂²L/∂z² in a and z."""
    return gradient(piece)[1] if order == 1 else curvature(piece)


def _float(value: sp.Expr, defaults: dict) -> float:
    number = value.subs(defaults)
    return float(number) if number.is_number and number.is_extended_real else -float("inf")


def bounded(expr: sp.Expr, value: sp.Expr, piece: Piece) -> Decision:
    """Whether `expr` ≤ value on the cell of a piece; a simple point above it spares the proof."""
    if expr.count_ops() > LONG or next(points_below(value - expr, piece), None) is not None:
        return Decision(
            outcome=UNDECIDED, method="none", how="a larger value was found, or none can be hoped for"
        )
    return of_one_sign(value - expr, piece)


def _lines(piece: Piece, order: int, sign: int) -> Iterator[Line | Extreme]:
    """The functions of one letter among whose values the largest is."""
    expr, target = sign * derivative(piece, order), piece.los.target
    moving = piece.low.has(Y) or piece.high.has(Y)
    if not expr.has(Y) or isinstance(target, Finite):
        yield from _in_one(expr, piece, ())
    elif target == REALS and (moving or not _affine(piece.los)):
        yield from _by_distance(piece, order, sign)
    elif not moving and _affine(piece.los) and isinstance(target, Interval):
        for end in (target.lo, target.hi):
            if end.is_infinite:
                yield from _without_end(expr, piece, end)
            else:
                yield from _in_one(expr.subs(Y, end), piece, ((Y, end),))


@cache
def _affine(los: Loss) -> bool:
    """Whether the slope of a loss, and with it every derivative in z, is affine in y."""
    return sp.expand(plain(los.expr).diff(A).diff(Y, 2)) == 0


def _in_one(expr: sp.Expr, piece: Piece, fixed) -> Iterator[Line | Extreme]:
    """A function of a where it has no z, and of z otherwise."""
    exact = not piece.act.range_is_enclosure and isinstance(piece.act.range, Interval)
    cut = piece.act.domain != REALS or piece.low.is_finite or piece.high.is_finite
    assert isinstance(piece.act.domain, Interval)
    if not expr.has(Z, A):
        yield Extreme(value=expr, at=fixed)
    elif not expr.has(Z) and exact and (not cut or piece.act.expr == Z):
        place = piece.act.domain if piece.act.expr == Z else piece.act.range
        yield Line(expr=plain(expr), letter=A, place=_clipped(place, piece), fixed=fixed)
    else:
        yield Line(expr=in_z(expr, piece), letter=Z, place=piece.act.domain, fixed=fixed)


def _clipped(place: Set, piece: Piece) -> Interval:
    """The outputs of a piece."""
    assert isinstance(place, Interval)
    low = piece.low if piece.low.is_number and piece.low > place.lo else place.lo
    high = piece.high if piece.high.is_number and piece.high < place.hi else place.hi
    return Interval(lo=low, hi=high)


def _without_end(expr: sp.Expr, piece: Piece, end: sp.Expr) -> Iterator[Extreme]:
    """∞ where the factor of y lets the expression grow as y comes to an infinite end."""
    factor = in_z(expr, piece).diff(Y) * sp.sign(end)
    for value in (v for v in SIMPLE if _inside(v, piece.act.domain)):
        at = factor.subs({p.symbol: p.default for p in piece.parameters}).subs(Z, value)
        if at.is_number and at.is_finite and at.is_extended_real and negative(-at):
            yield Extreme(value=sp.oo, at=((Z, value),), to=((Y, end),), rule=LINEAR)
            return


def _inside(value: sp.Expr, place: Set) -> bool:
    return isinstance(place, Interval) and bool(place.lo < value) and bool(value < place.hi)


def _by_distance(piece: Piece, order: int, sign: int) -> Iterator[Line | Extreme]:
    """With y = a − t: a function of t alone, or a product of one of z and one of t."""
    a1, bent = output_slope(piece.act, 1), output_slope(piece.act, 2)
    if order == 2 and bent != 0:
        return
    slope, where = in_cell(plain(loss_slope(piece.los, order)), piece)
    place = where.get(T, REALS)
    slope = slope.subs(Y, A - DISTANCE)
    letter = T if place != REALS else DISTANCE
    inner = _collapsed(slope) if slope.atoms(sp.Function) else sp.factor(slope)
    outer = sign * a1**order
    if inner.has(A) or not isinstance(place, Interval):
        return
    if not inner.has(letter):
        yield from _in_one(outer * inner, piece, ())
    elif not outer.has(A, Z):
        yield Line(expr=outer * inner, letter=letter, place=place)
    else:
        yield from _product(a1**order, Line(expr=sign * inner, letter=letter, place=place), piece)


def _product(outer: sp.Expr, inner: Line, piece: Piece) -> Iterator[Extreme]:
    """The largest product of a function of z and one of t, which are free of each other."""
    for sign in (1, -1):
        lines = [line for line in _in_one(sign * outer, piece, ()) if isinstance(line, Line)]
        firsts = [e for line in lines for e in _of_line(line)]
        seconds = _of_line(replace(inner, expr=sign * inner.expr))
        if firsts and seconds:
            one, other = (
                max(found, key=lambda e: _float(e.value, _defaults(piece))) for found in (firsts, seconds)
            )
            both = one.value * other.value
            if both is not sp.nan and (both == sp.oo or both.is_finite):
                at, to, rule = (*one.at, *other.at), (*one.to, *other.to), one.rule or other.rule
                yield Extreme(value=both, at=at, to=to, rule=rule)


def _defaults(piece: Piece) -> dict:
    return {p.symbol: p.default for p in piece.parameters}


DISTANCE = sp.Symbol("t", real=True)


def _collapsed(expr: sp.Expr) -> sp.Expr:
    return expr.replace(lambda e: isinstance(e, sp.Function), lambda e: e.func(*map(sp.expand, e.args)))


def _of_line(line: Line) -> list[Extreme]:
    """The limits at both ends, and the values at stationary points."""
    found: list[Extreme] = []
    if line.expr.count_ops() > 3 * LONG:  # with a written out as f(z)
        return found
    for end in _ends(line.place):
        at = end[0] if isinstance(end, tuple) else end
        value, rule = _substituted(line, at), CONTINUOUS
        if value is None:
            value, rule = limit(line.expr, line.letter, end), ""
        if value is not None:
            found.append(Extreme(value=value, at=line.fixed, to=((line.letter, at),), rule=rule))
    for point in _stationary(line):
        value = sp.simplify(line.expr.subs(line.letter, point))
        found.append(Extreme(value=value, at=(*line.fixed, (line.letter, point))))
    return found


def _substituted(line: Line, at: sp.Expr) -> sp.Expr | None:
    """The value of a rational function at a finite end, where it has one."""
    if at.is_infinite or line.expr.atoms(sp.Function):
        return None
    value = line.expr.subs(line.letter, at)
    return value if value.is_finite else None


def _ends(place: Interval) -> list:
    low = place.lo if place.lo.is_infinite else (place.lo, 1)
    return [low, place.hi if place.hi.is_infinite else (place.hi, -1)]


def _stationary(line: Line) -> list[sp.Expr]:
    """Points inside at which the slope is 0: roots of a polynomial, or simple numbers found to be such."""
    slope = line.expr.diff(line.letter)
    if not line.expr.atoms(sp.Function) and line.expr.is_rational_function(line.letter):
        top = sp.Poly(sp.fraction(sp.cancel(sp.together(slope)))[0], line.letter)
        roots = sp.roots(top, multiple=False) if 0 < top.degree() <= _HIGH else {}
        return [r for r in roots if r.is_real and _within(r, line.place)]
    return [v for v in SIMPLE if _within(v, line.place) and _vanishes(slope.subs(line.letter, v))]


def _within(value: sp.Expr, place: Interval) -> bool:
    low, high = value - place.lo, place.hi - value
    return bool(low.is_extended_positive) and bool(high.is_extended_positive)


def _vanishes(value: sp.Expr) -> bool:
    """Whether a number, or an expression in parameters, is 0: first in floats, then exactly."""
    somewhere = sp.N(value.subs(dict.fromkeys(value.free_symbols, SOMEWHERE)))
    return bool(value == 0 or (abs(somewhere) < NEARLY and sp.expand(value) == 0))
