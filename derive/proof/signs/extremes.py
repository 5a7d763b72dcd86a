"""The least upper bound of an expression, exactly: proposed from ends, limits and critical points, then proved.

A proposal is a value of the expression, or a limit of values, so that nothing less is a bound; that it is a
bound is shown by the engine of signs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import sympy as sp
from flint import fmpq_mpoly

from derive.model import PROVED, Interval, Set
from derive.proof.cases import inside
from derive.proof.normal import _hyperbolic_out
from derive.proof.signs import Decision, nonnegative
from derive.proof.signs.coordinates import scales
from derive.proof.signs.floats import at_points
from derive.proof.signs.form import Form, form, occurring, spelled
from derive.proof.signs.places import Places, intervals, numeric
from derive.proof.signs.split import cells, without_heads
from derive.proof.signs.tails import limit_at_infinity
from derive.proof.signs.witness import sign_of

_CLOSE = 1e-7  # relative distance between a proposal and the largest value seen
_FAR = 2.8  # floats are searched up to e^2.8, about 16; farther out they cancel
_VALUES = (sp.S.One, sp.Rational(1, 3), sp.Rational(5, 2), sp.Rational(1, 50), sp.Integer(40))
_INFINITE = (sp.nan, sp.zoo, sp.AccumBounds, sp.I)


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """A least upper bound (∞ where there is none), whether a value attains it, at which letters, and its proof."""

    value: sp.Expr
    attained: bool
    at: tuple[tuple[sp.Symbol, sp.Expr], ...]
    decision: Decision | None = None


def _in_old_units(found: "Extreme | None", letter: sp.Symbol, unit: sp.Symbol) -> "Extreme | None":
    if found is None:
        return None
    return replace(found, at=tuple((s, v / unit if s == letter else v) for s, v in found.at))


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A value, or limit of values, with the letters that lead there."""

    value: sp.Expr
    attained: bool = True
    at: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()


def supremum(
    expr: sp.Expr, places: Mapping[sp.Symbol, Set], parameters: Mapping[sp.Symbol, Set] | None = None
) -> Extreme | None:
    """The least upper bound over the letters' places; it may depend on `parameters`. None if not established."""
    fixed = dict(parameters or {})
    expr = _hyperbolic_out(without_heads(expr))
    for letter, unit in scales(expr, intervals({**places, **fixed})):
        if unit in fixed and letter in places:  # the bound is the same, the letters that lead to it are not
            return _in_old_units(supremum(expr.subs(letter, letter / unit), places, fixed), letter, unit)
    found = [p for cell in cells(expr, {**places, **fixed}) for p in _proposals(cell.expr, cell.places, fixed)]
    if unbounded := next((p for p in found if p.value == sp.oo), None):
        return Extreme(value=sp.oo, attained=False, at=unbounded.at)
    if proposal := _largest(expr, places, fixed, found):
        zeros = tuple(v for _, v in proposal.at if v.is_number and v.is_finite)
        decision = nonnegative(proposal.value - expr, {**places, **fixed}, zeros=zeros)
        if decision.outcome == PROVED:
            return Extreme(value=proposal.value, attained=proposal.attained, at=proposal.at, decision=decision)
    return None


def _proposals(expr: sp.Expr, places: Places, fixed: Mapping[sp.Symbol, Set]) -> Iterator[Proposal]:
    """Values at all combinations of ends, limits and critical points, letter by letter."""
    letters = [s for s in sorted(expr.free_symbols, key=str) if s in places and s not in fixed]
    if not letters:
        if not expr.has(*_INFINITE):
            yield Proposal(value=_tidied(expr))
        return
    letter = min(letters, key=lambda s: _difficulty(expr, s))
    for value, at, attained in _stops(expr, letter, places, len(letters) == 1):
        for rest in _proposals(value, places, fixed):
            yield Proposal(value=rest.value, attained=rest.attained and attained, at=((letter, at), *rest.at))


def _tidied(value: sp.Expr) -> sp.Expr:
    """A square root as such, where nested roots come to one."""
    value = sp.radsimp(value) if value.is_algebraic else value
    if not value.is_algebraic or value.is_Rational or len(value.atoms(sp.Pow)) < 2:
        return value
    x = sp.Dummy("x")
    polynomial = sp.Poly(sp.minimal_polynomial(value, x), x)
    if polynomial.degree() > 2:
        return value
    return min(sp.roots(polynomial), key=lambda r: abs(sp.N(r - value, 30)))


def _difficulty(expr: sp.Expr, letter: sp.Symbol) -> tuple[bool, str]:
    return not expr.is_rational_function(letter), str(letter)


def _stops(
    expr: sp.Expr, letter: sp.Symbol, places: Places, last: bool
) -> Iterator[tuple[sp.Expr, sp.Expr, bool]]:
    """(the expression there, the letter's value, whether it belongs to the place)."""
    place = places[letter]
    for root in _critical_points(expr, letter, places):
        if root.free_symbols or (numeric(place) and place.lo < root and root < place.hi):
            yield expr.subs(letter, root), root, True
    for end, closed, side in ((place.lo, place.closed_lo, -1), (place.hi, place.closed_hi, 1)):
        if end.is_finite:
            value = expr.subs(letter, end)
            if not value.has(*_INFINITE, sp.oo, -sp.oo):
                yield value, end, closed
        elif (limit := _limit(expr, letter, side, last)) is not None:
            yield limit, end, False


def _limit(expr: sp.Expr, letter: sp.Symbol, side: int, last: bool) -> sp.Expr | None:
    """The limit at ±∞: of one letter by its tail, among others where it is rational in this one."""
    turned = expr.subs(letter, side * letter)
    if last:
        return limit_at_infinity(turned, letter)
    if not turned.is_rational_function(letter):
        return None
    top, bottom = (sp.Poly(part, letter) for part in sp.fraction(sp.together(turned)))
    if top.degree() > bottom.degree():
        return sp.oo if _positive_somewhere(top.LC() / bottom.LC()) else None
    return top.LC() / bottom.LC() if top.degree() == bottom.degree() else sp.S.Zero


def _positive_somewhere(expr: sp.Expr) -> bool:
    """Whether an expression is surely positive at one of a few points inside every place there is."""
    if expr.is_positive:
        return True
    letters = sorted(expr.free_symbols, key=str)
    return not letters and sign_of(expr) == 1


def _critical_points(expr: sp.Expr, letter: sp.Symbol, places: Places) -> list[sp.Expr]:
    """Roots of the slope in the letter, or in e^letter, that have a closed form of roots."""
    try:
        found = form(expr.diff(letter), places)
    except TypeError:
        return []
    if found.sign == 0 or letter not in found.letters:
        return [sp.S.Zero] if found.sign == 0 else []
    own = [x for x in found.places if found.letters[letter].has(x)]
    roots = [r for f in (*found.factors, *found.even) for x in own for r in _roots(f, x, found)]
    values = [found.letters[letter].subs(own[0], r).subs(found.origins) for r in roots]
    return sorted((v for v in dict.fromkeys(values) if not v.has(*_INFINITE)), key=sp.default_sort_key)


def _roots(poly: fmpq_mpoly, x: sp.Symbol, found: Form) -> list[sp.Expr]:
    """The real roots of a factor in one letter; those of a linear or quadratic one among other letters."""
    names = occurring(poly)
    if str(x) not in names or any(m.has(x) for s, m in found.meanings.items() if str(s) in names):
        return []
    degree = poly.degrees()[poly.context().names().index(str(x))]
    if degree > (4 if names == [str(x)] else 2):
        return []
    roots = sp.roots(sp.Poly(spelled(poly, found), x))
    return [r for r in roots if (r.is_real if r.is_number else r.is_real is not False)]


def _largest(
    expr: sp.Expr, places: Mapping[sp.Symbol, Set], fixed: Mapping[sp.Symbol, Set], found: list[Proposal]
) -> Proposal | None:
    """The largest proposal, whatever the parameters, if floats see no larger value; an attained one if equal."""
    trials = [dict(zip(fixed, v, strict=True)) for v in product(*(_samples(p) for p in fixed.values()))][:8]
    good = [p for p in found if _belongs(p, places, trials)]
    if not good:
        return None
    values = np.array([[_number(p.value.subs(t)) for t in trials] for p in good])
    seen = [_seen(expr.subs(t), places) for t in trials]
    tops = np.maximum(values.max(axis=0), seen)
    fit = (values >= tops - _CLOSE * np.maximum(1.0, np.abs(tops))).all(axis=1)
    best = [p for p, fits in zip(good, fit, strict=True) if fits]
    return min(best, key=lambda p: (not p.attained, sp.count_ops(p.value))) if best else None


def _number(value: sp.Expr) -> float:
    return float(value) if value.is_number and value.is_extended_real and value.is_finite else -np.inf


def _belongs(proposal: Proposal, places: Mapping[sp.Symbol, Set], trials: list[dict]) -> bool:
    """Whether the letters that lead to a value lie in the closures of their places."""
    for trial in trials:
        known: dict[sp.Symbol, sp.Expr] = {**_anywhere(places), **trial}
        for letter, at in reversed(proposal.at):
            known[letter] = at.subs(known)
            place = places[letter]
            if isinstance(place, Interval) and not (
                known[letter].is_infinite or _between(known[letter], place.lo.subs(known), place.hi.subs(known))
            ):
                return False
    return True


def _anywhere(places: Mapping[sp.Symbol, Set]) -> dict[sp.Symbol, sp.Expr]:
    """Numbers for letters on which a proposal does not depend."""
    return {s: inside(p.lo, p.hi) for s, p in places.items() if isinstance(p, Interval) and numeric(p)}


def _between(value: sp.Expr, low: sp.Expr, high: sp.Expr) -> bool:
    return bool(value.is_number and value.is_extended_real and low <= value and value <= high)


def _samples(place: Set) -> list[sp.Expr]:
    if not isinstance(place, Interval):
        return [sp.Integer(v) for v in place.values]  # type: ignore[union-attr]
    return [v for v in _VALUES if place.lo < v and v < place.hi]


def _seen(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> float:
    """The largest of many values in floats."""
    letters = sorted((s for s in places if expr.has(s)), key=str)
    axes = [_axis(places[s], 2001 if len(letters) < 2 else 181 if len(letters) < 3 else 31) for s in letters]
    columns = np.array(np.meshgrid(*axes, indexing="ij")).reshape(len(letters), -1) if letters else np.zeros((0, 1))
    values = at_points(expr, letters, columns)
    return float(np.max(values[np.isfinite(values)], initial=-np.inf))


def _axis(place: Set, count: int) -> np.ndarray:
    if not isinstance(place, Interval):
        return np.array(place.values, dtype=float)  # type: ignore[union-attr]
    low, high = float(place.lo), float(place.hi)
    if np.isfinite(low) and np.isfinite(high):
        return np.linspace(low, high, count)
    if np.isfinite(low):
        return low + np.exp(np.linspace(-_FAR, _FAR, count))
    return high - np.exp(np.linspace(-_FAR, _FAR, count)) if np.isfinite(high) else np.sinh(np.linspace(-_FAR, _FAR, count))

