"""The divergence of two Bernoulli distributions, in a form that keeps its digits near its double root a = y.

With lag(u) = u − log(1 + u) it is y·lag((a − y)/y) + (1 − y)·lag((y − a)/(1 − y)): what is first order in
a − y has cancelled before anything is rounded. Away from the root the logarithms stand one by one.
"""

import sympy as sp
from sympy import log

from derive.heads import lag
from derive.model import A, Set, Y, Z
from derive.rules.complements import complemented, is_complement
from derive.rules.stable import recognise, tidy

TERMS = (log(Y / A), log((1 - Y) / (1 - A)))


def is_divergence(loss: sp.Expr) -> bool:
    """Whether a loss, in a and y, is such a divergence; by its logarithms."""
    return loss.has(*TERMS[:1]) and loss.has(*TERMS[1:])


def divergence_forms(loss: sp.Expr, f: sp.Expr, target: Set) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Value, gradient and second derivative of a divergence from a recognised output, in heads."""
    value = recognise(_opened(loss).subs(A, f))
    first, second = (_without_ends(tidy(value.diff(Z, n), target)) for n in (1, 2))
    if is_complement(f):
        first, second = complemented(first), complemented(second)
    return _near_root(tidy(value, target), f), first, second


def _opened(loss: sp.Expr) -> sp.Expr:
    """The loss with the logarithms of its quotients as differences."""
    return loss.subs({TERMS[0]: log(Y) - log(A), TERMS[1]: log(1 - Y) - log(1 - A)})


def _near_root(value: sp.Expr, a: sp.Expr) -> sp.Expr:
    """The value by cases, with one for outputs a that lie near to y."""
    *others, (far, last) = value.args
    close = Y * lag((a - Y) / Y) + (1 - Y) * lag((Y - a) / (1 - Y))
    shares = sp.And(2 * a > Y, 2 * a < 1 + Y)  # neither output is less than half its target
    return sp.Piecewise(*others, (close, shares), (_apart(far), last))


def _apart(total: sp.Expr) -> sp.Expr:
    """A sum with each logarithm beside its own target, so that none overflows before their product does."""
    return sp.Add(*(c * t for c, part in _split(total) for t in sp.Add.make_args(part)))


def _split(total: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """(target, logarithms) of each term."""
    pairs = [(sp.Mul(*(f for f in t.args if not f.has(log, Z))), t) for t in total.args]
    return [(c, sp.cancel(t / c)) for c, t in pairs]


def _without_ends(slope: sp.Expr) -> sp.Expr:
    """A slope without the cases at single targets that its general case has as well."""
    if not isinstance(slope, sp.Piecewise):
        return slope
    *others, (general, last) = slope.args
    kept = [(e, c) for e, c in others if not _at_target(c) or general.subs(Y, c.rhs) != e]
    return sp.Piecewise(*kept, (general, last))


def _at_target(condition: sp.Basic) -> bool:
    return isinstance(condition, sp.Eq) and condition.lhs == Y
