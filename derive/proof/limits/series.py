"""Sums of finitely many terms c·m with what is left out bounded: f = Σ c·m + O(m₁) + O(m₂) + …

What is said of the rest holds for x large enough; a series without rest is exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key

import sympy as sp

from derive.proof.limits.scale import (
    ONE,
    Monomial,
    Term,
    Unsettled,
    compared,
    dominant,
    gathered,
    size,
    vanishes,
)

LONGEST = 8  # terms that are kept


@dataclass(frozen=True)
class Series:
    """The terms, and the monomials whose O is left out."""

    terms: tuple[Term, ...] = ()
    rest: tuple[Monomial, ...] = ()


ZERO = Series()


def constant(number: sp.Expr) -> Series:
    """A number; it depends on parameters only."""
    return ZERO if vanishes(number) else Series(((number, ONE),))


def single(monomial: Monomial, number: sp.Expr = sp.S.One) -> Series:
    """One term."""
    return Series(((number, monomial),))


def settled(terms: Iterable[Term], rest: Iterable[Monomial]) -> Series:
    """The series without terms that the rest hides, and not longer than need be."""
    top = _highest(rest)
    kept = [term for term in gathered(terms) if not any(_hidden(term[1], m) for m in top)]
    if len(kept) <= LONGEST:
        return Series(tuple(kept), top)
    try:
        kept.sort(key=cmp_to_key(_falling))
    except Unsettled:
        return Series(tuple(kept), top)
    return Series(tuple(kept[:LONGEST]), _highest([*top, kept[LONGEST][1]]))


def _falling(one: Term, other: Term) -> int:
    return -compared(one[1], other[1])


def _hidden(monomial: Monomial, by: Monomial) -> bool:
    try:
        return compared(monomial, by) <= 0
    except Unsettled:
        return False


def _highest(rest: Iterable[Monomial]) -> tuple[Monomial, ...]:
    """The monomials that no other one hides."""
    found: list[Monomial] = []
    for m in dict.fromkeys(rest):
        if not any(_hidden(m, other) for other in found):
            found = [other for other in found if not _hidden(other, m)] + [m]
    return tuple(found)


def plus(*parts: Series) -> Series:
    """The sum."""
    return settled((t for p in parts for t in p.terms), (m for p in parts for m in p.rest))


def times(one: Series, other: Series) -> Series:
    """The product."""
    terms = [(c * d, m * n) for c, m in one.terms for d, n in other.terms]
    crossed = [m * n for _, m in one.terms for n in other.rest]
    crossed += [m * n for m in one.rest for n in (*(n for _, n in other.terms), *other.rest)]
    return settled(terms, crossed)


def scaled(series: Series, number: sp.Expr, monomial: Monomial = ONE) -> Series:
    """The product with one term."""
    return times(series, single(monomial, number))


def first(series: Series) -> Term:
    """The term that outgrows all others and the rest; Unsettled where none is known to."""
    if not series.terms:
        raise Unsettled("all terms that were computed cancel")
    lead = dominant(series.terms)
    if any(compared(lead[1], m) <= 0 for m in series.rest):
        raise Unsettled("the rest hides the first term")
    return lead


def relative(series: Series) -> tuple[Term, Series]:
    """The leading term c·m and the small t of f = c·m·(1 + t)."""
    number, monomial = first(series)
    others = [t for t in series.terms if t[1] != monomial]
    small = settled(
        ((c / number, m * monomial**-1) for c, m in others), (m * monomial**-1 for m in series.rest)
    )
    return (number, monomial), small


def split(series: Series) -> tuple[list[Term], sp.Expr, Series]:
    """The terms that tend to ∞, the constant, and what tends to 0; Unsettled where the rest does not."""
    if any(size(m) >= 0 for m in series.rest):
        raise Unsettled("the rest does not tend to 0")
    sizes = [(size(m), (c, m)) for c, m in series.terms]
    large = [term for s, term in sizes if s > 0]
    middle = sp.Add(*(c for s, (c, _) in sizes if s == 0))
    return large, middle, Series(tuple(term for s, term in sizes if s < 0), series.rest)


def powers(small: Series, coefficients: Iterable[sp.Expr]) -> Series:
    """Σ c_n·t^n for a t that tends to 0, the first power beyond the coefficients left out as O."""
    total, power = ZERO, constant(sp.S.One)
    for number in coefficients:
        if number != 0:
            total = plus(total, scaled(power, number))
        power = times(power, small)
    rest = [m for _, m in power.terms]
    return settled(total.terms, (*total.rest, *rest, *power.rest))
