"""The steps of a layer in matrix notation: Σ_n g_nk x_nd is Gᵀ X, proved entry by entry."""

from collections.abc import Iterator

from sympy import Expr

from derive.derivation.layers import quantities as q
from derive.model import At, Quantity, Step
from derive.proof.indexed import prove
from derive.rules.layers import indices_of
from derive.rules.vectors import component
from derive.rules.vectors.graphs import in_matrices

RULE = "matrix notation"  # which says it all


def array_step(at: At, expr: Expr) -> Iterator[Step]:
    """What an array is, by an expression for its entry, where that has matrix notation."""
    yield from _step(q.array(at), at, expr)


def slope_step(at: At, bar: At | None, expr: Expr, *, result: bool) -> Iterator[Step]:
    """The derivative by an array, by an expression for that by its entry, where that has matrix notation."""
    yield from _step(q.slope_by_array(at, bar), at, expr, result=result)


def _step(quantity: Quantity, at: At, expr: Expr, *, result: bool = False) -> Iterator[Step]:
    form = in_matrices(expr, indices_of(at))
    if form is not None:
        proof = prove(expr, component(form))
        yield Step(quantity=quantity, rule=RULE, says="", expr=form, proof=proof, result=result)
