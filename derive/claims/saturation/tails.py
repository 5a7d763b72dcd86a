"""What happens far out: output, slope, loss and gradient as z tends to an end of its domain."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.derivation.slopes import raw_loss_slope, raw_output_slope
from derive.model import A, Activation, Interval, Pair, Parameter, Y, Z
from derive.proof.limits import End, leading, limit

Values = tuple[tuple[sp.Symbol, sp.Expr], ...]


@dataclass(frozen=True, kw_only=True)
class Side:
    """An end that z tends to, in words."""

    end: End
    says: str

    @property
    def at(self) -> sp.Expr:
        """The end itself."""
        return self.end[0] if isinstance(self.end, tuple) else self.end

    @property
    def inward(self) -> int:
        """1 where z grows on the way back from the end."""
        if isinstance(self.end, tuple):
            return self.end[1]
        return 1 if self.end == -sp.oo else -1


@dataclass(frozen=True, kw_only=True)
class Found:
    """A limit and the term that leads there; `given`: parameters it was computed for, if not for all."""

    limit: sp.Expr | None
    like: sp.Expr | None
    given: Values = ()

    @property
    def vanishes(self) -> bool:
        """Whether the limit is known to be 0."""
        return self.limit == 0


@dataclass(frozen=True, kw_only=True)
class Approach:
    """An activation at one end."""

    side: Side
    output: sp.Expr | None
    slope: Found

    @property
    def saturated(self) -> bool:
        """Whether the output settles at a finite value while its slope tends to 0."""
        return self.output is not None and bool(self.output.is_finite) and self.slope.vanishes


@dataclass(frozen=True, kw_only=True)
class Tail:
    """A pair at one saturated end, for one target."""

    side: Side
    y: sp.Expr
    loss: Found
    gradient: Found


def sides(act: Activation) -> tuple[Side, ...]:
    """The two ends of the domain of an elementwise activation."""
    domain = act.domain
    if not isinstance(domain, Interval):
        return ()
    low = Side(end=-sp.oo, says="z → −∞") if domain.lo == -sp.oo else _finite(domain.lo, 1)
    high = Side(end=sp.oo, says="z → ∞") if domain.hi == sp.oo else _finite(domain.hi, -1)
    return low, high


def _finite(point: sp.Expr, inward: int) -> Side:
    where = "above" if inward > 0 else "below"
    return Side(end=(point, inward), says=f"z → {point} from {where}")


def defaults(parameters: tuple[Parameter, ...]) -> Values:
    """The parameters with their defaults; one number for each class is the same for all."""
    return tuple((p.symbol, p.default) for p in parameters if isinstance(p.symbol, sp.Symbol))


@lru_cache(maxsize=256)
def approaches(act: Activation) -> tuple[Approach, ...]:
    """The activation at both ends."""
    return tuple(_approach(act, side) for side in sides(act))


def _approach(act: Activation, side: Side) -> Approach:
    slope = raw_output_slope(act, 1)

    def at(values: Values) -> Found:
        return _both(slope.subs(values), side, {})

    return Approach(side=side, output=limit(act.expr, Z, side.end), slope=_found(at, act.parameters))


@lru_cache(maxsize=256)
def tails(pair: Pair) -> tuple[Tail, ...]:
    """The pair at every saturated end, for each hard target."""
    ends = [a.side for a in approaches(pair.activation) if a.saturated]
    return tuple(_tail(pair, side, y) for side in ends for y in targets(pair))


def targets(pair: Pair) -> tuple[sp.Expr, ...]:
    """The hard targets in the loss's target domain, without those that no output comes near."""
    domain, hard = pair.loss.target, [sp.Integer(y) for y in pair.loss.hard]
    if not isinstance(domain, Interval):
        return tuple(hard)
    inside = [y for y in hard if _inside(y, domain)]
    near = [y for y in inside if _near(y, pair.activation.range)]
    return tuple(inside if pair.loss.reads == "raw score" else near)


def _inside(y: sp.Expr, domain: Interval) -> bool:
    low = y >= domain.lo if domain.closed_lo else y > domain.lo
    high = y <= domain.hi if domain.closed_hi else y < domain.hi
    return bool(low) and bool(high)


def _near(y: sp.Expr, reach: object) -> bool:
    """Whether a target is not known to lie beyond the outputs and their ends."""
    if not isinstance(reach, Interval):
        return True
    return (y - reach.lo).is_extended_negative is not True and (reach.hi - y).is_extended_negative is not True


def _tail(pair: Pair, side: Side, y: sp.Expr) -> Tail:
    loss = pair.loss.expr.subs(Y, y)
    gradient = raw_loss_slope(pair.loss, 1).subs(Y, y) * raw_output_slope(pair.activation, 1)

    def of(expr: sp.Expr) -> Found:
        def at(values: Values) -> Found:
            return _both(expr.subs(values), side, {A: pair.activation.expr.subs(values)})

        return _found(at, pair.parameters)

    return Tail(side=side, y=y, loss=of(loss), gradient=of(gradient))


def _found(at: Callable[[Values], Found], parameters: tuple[Parameter, ...]) -> Found:
    """What is found for all parameters; where nothing is, what is found for their defaults."""
    found = at(())
    if found.limit is not None or not parameters:
        return found
    values = defaults(parameters)
    there = at(values)
    return found if there.limit is None else Found(limit=there.limit, like=there.like, given=values)


def _both(expr: sp.Expr, side: Side, where: dict) -> Found:
    return Found(limit=limit(expr, Z, side.end, where), like=leading(expr, Z, side.end, where))
