"""Losses over vectors that are sums of like terms, one for each class: Σ_k g(a_k, y_k)."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Indexed, Sum

from derive.model import AS, CS, ELEMENTWISE, YS, A, K, Loss, N, Set, Y

C = sp.Symbol("c", positive=True)  # the weight of a class


@dataclass(frozen=True, kw_only=True)
class Terms:
    """L = Σ_k term, the term in a, y and the weight c of its class."""

    term: sp.Expr
    prediction: Set
    target: Set


def terms_of(los: Loss, prediction: Set | None = None) -> Terms | None:
    """The term of a loss that is a sum of like terms; None where it is not."""
    place = prediction or los.prediction
    if los.kind == ELEMENTWISE:
        return Terms(term=los.expr, prediction=place, target=los.target) if los.sums else None
    if los.inputs or los.names or los.selections or los.target is None:
        return None
    number, total = los.expr.as_independent(Sum)
    if not isinstance(total, Sum) or len(total.limits) != 1 or total.function.has(Sum):
        return None
    index = total.variables[0]
    scalars = {AS[index]: A, YS[index]: Y, CS[index]: C}
    term = number * total.function.xreplace(scalars)
    return None if term.has(Indexed, index, N) else Terms(term=term, prediction=place, target=los.target)


def two_classes(los: Loss, weights: Mapping[int, sp.Expr] | None = None) -> sp.Expr | None:
    """A loss over vectors at K = 2, with a = (a, 1 − a), y = (y, 1 − y)."""
    if los.inputs or los.names or los.selections:
        return None
    at = {AS[1]: A, AS[2]: 1 - A, YS[1]: Y, YS[2]: 1 - Y}
    given = weights or {1: sp.S.One, 2: sp.S.One}
    written = los.expr.subs(K, 2).doit()
    return written.xreplace(at | {CS[k]: w for k, w in given.items()})
