"""Functions of one letter beyond polynomials: boxes in ball arithmetic inside, inequalities outside."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy as sp

from derive.heads import ndtr
from derive.model import Interval
from derive.proof.signs.boxes import Search, number_of_boxes
from derive.proof.signs.form import form, occurring, spelled
from derive.proof.signs.goals import Goal, Shown
from derive.proof.signs.places import mirrored, numeric
from derive.proof.signs.tails import Far, far_sign
from derive.proof.signs.witness import enclosed

_INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds, sp.I)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The end of the boxes on one side, whether it is that of the place, and what is said of the rest."""

    end: sp.Expr
    closed: bool
    says: str = ""


def by_balls(goal: Goal) -> Shown | None:
    """How a function of one letter is known to be ≥ 0 (> 0); None where bounds or boxes do not show it."""
    letters = sorted(goal.expr.free_symbols, key=str)
    if len(letters) != 1 or not numeric(goal.places[letters[0]]):
        return None
    x, place = letters[0], goal.places[letters[0]]
    right = _reach(goal, x, place)
    left = _reach(_turned(goal, x), x, mirrored(place))
    if left is None or right is None:
        return None
    low, high = -left.end, right.end
    inside = Interval(lo=low, hi=high, closed_lo=left.closed, closed_hi=right.closed)
    boxes = _boxes(goal, x, inside) if low < high else 0
    if boxes is None:
        return None
    return Shown(method="ball arithmetic", how=_how(goal, x, (low, high, boxes), (left, right)))


def _boxes(goal: Goal, x: sp.Symbol, inside: Interval) -> int | None:
    """The number of boxes that settle an interval; None where they do not."""
    total = 0
    for part, expr in _parts(goal.expr, inside):
        try:
            found = number_of_boxes(_search(replace(goal, expr=expr), x, part))
        except (TypeError, KeyError):
            return None
        if found is None:
            return None
        total += found
    return total


def _parts(expr: sp.Expr, inside: Interval) -> list[tuple[Interval, sp.Expr]]:
    """The interval; where erf is in it, either side of 0, with the complement that keeps its digits there."""
    low, high = inside.lo, inside.hi
    if not expr.has(sp.erf):
        return [(inside, expr)]
    left, right = (sp.expand(expr.replace(sp.erf, _complement(side))) for side in (-1, 1))
    if low >= 0 or high <= 0:
        return [(inside, right if low >= 0 else left)]
    return [
        (replace(inside, hi=sp.S.Zero, closed_hi=True), left),
        (replace(inside, lo=sp.S.Zero, closed_lo=True), right),
    ]


def _complement(side: int) -> Callable[[sp.Expr], sp.Expr]:
    """erf u as ±(1 − 2Φ(∓√2·u))."""
    return lambda u: side * (1 - 2 * ndtr(-side * sp.sqrt(2) * u)) if u.free_symbols else sp.erf(u)


def _search(goal: Goal, x: sp.Symbol, inside: Interval) -> Search:
    ends = tuple(e for e in (inside.lo, inside.hi) if sp.S(e).is_Rational)
    return Search(
        expr=goal.expr,
        letter=x,
        low=inside.lo,
        high=inside.hi,
        strictly=goal.strictly,
        closed=(inside.closed_lo, inside.closed_hi),
        zeros=(*goal.zeros, *ends),
    )


def critical(goal: Goal) -> tuple[sp.Expr, ...]:
    """Irrational square roots at which the slope in the only letter is 0: boxes find no zero there."""
    if len(goal.expr.free_symbols) != 1:
        return ()
    (x,) = goal.expr.free_symbols
    try:
        found = form(goal.expr.diff(x), goal.places)
    except TypeError:
        return ()
    if found.letters.get(x) != x:
        return ()
    polys = [spelled(f, found) for f in found.factors if occurring(f) == [str(x)]]
    roots = [root for p in polys if sp.degree(p, x) == 2 for root in sp.roots(p, x)]
    return tuple(sorted((r for r in roots if r.is_real and not r.is_Rational), key=sp.default_sort_key))


def _turned(goal: Goal, x: sp.Symbol) -> Goal:
    """The goal seen from the left: x for −x."""
    turned = {s: e.subs(x, -x) for s, e in (goal.origins or {x: x}).items()}
    return replace(goal, expr=goal.expr.xreplace({x: -x}), origins=turned)


def _reach(goal: Goal, x: sp.Symbol, place: Interval) -> Reach | None:
    """How far to the right boxes are needed; beyond, an inequality shows the sign. None if none does."""
    if place.hi == sp.oo:
        return _far(goal, x)
    if _regular(goal.expr, x, place.hi):
        return Reach(end=place.hi, closed=place.closed_hi)
    return None if place.closed_hi else _near(goal, x, place.hi)


def _free(x: sp.Symbol) -> sp.Symbol:
    """A positive letter in which far behaviour is looked at."""
    return sp.Symbol("w", positive=True)


def _far(goal: Goal, x: sp.Symbol) -> Reach | None:
    w = _free(x)
    if (found := far_sign(goal.expr.subs(x, w), w)) and found.sign > 0:
        return Reach(end=sp.Integer(found.start), closed=True, says=_leads(goal, found.leading.subs(w, x)))
    found = _in_logarithm(goal.expr, x, 1)
    if found and found.sign > 0:
        leading = found.leading.subs(w, sp.log(x))
        return Reach(end=sp.ceiling(sp.exp(found.start)), closed=True, says=_leads(goal, leading))
    return None


def _in_logarithm(expr: sp.Expr, x: sp.Symbol, side: int) -> Far | None:
    """The sign for x → ∞, or 0, with x = e^w or e^(−w), where logarithms of x are there."""
    w = _free(x)
    if not expr.has(sp.log):
        return None
    return far_sign(sp.expand_log(expr.subs(x, sp.exp(side * w))), w)


def _near(goal: Goal, x: sp.Symbol, end: sp.Expr) -> Reach | None:
    """Beside a finite end where the function is singular: x = end − 1/w, or end − e^(−w)."""
    w = _free(x)
    distance = end - x
    found = far_sign(goal.expr.subs(x, end - 1 / w), w)
    if found and found.sign > 0:
        return Reach(
            end=end - sp.Rational(1, found.start),
            closed=True,
            says=_leads(goal, found.leading.subs(w, 1 / distance)),
        )
    found = _in_logarithm(goal.expr.subs(x, end - x), x, -1)
    if found and found.sign > 0:
        reach = 1 / sp.ceiling(sp.exp(found.start))
        return Reach(
            end=end - reach, closed=True, says=_leads(goal, found.leading.subs(w, -sp.log(distance)))
        )
    return None


def _leads(goal: Goal, leading: sp.Expr) -> str:
    return f"the term {goal.spoken(sp.powsimp(leading))} outweighs the others"


def _regular(expr: sp.Expr, x: sp.Symbol, end: sp.Expr) -> bool:
    value = expr.subs(x, end)
    return not value.has(*_INFINITE) and enclosed(value, 64) is not None


def _how(goal: Goal, x: sp.Symbol, inside: tuple, sides: tuple[Reach, Reach]) -> str:
    """The sentence: how many boxes between which numbers, and what holds beyond them."""
    low, high, boxes = inside
    left, right = sides
    name = goal.spoken(x)
    said = [f"{boxes} boxes in ball arithmetic for {name} in [{low}, {high}]"] if boxes else []
    if left.says:
        said.append(f"for {name} ≤ {low} {left.says}")
    if right.says:
        said.append(f"for {name} ≥ {high} {right.says}")
    return "; ".join(said)
