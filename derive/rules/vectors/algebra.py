"""What vector notation is made of, and its meaning in indices.

The algebra is that of arrays: a bare letter stands for the whole vector, products, quotients, powers
and functions act on each component, a scalar is the same for all.
"""

from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy import Dummy, Expr, Indexed, IndexedBase, KroneckerDelta, Sum

from derive.model import DIM, K


class total(sp.Function):
    """The sum of the components of a vector: 1ᵀ v."""

    nargs = 1


class unit(sp.Function):
    """The vector that is 1 at an index and 0 elsewhere."""

    nargs = 1


class diagonal(sp.Function):
    """The diagonal matrix of a vector."""

    nargs = 1


class outer(sp.Function):
    """The matrix of a column times a row: u vᵀ."""

    nargs = 2


class applied(sp.Function):
    """A matrix times a vector."""

    nargs = 2


class transposed(sp.Function):
    """The transpose of a matrix."""

    nargs = 1


class around(sp.Function):
    """A matrix between two diagonal ones: diag(u) H diag(v)."""

    nargs = 3


@dataclass(frozen=True, kw_only=True)
class VectorForm:
    """A vector or matrix in vector notation; `indices` count its rows and columns."""

    expr: Expr
    indices: tuple[sp.Symbol, ...]


# What kind of thing an expression is.


def _leaves(expr: Expr) -> set[Expr]:
    """The vectors in an expression that are not within sums over their components."""
    if isinstance(expr, IndexedBase | unit | applied):
        return {expr}
    if isinstance(expr, Indexed | total | diagonal | outer | around) or not expr.args:
        return set()
    return set().union(*(_leaves(a) for a in expr.args))


@cache
def is_vector(expr: Expr) -> bool:
    """Whether an expression in vector notation is a vector."""
    return bool(_leaves(expr)) and not is_matrix(expr)


def is_matrix(expr: Expr) -> bool:
    """Whether an expression in vector notation is a matrix."""
    if isinstance(expr, IndexedBase):
        return len(expr.shape) == 2
    return isinstance(expr, transposed) or (
        not isinstance(expr, Indexed) and expr.has(diagonal, outer, around)
    )


# From vectors to indices.


def component(form: VectorForm) -> Expr:
    """The component of a form in index notation."""
    return _entry(form.expr, *form.indices)


def _entry(expr: Expr, *indices: Expr) -> Expr:
    """The component of an expression in vector notation."""
    if isinstance(expr, IndexedBase):
        return expr[indices]
    if isinstance(expr, transposed):
        return expr.args[0][tuple(reversed(indices))]
    if isinstance(expr, Indexed) or not expr.args:
        return expr
    if isinstance(expr, total | applied):
        return _over(expr, *indices)
    if isinstance(expr, unit):
        return KroneckerDelta(expr.args[0], *indices)
    if isinstance(expr, diagonal):
        return KroneckerDelta(*indices) * _entry(expr.args[0], indices[0])
    if isinstance(expr, outer):
        return sp.Mul(*[_entry(v, i) for v, i in zip(expr.args, indices, strict=True)])
    if isinstance(expr, around):
        left, matrix, right = expr.args
        return _entry(left, indices[0]) * _entry(matrix, *indices) * _entry(right, indices[1])
    return expr.func(*[_entry(a, *indices) for a in expr.args])


def _over(expr: Expr, *indices: Expr) -> Expr:
    """The sum over all components, of a vector or of a row of a matrix times a vector."""
    index = Dummy("k", integer=True)
    if isinstance(expr, applied):
        matrix, vector = expr.args
        return Sum(_entry(matrix, *indices, index) * _entry(vector, index), (index, 1, K))
    (vector,) = expr.args
    size = DIM if any(b.shape == (DIM,) for b in vector.atoms(IndexedBase)) else K
    return Sum(_entry(vector, index), (index, 1, size))
