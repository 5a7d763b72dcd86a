"""Slopes of index expressions that keep the shape of what they differentiate: nothing is multiplied out.

A chart says what moves: for each base its slope in the coordinate with the same index, as an
expression in J. Forwards, `along` gives the rate of change in a direction; backwards, `adjoint`
gives the gradient in the coordinate. Names move by their relations, selections do not move.
"""

from collections.abc import Mapping

import sympy as sp
from sympy import Dummy, Expr, Indexed, KroneckerDelta, Sum

from derive.model import J, K, Name
from derive.rules.indexed import substitute

Chart = Mapping[sp.IndexedBase, Expr]
Rates = Mapping[sp.Basic, Expr]


def total(body: Expr, index: Expr) -> Expr:
    """Σ body over an index, with what does not depend on it in front."""
    outside, inside = body.as_independent(index, as_Add=False)
    if inside == 1:
        return K * outside
    return outside * Sum(inside, (index, 1, K))


def along(expr: Expr, rates: Rates) -> Expr:
    """The rate of change of an expression: `rates` gives those of its symbols, and of its bases at J."""
    if isinstance(expr, Indexed):
        rate = rates.get(expr.base)
        return sp.S.Zero if rate is None else substitute(rate, J, expr.indices[0])
    if isinstance(expr, Sum):
        fresh, index = _opened(expr)
        return total(along(fresh, rates), index) if _moves(expr, rates) else sp.S.Zero
    if expr in rates:
        return rates[expr]
    return sp.Add(*[slope * along(part, rates) for part, slope in _slopes(expr) if _moves(part, rates)])


def adjoint(expr: Expr, chart: Chart, bound: tuple[Expr, ...] = (), weight: Expr = sp.S.One) -> Expr:
    """The gradient of Σ_bound weight · expr in the coordinate with index J."""
    if isinstance(expr, Indexed):
        slope = chart.get(expr.base)
        if slope is None:
            return sp.S.Zero
        return _at(weight * substitute(slope, J, expr.indices[0]), expr.indices[0], bound)
    if isinstance(expr, Sum):
        body, index = _opened(expr)
        return adjoint(body, chart, (*bound, index), weight)
    return sp.Add(
        *[adjoint(part, chart, bound, weight * s) for part, s in _slopes(expr) if _moves(part, chart)]
    )


def _at(term: Expr, index: Expr, bound: tuple[Expr, ...]) -> Expr:
    """What a term with that index gives to the component J, summed over the other bound indices."""
    inside = index in bound
    term = substitute(term, index, J) if inside else KroneckerDelta(index, J) * term
    for other in bound:
        if other != index:
            term = total(term, other)
    return term


def _slopes(expr: Expr) -> list[tuple[Expr, Expr]]:
    """The arguments of a function, each with the slope of the function in it."""
    slots = [Dummy(real=True) for _ in expr.args]
    back = dict(zip(slots, expr.args, strict=True))
    outer = expr.func(*slots) if slots else expr
    return [(arg, outer.diff(slot).xreplace(back)) for slot, arg in back.items() if arg.free_symbols]


def _moves(expr: Expr, movers: Mapping) -> bool:
    return any(e.base in movers for e in expr.atoms(Indexed)) or bool(expr.free_symbols & set(movers))


def _opened(expr: Sum) -> tuple[Expr, Expr]:
    """The body of a sum over a fresh index, and that index."""
    *others, (index, _, _) = expr.limits
    fresh = Dummy(index.name, integer=True)
    body = Sum(expr.function, *others) if others else expr.function
    return substitute(body, index, fresh), fresh


def cofactors(expr: Expr, names: tuple[Name, ...]) -> dict[Name, Expr]:
    """The slope of an expression in each name, through the names that depend on it; the last name first."""
    found: dict[Name, Expr] = {}
    for name in reversed(names):
        one = {name.symbol: sp.S.One}
        slope = along(expr, one)
        for later, weight in found.items():
            meaning, scale = moved(later)
            slope += weight * scale * along(meaning, one)
        found[name] = slope
    return found


def moved(name: Name) -> tuple[Expr, Expr]:
    """(R, c): a change of c·R with the name held is the change of the name."""
    if name.relation is None:
        return name.meaning, sp.S.One
    return name.relation, -1 / along(name.relation, {name.symbol: sp.S.One})


def gradient(expr: Expr, chart: Chart, names: tuple[Name, ...]) -> Expr:
    """The gradient of an expression in the coordinate with index J, through its names."""
    found = adjoint(expr, chart)
    for name, weight in cofactors(expr, names).items():
        meaning, scale = moved(name)
        if weight != 0:
            found += adjoint(meaning, chart, (), weight * scale)
    return found


def rates_of_names(names: tuple[Name, ...], rates: Rates) -> dict[sp.Symbol, Expr]:
    """The rate of each name, in the rates of the bases and of the names before it."""
    known = dict(rates)
    found = {}
    for name in names:
        meaning, scale = moved(name)
        found[name.symbol] = known[name.symbol] = scale * along(meaning, known)
    return found
