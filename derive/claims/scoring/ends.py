"""Limits of an expression in one letter at the ends of an interval, confirmed in ball arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp
from flint import arb

from derive.balls import Unreachable, certified, compile_ball
from derive.heads import plain
from derive.model import Interval, Parameter

_T = sp.Symbol("t", positive=True)  # the distance from a finite end, or 1/|a| before an infinite one
CLOSE = (3, 5, 7)  # a limit is confirmed at t = 2^-n
BEYOND = (8, 16, 32)  # and so near to the end every kink is passed
_FLAT = arb(2) ** -1200


@dataclass(frozen=True, kw_only=True)
class End:
    """An end of an interval: its place and the letter's value at a small distance t before it."""

    place: sp.Expr
    near: sp.Expr

    @property
    def text(self) -> str:
        """The place in a sentence."""
        if self.place in (sp.oo, -sp.oo):
            return "∞" if self.place == sp.oo else "−∞"
        return str(self.place).replace("-", "−")


def ends_of(place: Interval) -> tuple[End, End]:
    """The lower and the upper end of an interval."""
    low = End(place=place.lo, near=-1 / _T if place.lo == -sp.oo else place.lo + _T)
    high = End(place=place.hi, near=1 / _T if place.hi == sp.oo else place.hi - _T)
    return low, high


def limit_at(
    expr: sp.Expr, letter: sp.Symbol, end: End, parameters: Iterable[Parameter] = ()
) -> sp.Expr | None:
    """The limit of `expr` as the letter goes to an end; None where it is not found, or not confirmed."""
    default = {p.symbol: p.default for p in parameters}
    near = plain(expr).subs(letter, end.near)
    piece = _last_piece(near, default)
    if piece is None:
        return None
    try:
        found = sp.limit(piece, _T, 0, "+")
    except (NotImplementedError, ValueError, TypeError):  # beyond SymPy
        return None
    known = not found.has(_T, sp.zoo, sp.nan, sp.Limit, sp.AccumBounds)
    return found if known and _confirmed(near.subs(default), found.subs(default)) else None


def _last_piece(near: sp.Expr, default: dict[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """The expression without cases: those that hold for all small t."""
    if near.has(sp.Abs):
        near = near.replace(lambda e: isinstance(e, sp.Abs), lambda e: e.args[0] * _sign_near(e.args[0]))
    while pieces := sorted(near.atoms(sp.Piecewise), key=str):
        chosen = [_taken(p, default) for p in pieces]
        if None in chosen:
            return None
        near = near.xreplace(dict(zip(pieces, chosen, strict=True)))
    return near


def _sign_near(expr: sp.Expr) -> sp.Expr:
    limit = sp.limit(expr, _T, 0, "+")
    if limit.is_extended_positive or limit.is_extended_negative:
        return sp.Integer(1 if limit.is_extended_positive else -1)
    return sp.sign(expr)


def _taken(pieces: sp.Piecewise, default: dict[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """The piece whose condition holds at every small t that is tried."""
    for value, condition in pieces.args:
        held = {condition.subs(default).subs(_T, sp.Rational(1, 2**n)) for n in BEYOND}
        if held == {sp.true}:
            return value
        if held != {sp.false}:
            return None
    return None


def _confirmed(near: sp.Expr, limit: sp.Expr) -> bool:
    """Whether certified values come closer and closer to the limit, or grow and grow."""
    try:
        finite = limit not in (sp.oo, -sp.oo)
        ball = compile_ball(near - limit if finite else near)
        values = [certified(ball, {_T: arb(2) ** -n}, _T, 0)[0] for n in CLOSE]
    except (Unreachable, TypeError, KeyError):
        return False
    if not finite:
        values = [v if limit == sp.oo else -v for v in values]
        return bool(values[0] < values[1] < values[2] and values[2] > 1)
    apart = [abs(v) for v in values]
    return all(bool(b < _FLAT) or bool(2 * b < a) for a, b in zip(apart, apart[1:], strict=False))
