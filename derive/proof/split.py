"""Expressions in z cut into pieces: on each interval between ends no case is left that z decides.

Cases may be nested in any way: |w|, sgn w, Max, Min, Heaviside and Piecewise, whose conditions may hold
cases themselves. Conditions on other letters (a target) stay.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, pairwise

import sympy as sp
from sympy.core.relational import Relational

from derive.heads import absolute, sgn
from derive.heads.extremes import as_cases
from derive.model import REALS, A, Interval, Parameter, Set, Unproved, Y, Z
from derive.proof.ends import Values, admissible, all_settings, number, ordered, roots, sign_at

SIGNS = {"StrictLessThan": (-1,), "LessThan": (-1, 0), "Equality": (0,), "Unequality": (-1, 1)}
SIGNS |= {"StrictGreaterThan": (1,), "GreaterThan": (0, 1)}
TURNS = (sp.Abs, sp.sign, absolute, sgn)
CASES = (sp.Piecewise, sp.Min, sp.Max, sp.Heaviside)
_MOST = 40  # ends of one function
_SIZES = tuple(map(sp.Rational, ("5/7", "1/1000", "9/7", "13/3", "1000")))  # of distances of parameters


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """A function by intervals: between the ends its branches, one more than ends; on them its values."""

    ends: tuple[sp.Expr, ...]
    branches: tuple[sp.Expr, ...]
    values: tuple[sp.Expr, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An open interval of z, or a point where both ends are one, and values that show what holds there."""

    low: sp.Expr
    high: sp.Expr
    sample: Values
    written: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()  # parameters in symbols of known sign

    @property
    def at(self) -> sp.Expr | None:
        """The point, where it is one."""
        return self.low if self.low == self.high else None


class Undecided(Exception):
    """An expression changes its sign within a cell, at these points."""

    def __init__(self, ends: tuple[sp.Expr, ...]) -> None:
        super().__init__(ends)
        self.ends = ends


def in_z(expr: sp.Basic) -> bool:
    """Whether z decides what holds: no letter is in it whose values differ from element to element."""
    return expr.has(Z) and not expr.has(Y, A)


def has_cases(expr: sp.Expr) -> bool:
    """Whether z decides between cases somewhere in an expression."""
    return any(in_z(node) for node in expr.atoms(*CASES, *TURNS))


def pieces(expr: sp.Expr, parameters: tuple[Parameter, ...] = (), domain: Set = REALS) -> Pieces:
    """The pieces of a function of z and parameters; Unproved where an end is not found exactly."""
    found = cells((expr,), parameters, domain)
    resolved = [in_cell(expr, cell) for cell in found]
    return _joined(
        [cell.low for cell in found if cell.at is not None],
        resolved[::2],
        resolved[1::2],
    )


def _joined(ends: list, branches: list, values: list) -> Pieces:
    """The pieces without ends at which nothing changes."""
    kept = [n for n, end in enumerate(ends) if not _same(branches[n], branches[n + 1], values[n], end)]
    return Pieces(
        ends=tuple(ends[n] for n in kept),
        branches=(branches[0], *(branches[n + 1] for n in kept)),
        values=tuple(values[n] for n in kept),
    )


def _same(left: sp.Expr, right: sp.Expr, value: sp.Expr, end: sp.Expr) -> bool:
    return left == right and left.subs(Z, end) == value


def cells(
    exprs: tuple[sp.Expr, ...],
    parameters: tuple[Parameter, ...] = (),
    domain: Set = REALS,
    *,
    strict: bool = True,
) -> list[Cell]:
    """Intervals and points, from left to right, in each of which z decides every case of all expressions.

    Where it is not `strict`, |w| and sgn w outside of conditions make no ends, and conditions stay whose
    places are not found exactly.
    """
    low, high = (domain.lo, domain.hi) if isinstance(domain, Interval) else (-sp.oo, sp.oo)
    ends: tuple[sp.Expr, ...] = ()
    for _ in range(_MOST):
        values = all_settings(parameters, (*exprs, *ends))[0]
        marks = (low, *ends, high)
        written = tuple(admissible(parameters).items())
        found = [
            Cell(low=a, high=b, sample=_sample(a, b, values), written=written) for a, b in pairwise(marks)
        ]
        new = {end for cell in found for expr in exprs for end in _missing(expr, cell, strict)}
        if not new:
            points = [replace(found[0], low=e, high=e, sample=_sample_at(e, values)) for e in ends]
            return [cell for pair in zip(found, points, strict=False) for cell in pair] + found[-1:]
        ends = ordered((*ends, *new), parameters)
    raise Unproved(f"more than {_MOST} ends of cases")


def point(at: sp.Expr, exprs: tuple[sp.Expr, ...], parameters: tuple[Parameter, ...] = ()) -> Cell:
    """The cell that is one point of z, at values of all letters of expressions but z."""
    values = all_settings(parameters, (*exprs, at))[0]
    written = tuple(admissible(parameters).items())
    return Cell(low=at, high=at, sample=_sample_at(at, values), written=written)


def between(
    low: sp.Expr, high: sp.Expr, exprs: tuple[sp.Expr, ...], parameters: tuple[Parameter, ...] = ()
) -> Cell:
    """The cell between two ends, at values of all letters of expressions but z."""
    if low == high:
        return point(low, exprs, parameters)
    values = all_settings(parameters, (*exprs, low, high))[0]
    written = tuple(admissible(parameters).items())
    return Cell(low=low, high=high, sample=_sample(low, high, values), written=written)


def _sample_at(at: sp.Expr, values: Values) -> Values:
    """A point as it is, not rounded: what is 0 there is 0."""
    return {**values, Z: sp.S(at).xreplace(dict(values))}


def _sample(low: sp.Expr, high: sp.Expr, values: Values) -> Values:
    low, high = number(low, values), number(high, values)
    if low.is_infinite and high.is_infinite:
        return {**values, Z: sp.Rational(1, 7)}
    if high.is_infinite:
        return {**values, Z: low + 1}
    return {**values, Z: high - 1 if low.is_infinite else (low + high) / 2}


def _missing(expr: sp.Expr, cell: Cell, strict: bool) -> tuple[sp.Expr, ...]:
    """Points of a cell at which a case of an expression changes."""
    try:
        in_cell(expr, cell, strict=strict)
    except Undecided as undecided:
        return undecided.ends
    return ()


def in_cell(expr: sp.Expr, cell: Cell, *, strict: bool = True) -> sp.Expr:
    """An expression where no case is left that z decides in a cell; with z put in at a point."""
    resolved = _resolved(expr, cell, strict)
    return resolved if cell.at is None else resolved.subs(Z, cell.at)


def _resolved(expr: sp.Basic, cell: Cell, strict: bool) -> sp.Basic:
    if not expr.args or not expr.has(*CASES, *TURNS, Relational):
        return expr
    if isinstance(expr, sp.Piecewise):
        return _chosen(expr, cell, strict)
    args = [_resolved(a, cell, strict or isinstance(expr, Relational | sp.Max | sp.Min)) for a in expr.args]
    if isinstance(expr, Relational) and in_z(args[0] - args[1]):
        return _held(expr.func(*args, evaluate=False), cell, strict)
    if isinstance(expr, (*TURNS, sp.Heaviside)) and in_z(args[0]):
        return _turned(expr, args, cell, strict or isinstance(expr, sp.Heaviside))
    if isinstance(expr, sp.Max | sp.Min) and all(_told(a - b, cell) for a, b in combinations(args, 2)):
        return _extreme(args, 1 if isinstance(expr, sp.Max) else -1, cell)
    return expr.func(*args)


def _told(w: sp.Expr, cell: Cell) -> bool:
    """Whether z, or what the parameters may be, tells the sign of an expression."""
    if in_z(w):
        return True
    written = w.subs(cell.written) if not w.has(Y, A) else w
    return bool(sp.expand(written).is_nonnegative or sp.expand(written).is_nonpositive)


def _held(relation: Relational, cell: Cell, strict: bool) -> sp.Basic:
    """Whether a condition holds in a cell; the condition itself where that is not known and need not be."""
    try:
        sign = _sign(relation.lhs - relation.rhs, cell)
    except Unproved:
        if strict:
            raise
        return relation
    return sp.true if sign in SIGNS[type(relation).__name__] else sp.false


def _chosen(expr: sp.Piecewise, cell: Cell, strict: bool) -> sp.Expr:
    """The branch that holds in a cell; those left where a condition on other letters comes first."""
    rows = []
    for value, condition in expr.args:
        known = _resolved(condition, cell, strict)
        if known == sp.false:
            continue
        rows.append((_resolved(value, cell, strict), known))
        if known == sp.true:
            break
    return rows[0][0] if rows and rows[0][1] == sp.true else sp.Piecewise(*rows)


def _turned(expr: sp.Expr, args: list[sp.Expr], cell: Cell, strict: bool) -> sp.Expr:
    """|w|, sgn w or Heaviside(w) where the sign of w is known."""
    try:
        sign = sp.Integer(_sign(args[0], cell))
    except (Undecided, Unproved):
        if strict:
            raise
        return expr.func(*args)
    if isinstance(expr, sp.Heaviside):
        return args[1] if sign == 0 else (1 + sign) / 2
    return sign * args[0] if isinstance(expr, sp.Abs | absolute) else sign


def _extreme(args: list[sp.Expr], way: int, cell: Cell) -> sp.Expr:
    """The largest argument, or the smallest where `way` is −1."""
    best, *others = args
    for other in others:
        best = other if _sign(other - best, cell) * way > 0 else best
    return best


def _sign(w: sp.Expr, cell: Cell) -> int:
    """The sign of w in a cell; Undecided where it changes there, Unproved where parameters decide that."""
    found = roots(w)
    inside = tuple(r for r in found if cell.at is None and _between(r, cell))
    if inside:
        raise Undecided(inside)
    if not all(_beside(r, cell) for r in found):
        raise Unproved(f"the sign of {w} between {cell.low} and {cell.high} depends on the parameters")
    sign = sign_at(w, cell.sample)
    if any(sign_at(w, sample) != sign for sample in _samples(w, cell)):  # b z < z + 1 turns with b − 1
        raise Unproved(f"the sign of {w} between {cell.low} and {cell.high} depends on the parameters")
    return sign


def _samples(w: sp.Expr, cell: Cell) -> list[Values]:
    """Points of a cell for small, middling and large values of the parameters that an expression has."""
    used = w.free_symbols - {Z}
    if not used or not used <= {p for p, _ in cell.written}:
        return []
    letters = sorted({s for _, e in cell.written for s in e.free_symbols}, key=str)
    found: list[Values] = []
    for n in range(len(_SIZES)):
        sizes = {s: _SIZES[(n + k * (n + 1)) % len(_SIZES)] for k, s in enumerate(letters)}
        values = {p: e.xreplace(sizes) for p, e in cell.written}
        found.append({**values, **_at(cell, values)})
    return found


def _at(cell: Cell, values: Values) -> Values:
    """The point of a cell at values of the parameters."""
    return _sample_at(cell.at, values) if cell.at is not None else _sample(cell.low, cell.high, values)


def _beside(root: sp.Expr, cell: Cell) -> bool:
    """Whether a root is real nowhere in a cell, for all values of the parameters."""
    if not (root.free_symbols or cell.low.free_symbols or cell.high.free_symbols):
        return True  # so it is at the sample
    gaps = (end for end in (cell.low - root, root - cell.high) if not end.is_infinite)
    return any(sp.expand(gap.subs(cell.written)).is_nonnegative for gap in gaps)


def _between(root: sp.Expr, cell: Cell) -> bool:
    """Whether a root lies within an open cell, at the cell's values of the parameters."""
    if not number(root, cell.sample).is_real:
        return False
    left, right = root - cell.low, cell.high - root
    return all(gap.is_infinite or sign_at(gap, cell.sample) > 0 for gap in (left, right))


@cache
def spread(expr: sp.Expr) -> sp.Expr:
    """`expr` with Max, Min and Heaviside written as Piecewise."""
    expr = without_steps(expr)
    return expr.replace(lambda e: isinstance(e, sp.Min | sp.Max), as_cases)


def without_steps(expr: sp.Expr) -> sp.Expr:
    """`expr` with Heaviside written as Piecewise."""
    return expr.replace(
        sp.Heaviside, lambda w, at_zero=sp.S.Half: sp.Piecewise((1, w > 0), (0, w < 0), (at_zero, True))
    )
