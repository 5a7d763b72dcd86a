"""The cells of a question: finite sets one value at a time, piecewise functions one case at a time.

A condition that is linear in one letter cuts that letter's place exactly. Any other is taken negative,
zero and positive in turn and kept as a hypothesis; a hypothesis that is dropped makes more to prove.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from derive.heads import plain
from derive.heads.extremes import as_cases
from derive.model import Finite, Set
from derive.proof.cases import SIGNS
from derive.proof.normal import manifest_sign
from derive.proof.signs.form import Hypothesis
from derive.proof.signs.places import Places, above, below, holds, intervals, is_point, numeric

_CASES = (sp.Abs, sp.sign, sp.Heaviside, sp.Min, sp.Max)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An expression without cases, the places of its letters, and expressions of known sign."""

    expr: sp.Expr
    places: Places
    hypotheses: tuple[Hypothesis, ...] = ()


def cells(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> Iterator[Cell]:
    """Every cell; together they cover all values of the letters."""
    expr = without_heads(expr)
    finite = [(s, p.values) for s, p in places.items() if isinstance(p, Finite)]
    inside = intervals(places)
    points = {s: p.lo for s, p in inside.items() if is_point(p)}
    rest = {s: p for s, p in inside.items() if s not in points}
    for values in product(*(v for _, v in finite)):
        known = {**points, **dict(zip([s for s, _ in finite], map(sp.Integer, values), strict=True))}
        yield from _split(Cell(expr=expr.subs(known), places=_closed_over(rest, known)))


def without_heads(expr: sp.Expr) -> sp.Expr:
    """`expr` in SymPy's own functions, its cases as Piecewise."""
    expr = plain(expr)
    while expr.has(*_CASES):
        expr = expr.replace(lambda e: isinstance(e, _CASES), _spread)
    return expr


def _closed_over(places: Places, known: Mapping[sp.Symbol, sp.Expr]) -> Places:
    """The places with known letters put into their ends."""
    return {s: replace(p, lo=p.lo.subs(known), hi=p.hi.subs(known)) for s, p in places.items()}


def _spread(expr: sp.Expr) -> sp.Expr:
    w = expr.args[0]
    if isinstance(expr, sp.Abs):
        return sp.Piecewise((w, w > 0), (-w, True))
    if isinstance(expr, sp.sign):
        return sp.Piecewise((1, w > 0), (-1, w < 0), (0, True))
    return as_cases(expr) if isinstance(expr, sp.Max | sp.Min) else expr.rewrite(sp.Piecewise)


def _split(cell: Cell) -> Iterator[Cell]:
    """The cell divided by the sign of the first condition that is still open."""
    relations = sorted((r for r in cell.expr.atoms(Relational) if not r.has(sp.Piecewise)), key=_order)
    if not relations:
        yield cell
        return
    pivot = relations[0].lhs - relations[0].rhs
    turned = {r: _turn(r.lhs - r.rhs, pivot) for r in relations}
    for sign in (-1, 0, 1):
        truth = {
            r: sp.true if sign * t in SIGNS[type(r).__name__] else sp.false for r, t in turned.items() if t
        }
        part = _restricted(replace(cell, expr=cell.expr.xreplace(truth)), pivot, sign)
        if part is not None:
            yield from _split(part)


def _order(relation: Relational) -> tuple[int, str]:
    """Conditions on one letter come first."""
    return len(relation.free_symbols), str(relation)


def _turn(difference: sp.Expr, pivot: sp.Expr) -> int:
    """1 where a difference has the pivot's sign, −1 where it has the opposite, 0 where neither is known."""
    if difference == pivot:
        return 1
    return -1 if sp.expand(difference + pivot) == 0 else 0


def _restricted(cell: Cell, pivot: sp.Expr, sign: int) -> Cell | None:
    """The part of a cell where the pivot has a sign; None where there is none."""
    if _manifestly_other(pivot, sign):
        return None
    found = _root(cell, pivot)
    if found is None:
        return replace(cell, hypotheses=(*cell.hypotheses, (pivot, sign)))
    letter, at, slope = found
    if sign == 0:
        return _at(cell, letter, at)
    if not at.is_number or not numeric(cell.places[letter]):
        return replace(cell, hypotheses=(*cell.hypotheses, (pivot, sign)))
    part = (above if sign == slope else below)(cell.places[letter], at)
    return None if part is None else replace(cell, places={**cell.places, letter: part})


def _manifestly_other(pivot: sp.Expr, sign: int) -> bool:
    if (sign > 0 and pivot.is_nonpositive) or (sign < 0 and pivot.is_nonnegative):
        return True
    if sign == 0 and pivot.is_nonzero:
        return True
    try:
        known = manifest_sign(pivot)
    except TypeError:
        return False
    return known is not None and known != sign


def _root(cell: Cell, pivot: sp.Expr) -> tuple[sp.Symbol, sp.Expr, int] | None:
    """A letter in which the pivot is linear with a number for slope: it, its value at 0, the slope's sign."""
    for letter in sorted(pivot.free_symbols & set(cell.places), key=str):
        slope = pivot.diff(letter)
        if slope.is_Rational and slope != 0:
            return letter, sp.expand(letter - pivot / slope), int(sp.sign(slope))
    return None


def _at(cell: Cell, letter: sp.Symbol, value: sp.Expr) -> Cell | None:
    """The cell with a letter replaced by what it is there."""
    place = cell.places[letter]
    if value.is_number and numeric(place) and not holds(place, value):
        return None
    ends = [(value - place.lo, 1), (place.hi - value, 1)] if not value.is_number else []
    inner = tuple((e, s) for e, s in ends if e.free_symbols and not e.has(sp.oo, -sp.oo))
    relaxed = tuple((e, s) for e, s in inner if not (place.closed_lo or place.closed_hi))
    known = {letter: value}
    return Cell(
        expr=cell.expr.subs(known),
        places=_closed_over({s: p for s, p in cell.places.items() if s != letter}, known),
        hypotheses=(*((e.subs(known), s) for e, s in cell.hypotheses), *relaxed),
    )
