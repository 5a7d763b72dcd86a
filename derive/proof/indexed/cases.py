"""Which free indices are equal, case by case: in each case every δ is 1 or 0."""

from collections.abc import Iterator

import sympy as sp
from sympy import Derivative, Eq, Expr, KroneckerDelta

from derive.rules.indexed import SIZES, contracted, delta, slope, substitute


def cases(expr: Expr) -> Iterator[Expr]:
    """`expr` in each case of equal and different free indices, without δ between them."""
    whole = contracted(_joined(_carried_out(expr)))
    free = whole.free_symbols
    joined = {i for d in whole.atoms(KroneckerDelta) for i in d.args[:2] if i in free or i.is_Integer}
    for groups in _partitions(sorted(joined, key=_rank)):
        case = whole
        for first, *others in groups:
            for other in others:
                case = substitute(case, other, first)
        firsts = {group[0] for group in groups}
        apart = {d: sp.S.Zero for d in case.atoms(KroneckerDelta) if set(d.args[:2]) <= firsts}
        yield case.xreplace(apart)


def _rank(index: Expr) -> tuple[bool, int, str]:
    order = list(SIZES)
    return (not index.is_Integer, order.index(index) if index in order else len(order), str(index))


def _partitions(items: list[Expr]) -> Iterator[list[list[Expr]]]:
    """All ways to say which indices are equal; those that count different things or are numbers are not."""
    if not items:
        yield []
        return
    *rest, last = items
    for groups in _partitions(rest):
        for n, group in enumerate(groups):
            if not last.is_Integer and _same_size(group[0], last):
                yield [*groups[:n], [*group, last], *groups[n + 1 :]]
        yield [*groups, [last]]


def _same_size(one: Expr, other: Expr) -> bool:
    return one.is_Integer or SIZES.get(one) == SIZES.get(other)


def _carried_out(expr: Expr) -> Expr:
    """`expr` with derivatives carried out."""
    if not expr.has(Derivative):
        return expr
    if isinstance(expr, Derivative):
        (wrt, _), *_ = expr.variable_count
        return slope(_carried_out(expr.expr), wrt)
    return expr.func(*[_carried_out(a) for a in expr.args])


def _joined(expr: Expr) -> Expr:
    """`expr` with cases in equalities of indices written with δ."""
    if not expr.has(sp.Piecewise):
        return expr
    if not isinstance(expr, sp.Piecewise):
        return expr.func(*[_joined(a) for a in expr.args])
    *special, (result, last) = expr.args
    if last != sp.true:
        raise TypeError(f"no normal form by the cases of {expr}")
    result = _joined(result)
    for value, condition in reversed(special):
        if not isinstance(condition, Eq):
            raise TypeError(f"no normal form by the cases of {expr}")
        result += delta(*condition.args) * (_joined(value) - result)
    return result
