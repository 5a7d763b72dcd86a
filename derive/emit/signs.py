"""What the signs of vector notation mean, for the pages that use them."""

from collections.abc import Sequence

import sympy as sp
from sympy import Expr, IndexedBase

from derive.model import Derivation, Step
from derive.rules.vectors.algebra import (
    VectorForm,
    applied,
    around,
    diagonal,
    is_vector,
    total,
    transposed,
    unit,
)

ELEMENTWISE = "in vector notation ⊙, fractions, powers and functions of vectors act on each component"
ONES = "𝟏 is the vector of ones"
UNIT = "e_{k*} is the vector with 1 at k* and 0 elsewhere"
MATRIX = "H is the matrix of the h_ij"


def notation(derivation: Derivation) -> list[str]:
    """A sentence for each sign of vector notation that the steps of a derivation use."""
    return notation_of(derivation.steps)


def notation_of(steps: Sequence[Step]) -> list[str]:
    """A sentence for each sign of vector notation in steps."""
    forms = [step.expr for step in steps if isinstance(step.expr, VectorForm)]
    nodes = {node for form in forms for node in sp.preorder_traversal(form.expr)}
    rows = (
        (ELEMENTWISE, any(map(_acts_on_components, nodes))),
        (ONES, any(map(_holds_ones, nodes)) or any(_is_constant(form) for form in forms)),
        (UNIT, any(isinstance(node, unit) for node in nodes)),
        (MATRIX, any(isinstance(node, IndexedBase) and len(node.shape) == 2 for node in nodes)),
    )
    return [sentence for sentence, used in rows if used]


def _acts_on_components(node: Expr) -> bool:
    """Whether a node is a product, a power or a function of vectors."""
    if node.is_Mul:
        return sum(is_vector(f) for f in node.args) > 1
    mine = total, diagonal, transposed, applied, around, unit
    return bool((node.is_Pow or node.is_Function) and not isinstance(node, mine) and is_vector(node))


def _holds_ones(node: Expr) -> bool:
    """Whether a scalar stands where a vector is meant, or the components of one vector are summed."""
    if isinstance(node, total):
        return not (node.args[0].is_Mul or node.args[0].is_Pow)
    return bool(node.is_Add and is_vector(node) and any(not is_vector(t) for t in node.args))


def _is_constant(form: VectorForm) -> bool:
    return len(form.indices) == 1 and form.expr != 0 and not is_vector(form.expr)
