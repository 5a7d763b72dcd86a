"""A loss as its formula inside the targets has it: cases at an end of y that are limits, as 0 log 0 = 0."""

from dataclasses import replace
from functools import cache

import sympy as sp

from derive.model import UNIT_OPEN, A, Activation, Finite, Interval, Loss, Pair, Subject, Y
from derive.proof import equal

_WITHIN = sp.Rational(311, 1000)  # a target inside every interval of targets that the catalogue has
_ODDS = sp.Symbol("o", positive=True)


def inside(subject: Subject) -> Subject:
    """The subject with such cases left out; a subject without them as it is."""
    if isinstance(subject, Activation):
        return subject
    if isinstance(subject, Loss):
        return of_loss(subject)
    return replace(subject, loss=of_loss(subject.loss)) if isinstance(subject, Pair) else subject


@cache
def of_loss(los: Loss) -> Loss:
    """The loss with such cases left out."""
    expr = los.expr
    if not isinstance(expr, sp.Piecewise) or isinstance(los.target, Finite):
        return los
    if any(condition.free_symbols - {Y} for _, condition in expr.args):
        return los
    inner = next(e for e, c in expr.args if c.subs(Y, _WITHIN) == sp.true)
    for end in _ends(los):
        there = next(e for e, c in expr.args if c.subs(Y, end) == sp.true)
        if there != inner and not _same(_limit(inner, end, los), there.subs(Y, end), los):
            return los
    return replace(los, expr=inner)


def _same(one: sp.Expr, other: sp.Expr, los: Loss) -> bool:
    """Whether both are equal at the predictions of the loss."""
    written = [e.subs(A, _ODDS / (1 + _ODDS)) if los.prediction == UNIT_OPEN else e for e in (one, other)]
    return one == other or equal(*written)


def _ends(los: Loss) -> tuple[sp.Expr, ...]:
    place = los.target
    return tuple(e for e in (place.lo, place.hi) if e.is_finite) if isinstance(place, Interval) else ()


def _limit(expr: sp.Expr, end: sp.Expr, los: Loss) -> sp.Expr:
    """The limit at an end of the targets, of an expression in which y stands in y log y and in sums."""
    assert isinstance(los.target, Interval)
    positive = sp.Symbol("t", positive=True)
    near = end + positive if end == los.target.lo else end - positive
    written = sp.expand_log(sp.expand(expr.subs(Y, near)), force=True)
    terms = [sp.limit(term, positive, 0, "+") for term in sp.Add.make_args(sp.expand(written))]
    return sp.Add(*terms)
