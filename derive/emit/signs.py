"""What the signs of vector notation mean, for the pages that use them."""

from collections.abc import Sequence

import sympy as sp
from sympy import Expr, IndexedBase

from derive.model import AXES, Derivation, Step
from derive.rules.layers import capital, marks_of
from derive.rules.vectors.algebra import (
    MATRICES,
    VectorForm,
    applied,
    around,
    diagonal,
    is_matrix,
    is_vector,
    outer,
    rank,
    total,
    transposed,
    unit,
)

ELEMENTWISE = "in vector notation ⊙, fractions, powers and functions of vectors act on each component"
ONES = "𝟏 is the vector of ones"
UNIT = "e_{k*} is the vector with 1 at k* and 0 elsewhere"
MATRIX = "H is the matrix of the h_ij"
ENTRYWISE = "in matrix notation ⊙, fractions, powers and functions of arrays act on each entry"
CAPITALS = "{} is the matrix of the {}, and so for other letters"
SQUARES = "‖{0}‖_F² is the sum of the squares of the entries of {0}"
RULE = "matrix notation"


def notation(derivation: Derivation) -> list[str]:
    """A sentence for each sign of vector notation that the steps of a derivation use."""
    return notation_of(derivation.steps)


def notation_of(steps: Sequence[Step]) -> list[str]:
    """A sentence for each sign of vector notation in steps."""
    forms = [step.expr for step in steps if isinstance(step.expr, VectorForm)]
    nodes = {node for form in forms for node in sp.preorder_traversal(form.expr)}
    if any(step.rule == RULE for step in steps):
        return _of_matrices(forms, nodes)
    rows = (
        (ELEMENTWISE, any(map(_acts_on_components, nodes))),
        (ONES, any(map(_holds_ones, nodes)) or any(_is_constant(form) for form in forms)),
        (UNIT, any(isinstance(node, unit) for node in nodes)),
        (MATRIX, any(isinstance(node, IndexedBase) and len(node.shape) == 2 for node in nodes)),
    )
    return [sentence for sentence, used in rows if used]


def _of_matrices(forms: Sequence[VectorForm], nodes: set[Expr]) -> list[str]:
    """A sentence for each sign of matrix notation."""
    letters = [n for form in forms for n in sp.preorder_traversal(form.expr) if isinstance(n, IndexedBase)]
    matrix = next((b for b in letters if len(b.shape) == 2), None)
    squares = {n.args[0] for n in nodes if isinstance(n, total) and is_matrix(n.args[0])}
    found = [ENTRYWISE] if any(map(_acts_on_entries, nodes - squares)) else []
    ones = any(1 in n.args for n in nodes if isinstance(n, applied | outer))
    if ones or any(_holds_ones(n) for n in nodes) or any(map(_is_constant, forms)):
        found.append(ONES)
    if matrix is not None:
        found.append(CAPITALS.format(*_named(matrix)))
    return found + [SQUARES.format(_named(m)[0]) for s in squares for m in s.atoms(IndexedBase)]


def _named(matrix: IndexedBase) -> tuple[str, str]:
    """The letter of a matrix, and that of its entries."""
    letter, *_ = marks_of(matrix.label.name)
    indices = [next(a for a in AXES if a.size == size).indices[0] for size in matrix.shape]
    return capital(letter), f"{letter}_{''.join(map(str, indices))}"


def _acts_on_entries(node: Expr) -> bool:
    """Whether a node is a product, a power or a function of arrays."""
    if node.is_Mul:
        return sum(rank(f) > 0 for f in node.args) > 1
    mine = *MATRICES, total, applied, unit
    return bool((node.is_Pow or node.is_Function) and not isinstance(node, mine) and rank(node) > 0)


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
