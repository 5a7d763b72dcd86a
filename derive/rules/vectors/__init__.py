"""Vector notation for index expressions: p_j − y_j is p − y, p_i(δ_ij − p_j) is diag(p) − p pᵀ."""

from collections.abc import Callable, Iterator

import sympy as sp
from sympy import Dummy, Expr, Indexed, IndexedBase, KroneckerDelta, Sum

from derive.model import I_, YS, D, J, M, N
from derive.rules.vectors.algebra import (
    VectorForm,
    applied,
    around,
    component,
    diagonal,
    is_matrix,
    is_vector,
    outer,
    total,
    transposed,
    unit,
)

__all__ = ["VectorForm", "component", "in_vectors"]

# The index of rows first: of two free ones the earlier counts the rows.
ORDER: tuple[sp.Symbol, ...] = (I_, N, J, M, D)


class _NoVectors(Exception):
    """An index expression without vector notation."""


def in_vectors(expr: Expr, indices: tuple[sp.Symbol, ...] | None = None) -> VectorForm | None:
    """An index expression in vector notation; None where that has no form for it.

    `indices` are those of rows and columns, by default the free ones.
    """
    indices = _free(expr) if indices is None else indices
    try:
        if len(indices) > 2 or not set(_free(expr)) <= set(indices):
            return None
        found = _matrix(expr, *indices) if len(indices) == 2 else _tidy(_vector(expr, *indices))
    except _NoVectors:
        return None
    return VectorForm(expr=found, indices=indices)


def _free(expr: Expr) -> tuple[sp.Symbol, ...]:
    return tuple(index for index in ORDER if index in expr.free_symbols)


# From indices to vectors.


def _vector(expr: Expr, index: sp.Symbol | None = None) -> Expr:
    """`expr` with its factors in a free index as vectors, and its sums as sums over vectors."""
    if isinstance(expr, Sum):
        return _summed(expr.function, [i for i, _, _ in expr.limits], index)
    if isinstance(expr, Indexed) and index in expr.indices:
        if len(expr.indices) > 1:
            raise _NoVectors
        return expr.base
    if isinstance(expr, KroneckerDelta):
        return unit(*[i for i in expr.args[:2] if i != index]) if index in expr.args[:2] else _refused()
    if expr == index or isinstance(expr, sp.Piecewise):
        raise _NoVectors
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*[_vector(a, index) for a in expr.args])


def _refused():
    raise _NoVectors


def _summed(body: Expr, bound: list[sp.Symbol], free: sp.Symbol | None) -> Expr:
    """The sum of `body` over the bound indices, where at most one index is free."""
    *others, index = bound
    fresh = Dummy(integer=True)
    body = body.xreplace({index: fresh})
    beyond = [i for i in (*others, free) if i is not None and i in body.free_symbols]
    if len(beyond) > 1:
        raise _NoVectors
    if not beyond:
        return _over_others(total(_vector(body, fresh)), others, free)
    inner = sp.Add(*[_one_sum(term, fresh, *beyond) for term in _terms(body, fresh, *beyond)])
    return _over_others(inner, others, free)


def _over_others(inner: Expr, others: list[sp.Symbol], free: sp.Symbol | None) -> Expr:
    if not others:
        return inner
    if free is not None or len(others) > 1:
        raise _NoVectors
    return total(inner)


def _terms(expr: Expr, first: sp.Symbol, second: sp.Symbol) -> Iterator[Expr]:
    """The terms of an expression, multiplied out only as far as factors add what depends on both indices."""
    if expr.is_Add:
        yield from (found for term in expr.args for found in _terms(term, first, second))
        return
    for factor in sp.Mul.make_args(expr):
        base, power = factor.as_base_exp()
        if base.is_Add and {first, second} <= base.free_symbols and power.is_Integer and power > 0:
            yield from _terms(sp.Add(*[expr / base * term for term in base.args]), first, second)
            return
    yield expr


def _one_sum(term: Expr, bound: sp.Symbol, free: sp.Symbol) -> Expr:
    """Σ term over `bound`, a vector in `free`: what depends on both is a matrix or a δ."""
    both, mine, others = _separated(term, bound, free)
    left, right = _vector(sp.Mul(*mine), bound), _vector(sp.Mul(*others), free)
    if not both:
        return right * total(left)
    (matrix,) = both if len(both) == 1 else (_refused(),)
    if isinstance(matrix, KroneckerDelta):
        return right * _vector(sp.Mul(*mine), bound)
    return right * applied(_whole(matrix, free, bound), left)


def _separated(term: Expr, first: sp.Symbol, second: sp.Symbol) -> tuple[list, list, list]:
    """The factors that hold both indices, those that hold the first, and the others."""
    factors = sp.Mul.make_args(term)
    both = [f for f in factors if {first, second} <= f.free_symbols]
    mine = [f for f in factors if first in f.free_symbols and f not in both]
    return both, mine, [f for f in factors if f not in both and f not in mine]


def _whole(entry: Expr, row: sp.Symbol, column: sp.Symbol) -> Expr:
    """The matrix of which `entry` is the component in that row and column."""
    if isinstance(entry, Indexed) and entry.indices == (row, column):
        return entry.base
    if isinstance(entry, Indexed) and entry.indices == (column, row):
        return transposed(entry.base)
    raise _NoVectors


# Matrices.


def _matrix(expr: Expr, row: sp.Symbol, column: sp.Symbol) -> Expr:
    """A matrix as a sum of diagonal, outer and other terms, common factors in front."""
    kinds: dict[type, list[tuple[Expr, ...]]] = {diagonal: [], outer: [], around: []}
    for term in _terms(expr, row, column):
        kind, parts = _matrix_term(term, row, column)
        kinds[kind].append(parts)
    entries = _tidy(sp.Add(*[part for (part,) in kinds[diagonal]]))
    pairs = _collected([(_tidy(left), _tidy(right)) for left, right in kinds[outer]])
    found = [_scaled(diagonal, entries), *(_scaled(outer, *pair) for pair in pairs)]
    found += [_scaled(around, *parts) for parts in kinds[around]]
    return _factored(sp.Add(*found))


def _factored(expr: Expr) -> Expr:
    """What is common in front; what stands within matrices and sums stays."""
    slots = {node: Dummy() for node in expr.atoms(total, applied, diagonal, outer, around)}
    back = {slot: node for node, slot in slots.items()}
    return _put_back(sp.factor_terms(expr.xreplace(slots)), back)


def _put_back(expr: Expr, back: dict[Expr, Expr]) -> Expr:
    """`expr` with its slots filled; SymPy would multiply a number into a sum again."""
    if expr in back or not expr.args or isinstance(expr, Indexed | IndexedBase):
        return back.get(expr, expr)
    parts = [_put_back(a, back) for a in expr.args]
    return sp.Mul(*parts, evaluate=not any(p.is_Add for p in parts)) if expr.is_Mul else expr.func(*parts)


def _matrix_term(term: Expr, row: sp.Symbol, column: sp.Symbol) -> tuple[type, tuple[Expr, ...]]:
    both, left, right = _separated(term, row, column)
    if not both:
        return outer, (_vector(sp.Mul(*left), row), _vector(sp.Mul(*right), column))
    (joint,) = both if len(both) == 1 else (_refused(),)
    if isinstance(joint, KroneckerDelta):
        return diagonal, (_vector(sp.Mul(*left, *right).xreplace({row: column}), column),)
    parts = (_vector(sp.Mul(*left), row), _whole(joint, row, column), _vector(sp.Mul(*right), column))
    return around, parts


def _scaled(kind: Callable[..., Expr], *vectors: Expr) -> Expr:
    """A matrix with the scalar factors of its vectors in front."""
    parts = [(sp.S.One, v) if is_matrix(v) else _pulled(v) for v in vectors]
    return sp.Mul(*[scalar for scalar, _ in parts]) * kind(*[vector for _, vector in parts])


def _pulled(vector: Expr) -> tuple[Expr, Expr]:
    """The scalar factors of a vector with its sign, and the rest."""
    parts = [_facing(factor) for factor in sp.Mul.make_args(vector)]
    front = [sign for sign, _ in parts] + [factor for _, factor in parts if not is_vector(factor)]
    return sp.Mul(*front), sp.Mul(*[factor for _, factor in parts if is_vector(factor)])


def _facing(factor: Expr) -> tuple[Expr, Expr]:
    """The sign of a sum and the sum that begins with a positive term: y − p is −(p − y)."""
    base, power = factor.as_base_exp()
    if not base.is_Add or not power.is_Integer:
        return sp.S.One, factor
    lead = min(base.args, key=lambda t: (t.has(YS), str(t.as_coeff_Mul()[1])))
    if not lead.as_coeff_Mul()[0].is_negative:
        return sp.S.One, factor
    return sp.S.NegativeOne**power, (-base) ** power


def _collected(pairs: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
    """The same sum of outer products in fewer of them: one where it factors."""
    if len(pairs) < 2:
        return pairs
    by_right, by_left = _grouped(pairs, 1), _grouped(pairs, 0)
    found = min(by_right, by_left, key=len)
    return found if len(found) == len(pairs) else _collected(found)


def _grouped(pairs: list[tuple[Expr, Expr]], side: int) -> list[tuple[Expr, Expr]]:
    """The outer products with those joined that have the vector on one side and the scalar in common."""
    groups: dict[tuple[Expr, Expr], Expr] = {}
    for pair in pairs:
        (mine, same), (others, other) = _pulled(pair[side]), _pulled(pair[1 - side])
        number, scalar = (mine * others).as_coeff_Mul()
        groups[same, scalar] = groups.get((same, scalar), sp.S.Zero) + number * other
    joined = [(scalar * _tidy(other), same) for (same, scalar), other in groups.items()]
    return [(b, a) for a, b in joined] if side == 0 else joined


# The shortest of several forms of one vector.


def _tidy(vector: Expr) -> Expr:
    """A vector with sums and factors joined where that is shorter, and no scalar next to one in a product."""
    vector = _merged(vector)
    forms = [_spread(f) for f in (vector, _factored(vector), sp.expand(vector, deep=False))]
    return min(forms, key=_length)


def _length(expr: Expr) -> int:
    return sum(1 for node in sp.preorder_traversal(expr) if node != sp.S.NegativeOne)


def _merged(expr: Expr) -> Expr:
    """Terms that are sums or matrices alike as one: pᵀp − pᵀy is pᵀ(p − y), Hy − Hp is H(y − p)."""
    groups: dict[tuple[Expr, ...], Expr] = {}
    kept = []
    for term in sp.Add.make_args(expr):
        found = [f for f in sp.Mul.make_args(term) if isinstance(f, total | applied)]
        if len(found) != 1:
            kept.append(sp.Mul(*_pulled(term)) if is_vector(term) else term)
            continue
        number, rest = (term / found[0]).as_coeff_Mul()
        key = (rest, *found[0].args[:-1])  # what a matrix is applied to comes last
        groups[key] = groups.get(key, sp.S.Zero) + number * found[0].args[-1]
    return sp.Add(*kept, *[rest * _joined(body, *matrix) for (rest, *matrix), body in groups.items()])


def _joined(body: Expr, *matrix: Expr) -> Expr:
    """The sum of a vector, or a matrix times it, numbers in front; sums apart where no factor joins them."""
    factored = sp.factor(body)
    if factored.is_Add and not matrix:
        return sp.Add(*[_joined(term) for term in factored.args])
    number, rest = factored.as_coeff_Mul()
    parts = [_facing(factor) for factor in sp.Mul.make_args(rest)]
    front, rest = sp.Mul(number, *[sign for sign, _ in parts]), sp.Mul(*[factor for _, factor in parts])
    return front * (applied(*matrix, rest) if matrix else total(rest))


def _spread(vector: Expr) -> Expr:
    """v(w + c) as v w + c v for a scalar c that is no number: a scalar has no place in a vector product."""
    if vector.is_Add:
        return sp.Add(*[_spread(t) for t in vector.args])
    if not vector.is_Mul:
        return vector
    front = [factor for factor in vector.args if not is_vector(factor)]
    if front and len(front) < len(vector.args):
        behind = [factor for factor in vector.args if is_vector(factor)]
        inner = _spread(sp.Mul(*behind))
        return sp.Mul(*front, inner, evaluate=not inner.is_Add)
    for factor in vector.args:
        rest = sp.Mul(*[f for f in vector.args if f is not factor])
        scalars = [t for t in factor.args if not is_vector(t) and not t.is_number] if factor.is_Add else []
        if scalars and is_vector(rest):
            return _spread(rest * (factor - sp.Add(*scalars))) + rest * _merged(sp.Add(*scalars))
    return vector
