"""Selections decided in balls: exactly where numbers are exact, undecided where the precision is too low."""

import flint
import numpy as np
from flint import arb

from derive.accuracy.vectors.balls import ONE, ZERO, Array, Undecided
from derive.model import Selection


def decide(selection: Selection, of: Array, *, last: bool) -> Array | int:
    """The indicator of a selection, or the place (from 1) of the largest term.

    `last` says that no more precision can be had: then terms that cannot be told from a tie are one.
    """
    if selection.rule == "positive":
        return np.frompyfunc(lambda v: ONE if exceeds(v, ZERO, last) else ZERO, 1, 1)(of)
    if selection.rule == "largest":
        return largest(list(of.ravel()), last)
    inside = support(list(of.ravel()), selection.power, last)
    found = np.empty(of.shape, dtype=object)
    found.ravel()[:] = [ONE if n in inside else ZERO for n in range(of.size)]
    return found


def exceeds(one: arb, other: arb, last: bool) -> bool:
    """Whether one > other; equal, or too near to tell with the last precision, is no."""
    if one > other:
        return True
    if one <= other or last:
        return False
    raise Undecided


def largest(terms: list[arb], last: bool) -> int:
    """The place of the largest term, counted from 1: the first of equal ones."""
    top = max(terms, key=lambda t: t.mid())
    rivals = [n for n, t in enumerate(terms, 1) if not t < top]
    if len(rivals) > 1 and not last and not all(terms[n - 1].is_exact() for n in rivals):
        raise Undecided
    return rivals[0]


def support(terms: list[arb], power: int, last: bool) -> set[int]:
    """The places, from 0, of those x_j with Σ_i max(x_i − x_j, 0)^power < 1: these exceed the threshold."""
    order = sorted(range(len(terms)), key=lambda n: terms[n].mid(), reverse=True)
    inside, outside = 1, len(terms) + 1  # how many belong to it: at least, and too many
    while outside - inside > 1:
        middle = (inside + outside) // 2
        least = terms[order[middle - 1]]
        gap = sum(((terms[n] - least) ** power for n in order[: middle - 1]), ZERO)
        if exceeds(ONE, gap, last):
            inside = middle
        else:
            outside = middle
    return set(order[:inside])


def widened(ball: arb, units: int) -> arb:
    """A ball that also holds all numbers within so many ulp of float64."""
    with flint.ctx.workprec(max(flint.ctx.prec, 64)):
        return arb(ball.mid(), ball.rad() + ball.abs_upper() * units * arb(2) ** -53)
