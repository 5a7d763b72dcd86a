"""The cases of piecewise functions: every combination of signs that conditions can have, none left out.

Conditions on z alone are decided exactly, on each interval between their boundaries and at each boundary;
the boundaries may hold parameters, where their order is manifest for all admissible values. All other
conditions compare an expression with 0; expressions whose ratio has a manifest sign are one. They are
taken negative, zero and positive in turn, whether or not that occurs: more is proved than needed, never
less.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp
from sympy.core.relational import Relational

from derive.heads import plain
from derive.model import REALS, A, Interval, Parameter, Set, Unproved, Y, Z
from derive.proof.ends import certain, ordered, roots
from derive.proof.normal import equal, manifest_sign
from derive.proof.split import SIGNS, Cell, Undecided, between, cells, in_cell, in_z, spread

Sides = tuple[sp.Expr, sp.Expr]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides where no case is left, z in an interval (or at a point), other expressions of known sign."""

    left: sp.Expr
    right: sp.Expr
    low: sp.Expr = -sp.oo
    high: sp.Expr = sp.oo
    signs: tuple[tuple[sp.Expr, int], ...] = ()

    @property
    def cell(self) -> tuple[sp.Expr, sp.Expr]:
        """The ends of the interval of z."""
        return self.low, self.high

    def inside(self, domain: Set) -> "Case":
        """The case with z in a domain."""
        return replace(self, low=domain.lo, high=domain.hi) if isinstance(domain, Interval) else self


def cases(
    left: sp.Expr,
    right: sp.Expr,
    *,
    at_points: bool,
    parameters: tuple[Parameter, ...] = (),
    domain: Set = REALS,
    strict: bool = False,
) -> Iterator[Case]:
    """Every case of two sides; those in which an expression is exactly 0 only where wanted.

    |w| and sgn w are cases where it is `strict`; they are left to the normal form otherwise.
    """
    sides = plain(left), plain(right)
    for attempt in range(2):
        kept = _unplaced(sides, parameters, domain) if attempt else {}
        hidden = sides[0].xreplace(kept), sides[1].xreplace(kept)
        try:
            found = _cells(hidden, parameters, domain, strict)
        except Unproved:
            continue
        for cell in found:
            if cell.at is not None and not at_points:
                continue
            one, other = (spread(_shown(in_cell(s, cell, strict=strict), kept, cell)) for s in hidden)
            yield from _by_sign(Case(left=one, right=other, low=cell.low, high=cell.high), at_points)
        return
    # Every sign of what is not known, then.
    yield from _by_sign(Case(left=spread(sides[0]), right=spread(sides[1])).inside(domain), at_points)


def _unplaced(sides: Sides, parameters: tuple[Parameter, ...], domain: Set) -> dict[sp.Basic, sp.Basic]:
    """Conditions on z whose places among the others depend on the parameters, and letters for them."""
    found = {r for s in sides for r in s.atoms(Relational) if in_z(r) and not r.has(sp.Piecewise)}
    marks = [e for e in (domain.lo, domain.hi) if not e.is_infinite] if isinstance(domain, Interval) else []
    letters: dict[sp.Basic, sp.Basic] = {}
    for relation in sorted(found, key=lambda r: (r.free_symbols == {Z}, str(r))):
        try:
            more = list(ordered((*marks, *roots(relation.lhs - relation.rhs)), parameters))
        except Unproved:
            more = None
        if more is None or not certain(more, parameters):
            letters[relation] = sp.Dummy()
        else:
            marks = more
    return letters


def _shown(expr: sp.Expr, kept: dict[sp.Basic, sp.Basic], cell: Cell) -> sp.Expr:
    """An expression in a cell with its conditions for the letters that stood for them."""
    if not kept:
        return expr
    shown = expr.xreplace({letter: condition for condition, letter in kept.items()})
    return shown if cell.at is None else shown.subs(Z, cell.at)


def _cells(sides: Sides, parameters: tuple[Parameter, ...], domain: Set, strict: bool) -> list[Cell]:
    """Intervals of z and the points between them; Unproved where these are not known for all parameters."""
    found = cells(sides, parameters, domain, strict=strict)
    ends = [cell.low for cell in found if cell.at is not None]
    if not certain(ends, parameters, domain):
        raise Unproved(f"the order of {', '.join(map(str, ends))} is not known for all parameters")
    return found


def impossible(case: Case, parameters: tuple[Parameter, ...]) -> bool:
    """Whether a case asks for a sign that an expression in z alone does not have in its interval."""
    for difference, sign in case.signs:
        if not in_z(difference) or case.cell == (-sp.oo, sp.oo):
            continue
        try:
            found = in_cell(
                sp.sign(difference, evaluate=False), between(*case.cell, (difference,), parameters)
            )
        except (Undecided, Unproved):
            continue
        if found.is_number and found != sign:
            return True
    return False


def turning_points(side: sp.Expr) -> Iterator[sp.Expr]:
    """The points at which |w| or sgn w of z alone turns, as far as they are found exactly."""
    for w in _turning(side):
        try:
            yield from roots(w)
        except Unproved:
            continue


def turning_somewhere(side: sp.Expr) -> Iterator[sp.Expr]:
    """What turns at points that are not found exactly, as |sin z| does."""
    for w in _turning(side):
        try:
            roots(w)
        except Unproved:
            yield w


def _turning(side: sp.Expr) -> list[sp.Expr]:
    """The w of z alone in |w| and sgn w."""
    return [node.args[0] for node in plain(side).atoms(sp.Abs, sp.sign) if in_z(node)]


def places_kinks(symbol: sp.Symbol, sides: Sides) -> bool:
    """Whether a parameter is in the place of a kink of z."""
    nodes = {node for s in sides for node in s.atoms(Relational, sp.Max, sp.Min, sp.Heaviside)}
    return any(node.has(symbol) and in_z(node) for node in nodes)


def inside(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A number of an interval."""
    if low == high:
        return low
    if low == -sp.oo:
        return sp.S.Zero if high == sp.oo else high - 1
    return low + 1 if high == sp.oo else (low + high) / 2


def _relations(sides: Sides) -> list[Relational]:
    found = {r for s in sides for pw in s.atoms(sp.Piecewise) for r in pw.atoms(Relational)}
    return sorted(found, key=lambda r: (r.has(sp.Piecewise), str(r)))  # one with cases inside waits for those


def _by_sign(case: Case, at_points: bool) -> Iterator[Case]:
    """The case split by the place of the first expression that a condition still asks for."""
    open_relations = _relations((case.left, case.right))
    if not open_relations:
        yield case
        return
    pivots = _levels(open_relations)
    turned = {
        r: [(n, turn) for n, pivot in enumerate(pivots) if (turn := _turn(r.lhs - r.rhs, pivot))]
        for r in open_relations
    }
    for signs in _places(pivots, at_points):
        known = {
            r: sp.true if signs[n] * turn in SIGNS[type(r).__name__] else sp.false
            for r, ((n, turn), *_) in ((r, found) for r, found in turned.items() if found)
        }
        yield from _by_sign(
            replace(
                case,
                left=case.left.xreplace(known),
                right=case.right.xreplace(known),
                signs=(*case.signs, *zip(pivots, signs, strict=True)),
            ),
            at_points,
        )


def _levels(relations: list[Relational]) -> list[sp.Expr]:
    """The first difference, and others that differ from it by what has a manifest sign, the largest first."""
    first, *others = (r.lhs - r.rhs for r in relations)
    pivots = [first]
    for other in (way * o for o in others for way in (1, -1)):
        gaps = [(other - pivot) for pivot in pivots]
        if all(not gap.has(Z, A, Y) and (gap.is_positive or gap.is_negative) for gap in gaps):
            pivots.insert(sum(bool(gap.is_negative) for gap in gaps), other)
    return pivots


def _places(pivots: list[sp.Expr], at_points: bool) -> Iterator[tuple[int, ...]]:
    """The signs of differences, of which each is larger than the next, that can occur together."""
    allowed = [_possible(pivot) for pivot in pivots]
    for zero in range(len(pivots) - 1, -2, -1):
        if zero >= 0 and at_points:
            yield from _if_allowed(tuple((zero < n) * -1 + (zero > n) for n in range(len(pivots))), allowed)
        yield from _if_allowed(tuple(-1 if n > zero else 1 for n in range(len(pivots))), allowed)


def _if_allowed(signs: tuple[int, ...], allowed: list[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    if all(sign in possible for sign, possible in zip(signs, allowed, strict=True)):
        yield signs


@lru_cache(maxsize=2**12)
def _possible(pivot: sp.Expr) -> tuple[int, ...]:
    try:
        sign = manifest_sign(pivot)
    except TypeError:
        sign = None
    return (-1, 0, 1) if sign is None else (sign,)


@lru_cache(maxsize=2**14)
def _turn(difference: sp.Expr, pivot: sp.Expr) -> int:
    """1 where a difference has the pivot's sign, −1 where it has the opposite, 0 where neither is known."""
    if difference == pivot:
        return 1
    try:
        if sign := manifest_sign(difference / pivot):
            return sign
        return 1 if equal(difference, pivot) else -1 if equal(difference, -pivot) else 0
    except TypeError:  # no normal form: it stays a condition of its own
        return 0
