"""The calculus of indexed sums of symbolic size: slopes, contraction of Kronecker's δ, one normal form.

SymPy knows no equality up to the names of bound indices, differentiates wrongly by an index that a
sum binds, and leaves Σ_k δ_kj f_k as a Piecewise. `normal` repairs the first and the last, `slope` the
second. Sums count from 1.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import permutations

import sympy as sp
from sympy import Derivative, Dummy, Expr, Indexed, KroneckerDelta, Sum, exp, log

from derive.model import AS, DIM, I_, YS, ZS, D, J, K, M, N

# What each free index counts up to. Of two indices joined by a δ the earlier one stays.
SIZES: dict[Expr, Expr] = {I_: K, N: K, J: K, M: K, D: DIM}
# Names that a reader meets under a sum, in the order in which they are taken.
BOUND_NAMES = (N, M, *sp.symbols("n r s", integer=True))

Known = Mapping[sp.IndexedBase, Callable[[Expr, Expr], Expr]]


def over(body: Expr, index: sp.Symbol = N) -> Sum:
    """The sum of `body` over all values of a free index."""
    return Sum(body, (index, 1, SIZES[index]))


def delta(i: Expr, j: Expr) -> Expr:
    """Kronecker's δ."""
    return KroneckerDelta(i, j)


def substitute(expr: sp.Basic, index: Expr, new: Expr) -> sp.Basic:
    """`expr` with a free index replaced; bound indices of the same name make way."""
    if expr == index:
        return new
    if index not in expr.free_symbols:
        return expr
    if isinstance(expr, Sum):
        expr = apart(expr, new.free_symbols)
    return expr.func(*[substitute(a, index, new) for a in expr.args])


def apart(total: Sum, taken: Iterable[sp.Basic]) -> Sum:
    """The sum with other names for those of its bound indices that are taken."""
    renamed = {k: Dummy(k.name, integer=True) for k in total.bound_symbols if k in set(taken)}
    return total.xreplace(renamed)


def written_out(expr: Expr, base: sp.IndexedBase, component: Expr) -> Expr:
    """`expr` with every base[m] replaced by its definition, `component` in the index J."""
    found = {e: substitute(component, J, e.indices[0]) for e in expr.atoms(Indexed) if e.base == base}
    return expr.xreplace(found)


def slope(expr: Expr, wrt: Indexed, known: Known | None = None) -> Expr:
    """∂expr/∂wrt; `known` gives, for a base that stands for a function of wrt, ∂base[k]/∂wrt[j]."""
    known = known or {}
    if isinstance(expr, Indexed):
        if expr.base == wrt.base:
            pairs = zip(expr.indices, wrt.indices, strict=True)
            return sp.Mul(*[delta(i, j) for i, j in pairs])
        rule = known.get(expr.base)
        return rule(expr.indices[0], wrt.indices[0]) if rule else sp.S.Zero
    if isinstance(expr, Sum):
        expr = apart(expr, wrt.free_symbols)
        body = slope(expr.function, wrt, known)
        return Sum(body, *expr.limits) if body != 0 else body
    if not expr.args or isinstance(expr, KroneckerDelta):
        return sp.S.Zero
    slots = [Dummy() for _ in expr.args]
    outer, back = expr.func(*slots), dict(zip(slots, expr.args, strict=True))
    return sp.Add(*[outer.diff(s).xreplace(back) * slope(a, wrt, known) for s, a in back.items()])


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


def readable(expr: Expr, taken: frozenset = frozenset()) -> Expr:
    """`expr` with its bound indices named k, m, … from the outside in, as far as those names are free."""
    if isinstance(expr, Sum):
        taken = taken | expr.free_symbols
        names = (name for name in BOUND_NAMES if name not in taken)
        renamed = dict(zip(expr.bound_symbols, names, strict=False))
        slots = {k: Dummy(integer=True) for k in renamed}
        body = readable(expr.function.xreplace(slots), taken | set(renamed.values()))
        body = body.xreplace({slots[k]: name for k, name in renamed.items()})
        return Sum(body, *[(renamed[k], lo, n) for k, lo, n in expr.limits])
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*[readable(a, taken) for a in expr.args])


def vanishes(expr: Expr, facts: Mapping[Expr, Expr] | None = None) -> bool:
    """Whether `expr` is 0 for every size, by normal form; `facts` are sums whose value is assumed."""
    known = {normal(before): after for before, after in (facts or {}).items()}
    form = normal(normal(expr).xreplace(known))
    return form == 0 or normal(sp.fraction(sp.together(form))[0]) == 0


def folded(expr: Expr, base: sp.IndexedBase, component: Expr) -> Expr:
    """The normal form of `expr` written in base[m] = component at J = m, a quotient g(m) / Σ_k g(k)."""
    weight, total = sp.fraction(component)
    whole, form = Dummy(positive=True), normal(expr)
    form = form.xreplace({normal(total): whole})
    (inner,) = weight.atoms(Indexed)
    found = {e for e in form.atoms(Indexed) if e.base == inner.base}
    weights = {substitute(weight, J, e.indices[0]): base[e.indices[0]] * whole for e in found}
    return normal(form.xreplace(weights)).xreplace({normal(over(base[N])): sp.S.One})


@dataclass(frozen=True, kw_only=True)
class IndexRule:
    """An identity of index calculus for every size, with the sentence a reader sees."""

    name: str
    says: str
    before: Expr
    after: Expr


_E = exp(ZS[J]) / over(exp(ZS[N]))

RULES: tuple[IndexRule, ...] = (
    IndexRule(
        name="renaming",
        says="the name of a bound index does not matter",
        before=over(YS[N], N),
        after=over(YS[M], M),
    ),
    IndexRule(
        name="slope of a component",
        says="∂z_k/∂z_j = δ_kj",
        before=Derivative(ZS[N], ZS[J]),
        after=delta(N, J),
    ),
    IndexRule(
        name="slope of a sum",
        says="∂/∂z_j Σ_k f(z_k) = f′(z_j)",
        before=Derivative(over(ZS[N] ** 3), ZS[J]),
        after=3 * ZS[J] ** 2,
    ),
    IndexRule(
        name="slope by a bound name",
        says="a bound index makes way for the index one differentiates by",
        before=Derivative(over(YS[N] * ZS[N] ** 2), ZS[N]),
        after=2 * YS[N] * ZS[N],
    ),
    IndexRule(
        name="delta contraction",
        says="Σ_k δ_kj f_k = f_j",
        before=over(delta(N, J) * YS[N] * ZS[N]),
        after=YS[J] * ZS[J],
    ),
    IndexRule(
        name="delta renaming",
        says="δ_ij f_i = δ_ij f_j",
        before=delta(I_, J) * YS[I_],
        after=delta(I_, J) * YS[J],
    ),
    IndexRule(
        name="delta square",
        says="δ_ij² = δ_ij",
        before=delta(I_, J) ** 2 * YS[I_],
        after=delta(I_, J) * YS[I_],
    ),
    IndexRule(
        name="delta chain",
        says="δ_ij δ_jk = δ_ik δ_jk",
        before=delta(I_, J) * delta(J, N),
        after=delta(I_, N) * delta(J, N),
    ),
    IndexRule(
        name="linearity",
        says="a sum of sums, and what does not depend on k in front",
        before=over(AS[J] * YS[N] - ZS[N]),
        after=AS[J] * over(YS[N]) - over(ZS[N]),
    ),
    IndexRule(name="count", says="Σ_k c = K c", before=over(YS[J]), after=K * YS[J]),
    IndexRule(
        name="product of sums",
        says="(Σ_k f_k)(Σ_m g_m) = Σ_k Σ_m f_k g_m",
        before=over(YS[N]) * over(ZS[M], M),
        after=over(over(YS[N] * ZS[M], M), N),
    ),
    IndexRule(
        name="log of a quotient",
        says="log(e^u / v) = u − log v for v > 0",
        before=log(_E),
        after=ZS[J] - log(over(exp(ZS[N]))),
    ),
    IndexRule(name="probabilities sum to one", says="Σ_j p_j = 1", before=over(_E, J), after=sp.S.One),
    IndexRule(
        name="shift",
        says="a constant added to every logit changes no probability",
        before=exp(ZS[J] - ZS[M]) / over(exp(ZS[N] - ZS[M])),
        after=_E,
    ),
)
