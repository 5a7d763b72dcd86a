"""Proofs of equalities between indexed expressions of symbolic size, by the normal form of indexed sums.

Every rewriting of the normal form is an identity for all sizes, so that a difference with normal
form 0 vanishes for every K. A Piecewise in equalities of indices is proved case by case, a matrix
expression component by component, an assumption is used only where it is handed in.
"""

from collections.abc import Iterable, Mapping

import sympy as sp
from sympy import Expr, KroneckerDelta, MatrixExpr

from derive.model import (
    AS,
    DIM,
    I_,
    PS,
    XS,
    YS,
    ZS,
    D,
    J,
    K,
    Name,
    Proof,
    Selection,
    Unproved,
)
from derive.rules.indexed import normal, spelled, substitute, vanishes

NORMAL_FORM = Proof(method="normal form")
# Which component of a matrix is compared, by its number of columns.
ENTRY = {1: (J, 0), K: (I_, J), DIM: (J, D)}
BASES = {str(base.label): base for base in (ZS, AS, YS, PS, XS)}

Facts = Mapping[Expr, Expr]  # sums and the values they are assumed to have
Definitions = Mapping[sp.IndexedBase, Expr]  # of component j


def prove(
    left: Expr,
    right: Expr,
    *,
    definitions: Definitions | None = None,
    names: Iterable[Name] = (),
    selections: Iterable[Selection] = (),
    facts: Facts | None = None,
) -> Proof:
    """The proof of left = right for every size, under the facts; Unproved where there is none."""
    left, right = (
        spelled(component(side), definitions or {}) for side in (left, right)
    )
    if not _equal(left, right, facts):
        raise Unproved(f"no proof that {left} = {right}")
    return NORMAL_FORM


def _equal(left: Expr, right: Expr, facts: Facts | None) -> bool:
    """Whether left = right; where right has a case i = j and another, case by case."""
    if not isinstance(right, sp.Piecewise):
        return vanishes(left - right, facts)
    (same, condition), (other, rest) = right.args
    if not isinstance(condition, sp.Eq) or rest != sp.true:
        raise Unproved(f"no proof by the cases of {right}")
    i, j = condition.args
    joined = vanishes(substitute(left - same, i, j), facts)
    # Only in the normal form are i and j never the names of bound indices.
    return joined and vanishes(
        normal(left - other).xreplace({KroneckerDelta(i, j): sp.S.Zero}), facts
    )


def component(expr: Expr) -> Expr:
    """The component of a matrix expression that ENTRY names, in index notation; others as they are."""
    if not isinstance(expr, MatrixExpr):
        return expr
    entry = expr[ENTRY[expr.shape[1]]].doit()
    elements = entry.atoms(sp.matrices.expressions.matexpr.MatrixElement)
    return entry.xreplace({e: BASES[str(e.parent)][e.indices[0]] for e in elements})
