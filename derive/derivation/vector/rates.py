"""The slopes of all letters and names of a subject, in letters: what a gradient is differentiated with."""

from collections.abc import Callable
from functools import lru_cache

import sympy as sp
from sympy import Dummy, Expr, IndexedBase

from derive.derivation.vector.forms import tidy
from derive.derivation.vector.letters import Letters
from derive.model import J, N, Name
from derive.rules.indexed import Known, contracted, slope, substitute
from derive.rules.stable import recognise

Rates = dict[sp.Basic, Callable[..., Expr]]


def total_slope(expr: Expr, wrt: Expr, known: Known) -> Expr:
    """The slope of `expr` through all letters, its δ contracted."""
    return contracted(slope(recognise(expr), wrt, known))


@lru_cache(maxsize=256)
def rates(found: Letters, by: IndexedBase) -> tuple[dict[sp.Basic, Expr], Rates]:
    """∂letter_k/∂by_j and ∂name/∂by_j as expressions in (k, j), and as functions of indices."""
    shown: dict[sp.Basic, Expr] = {}
    known: Rates = {}
    for item in _in_order(found):
        rate = tidy(_rate(item, by, known), found)
        if rate != 0:
            symbol = item.symbol if isinstance(item, Name) else item.base
            shown[symbol], known[symbol] = rate, _at(rate, isinstance(item, Name))
    return shown, known


def _in_order(found: Letters) -> list:
    """Names and letters, each after what it is made of."""
    items, left = [], [*found.names, *found.letters]
    waiting = {_symbol(item) for item in left}
    while left:
        ready = next(
            (i for i in left if not _needs(i) & waiting - {_symbol(i)}), left[0]
        )
        left.remove(ready)
        waiting.discard(_symbol(ready))
        items.append(ready)
    return items


def _symbol(item) -> sp.Basic:
    return item.symbol if isinstance(item, Name) else item.base


def _needs(item) -> set:
    expr = (
        item.meaning + (item.relation or 0)
        if isinstance(item, Name)
        else item.component
    )
    return expr.free_symbols | {e.base for e in expr.atoms(sp.Indexed)}


def _rate(item, by: IndexedBase, known: Rates) -> Expr:
    if not isinstance(item, Name):
        return total_slope(substitute(item.component, J, N), by[J], known)
    if item.relation is None:
        return total_slope(item.meaning, by[J], known)
    held = total_slope(item.relation, by[J], known)
    return -held / contracted(slope(item.relation, item.symbol)) if held != 0 else held


def _at(rate: Expr, is_name: bool) -> Callable[..., Expr]:
    if is_name:
        return lambda j: substitute(rate, J, j)

    def at(k: Expr, j: Expr) -> Expr:
        slot = Dummy(integer=True)
        return substitute(substitute(substitute(rate, N, slot), J, j), slot, k)

    return at
