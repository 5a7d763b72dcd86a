"""Which catalogue losses the matching loss of an activation is, up to a factor and a function of y alone."""

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.catalogue import LOSSES, fits
from derive.claims.matching.antiderivative import antiderivative
from derive.claims.places import points_of, proof_of
from derive.claims.ratio import factor
from derive.claims.variance import variance
from derive.heads import plain
from derive.model import ELEMENTWISE, A, Activation, Interval, Loss, Proof, Y, Z

UNIT = (sp.S.Zero, sp.S.One)


@dataclass(frozen=True, kw_only=True)
class Named:
    """F(z) − y z = L(m(f(z)), m(y))/scale + rest, for the linear map m of the predictions; and its proof."""

    loss: Loss
    scale: sp.Expr
    map: sp.Expr
    rest: sp.Expr
    proof: Proof


@lru_cache(maxsize=256)
def named(act: Activation) -> Named | None:
    """The catalogue loss that the matching loss is, one without a factor or a map if there is one."""
    found = [match for los in LOSSES for match in _matches(act, los)]
    return min(found, key=_strangeness, default=None)


def _strangeness(match: Named) -> tuple[bool, bool, bool]:
    """How far a loss is from the matching one as it stands."""
    return match.map != A, abs(match.scale) != 1, match.scale != 1


def _matches(act: Activation, los: Loss) -> list[Named]:
    """How a loss is the matching one: with a map of the range onto its predictions only where it must be."""
    if los.kind != ELEMENTWISE or act.kind != ELEMENTWISE:
        return []
    spread, unit = variance(los), _onto(act, los)
    if spread.value is None or unit is None:
        return []
    wanted = spread.value.subs(A, unit) / unit.diff(A) ** 2
    scale = factor(act, wanted, act.parameters + los.parameters).constant
    made = _named(act, los, unit, scale) if scale is not None else None
    return [made] if made else []


def _onto(act: Activation, los: Loss) -> sp.Expr | None:
    """The linear map of the activation's range onto the predictions; a itself where it lies among them."""
    if fits(act, los):
        return A
    inner, outer = act.range, los.prediction
    if not (isinstance(inner, Interval) and isinstance(outer, Interval)):
        return None
    if not (inner.lo.is_number and (inner.lo, inner.hi) != UNIT and (outer.lo, outer.hi) == UNIT):
        return None
    return (A - inner.lo) / (inner.hi - inner.lo) if inner.hi.is_finite and inner.lo.is_finite else None


def _named(act: Activation, los: Loss, unit: sp.Expr, scale: sp.Expr) -> Named | None:
    """The equality with the rest that depends on y alone, if it is proved."""
    found = antiderivative(act.expr, act.domain)
    if found is None:
        return None
    matching = found.expr - Y * Z
    other = los.expr.subs({A: unit.subs(A, act.expr), Y: unit.subs(A, Y)}, simultaneous=True) / scale
    rest = _rest(matching - other, points_of(act.domain))
    proof = proof_of(matching, other + rest, act.domain, los.target, act.parameters + los.parameters)
    return Named(loss=los, scale=scale, map=unit, rest=rest, proof=proof) if proof.proved else None


def _rest(difference: sp.Expr, tried: tuple[sp.Rational, ...]) -> sp.Expr:
    """What is left at a z at which it is shortest; where e^z = 2 or 1/2 exponentials are numbers."""
    halves = [sp.log(2) * sp.sign(z) for z in tried if abs(z) == 1]
    values = [plain(difference).subs(Z, at) for at in (*tried[:2], *halves)]
    return min((sp.expand(sp.expand_log(v, force=True)) for v in values), key=sp.count_ops)
