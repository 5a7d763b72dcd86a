"""Points at which a curve bends down: sought among simple numbers, and then certified exactly.

A point is negative where its exact value is: a rational number, or one that ball arithmetic separates
from 0. Of several the one with the smallest numerators and denominators is taken.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import sympy as sp

from derive.balls import Unreachable, certified, compile_ball
from derive.claims.convexity.curvature import curvature, in_z, reach, truth
from derive.claims.convexity.inverse import preimage
from derive.claims.convexity.shape import Bend, Curve, Piece, bends, pieces
from derive.heads import plain
from derive.model import A, Finite, Interval, Punctured, Set, Y, Z
from derive.rules.stable import recognise

At = Mapping[sp.Symbol, sp.Expr]

HALVES = (0, 1, -1, "1/2", "-1/2", 2, -2, "1/4", "-1/4", "3/4", "-3/4", "3/2", "-3/2", 3, -3, 4, -4)
FARTHER = ("1/8", "7/8", "-1/8", "-7/8", "1/16", "15/16", 6, -6, 8, -8, 16, -16, "1/64", "63/64", 32, -32)
NUMBERS = tuple(map(sp.Rational, (*HALVES, *FARTHER)))
FEW = tuple(map(sp.Rational, ("1/4", 1, 4, 16, "1/16")))  # values of a parameter, beside its default
_CLEAR = 1e-9  # below this a value in floats may be rounding


@dataclass(frozen=True, kw_only=True)
class Low:
    """A point where a piece bends down, a kink, or a jump: exact values of letters, and the value there."""

    at: tuple[tuple[sp.Symbol, sp.Expr], ...]
    value: sp.Expr
    place: Piece | Bend
    leap: bool = False

    @property
    def kink(self) -> bool:
        """Whether it is a kink, with the jump of the slope for a value."""
        return isinstance(self.place, Bend)


@cache
def lowest(curve: Curve, within: Set | None = None) -> Low | None:
    """The simplest point with a negative second derivative, or slope jump; targets in `within`, if given."""
    found = [low for piece in pieces(curve) for low in _of_piece(piece, within)]
    found = found or [low for bend in bends(curve) for low in _of_bend(bend, within)]
    return min(found, key=_weight, default=None)


def _weight(low: Low) -> int:
    return sum(size(value) for _, value in low.at)


def size(number: sp.Expr) -> int:
    """How much there is to write: of a fraction the sum of both its parts."""
    return abs(number.p) + number.q if number.is_Rational else 1000


def _of_piece(piece: Piece, within: Set | None) -> Iterator[Low]:
    """The simplest point of a piece with a negative second derivative, of the composed formula itself."""
    h = curvature(piece)
    in_output = not h.has(Z) and piece.act.expr.count(Z) == 1 and not piece.act.range_is_enclosure
    variable = A if in_output else Z
    expr = plain(h) if in_output else in_z(h, piece)
    output = A if in_output else piece.act.expr
    limits = [e for e in (output - piece.low, piece.high - output) if e.is_finite is not False]
    for at in _negative(expr, variable, piece, limits, within):
        value = expr.subs(at)
        z = preimage(piece.act, at[A]) if in_output else at[Z]
        if z is not None and negative(value) and negative(at_point(piece, {**at, Z: z})):
            shown = {**at, Z: z.subs(at)}
            named = h.subs(A, at[A] if in_output else recognise(piece.act.expr)).subs(at)
            yield Low(at=_in_order(shown, piece), value=shortest(value, named), place=piece)
            return


def at_point(piece: Piece, at: At) -> sp.Expr:
    """The second derivative of the composed formula at a point; z may be written with parameters."""
    return truth(piece).subs(Z, at[Z]).subs({s: v for s, v in at.items() if s != Z})


def points_below(expr: sp.Expr, piece: Piece) -> Iterator[dict]:
    """Simple points of a cell at which an expression in a, z, y and parameters is negative, in floats."""
    output = piece.act.expr
    limits = [e for e in (output - piece.low, piece.high - output) if e.is_finite is not False]
    return _negative(in_z(expr, piece), Z, piece, limits, None)


def first_below(expr: sp.Expr, piece: Piece) -> tuple[tuple[str, sp.Expr], ...]:
    """The simplest point of a cell at which an expression is certainly negative; () where none was found."""
    for at in points_below(expr, piece):
        if negative(in_z(expr, piece).subs(at)):
            return tuple((str(s), v) for s, v in _in_order(at, piece))
    return ()


def exactly(expr: sp.Expr, piece: Piece, at: tuple[tuple[str, sp.Expr], ...]) -> sp.Expr:
    """The value of an expression at a named point."""
    known = dict(at)
    plainly = in_z(expr, piece)
    values = {s: known[str(s)] for s in plainly.free_symbols}
    named = expr.subs(A, recognise(piece.act.expr))
    return shortest(plainly.subs(values), named.subs({s: known[str(s)] for s in named.free_symbols}))


def _in_order(at: At, piece: Piece) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """Parameters, y, a, z; the target of a finite set is no letter of the formulas any more."""
    y = {} if piece.y is None else {Y: piece.y}
    known = {**{p.symbol: p.default for p in piece.parameters}, **y, **at}
    return tuple((s, known[s]) for s in (*(p.symbol for p in piece.parameters), Y, A, Z) if s in known)


def _negative(expr, variable, piece: Piece, limits, within) -> Iterator[dict]:
    """Points with a value below 0 in floats, the simplest first."""
    letters = [s for s in (variable, Y) if expr.has(s) or any(e.has(s) for e in limits)]
    lists = [_numbers(s, piece, within) for s in letters]
    for values in parameter_values(piece):
        points = list(product(*lists)) if letters else [()]
        grid = [np.array([float(p[n]) for p in points]) for n in range(len(letters))]
        hits = _below(expr.subs(values), letters, grid, [e.subs(values) for e in limits], len(points))
        for n in sorted(hits, key=lambda n: sum(map(size, points[n])))[:8]:
            yield {**values, **dict(zip(letters, points[n], strict=True))}
        if len(hits):
            return


def _numbers(symbol: sp.Symbol, piece: Piece, within: Set | None) -> list[sp.Rational]:
    """Candidates of a letter inside its place."""
    place = {Z: piece.act.domain, A: reach(piece), Y: piece.los.target}[symbol]
    both = [place, within] if symbol == Y and within is not None else [place]
    return [v for v in NUMBERS if all(admits(p, v) for p in both)]


def admits(place: Set, value: sp.Expr) -> bool:
    """Whether a number lies in a set, clear of its open ends; an end that holds a parameter is not asked."""
    if isinstance(place, Finite):
        return value in place.values
    if isinstance(place, Punctured):
        return value != 0
    if not isinstance(place, Interval):
        return False
    low = place.lo.free_symbols or value > place.lo or (place.closed_lo and value == place.lo)
    high = place.hi.free_symbols or value < place.hi or (place.closed_hi and value == place.hi)
    return bool(low) and bool(high)


def parameter_values(piece: Piece) -> Iterator[dict[sp.Basic, sp.Expr]]:
    """The defaults, then a few others."""
    parameters = piece.parameters
    yield {p.symbol: p.default for p in parameters}
    for values in product(*([v for v in FEW if admits(p.domain, v)] for p in parameters)):
        if parameters:
            yield {p.symbol: v for p, v in zip(parameters, values, strict=True)}


def _below(expr, letters, grid, limits, count: int) -> np.ndarray:
    """The numbers of the points where `expr` is clearly below 0 and all limits are above."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        h, *others = (_values(e, letters, grid, count) for e in (expr, *limits))
    good = np.isfinite(h) & (h < -_CLEAR)
    for other in others:
        good &= other > 0
    return np.flatnonzero(good)


def _values(expr: sp.Expr, letters, grid, count: int) -> np.ndarray:
    function = sp.lambdify(letters, expr, ["scipy", "numpy"])
    return np.broadcast_to(np.real(np.asarray(function(*grid), dtype=complex)), (count,))


def shortest(*ways: sp.Expr) -> sp.Expr:
    """Of several ways to write one number the shortest."""
    return min((sp.factor_terms(w) for w in ways), key=lambda w: w.count_ops())


def negative(value: sp.Expr) -> bool:
    """Whether an exact number is certainly below 0."""
    if value.is_Rational:
        return bool(value < 0)
    try:
        return bool(certified(compile_ball(value), {Z: 0.0}, Z, 0)[0] < 0)
    except (Unreachable, TypeError):
        return False


def jumps(bend: Bend) -> bool:
    """Whether the slope certainly jumps at a kink, up or down, for some target and parameters."""
    return any(True for sign in (1, -1) for _ in _of_bend(bend, None, sign))


def _of_bend(bend: Bend, within: Set | None, sign: int = 1) -> Iterator[Low]:
    """A target at which the slope, times a sign, jumps down."""
    expr, piece = sign * jump(bend), bend.left
    at_output = bend.at if bend.of_loss else piece.act.expr.subs(Z, bend.at)
    limits = [] if bend.of_loss else [at_output - piece.low, piece.high - at_output]
    limits = [e for e in limits if e.is_finite is not False]
    for at in _negative(expr, Z, piece, limits, within):
        value = sp.factor_terms(expr.subs(at))
        if negative(value):
            place = {A if bend.of_loss else Z: bend.at.subs(at)}
            yield Low(at=_in_order({**at, **place}, piece), value=value, place=bend)
            return


def jump(bend: Bend) -> sp.Expr:
    """The slope on the right of a kink less that on its left: in z, or in a at a kink of the loss."""
    left, right = bend.left, bend.right
    if bend.of_loss:
        rates = [p.los.expr.diff(A).subs(A, bend.at) for p in (left, right)]
        return sp.simplify(rates[1] - rates[0])
    slopes = [p.act.expr.diff(Z).subs(Z, bend.at) for p in (left, right)]
    output = left.act.expr.subs(Z, bend.at)
    return sp.factor(left.los.expr.diff(A).subs(A, output) * (slopes[1] - slopes[0]))


def one_sided(bend: Bend) -> sp.Expr:
    """The same difference of the slopes of both formulas, as they are."""
    if bend.of_loss:
        before, after = (p.los.expr.diff(A).subs(A, bend.at) for p in (bend.left, bend.right))
    else:
        before, after = (truth(p, 1).subs(Z, bend.at) for p in (bend.left, bend.right))
    return after - before
