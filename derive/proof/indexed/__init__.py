"""Proofs of equalities between indexed expressions of symbolic size, for every size at once.

The difference is taken in every case of equal and different free indices; in each its normal form, in
which every rewriting is an identity for all sizes, must be 0. Indicators are idempotent, names obey their
relations, a matrix expression is proved component by component, an assumption is used only where it is
handed in.
"""

from collections.abc import Iterable, Mapping

import sympy as sp
from sympy import Expr, MatrixExpr

from derive.heads import plain
from derive.model import AS, DIM, I_, PS, XS, YS, ZS, D, J, K, Name, Proof, Selection, Unproved
from derive.proof.indexed.cases import cases
from derive.proof.indexed.normal import assume, is_zero
from derive.proof.indexed.room import Room, unit_of
from derive.rules.indexed import names_in, spelled

NORMAL_FORM = Proof(method="normal form")
# Which component of a matrix is compared, by its number of columns.
ENTRY = {1: (J, 0), K: (I_, J), DIM: (J, D)}
BASES = {str(base.label): base for base in (ZS, AS, YS, PS, XS)}

Facts = Mapping[Expr, Expr]  # sums and the values they are assumed to have
Definitions = Mapping[sp.IndexedBase, Expr]  # of component j; a later one may use earlier ones


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
    given = definitions or {}
    left, right = (spelled(component(side), given) for side in (left, right))
    known = {spelled(before, given): spelled(after, given) for before, after in (facts or {}).items()}
    if not vanishes(left - right, known, names=names_in(names, given), selections=selections):
        raise Unproved(f"no proof that {left} = {right}")
    return NORMAL_FORM


def vanishes(
    expr: Expr,
    facts: Facts | None = None,
    *,
    names: Iterable[Name] = (),
    selections: Iterable[Selection] = (),
) -> bool:
    """Whether `expr` is 0 for every size, by normal form, as far as the normal form tells."""
    explicit = {n.symbol: n.meaning for n in names if n.relation is None}
    zeros = [n.relation for n in names if n.relation is not None]
    zeros += [before - after for before, after in (facts or {}).items()]
    indicators = frozenset(s.symbol for s in selections if s.rule != "largest")
    try:
        forms = [_written(case, explicit) for case in cases(expr)]
        relations = [_written(zero, explicit) for zero in zeros]
        return all(_vanishes(form, relations, indicators) for form in forms)
    except TypeError:
        return False


def _vanishes(form: Expr, relations: list[Expr], indicators: frozenset) -> bool:
    room = Room(unit=unit_of([form, *relations]), idempotent=indicators)
    assume(room, relations)
    return is_zero(room, form)


def _written(expr: Expr, explicit: Mapping[sp.Symbol, Expr]) -> Expr:
    """`expr` without heads and without names that have only a meaning."""
    while found := {s: explicit[s] for s in expr.free_symbols & explicit.keys()}:
        expr = expr.xreplace(found)
    return plain(expr)


def component(expr: Expr) -> Expr:
    """The component of a matrix expression that ENTRY names, in index notation; others as they are."""
    if not isinstance(expr, MatrixExpr):
        return expr
    entry = expr[ENTRY[expr.shape[1]]].doit()
    elements = entry.atoms(sp.matrices.expressions.matexpr.MatrixElement)
    return entry.xreplace({e: BASES[str(e.parent)][e.indices[0]] for e in elements})
