"""What somebody says of a function, held against what is known: what is wrong is refused with a point."""

from collections.abc import Mapping, Sequence

import sympy as sp

from derive.expression import read, sign_of
from derive.heads import plain
from derive.model import A, BadInput, Interval, Set, Y, Z
from derive.own.facts import positive, samples, sign_at
from derive.own.ranges import Values
from derive.proof.pieces import Piece

Places = Mapping[sp.Symbol, Set]


def verified(said: Interval, found: Values, cut: Sequence[Piece], places: Places) -> Values:
    """The range that was said, unless a value lies outside it."""
    for piece in cut:
        within = {**places, Z: piece.domain}
        for distance, closed, end in (
            (piece.expr - said.lo, said.closed_lo, said.lo),
            (said.hi - piece.expr, said.closed_hi, said.hi),
        ):
            if not end.is_infinite:
                _not_refuted(piece.expr, distance, closed, within, said)
    shown = all(_holds(piece, said, places) for piece in cut)
    same = (said.lo, said.hi) == (found.interval.lo, found.interval.hi)
    how = "as given, and shown" if shown else "as given; no value outside was found, which is no proof"
    return Values(interval=said, exact=found.exact and same, how=how)


def _not_refuted(expr: sp.Expr, distance: sp.Expr, closed: bool, within: Places, said: Interval) -> None:
    for point in samples(within):
        sign = sign_at(plain(distance), point)
        if sign == -1 or (sign == 0 and not closed):
            at = ", ".join(f"{letter} = {value}" for letter, value in point.items() if expr.has(letter))
            value = sp.N(expr.xreplace(point), 6)
            raise BadInput(f"range {said} is wrong: at {at or 'any z'} the value is {value}. Try: no range")


def _holds(piece: Piece, said: Interval, places: Places) -> bool:
    within = {**places, Z: piece.domain}
    low = said.lo.is_infinite or positive(piece.expr - said.lo, within, strictly=not said.closed_lo)
    return bool(
        low and (said.hi.is_infinite or positive(said.hi - piece.expr, within, strictly=not said.closed_hi))
    )


def verify_kinks(said: Sequence[str], known: Sequence[sp.Expr], cut: Sequence[Piece], written) -> None:
    """BadInput unless the kinks of an activation are those that were said."""
    letters = {"z": Z, **{p.name: p.symbol for p in written.parameters}}
    given = [read(text, letters).expr for text in said]
    for text, at in zip(said, given, strict=True):
        if not any(sp.expand(at - kink) == 0 for kink in known):
            slope = _slope_at(cut, at)
            why = (
                f"the slope is {slope} on both sides"
                if slope
                else "no condition of the formula changes there"
            )
            raise BadInput(f"there is no kink at z = {text}: {why}. Try: no kinks, they are inferred")
    for kink in known:
        if not any(sp.expand(at - kink) == 0 for at in given):
            raise BadInput(f"there is a kink at z = {kink} too. Try: no kinks, they are inferred")


def _slope_at(cut: Sequence[Piece], at: sp.Expr) -> str:
    for piece in cut:
        inside = [(at - piece.low, piece.low), (piece.high - at, piece.high)]
        if all(end.is_infinite or sign_of(d) == 1 for d, end in inside if not d.free_symbols):
            return str(sp.N(piece.expr.diff(Z).subs(Z, at), 6))
    return ""


def verify_kink_lines(said: Sequence[str], known: Sequence[sp.Expr], written, expr: sp.Expr) -> None:
    """BadInput unless the kinks of a loss, where expressions are 0, are those that were said."""
    letters = {"a": A, "y": Y, **{p.name: p.symbol for p in written.parameters}}
    given = [read(text, letters).expr for text in said]
    for text, line in zip(said, given, strict=True):
        if not any(_proportional(line, kink) for kink in known):
            tries = "; ".join(map(str, known)) or "none"
            raise BadInput(
                f"there is no kink where {text} = 0: no condition of the formula changes there. Try: {tries}"
            )
    for kink in known:
        if expr.has(sp.Piecewise) or expr.has(sp.Max, sp.Min):
            continue  # a condition inside may change nothing
        if not any(_proportional(line, kink) for line in given):
            raise BadInput(f"there is a kink where {kink} = 0 too. Try: no kinks, they are inferred")


def _proportional(one: sp.Expr, other: sp.Expr) -> bool:
    ratio = sp.cancel(one / other)
    return bool(ratio.is_number and ratio != 0)
