"""Losses over vectors that are sums of like terms, one for each class: Σ_k g(a_k, y_k)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Indexed, Sum

from derive.claims.places import off_default
from derive.heads import plain
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


def hard_term(term: sp.Expr, value: int) -> sp.Expr:
    """A term at y = 0 or y = 1, where 0 · log 0 = 0 = 1 · log 1."""
    gone = {0: Y, 1: 1 - Y}[value]

    def is_gone(e: sp.Expr) -> bool:
        return e.is_Mul and gone in e.args and sp.log(gone) in e.args

    whole = plain(term)
    for _ in range(2):
        whole = whole.replace(is_gone, lambda e: sp.S.Zero)
        whole = sp.expand_mul(whole)
    kept = plain(term) if not whole.has(Y) or not plain(term).has(sp.log(gone)) else whole
    return sp.factor_terms(kept.subs(Y, value))


def two_classes(
    los: Loss, weights: Mapping[int, sp.Expr] | None = None, *, logs: bool = False
) -> sp.Expr | None:
    """A loss over vectors at K = 2 for y = (y, 1 − y) and the prediction (a, 1 − a), or its logarithms."""
    if los.inputs or los.names or los.selections or los.kind == ELEMENTWISE:
        return None
    given = weights or {1: sp.S.One, 2: sp.S.One}
    first, second = (sp.log(A), sp.log(1 - A)) if logs else (A, 1 - A)
    values = {AS: (first, second), YS: (Y, 1 - Y), CS: (given[1], given[2])}
    written = in_two_classes(los.expr, values)
    return None if written.has(Indexed) else written


def in_two_classes(expr: sp.Expr, values: Mapping[sp.IndexedBase, tuple[sp.Expr, sp.Expr]]) -> sp.Expr:
    """An indexed expression at K = 2, with these values of the components."""
    at = {base[k]: value for base, both in values.items() for k, value in enumerate(both, 1)}
    return _summed(expr).xreplace(at).subs(K, 2)


def _summed(expr: sp.Expr) -> sp.Expr:
    """`expr` with every sum over K classes written out for two."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if not isinstance(expr, Sum):
        return expr.func(*map(_summed, expr.args))
    body = _summed(expr.function)
    for index in expr.variables:
        body = sp.Add(*(body.xreplace({index: sp.Integer(k)}) for k in (1, 2)))
    return body


def choices(los: Loss) -> Iterator[tuple[dict[sp.Symbol, sp.Expr], dict[int, sp.Expr]]]:
    """Values of the parameters and weights of two classes: the defaults, then others."""
    default = {p.symbol: p.default for p in los.parameters if not p.per_class}
    yield default, {1: sp.S.One, 2: sp.S.One}
    for p in los.parameters:
        if p.per_class:
            yield default, {1: sp.S.One, 2: sp.Integer(2)}
        else:
            yield default | {p.symbol: off_default(p)}, {1: sp.S.One, 2: sp.S.One}
