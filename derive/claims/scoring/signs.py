"""Signs of expressions whose letters lie in intervals: at a glance where that is enough."""

from collections.abc import Mapping

import sympy as sp

from derive.model import PROVED, UNDECIDED, Interval, Set
from derive.proof.normal import manifest_sign
from derive.proof.signs import Decision, nonnegative

LOGS = "every term has this sign, log t that of t − 1"
GLANCE = "all terms have one sign in positive letters"


def decided(expr: sp.Expr, places: Mapping[sp.Symbol, Set], *, strictly: bool = False) -> Decision:
    """Whether `expr` ≥ 0 (> 0 if `strictly`) wherever its letters lie."""
    if (sign := _at_a_glance(expr, places)) is not None and (sign > 0 or (sign == 0 and not strictly)):
        return Decision(outcome=PROVED, method="normal form", how=GLANCE)
    if _logs(expr, places, strictly):
        return Decision(outcome=PROVED, method="rule", how=LOGS)
    try:
        return nonnegative(expr, places, strictly=strictly)
    except (NotImplementedError, TypeError) as problem:
        return Decision(outcome=UNDECIDED, method="none", how=f"its sign could not be decided: {problem}")


def _logs(expr: sp.Expr, places: Mapping[sp.Symbol, Set], strictly: bool) -> bool:
    """Whether all terms have one sign, a logarithm that of its argument less 1."""
    if not expr.has(sp.log):
        return False
    found = [_sign_of_product(term, places) for term in sp.Add.make_args(expr)]
    known = [sign for sign in found if sign is not None and sign[0] >= 0]
    return len(known) == len(found) and (not strictly or (1, True) in known)


def _sign_of_product(term: sp.Expr, places: Mapping[sp.Symbol, Set]) -> tuple[int, bool] | None:
    """The sign of a product with logarithms, and whether it is never 0; None where it is not seen."""
    sign, strict = 1, True
    for factor in sp.Mul.make_args(term):
        inner = factor.args[0] - 1 if isinstance(factor, sp.log) else factor
        one = _at_a_glance(inner, places)
        if one is None and _starts_at_zero(places.get(inner)):
            one, strict = 1, False
        if one is None:
            return None
        sign *= one
    return sign, strict and sign != 0


def _starts_at_zero(place: Set | None) -> bool:
    """Whether all numbers of a place are 0 or more."""
    return isinstance(place, Interval) and bool(place.lo >= 0)


def _at_a_glance(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> int | None:
    """The sign that all terms have, with letters written as ratios of positive ones."""
    written = expr
    for letter in sorted(expr.free_symbols & places.keys(), key=str):
        value = positive_form(places[letter], letter)
        if value is None:
            return None
        written = written.subs(letter, value)
    try:
        return manifest_sign(written)
    except TypeError:  # no normal form
        return None


def positive_form(place: Set, letter: sp.Symbol) -> sp.Expr | None:
    """A letter of an open interval by a positive one; itself where it may be any number."""
    if not isinstance(place, Interval) or place.closed_hi:
        return None
    if place.closed_lo:
        return place.lo + sp.Symbol(f"t_{letter.name}", nonnegative=True) if place.hi == sp.oo else None
    t = sp.Symbol(f"t_{letter.name}", positive=True)
    if place.lo == -sp.oo:
        return letter if place.hi == sp.oo else place.hi - t
    return place.lo + t if place.hi == sp.oo else place.lo + (place.hi - place.lo) * t / (1 + t)
