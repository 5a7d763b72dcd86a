"""What vector and matrix notation are made of, and their meaning in indices.

The algebra is that of arrays: a bare letter stands for the whole array, products, quotients, powers
and functions act on each component, a scalar is the same for all; products of matrices are `multiplied`.
"""

from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy import Dummy, Expr, Indexed, IndexedBase, KroneckerDelta, Sum

from derive.model import K


class total(sp.Function):
    """The sum of the components of a vector, 1ᵀ v, or of a matrix."""

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


class multiplied(sp.Function):
    """The product of two or more matrices."""


@dataclass(frozen=True, kw_only=True)
class VectorForm:
    """A vector or matrix in vector or matrix notation; `indices` count its rows and columns."""

    expr: Expr
    indices: tuple[sp.Symbol, ...]


# What kind of thing an expression is.


MATRICES = (diagonal, outer, around, transposed, multiplied)
Shape = tuple[Expr | None, ...]  # the sizes of the axes; None where the context tells


@cache
def rank(expr: Expr) -> int:
    """How many indices the components of an expression have: 1 of a vector, 2 of a matrix."""
    if isinstance(expr, IndexedBase):
        return len(expr.shape)
    if isinstance(expr, MATRICES):
        return 2
    if isinstance(expr, unit | applied):
        return 1
    if isinstance(expr, Indexed | total) or not expr.args:
        return 0
    return max(map(rank, expr.args))


def is_vector(expr: Expr) -> bool:
    """Whether an expression in vector notation is a vector."""
    return rank(expr) == 1


def is_matrix(expr: Expr) -> bool:
    """Whether an expression in vector notation is a matrix."""
    return rank(expr) == 2


def shape_of(expr: Expr) -> Shape:
    """The sizes of an expression in vector notation, as far as it tells them itself."""
    if isinstance(expr, IndexedBase):
        return tuple(expr.shape)
    if isinstance(expr, transposed):
        return shape_of(expr.args[0])[::-1]
    if isinstance(expr, multiplied):
        return shape_of(expr.args[0])[0], shape_of(expr.args[-1])[1]
    if isinstance(expr, applied):
        return (shape_of(expr.args[0])[0],)
    if isinstance(expr, outer | diagonal):
        rows, columns = expr.args[0], expr.args[-1]
        return *(shape_of(rows) or (None,)), *(shape_of(columns) or (None,))
    if isinstance(expr, unit) or rank(expr) == 0:
        return (None,) * rank(expr)
    whole = [shape_of(a) for a in expr.args if rank(a) == rank(expr)]
    return tuple(next((n for n in sizes if n is not None), None) for sizes in zip(*whole, strict=True))


def turned(matrix: Expr) -> Expr:
    """The transpose of a matrix, products of matrices turned round."""
    if isinstance(matrix, transposed):
        return matrix.args[0]
    if isinstance(matrix, diagonal):
        return matrix
    if isinstance(matrix, multiplied):
        return multiplied(*[turned(m) for m in reversed(matrix.args)])
    if isinstance(matrix, outer):
        return outer(*reversed(matrix.args))
    if isinstance(matrix, around):
        left, middle, right = matrix.args
        return around(right, turned(middle), left)
    return transposed(matrix)


# From vectors to indices.


def component(form: VectorForm) -> Expr:
    """The component of a form in index notation."""
    return _entry(form.expr, *form.indices)


def _entry(expr: Expr, *indices: Expr) -> Expr:
    """The component of an expression in vector notation."""
    if isinstance(expr, IndexedBase):
        return expr[indices]
    if isinstance(expr, transposed):
        return _entry(expr.args[0], *reversed(indices))
    if isinstance(expr, Indexed) or not expr.args:
        return expr
    if isinstance(expr, total | applied | multiplied):
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
    """The sum over all components, of an array or of a row of a matrix times what stands behind it."""
    if isinstance(expr, total):
        (array,) = expr.args
        sizes = shape_of(array) or (None,)
        found = tuple(Dummy("k", integer=True) for _ in sizes)
        return _summed(_entry(array, *found), found, sizes)
    first, *rest = expr.args
    behind = rest[0] if len(rest) == 1 else multiplied(*rest)
    index = Dummy("k", integer=True)
    row, column = indices[0], indices[1:]
    size = shape_of(first)[1] or next(iter(shape_of(behind)), None)
    return _summed(_entry(first, row, index) * _entry(behind, index, *column), (index,), (size,))


def _summed(body: Expr, indices: tuple[Dummy, ...], sizes: Shape) -> Expr:
    """The sum over all indices; where nothing tells how far they run, it is the number of classes."""
    for index, size in zip(reversed(indices), reversed(sizes), strict=True):
        body = Sum(body, (index, 1, K if size is None else size))
    return body
