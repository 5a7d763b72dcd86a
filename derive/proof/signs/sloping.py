"""By a derivative and one point: ≥ 0 at c, not falling right of c, not rising left of it."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.model import Interval
from derive.proof.signs.goals import Goal, Prover, Shown, together
from derive.proof.signs.places import above, below
from derive.proof.signs.sampling import negative_at_some

_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds, sp.I)
_SMOOTH = (sp.exp, sp.log, sp.erf, sp.atan, sp.sin, sp.cos)


def by_slope(goal: Goal, shown: Prover) -> Shown | None:
    """How the goal follows from the sign of a slope; None where that does not show it."""
    if goal.depth < 0 or not _smooth(goal, shown):
        return None
    for letter in sorted(goal.expr.free_symbols & set(goal.places), key=str):
        slope = goal.expr.diff(letter)
        for point in _points(goal, letter, slope):
            found = _from(goal, (letter, point, slope), shown)
            if found:
                return found
    return None


def _smooth(goal: Goal, shown: Prover) -> bool:
    """Whether the expression has derivatives everywhere inside the places: no pole, no logarithm of 0."""
    if any(not isinstance(f, _SMOOTH) for f in goal.expr.atoms(sp.Function)):
        return False
    logs = {f.args[0] for f in goal.expr.atoms(sp.log)}
    bases = {
        p.base for p in goal.expr.atoms(sp.Pow) if not (p.exp.is_Integer and p.exp > 0) and p.base is not sp.E
    }
    needed = sorted(logs | bases, key=str)
    return all(_positive(replace(goal, depth=goal.depth - 1), e, shown) for e in needed)


def _positive(goal: Goal, expr: sp.Expr, shown: Prover) -> bool:
    if expr.is_positive:
        return True
    inside = {s: Interval(lo=p.lo, hi=p.hi) for s, p in goal.places.items()}
    return shown(replace(goal, expr=expr, places=inside, strictly=True)) is not None


def _points(goal: Goal, letter: sp.Symbol, slope: sp.Expr) -> Iterator[sp.Expr]:
    """Where the least value may be: finite ends, simple critical numbers, roots linear in the letter."""
    place = goal.places[letter]
    yield from (end for end in (place.lo, place.hi) if end.is_finite and end.is_number)
    for number in (sp.S.Zero, sp.S.One, sp.S.NegativeOne, *goal.zeros):
        if place.lo < number and number < place.hi and sp.expand(slope.subs(letter, number)) == 0:
            yield number
    top, _ = sp.fraction(sp.together(slope))
    for factor in sp.Mul.make_args(sp.factor(top)) if not top.has(sp.Function) else ():
        if factor.has(letter) and factor.is_polynomial(letter) and sp.degree(factor, letter) == 1:
            root = -factor.subs(letter, 0) / factor.diff(letter)
            if root.free_symbols:
                yield root


def _from(goal: Goal, start: tuple[sp.Symbol, sp.Expr, sp.Expr], shown: Prover) -> Shown | None:
    letter, point, slope = start
    value = goal.expr.subs(letter, point)
    if value.has(*_INFINITE):
        return None
    place = goal.places[letter]
    if point.free_symbols and not _inside(goal, place, point, shown):
        return None
    starts = replace(goal, expr=value, depth=goal.depth - 1, strictly=_attained(goal, place, point))
    sides = _sides(goal, letter, point, slope)
    if any(negative_at_some(s.expr, s.places) for s in (starts, *sides)):
        return None
    said = []
    for part in (starts, *sides):
        got = shown(part)
        if got is None:
            return None
        said.append(got)
    least = "0" if value == 0 else "≥ 0"
    where = f"{goal.spoken(letter)} = {goal.spoken(point)}"
    how = f"at {where} it is {least}, and its slope there and beyond has the sign that keeps it so"
    whole = together([*said, Shown(method="derivative and one point", how=how)])
    return Shown(method=whole.method, how=how)


def _inside(goal: Goal, place: Interval, point: sp.Expr, shown: Prover) -> bool:
    """Whether a point that moves with the other letters stays inside a place; at their ends by continuity."""
    if goal.strictly and any(p.closed_lo or p.closed_hi for p in goal.places.values()):
        return False
    ends = [point - place.lo] * place.lo.is_finite + [place.hi - point] * place.hi.is_finite
    return all(_positive(replace(goal, depth=goal.depth - 1), e, shown) for e in ends)


def _attained(goal: Goal, place: Interval, point: sp.Expr) -> bool:
    """Whether the goal is strict at the point itself, which belongs to the place."""
    if point == place.lo:
        return goal.strictly and place.closed_lo
    if point == place.hi:
        return goal.strictly and place.closed_hi
    return goal.strictly


def _sides(goal: Goal, letter: sp.Symbol, point: sp.Expr, slope: sp.Expr) -> list[Goal]:
    """That the slope is ≥ 0 right of the point and ≤ 0 left of it (strictly, where the value starts at 0)."""
    deeper = replace(goal, depth=goal.depth - 1)
    if point.free_symbols:
        return [replace(deeper, expr=sp.factor((letter - point) * slope), strictly=False)]
    place, sides = goal.places[letter], []
    for part, sign in ((above(place, point), 1), (below(place, point), -1)):
        if part is not None and part.lo != part.hi:
            open_part = Interval(lo=part.lo, hi=part.hi)
            sides.append(replace(deeper, expr=sign * slope, places={**goal.places, letter: open_part}))
    return sides
