"""A loss with its cases so arranged that at a kink the branch of least slope holds, as the convention has it.

Max and Min become cases. Where all cases turn on the sign of one expression, each side is written once;
where the slopes of both sides have opposite signs, the kink is a case of its own, flat there.
"""

import sympy as sp
from sympy.core.relational import Relational

from derive.model import A, Parameter, Set, Y
from derive.own.corners import by_corners
from derive.own.facts import positive

_CASES = (sp.Piecewise, sp.Max, sp.Min, sp.Heaviside)
AS_WRITTEN = "at its kinks the branch of the formula as it is written is taken"


def arranged(expr: sp.Expr, parameters: tuple[Parameter, ...], target: Set) -> tuple[sp.Expr, str]:
    """The loss as it is derived, and what is to be said of its kinks."""
    if not expr.has(*_CASES):
        return expr, ""
    plain = _spread(expr)
    flat = not expr.has(sp.Piecewise) and all(
        not all(w.has(A) for w in e.args) for e in expr.atoms(sp.Max, sp.Min)
    )
    turn = _turn(plain)
    if turn is None:
        return (plain, "") if flat else _with_corners(plain, parameters)
    places = {**{p.symbol: p.domain for p in parameters}, Y: target}
    below, above = (_side(plain, turn, sign) for sign in (-1, 1))
    middle = _side(plain, turn, 0)
    if any(e.has(*_CASES) for e in (below, above, middle)):
        return _with_corners(plain, parameters)
    at = -turn.subs(A, 0) / turn.diff(A)
    if sp.simplify((above - below).subs(A, at)) != 0:
        return plain, ""  # a jump: almost everywhere both branches have their own slope
    found, says = _joined(turn, below, above, middle.subs(A, at), places, at)
    return _with_corners(plain, parameters) if says else (found, says)


def _with_corners(plain: sp.Expr, parameters: tuple[Parameter, ...]) -> tuple[sp.Expr, str]:
    """The cases with the slopes of least size at their ends, where these are found."""
    found = by_corners(plain, parameters)
    return (plain, AS_WRITTEN) if found is None else (found, "")


def _spread(expr: sp.Expr) -> sp.Expr:
    """`expr` with Max, Min and Heaviside written as cases."""
    while found := [e for e in expr.atoms(sp.Max, sp.Min, sp.Heaviside) if not e.args[0].has(sp.Max, sp.Min)]:
        expr = expr.xreplace({e: _as_cases(e) for e in found[:1]})
    return expr.replace(lambda e: isinstance(e, Relational), _in_error)


def _as_cases(e: sp.Expr) -> sp.Expr:
    if isinstance(e, sp.Heaviside):
        return sp.Piecewise((1, e.args[0] > 0), (0, True))
    best, *others = sorted(
        e.args, key=lambda w: (not w.has(A), sp.default_sort_key(w))
    )  # what is flat comes last
    for other in others:
        gap = sp.expand(best - other).primitive()[1]  # SymPy turns other conditions round for ever
        first = gap > 0 if isinstance(e, sp.Max) else gap < 0
        best = sp.Piecewise((best, first), (other, True))
    return best


def _in_error(relation: Relational) -> Relational:
    """A condition on a polynomial in a − y written in that: spread out, it would cancel."""
    gap, error = relation.lhs - relation.rhs, sp.Dummy("w", real=True)
    if not gap.is_polynomial(A, Y):
        return relation
    written = sp.expand(gap.subs(A, error + Y))
    if written.has(Y) or written.diff(error).is_number:
        return relation
    number, factors = sp.factor_list(written)
    signs = (factor ** (2 - n % 2) for factor, n in factors)
    return relation.func(sp.Mul(sp.sign(number), *signs).subs(error, A - Y), 0)


def _turn(expr: sp.Expr) -> sp.Expr | None:
    """The expression whose sign decides every case, if it is one and linear in a."""
    found: sp.Expr | None = None
    for relation in sorted(expr.atoms(Relational), key=sp.default_sort_key):
        difference = sp.expand(relation.lhs - relation.rhs)
        if difference.has(sp.Abs, sp.sign, *_CASES) or not difference.has(A) or difference.diff(A).has(A):
            return None
        if found is None:
            found = difference
        elif not sp.cancel(difference / found).is_number:
            return None
    return found


def _side(expr: sp.Expr, turn: sp.Expr, sign: int) -> sp.Expr:
    """The formula where the expression that turns has a sign."""
    known = {}
    for relation in expr.atoms(Relational):
        ratio = sp.cancel(sp.expand(relation.lhs - relation.rhs) / turn)
        here = sign * sp.sign(ratio)
        known[relation] = sp.true if relation.func(here, 0) == sp.true else sp.false
    return expr.xreplace(known)


def _joined(turn, below, above, value, places, at) -> tuple[sp.Expr, str]:
    """Both sides, the kink with the one of smaller slope, or by itself."""
    slopes, bends = ([side.diff(A, n).subs(A, at) for side in (below, above)] for n in (1, 2))
    if sp.simplify(slopes[0] - slopes[1]) == 0:  # then the second derivatives may differ
        slopes = bends if _smaller(bends[0], bends[1], places) else [slopes[0], slopes[0]]
    if slopes[0] == slopes[1] or _smaller(slopes[1], slopes[0], places):
        return sp.Piecewise((below, turn < 0), (above, True)), ""
    if _smaller(slopes[0], slopes[1], places):
        return sp.Piecewise((above, turn > 0), (below, True)), ""
    product = sp.expand(slopes[0] * slopes[1])
    if positive(-product, places) and not value.has(A):
        return sp.Piecewise((below, turn < 0), (above, turn > 0), (value, True)), ""
    if positive(product, places) and not product.has(A, Y):  # the parameters decide
        nearer = slopes[0] ** 2 <= slopes[1] ** 2
        return sp.Piecewise((below, turn < 0), (above, turn > 0), (below, nearer), (above, True)), ""
    return sp.Piecewise((above, turn > 0), (below, True)), AS_WRITTEN


def _smaller(one: sp.Expr, other: sp.Expr, places) -> bool:
    """Whether a slope is at most another in size, with the same sign or 0."""
    if one == 0:
        return True
    gap, product = sp.expand(other**2 - one**2), sp.expand(one * other)
    return bool(positive(gap, places, strictly=False) and positive(product, places, strictly=False))
