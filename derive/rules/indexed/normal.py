"""One form for equal indexed sums: SymPy knows no equality up to the names of bound indices."""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from itertools import permutations

import sympy as sp
from sympy import Derivative, Dummy, Expr, Indexed, KroneckerDelta, Sum, exp, log

from derive.rules.indexed.basics import SIZES, apart, delta, substitute
from derive.rules.indexed.slopes import slope


@lru_cache(maxsize=4096)
def normal(expr: Expr) -> Expr:
    """The normal form: a sum of products of atoms and of sums that cannot be taken apart.

    Equal normal forms mean equality for every size; derivatives are carried out.
    """
    if isinstance(expr, Derivative):
        (wrt, _), *_ = expr.variable_count
        return normal(slope(expr.expr, wrt))
    if isinstance(expr, Sum):
        body = normal(expr.function)
        for index, first, size in expr.limits:
            if first != 1:
                raise ValueError(f"sums count from 1, not from {first}: {expr}")
            body = _terms(body, partial(_sum, index=index, size=size))
        return _terms(body, _join)
    if not expr.args or isinstance(expr, Indexed | KroneckerDelta):
        return expr
    rebuilt = expr.func(*[normal(a) for a in expr.args])
    if isinstance(rebuilt, log):
        rebuilt = _log(rebuilt)
    if isinstance(rebuilt, exp):
        rebuilt = sp.Mul(*[exp(term) for term in sp.Add.make_args(rebuilt.exp)])
    return _terms(rebuilt, _join)


def _terms(expr: Expr, action: Callable[[Expr], Expr]) -> Expr:
    # SymPy's own expansion of e^Σ is a Product, of log another form; both are done above.
    expanded = sp.expand(expr, log=False, power_exp=False)
    return sp.Add(*[action(term) for term in sp.Add.make_args(expanded)])


def _log(expr: log) -> Expr:
    """The logarithm of a product of positive factors as a sum; log e^u = u."""
    factors = [f.as_base_exp() for f in sp.Mul.make_args(expr.args[0])]
    if not all(base.is_positive for base, _ in factors):
        return expr
    return sp.Add(*[n * log(base) for base, n in factors]) if len(factors) > 1 else expr


def _rank(index: Expr) -> tuple[int, str]:
    order = list(SIZES)
    return (order.index(index) if index in order else len(order), str(index))


def _join(term: Expr) -> Expr:
    """A product in which indices joined by a δ have one name, and each δ stands once."""
    deltas, rest = _split(sp.Mul.make_args(term), lambda f: isinstance(_base(f), KroneckerDelta))
    root: dict[Expr, Expr] = {}
    for d in map(_base, deltas):
        ends = sorted((root.get(i, i) for i in d.args[:2]), key=_rank)
        group = {i for i, r in root.items() if r in ends} | {*d.args[:2], *ends}
        root |= dict.fromkeys(group, ends[0])
    product = sp.Mul(*rest)
    for index, name in root.items():
        product = substitute(product, index, name)
    return product * sp.Mul(*[delta(name, index) for index, name in root.items()])


def _sum(term: Expr, index: sp.Symbol, size: Expr) -> Expr:
    """Σ term, with nested sums opened, δ contracted, and independent factors in sums of their own."""
    factors, bound = _opened(term, index, size)
    factors = _contracted(factors, bound)
    outside, inside = _split(factors, lambda f: not (f.free_symbols & bound.keys()))
    groups: list[tuple[set, list]] = []
    for factor in inside:
        mine, others = {i for i in bound if i in factor.free_symbols}, []
        joined = [factor]
        for indices, members in groups:
            if indices & mine:
                mine, joined = mine | indices, joined + members
            else:
                others.append((indices, members))
        groups = [*others, (mine, joined)]
    used = set().union(*(indices for indices, _ in groups))
    counts = [n for i, n in bound.items() if i not in used]
    return sp.Mul(*outside, *counts, *[_named(fs, {i: bound[i] for i in ix}) for ix, fs in groups])


def _opened(term: Expr, index: sp.Symbol, size: Expr) -> tuple[list[Expr], dict[Expr, Expr]]:
    """The factors of a term and its bound indices, with sums that depend on `index` opened."""
    fresh = Dummy(integer=True)
    factors, bound = [], {fresh: size}
    for factor in sp.Mul.make_args(substitute(term, index, fresh)):
        base, power = factor.as_base_exp()
        if not (isinstance(base, Sum) and fresh in base.free_symbols and power.is_Integer and power > 0):
            factors.append(factor)
            continue
        for _ in range(int(power)):
            inner = apart(base, base.bound_symbols)
            factors += sp.Mul.make_args(inner.function)
            bound |= {k: n for k, _, n in inner.limits}
    return factors, bound


def _contracted(factors: list[Expr], bound: dict[Expr, Expr]) -> list[Expr]:
    """The factors after Σ_k δ_kj f_k = f_j, where j runs as far as k; used indices leave `bound`."""
    for factor in factors:
        if not isinstance(_base(factor), KroneckerDelta):
            continue
        for gone, stays in permutations(_base(factor).args[:2]):
            if gone in bound and bound.get(stays, SIZES.get(stays)) == bound[gone]:
                del bound[gone]
                rest = [substitute(f, gone, stays) for f in factors if f is not factor]
                return _contracted(list(sp.Mul.make_args(sp.Mul(*rest))), bound)
    return factors


def _named(factors: list[Expr], bound: dict[Expr, Expr]) -> Expr:
    """The sum of a product, its bound indices named in the one order that sorts first."""
    body = sp.Mul(*factors)
    nested = sum(len(s.bound_symbols) for s in body.atoms(Sum))  # beyond these, no name is bound inside
    names = [sp.Symbol(f"_{nested + n}", integer=True) for n in range(1, len(bound) + 1)]
    candidates = []
    for order in permutations(bound):
        renamed = dict(zip(order, names, strict=True))
        limits = [(renamed[i], 1, bound[i]) for i in order]
        candidates.append(Sum(body.xreplace(renamed), *limits))
    return min(candidates, key=str)


def _base(factor: Expr) -> Expr:
    return factor.as_base_exp()[0]


def _split(items: Iterable[Expr], test: Callable[[Expr], bool]) -> tuple[list[Expr], list[Expr]]:
    items = list(items)
    return [i for i in items if test(i)], [i for i in items if not test(i)]
