"""Proofs of equalities between indexed expressions of symbolic size, for every size at once.

The normal form of the difference, in which every rewriting is an identity for all sizes, must be 0 in each
case of equal and different free indices. Indicators are idempotent, names obey their
relations, an assumption is used only where it is handed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import lcm

import sympy as sp
from sympy import Expr

from derive.heads import plain
from derive.model import Name, Proof, Selection, Unproved
from derive.proof.indexed.normal import canon
from derive.proof.indexed.room import Room, TooCoarse, copied, unit_of
from derive.proof.indexed.zero import assume, is_zero
from derive.rules.indexed import names_in, spelled

_TRIES = 3  # units of exponents
NORMAL_FORM = Proof(method="normal form")

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
    left, right = (spelled(side, given) for side in (left, right))
    known = {spelled(before, given): spelled(after, given) for before, after in (facts or {}).items()}
    if not _equal(left, right, _frame(known, names_in(names, given), selections)):
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
    return _equal(expr, sp.S.Zero, _frame(facts or {}, names, selections))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What holds besides the two sides of an equality: expressions that are 0, indicators, explicit names."""

    zeros: tuple[Expr, ...]
    indicators: frozenset[sp.Basic]
    explicit: tuple[tuple[sp.Symbol, Expr], ...]


def _frame(facts: Facts, names: Iterable[Name], selections: Iterable[Selection]) -> Frame:
    names = tuple(names)
    explicit = tuple((n.symbol, n.meaning) for n in names if n.relation is None)
    zeros = [n.relation for n in names if n.relation is not None]
    zeros += [before - after for before, after in facts.items()]
    return Frame(
        zeros=tuple(_written(zero, explicit) for zero in zeros),
        indicators=frozenset(s.symbol for s in selections if s.rule != "largest"),
        explicit=explicit,
    )


def _equal(left: Expr, right: Expr, frame: Frame) -> bool:
    left, right = (_written(side, frame.explicit) for side in (left, right))
    unit = unit_of((left, right, *frame.zeros))
    for _ in range(_TRIES):
        try:
            room, form = _opened(left, frame, unit)
            room = copied(room)
            return is_zero(room, form - canon(room, right))
        except TooCoarse as needed:
            unit = lcm(unit, needed.unit)
        except TypeError:
            return False
    return False


@lru_cache(maxsize=64)
def _opened(left: Expr, frame: Frame, unit: int) -> tuple[Room, Expr]:
    """A room with the relations, and the left side's form in it: many steps say what one quantity is."""
    room = Room(unit=unit, idempotent=frame.indicators)
    for zero in frame.zeros:
        assume(room, zero)
    return room, canon(room, left)


def _written(expr: Expr, explicit: Iterable[tuple[sp.Symbol, Expr]]) -> Expr:
    """`expr` without heads and without names that have only a meaning, which may hold names before them."""
    for symbol, meaning in reversed(tuple(explicit)):
        expr = expr.xreplace({symbol: meaning})
    return plain(expr)
