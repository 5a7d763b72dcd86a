"""Inclusion of sets: whether outputs are predictions, always, never, or for some parameters only."""

from collections.abc import Sequence

import sympy as sp

from derive.model import (
    REALS,
    Finite,
    Interval,
    LogSimplex,
    Nonzero,
    OneHot,
    Parameter,
    Set,
    Simplex,
    Sphere,
)


def contains(outer: Set, inner: Set) -> bool:
    """Whether every element of `inner` lies in `outer`, for all admissible parameters."""
    return inclusion(outer, inner) is sp.true


def inclusion(outer: Set, inner: Set, parameters: Sequence[Parameter] = ()) -> sp.Basic:
    """The condition on parameters for all of `inner` to lie in `outer`; true or false nearly always."""
    if isinstance(outer, Simplex):
        inside = inner == OneHot() or (isinstance(inner, Simplex) and inner.closed)
        return sp.true if (outer.closed if inside else isinstance(inner, Simplex)) else sp.false
    if isinstance(outer, Nonzero):
        return sp.true if isinstance(inner, Nonzero | Sphere | Simplex | OneHot) else sp.false
    if not isinstance(outer, Interval):
        return sp.true if outer == inner else sp.false
    inner = components(inner)
    if isinstance(inner, Finite):
        ends = [sp.Integer(v) for v in inner.values]
        inner = Interval(lo=min(ends), hi=max(ends), closed_lo=True, closed_hi=True)
    if not isinstance(inner, Interval):
        return sp.false
    low = _beyond(inner.lo - outer.lo, inner.closed_lo and not outer.closed_lo, parameters)
    high = _beyond(outer.hi - inner.hi, inner.closed_hi and not outer.closed_hi, parameters)
    return sp.And(low, high)


def components(vectors: Set) -> Set:
    """The set of the components of all vectors of a set, for any number of them."""
    low, high = sp.S.Zero, sp.S.One
    if isinstance(vectors, Simplex):  # a single component is 1
        return Interval(lo=low, hi=high, closed_lo=vectors.closed, closed_hi=True)
    if isinstance(vectors, OneHot):
        return Finite(values=(0, 1))
    if isinstance(vectors, LogSimplex):
        return Interval(hi=low, closed_hi=True)
    if isinstance(vectors, Sphere):
        return Interval(lo=-high, hi=high, closed_lo=True, closed_hi=True)
    return REALS if isinstance(vectors, Nonzero) else vectors


def _beyond(distance: sp.Expr, strictly: bool, parameters: Sequence[Parameter]) -> sp.Basic:
    """The condition for a distance between two ends to be positive, or not negative."""
    if distance is sp.nan:  # ∞ − ∞: both ends are infinite, and an infinite end is open
        return sp.true
    found = distance.is_extended_positive if strictly else distance.is_extended_nonnegative
    if found is not None:
        return sp.true if found else sp.false
    return _solved(distance, strictly, parameters)


def _solved(distance: sp.Expr, strictly: bool, parameters: Sequence[Parameter]) -> sp.Basic:
    """The same for a distance that depends on parameters: of one, as its bound, where it is linear in it."""
    above, below = sp.fraction(sp.together(distance))
    symbols = sorted(above.free_symbols, key=str)
    slope = above.coeff(symbols[0]) if len(symbols) == 1 else sp.S.Zero
    if not (below.is_positive and slope.is_nonzero and slope.is_number and above.diff(symbols[0]) == slope):
        return (sp.Gt if strictly else sp.Ge)(distance, 0)
    symbol, bound = symbols[0], -above.subs(symbols[0], 0) / slope
    domain = next((p.domain for p in parameters if p.symbol == symbol), REALS)
    if slope.is_negative:
        return _at_most(symbol, bound, strictly, domain)
    mirrored = Interval(lo=-domain.hi, hi=-domain.lo, closed_lo=domain.closed_hi, closed_hi=domain.closed_lo)
    found = _at_most(sp.Dummy(real=True), -bound, strictly, mirrored)
    return found if found in (sp.true, sp.false) else (sp.Gt if strictly else sp.Ge)(symbol, bound)


def _at_most(symbol: sp.Symbol, bound: sp.Expr, strictly: bool, domain: Interval) -> sp.Basic:
    """symbol ≤ bound, or <; true or false where all of the domain says so."""
    beyond, before = domain.hi - bound, domain.lo - bound
    if beyond.is_negative or (beyond == 0 and not (strictly and domain.closed_hi)):
        return sp.true
    if before.is_positive or (before == 0 and (strictly or not domain.closed_lo)):
        return sp.false
    return (sp.Lt if strictly else sp.Le)(symbol, bound)
