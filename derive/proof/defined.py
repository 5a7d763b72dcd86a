"""Where what somebody wrote is defined: the needs of its quotients, roots, logarithms and powers."""

from collections.abc import Iterable

import sympy as sp

from derive.expression import Need
from derive.model import PROVED, REFUTED, BadInput, Interval, Set, Z
from derive.proof.signs import Decision, nonnegative


def defined(needs: Iterable[Need], domain: Set) -> None:
    """Raise BadInput, with a z where there is one, unless every need is proved to be met on the domain."""
    for need in needs:
        found = _met(need, domain)
        if found.outcome == PROVED:
            continue
        if found.outcome == REFUTED:
            at = ", ".join(f"{letter} = {value}" for letter, value in found.witness)
            why = f"{need.says} is not defined at {at}"
        else:
            why = f"it is not shown that {need.says} is defined for every z"
        raise BadInput(f"{why}: {need.expr} must be {_words(need)}. Try: --where 'z>0', or another condition")


def _words(need: Need) -> str:
    return {"nonzero": "other than 0", "nonnegative": "at least 0", "positive": "positive"}[need.kind]


def _met(need: Need, domain: Set) -> Decision:
    """What is known of a need on a domain."""
    if need.expr.is_positive:  # as SymPy knows of 1 + e^z
        return Decision(outcome=PROVED, method="normal form", how="it is a sum of what is positive")
    places = {Z: domain}
    if need.kind != "nonzero":
        return nonnegative(need.expr, places, strictly=need.kind == "positive")
    above = nonnegative(need.expr, places, strictly=True)
    if above.outcome == PROVED:
        return above
    below = nonnegative(-need.expr, places, strictly=True)
    if below.outcome == PROVED:
        return below
    return _zero(need.expr, domain) or Decision(outcome="undecided", method="none", how=above.how)


def _zero(expr: sp.Expr, domain: Set) -> Decision | None:
    """A simple number of the domain at which the expression is 0."""
    for z in map(sp.Integer, (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)):
        if contains(domain, z) and expr.subs(Z, z) == 0:
            return Decision(outcome=REFUTED, method="normal form", how="it is 0", witness=((Z, z),))
    return None


def contains(domain: Set, value: sp.Expr) -> bool:
    """Whether a number lies in an interval."""
    if not isinstance(domain, Interval):
        return False
    low, high = value - domain.lo, domain.hi - value
    above = low.is_extended_positive or (domain.closed_lo and low == 0)
    return bool(above and (high.is_extended_positive or (domain.closed_hi and high == 0)))
