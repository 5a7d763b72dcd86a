"""Slopes of indexed expressions, directly and through names that a relation determines.

SymPy differentiates wrongly by an index that a sum binds (sympy#21891); here bound names make way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import sympy as sp
from sympy import Dummy, Expr, Indexed, KroneckerDelta, Sum

from derive.model import Name
from derive.rules.indexed.basics import apart, contracted, delta, written_out

# ∂base[k]/∂wrt[j] of a base as a function of k and j; ∂symbol/∂wrt[j] as a function of j.
Known = Mapping[sp.Basic, Callable[..., Expr]]
Wrt: TypeAlias = Indexed | sp.Symbol


def slope(expr: Expr, wrt: Wrt, known: Known | None = None) -> Expr:
    """∂expr/∂wrt; `known` gives the slope of what stands for a function of wrt: a base or a symbol."""
    return _slope(expr, wrt, known or {}, {})


def _slope(expr: Expr, wrt: Wrt, known: Known, met: dict[Expr, Expr]) -> Expr:
    """The slope, of each part once: `met` holds those found."""
    if expr not in met:
        met[expr] = _found(expr, wrt, known, met)
    return met[expr]


def _found(expr: Expr, wrt: Wrt, known: Known, met: dict[Expr, Expr]) -> Expr:
    if expr == wrt:
        return sp.S.One
    if isinstance(expr, Indexed):
        return _component(expr, wrt, known)
    if not expr.args or isinstance(expr, KroneckerDelta):
        return known[expr](*wrt.indices) if expr in known else sp.S.Zero
    if isinstance(expr, Sum):
        expr = apart(expr, wrt.free_symbols)
        body = _slope(expr.function, wrt, known, met)
        return Sum(body, *expr.limits) if body != 0 else body
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((_slope(e, wrt, known, met), condition) for e, condition in expr.args))
    rates = [_slope(a, wrt, known, met) for a in expr.args]
    return sp.Add(*[_partial(expr, n) * rate for n, rate in enumerate(rates) if rate != 0])


def _component(expr: Indexed, wrt: Wrt, known: Known) -> Expr:
    if isinstance(wrt, Indexed) and expr.base == wrt.base:
        return sp.Mul(*[delta(i, j) for i, j in zip(expr.indices, wrt.indices, strict=True)])
    return known[expr.base](*expr.indices, *wrt.indices) if expr.base in known else sp.S.Zero


def _partial(expr: Expr, place: int) -> Expr:
    """The slope of the outermost function in one of its arguments."""
    if expr.is_Add:
        return sp.S.One
    if expr.is_Mul:
        return sp.Mul(*expr.args[:place], *expr.args[place + 1 :])
    if expr.is_Pow and not isinstance(expr, sp.exp) and place == 0:
        return expr.exp * expr.base ** (expr.exp - 1)
    slots = [Dummy(real=True) for _ in expr.args]
    back = dict(zip(slots, expr.args, strict=True))
    return expr.func(*slots).diff(slots[place]).xreplace(back)


def implicit_slope(name: Name, wrt: Indexed, names: Iterable[Name] = ()) -> Expr:
    """∂name/∂wrt from its relation, or from its meaning where there is none; `names`: what that may hold."""
    others = [n for n in names if n.symbol != name.symbol]
    if name.relation is None:
        return contracted(slope_through(name.meaning, wrt, others))
    held = contracted(slope_through(name.relation, wrt, others))
    return sp.S.Zero if held == 0 else -held / contracted(slope(name.relation, name.symbol))


def slope_through(expr: Expr, wrt: Indexed, names: Iterable[Name]) -> Expr:
    """The total derivative ∂expr/∂wrt, through names that depend on wrt and on names before them."""
    return slope(expr, wrt, slopes_of(names, wrt))


def slopes_of(names: Iterable[Name], wrt: Indexed) -> dict[sp.Basic, Any]:
    """∂name/∂wrt of each name by its symbol, as `slope` needs them; zeros left out."""
    known: dict[sp.Basic, Any] = {}
    before: list[Name] = []
    for name in names:
        rate = implicit_slope(name, wrt, before)
        before.append(name)
        if rate != 0:
            known[name.symbol] = lambda *at, rate=rate: rate
    return known


def names_in(names: Iterable[Name], definitions: Mapping[sp.IndexedBase, Expr]) -> tuple[Name, ...]:
    """The names with every base in their meanings and relations written out by its definition."""
    return tuple(
        replace(
            n,
            meaning=spelled(n.meaning, definitions),
            relation=n.relation and spelled(n.relation, definitions),
        )
        for n in names
    )


def spelled(expr: Expr, definitions: Mapping[sp.IndexedBase, Expr]) -> Expr:
    """`expr` with every base written out by its definition, the last one first: it may use earlier ones."""
    for base, component in reversed(list(definitions.items())):
        expr = written_out(expr, base, component)
    return expr
