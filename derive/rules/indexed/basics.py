"""Indexed expressions: sums over all components, δ, free and bound indices. Sums count from 1."""

from collections.abc import Iterable

import sympy as sp
from sympy import Dummy, Expr, Indexed, KroneckerDelta, Sum

from derive.model import AXES, DIM, I_, LARGEST, D, J, K, M, N

# What each free index counts up to. Of two indices joined by a δ the earlier one stays.
SIZES: dict[Expr, Expr] = {I_: K, N: K, J: K, M: K, D: DIM, LARGEST: K}
SIZES |= {index: axis.size for axis in AXES for index in axis.indices}
# Names that a reader meets under a sum, in the order in which they are taken.
BOUND_NAMES = (N, M, *sp.symbols("n r s", integer=True))


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
    """`expr` with every base[m] replaced by its definition, `component` in J; a matrix's in I_ and J."""
    return defined(expr, base[(I_, J)[-len(base.shape) :]], component)


def defined(expr: Expr, at: Indexed, component: Expr) -> Expr:
    """`expr` with every entry of an array replaced by its definition, given at the indices of `at`."""
    found = {e: _at(component, at, *e.indices) for e in expr.atoms(Indexed) if e.base == at.base}
    return expr.xreplace(found)


def _at(component: Expr, at: Indexed, *indices: Expr) -> Expr:
    """A component at other indices."""
    slots = [Dummy(integer=True) for _ in indices]
    for free, slot in zip(at.indices, slots, strict=True):
        component = substitute(component, free, slot)
    for slot, index in zip(slots, indices, strict=True):
        component = substitute(component, slot, index)
    return component


def contracted(expr: Expr) -> Expr:
    """`expr` with Σ_k δ_kj f_k = f_j carried out and numbers in front of sums; nothing is expanded."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if not isinstance(expr, Sum):
        return expr.func(*[contracted(a) for a in expr.args])
    total = contracted(expr.function)
    for index, _, size in expr.limits:
        total = _summed(total, index, size)
    return total


def _summed(body: Expr, index: sp.Symbol, size: Expr) -> Expr:
    """Σ body without its δ: of any f, Σ_k f(δ_kj) = Σ_k f(0) + (f(1) − f(0) at k = j)."""
    single = []
    while joined := _joined(body, index, size):
        other = next(i for i in joined.args[:2] if i != index)
        off, on = (contracted(body.xreplace({joined: value})) for value in (sp.S.Zero, sp.S.One))
        single.append(contracted(substitute(on - off, index, other)))
        body = off
    number, body = body.as_coeff_Mul()
    return sp.Add(number * Sum(body, (index, 1, size)) if body != 0 else body, *single)


def _joined(body: Expr, index: Expr, size: Expr) -> KroneckerDelta | None:
    """A δ of the bound index with an index that runs as far."""
    for found in sorted(body.atoms(KroneckerDelta), key=str):
        if index in found.args[:2]:
            other = next(i for i in found.args[:2] if i != index)
            if SIZES.get(other, size) == size:
                return found
    return None


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
