"""The slopes of all letters and names of a subject, in letters: what a gradient is differentiated with."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import sympy as sp
from sympy import Dummy, Expr, IndexedBase, KroneckerDelta, Sum

from derive.derivation.vectors.forms import tidy
from derive.derivation.vectors.letters import BEND, BENDS, SLOPE, Letter, Letters, letters
from derive.derivation.vectors.sums import joined, linear, pulled
from derive.model import I_, J, M, N, Name, Subject
from derive.rules.indexed import Known, contracted, over, slope, substitute
from derive.rules.stable import recognise

Rates = dict[sp.Basic, Callable[..., Expr]]


def total_slope(expr: Expr, wrt: Expr, known: Known) -> Expr:
    """The slope of `expr` through all letters, its δ contracted."""
    return joined(pulled(linear(slope(recognise(expr), wrt, known))))


@lru_cache(maxsize=256)
def rates(found: Letters, by: IndexedBase) -> tuple[dict[sp.Basic, Expr], Rates]:
    """∂letter_k/∂by_j and ∂name/∂by_j as expressions in (k, j), and as functions of indices."""
    shown: dict[sp.Basic, Expr] = {}
    known: Rates = {}
    for item in _in_order(found):
        if _symbol(item) in (BEND, BENDS):
            continue  # no third derivatives
        rate = tidy(_rate(item, by, known, found.output), found)
        if rate != 0:
            symbol = item.symbol if isinstance(item, Name) else item.base
            shown[symbol], known[symbol] = rate, _at(rate, isinstance(item, Name))
    return shown, known


def _in_order(found: Letters) -> list:
    """Names and letters, each after what it is made of."""
    items, left = [], [*found.names, *found.letters]
    waiting = {_symbol(item) for item in left}
    while left:
        ready = next((i for i in left if not _needs(i) & waiting - {_symbol(i)}), left[0])
        left.remove(ready)
        waiting.discard(_symbol(ready))
        items.append(ready)
    return items


def _symbol(item) -> sp.Basic:
    return item.symbol if isinstance(item, Name) else item.base


def _needs(item) -> set:
    expr = item.meaning + (item.relation or 0) if isinstance(item, Name) else item.component
    return expr.free_symbols | {e.base for e in expr.atoms(sp.Indexed)}


def _rate(item, by: IndexedBase, known: Rates, output: IndexedBase | None) -> Expr:
    if isinstance(item, Letter) and item.bend is not None:
        return _through_bend(item.bend, known[output])
    if not isinstance(item, Name):
        return total_slope(substitute(item.component, J, N), by[J], known)
    if item.relation is None:
        return total_slope(item.meaning, by[J], known)
    held = total_slope(item.relation, by[J], known)
    return -held / contracted(slope(item.relation, item.symbol)) if held != 0 else held


def _through_bend(bend: IndexedBase, jacobian: Callable[..., Expr]) -> Expr:
    """∂G_k/∂z_j from the slope B of the loss's slope: a vector where that is diagonal."""
    if len(bend.shape) == 1:
        return bend[N] * jacobian(N, J)
    return contracted(over(bend[N, M] * jacobian(M, J), M))


def _at(rate: Expr, is_name: bool) -> Callable[..., Expr]:
    if is_name:
        return lambda j: substitute(rate, J, j)

    def at(k: Expr, j: Expr) -> Expr:
        slot = Dummy(integer=True)
        return substitute(substitute(substitute(rate, N, slot), J, j), slot, k)

    return at


# A slope of the loss with more operations than this has a letter of its own in what follows.
SHORT = 4


@lru_cache(maxsize=256)
def all_letters(subject: Subject) -> Letters:
    """The letters of a vector subject, with those of the loss's slope in a pair where that is long."""
    found = letters(subject)
    if found.behind is None:
        return found
    slope_of_loss = loss_slope(found)
    if slope_of_loss.count_ops() <= SHORT and not slope_of_loss.has(Sum):
        return found
    base = found.output
    component = substitute(slope_of_loss, N, J)
    bend = tidy(total_slope(slope_of_loss, base[J], rates(found.behind, base)[1]), found.behind)
    if _off_diagonal(bend) == 0:
        shape, bend = BEND, bend.xreplace({KroneckerDelta(J, N): sp.S.One})
        component_of_bend = substitute(bend, N, J)
    else:
        shape, component_of_bend = BENDS, substitute(bend, N, I_)
    first = Letter(base=SLOPE, component=component, says="the slope of the loss")
    if (bend.count_ops() <= SHORT and shape == BEND) or bend == 0:
        return _more(found, first)
    second = Letter(base=shape, component=component_of_bend, says="the slope of that slope")
    return _more(found, replace(first, bend=shape), second)


def _off_diagonal(matrix: Expr) -> Expr:
    return matrix.xreplace({KroneckerDelta(J, N): sp.S.Zero})


def loss_slope(found: Letters) -> Expr:
    """∂L/∂p_k in letters."""
    base = found.output
    return tidy(total_slope(found.behind.loss, base[N], rates(found.behind, base)[1]), found.behind)


def _more(found: Letters, *letters: Letter) -> Letters:
    return replace(found, letters=(*found.letters, *letters))
