"""Letters that are easier to judge: e^z where z occurs in exponents only, and coordinates in [0, ∞).

A letter outside all functions becomes y = (lo + hi·p)/(1 + p) on a bounded place, lo + p or hi − p on a
half-line. A polynomial with positive coefficients in such coordinates is positive, and one that is affine
in y has its values at the ends of y's place for coefficients.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import sympy as sp

from derive.model import Interval
from derive.proof.signs.places import Places, mirrored

_ENDS = {-sp.oo: sp.S.Zero, sp.S.Zero: sp.S.One, sp.oo: sp.oo}  # e^end, where that is rational


Located = tuple[sp.Symbol, Interval]


@dataclass(frozen=True, kw_only=True)
class Written:
    """An expression in new letters, their places, and what old letters are in new ones and new in old."""

    expr: sp.Expr
    places: Places
    letters: dict[sp.Symbol, sp.Expr]
    origins: dict[sp.Symbol, sp.Expr]


def in_coordinates(expr: sp.Expr, places: Places) -> Written:
    """An expression without hyperbolic functions, rewritten in letters that are easier to judge."""
    held = {s: p for s, p in places.items() if expr.has(s)}
    held |= {s: p for s, p in places.items() if any(q.lo.has(s) or q.hi.has(s) for q in held.values())}
    written = Written(expr=expr, places=held, letters={s: s for s in held}, origins={s: s for s in held})
    for letter, unit in scales(expr, held):
        known = letter / unit, letter * unit
        written = _put(written, letter, known, (letter, held[letter]))
    for letter in sorted(held, key=str):
        if letter in written.places:  # else it has been replaced by its root
            written = _halved(_shifted(_exponential(written, letter), letter))
    return written


def scales(expr: sp.Expr, places: Places) -> Iterator[tuple[sp.Symbol, sp.Symbol]]:
    """(letter, unit) where functions depend on a positive unit through its product with the letter alone."""
    for letter, place in sorted(places.items(), key=lambda row: str(row[0])):
        if place.lo not in _ENDS or place.hi not in _ENDS:
            continue
        for unit in sorted((s for s in places if s.is_positive and s != letter), key=str):
            inner = [f for f in expr.atoms(sp.Function) if f.has(unit)]
            if inner and all(f.has(letter) and not f.subs(letter, letter / unit).has(unit) for f in inner):
                yield letter, unit
                return


def _put(written: Written, letter: sp.Symbol, both: tuple[sp.Expr, sp.Expr], new: Located) -> Written:
    """The same with a letter replaced by an expression in a new one; `both`: that, and its inverse."""
    known = {letter: both[0]}
    symbol, place = new
    others = {
        s: Interval(lo=p.lo.subs(known), hi=p.hi.subs(known), closed_lo=p.closed_lo, closed_hi=p.closed_hi)
        for s, p in written.places.items()
        if s != letter
    }
    return Written(
        expr=written.expr.subs(known),
        places={**others, symbol: place},
        letters={s: e.subs(known) for s, e in written.letters.items()},
        origins={**written.origins, symbol: both[1].subs(written.origins)},
    )


def _exponential(written: Written, letter: sp.Symbol) -> Written:
    """z = n·log t, where z occurs in e^(z/n) alone and the ends of its place are 0 or infinite."""
    place = written.places[letter]
    if place.lo not in _ENDS or place.hi not in _ENDS or not written.expr.has(sp.exp):
        return written
    t = sp.Symbol(f"t_{letter}", positive=True)
    tried = written.expr.subs(letter, sp.log(t))
    powers = [p.exp for p in tried.atoms(sp.Pow) if p.base == t]
    if tried.has(sp.log(t)) or not powers or not all(e.is_Rational for e in powers):
        return written
    n, side = lcm(*(int(e.q) for e in powers)), _direction(tried, t)
    meaning = side * n * sp.log(t)
    if sp.expand_log(written.expr.subs(letter, meaning)).has(sp.log(t)):
        return written
    turned = place if side > 0 else mirrored(place)
    ends = Interval(
        lo=_ENDS[turned.lo], hi=_ENDS[turned.hi], closed_lo=turned.closed_lo, closed_hi=turned.closed_hi
    )
    return _shifted(_put(written, letter, (meaning, sp.exp(side * letter / n)), (t, ends)), t)


def _direction(tried: sp.Expr, t: sp.Symbol) -> int:
    """−1 where functions of t are functions of 1/t: that is the better letter then."""
    arguments = [f.args[0] for f in tried.atoms(sp.exp, sp.log, sp.erf) if f.has(t)]
    bare = [
        e.replace(lambda p: p.is_Pow and p.base == t and p.exp.is_negative, lambda p: sp.S.One)
        for e in arguments
    ]
    return -1 if arguments and not any(e.has(t) for e in bare) else 1


def _shifted(written: Written, letter: sp.Symbol) -> Written:
    """A letter on a half-line, or on a bounded place outside all functions, as a coordinate in [0, ∞)."""
    if letter not in written.places:
        return written
    place = written.places[letter]
    low, high = place.lo != -sp.oo, place.hi != sp.oo
    if not (low or high) or (low and high and _inside_function(written.expr, letter)):
        return written
    closed = place.closed_lo if low else place.closed_hi
    if place.lo == 0 and not high and letter.is_nonnegative and bool(letter.is_positive) != closed:
        return written
    p = sp.Symbol(f"p_{letter}", **{"nonnegative" if closed else "positive": True})
    if low and high:
        both = (place.lo + place.hi * p) / (1 + p), (letter - place.lo) / (place.hi - letter)
    else:
        both = (place.lo + p, letter - place.lo) if low else (place.hi - p, place.hi - letter)
    return _put(written, letter, both, (p, Interval(lo=sp.S.Zero, closed_lo=closed)))


def _inside_function(expr: sp.Expr, letter: sp.Symbol) -> bool:
    return any(f.has(letter) for f in expr.atoms(sp.Function)) or any(
        p.has(letter) for p in expr.atoms(sp.Pow) if not p.exp.is_Integer
    )


def _halved(written: Written) -> Written:
    """Half-integer powers of a positive letter as powers of its root."""
    for p in sorted(written.places, key=str):
        powers = [e.exp for e in written.expr.atoms(sp.Pow) if e.base == p]
        if p.is_positive and any(e.is_Rational and e.q == 2 for e in powers):
            root = sp.Symbol(f"r_{p}", positive=True)
            return _put(written, p, (root**2, sp.sqrt(p)), (root, Interval(lo=sp.S.Zero)))
    return written
