"""Whether the output an activation settles at is wrong: the loss there is above what it could be."""

import sympy as sp

from derive.claims.saturation.tails import Tail, Values, approaches, defaults, sides
from derive.claims.saturation.words import number
from derive.derivation.slopes import raw_loss_slope
from derive.heads import plain
from derive.model import A, Interval, Pair, Set, Y, Z
from derive.proof import signs
from derive.proof.limits import limit
from derive.proof.normal import manifest_sign
from derive.proof.signs.witness import sign_of

PROBES = tuple(sp.Rational(n, 2) for n in (0, 1, -1, 2, -2, 4, -4, 8, -8))
_S = sp.Symbol("s", positive=True)


def better(pair: Pair, tail: Tail) -> str:
    """What shows that the loss can be smaller than at this end, in words; '' where nothing was found."""
    given, loss = _loss(pair, tail)
    if loss == sp.oo:
        return "it is finite elsewhere"
    for side in sides(pair.activation):
        other = limit(_composed(pair, tail, given), Z, side.end)
        if other is not None and (loss - other).is_positive:
            return f"for {side.says} it tends to {number(other)}"
    for z in _inside(pair.activation.domain):
        value = _composed(pair, tail, given).subs(Z, z)
        if sign_of(loss - value) == 1:  # SymPy may lose its digits beside 1
            return f"at z = {number(z)} it is {number(value)}"
    return ""


def _loss(pair: Pair, tail: Tail) -> tuple[Values, sp.Expr | None]:
    """The limit of the loss at the default parameters, which is enough to refute."""
    given = defaults(pair.parameters)
    found = tail.loss.limit
    return given, None if found is None else found.subs(given)


def _composed(pair: Pair, tail: Tail, given: Values) -> sp.Expr:
    act, los = pair.activation.expr.subs(given), pair.loss.expr.subs(given)
    return plain(los.subs(Y, tail.y).subs(A, act))


def _inside(domain) -> list[sp.Expr]:
    if not isinstance(domain, Interval):
        return []
    return [z for z in PROBES if bool(z > domain.lo) and bool(z < domain.hi)]


def least(pair: Pair, tail: Tail) -> bool:
    """Whether the loss is proved to be nowhere smaller: it falls all the way to the output at this end."""
    ends = {a.side: a.output for a in approaches(pair.activation)}
    reach, output = pair.activation.range, ends[tail.side]
    if not isinstance(reach, Interval) or output not in (reach.lo, reach.hi):
        return False
    slope = raw_loss_slope(pair.loss, 1).subs(Y, tail.y)
    toward = -1 if output == reach.hi else 1  # the sign that the slope has where the loss falls that way
    return _has_sign(slope * toward, {A: reach, **{p.symbol: p.domain for p in pair.parameters}})


def _has_sign(expr: sp.Expr, places: dict[sp.Symbol, Set]) -> bool:
    """Whether an expression in a is at least 0 in the range."""
    reach = places[A]
    assert isinstance(reach, Interval)
    if reach.lo.is_infinite and reach.hi.is_infinite:
        return False
    if reach.lo.is_infinite:
        written = reach.hi - _S
    else:
        written = reach.lo + (_S if reach.hi.is_infinite else (reach.hi - reach.lo) * _S / (1 + _S))
    try:
        if manifest_sign(expr.subs(A, written)) in (0, 1):
            return True
    except TypeError:
        pass
    try:
        return signs.nonnegative(plain(expr), places).outcome == "proved"
    except NotImplementedError:
        return False
