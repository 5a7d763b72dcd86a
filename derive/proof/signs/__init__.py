"""Whether an expression is ≥ 0, or > 0, wherever its letters lie: proved, refuted, or undecided.

A refutation is a point, confirmed exactly or in balls from the expression as it was given. A proof covers
every cell of the question by an argument that is certain; what is relaxed on the way only makes it harder.
Where the expression is not defined nothing is said of it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from derive.model import POSITIVE, PROVED, REFUTED, UNDECIDED, Finite, Interval, Punctured, Set
from derive.proof.signs.arithmetic import context
from derive.proof.signs.decision import Decision, Point
from derive.proof.signs.goals import Goal, Shown, together
from derive.proof.signs.narrowing import narrowed
from derive.proof.signs.proving import shown
from derive.proof.signs.split import Cell, cells, without_heads
from derive.proof.signs.witness import confirmed, simplest

__all__ = ["Decision", "nonnegative"]


def nonnegative(
    expr: sp.Expr,
    places: Mapping[sp.Symbol, Set],
    *,
    strictly: bool = False,
    zeros: tuple[sp.Expr, ...] = (),
    refutable: bool = True,
) -> Decision:
    """Whether `expr` ≥ 0 (> 0 if `strictly`) for all values of its letters in their places.

    `zeros` are numbers at which it is known to touch 0. What is not `refutable` is proved or left undecided:
    no witness is looked for but the simplest, since the others take long.
    """
    expr = sp.S(expr)
    _check(expr, places)
    found = [_on(expr, part, strictly, zeros, refutable) for part in _without_holes(places)]
    worst = next((d for kind in (REFUTED, UNDECIDED) for d in found if d.outcome == kind), None)
    if worst is not None or len(found) == 1:
        return worst or found[0]
    whole = together([Shown(method=d.method, how=d.how) for d in found])
    return Decision(outcome=PROVED, method=whole.method, how=whole.how)


def _without_holes(places: Mapping[sp.Symbol, Set]) -> list[dict[sp.Symbol, Set]]:
    """The places with the line without 0 as two half-lines."""
    questions = [dict(places)]
    for letter, place in places.items():
        if isinstance(place, Punctured):
            halves = (POSITIVE, Interval(hi=sp.S.Zero))
            questions = [{**q, letter: half} for q in questions for half in halves]
    return questions


def _on(
    expr: sp.Expr,
    places: Mapping[sp.Symbol, Set],
    strictly: bool,
    zeros: tuple[sp.Expr, ...],
    refutable: bool,
) -> Decision:
    """The decision where every place is an interval or finite."""
    context.cache_clear()
    if point := simplest(without_heads(expr), _needed(expr, places), strictly=strictly, thorough=False):
        return _refuted(expr, places, point, strictly)
    said = []
    for cell in _with_ends(expr, places, strictly):
        goal = Goal(expr=cell.expr, places=cell.places, strictly=strictly, zeros=zeros, known=cell.hypotheses)
        got = shown(goal)
        if got is None:
            return _otherwise(expr, places, cell, strictly) if refutable else _undecided(cell)
        said.append(got)
    whole = _several(said)
    return Decision(outcome=PROVED, method=whole.method, how=whole.how)


def _check(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> None:
    """ValueError where a letter has no place, or shares its name with another, or with a generator."""
    missing = sorted(expr.free_symbols - set(places), key=str)
    if missing:
        raise ValueError(f"no place is given for {', '.join(map(str, missing))}")
    names = [str(s) for s in places]
    if len(set(names)) < len(names) or any(re.fullmatch(r"g\d+", n) for n in names):
        raise ValueError(f"letters need names of their own, not {', '.join(names)}")


def _with_ends(expr: sp.Expr, places: Mapping[sp.Symbol, Set], strictly: bool) -> list[Cell]:
    """The cells; where > is asked, closed upper ends of bounded places are cells of their own."""
    questions = [dict(places)]
    for letter, place in places.items() if strictly else ():
        if isinstance(place, Interval) and place.closed_hi and place.lo.is_finite:
            end = Interval(lo=place.hi, hi=place.hi, closed_lo=True, closed_hi=True)
            opened = replace(place, closed_hi=False)
            parts = (opened, end) if place.lo != place.hi else (place,)
            questions = [{**q, letter: part} for q in questions for part in parts]
    return [cell for q in questions for cell in cells(expr, q)]


def _several(said: list[Shown]) -> Shown:
    if not said:
        return Shown(method="normal form", how="no values of the letters are in question")
    return together(said)


def _otherwise(expr: sp.Expr, places: Mapping[sp.Symbol, Set], cell: Cell, strictly: bool) -> Decision:
    """Refuted by the simplest witness, or undecided."""
    needed = _needed(expr, places)
    point = simplest(without_heads(expr), needed, strictly=strictly, thorough=True)
    if point:
        return _refuted(expr, places, point, strictly)
    for part in narrowed(cell, strictly=strictly):
        whole = _completed(part, needed)
        if whole and confirmed(without_heads(expr), needed, whole, strictly=strictly) is not None:
            return _refuted(expr, places, whole, strictly)
    return _undecided(cell)


def _undecided(cell: Cell) -> Decision:
    how = f"no argument shows {_shortened(cell.expr)} ≥ 0, and no point was found that refutes it"
    return Decision(outcome=UNDECIDED, method="none", how=how)


def _completed(part: Point, places: Mapping[sp.Symbol, Set]) -> Point | None:
    """The point with those letters whose place holds a single number; None if others are missing."""
    known = {s: p.lo for s, p in places.items() if isinstance(p, Interval) and p.lo == p.hi} | dict(part)
    return tuple((s, known[s]) for s in sorted(places, key=str)) if set(known) == set(places) else None


def _refuted(expr: sp.Expr, places: Mapping[sp.Symbol, Set], point: Point, strictly: bool) -> Decision:
    value = confirmed(without_heads(expr), _needed(expr, places), point, strictly=strictly)
    where = ", ".join(f"{s} = {v}" for s, v in point)
    how = f"at {where} it is {'not positive' if strictly else 'negative'}"
    return Decision(outcome=REFUTED, method=_method(value), how=how, witness=point, value=value)


def _needed(expr: sp.Expr, places: Mapping[sp.Symbol, Set]) -> dict[sp.Symbol, Set]:
    """The places of the letters that occur, and of those in the ends of these places."""
    found: dict[sp.Symbol, Set] = {}
    waiting = sorted(expr.free_symbols, key=str)
    while waiting:
        letter = waiting.pop(0)
        if letter in found:
            continue
        found[letter] = place = places[letter]
        if not isinstance(place, Finite):
            assert isinstance(place, Interval)
            waiting += sorted(place.lo.free_symbols | place.hi.free_symbols, key=str)
    return found


def _method(value: sp.Expr | None) -> str:
    return "normal form" if value is not None and value.is_Rational else "ball arithmetic"


def _shortened(expr: sp.Expr) -> str:
    text = str(expr)
    return text if len(text) <= 100 else text[:97] + "…"
