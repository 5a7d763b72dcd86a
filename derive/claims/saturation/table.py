"""What is left of a′ and of the gradient on the way to saturation, in numbers."""

import sympy as sp

from derive.claims.saturation.tails import Side, Values, approaches, defaults, tails, targets
from derive.claims.saturation.words import decimal, with_values
from derive.claims.saturation.wrong import better
from derive.derivation.slopes import output_slope, raw_loss_slope, raw_output_slope
from derive.heads import plain
from derive.model import A, Activation, Interval, Pair, Table, Y, Z

OUTPUTS = tuple(sp.Rational(n, 1000) for n in (600, 800, 900, 950, 990, 999))
DISTANCES = tuple(sp.Integer(n) for n in (0, 1, 2, 4, 6, 8))

Column = tuple[str, sp.Expr]


def tables(act: Activation, pairs: tuple[Pair, ...] = ()) -> tuple[Table, ...]:
    """Outputs from 0.6 to 0.999 where a′ is a function of a, else z on its way to the saturated end."""
    ends = [a.side for a in approaches(act) if a.saturated]
    if not ends:
        return ()
    values = defaults(sum((p.loss.parameters for p in pairs), act.parameters))
    slope = output_slope(act, 1)
    in_output = not slope.has(Z, sp.Piecewise) and slope.has(A)
    if in_output and _reached(act.range):
        return (_in_output(slope, _losses(pairs, ends[-1]), values),)
    return (_in_z(act, _losses(pairs, ends[0]), ends[0], values),)


def _reached(reach: object) -> bool:
    """Whether the outputs of the table are on the way to an upper end."""
    if not isinstance(reach, Interval):
        return False
    return bool(reach.hi == 1) and bool(reach.lo < OUTPUTS[0])


def _in_output(slope: sp.Expr, losses: list[Column], values: Values) -> Table:
    columns = [("a′", slope)]
    columns += [(name, loss * slope) for name, loss in losses]
    rows = [(decimal(a), *(_value(e, values, {A: a}) for _, e in columns)) for a in OUTPUTS]
    return Table(title=_title(values), head=("a", *_heads(columns)), rows=tuple(rows))


def _in_z(act: Activation, losses: list[Column], side: Side, values: Values) -> Table:
    slope = raw_output_slope(act, 1)
    columns = [("a", act.expr), ("a′", slope)]
    columns += [(name, loss.subs(A, act.expr) * slope) for name, loss in losses]
    assert isinstance(act.domain, Interval)  # an elementwise activation reads a number
    way = [z for z in _way(side) if act.domain.lo < z < act.domain.hi]
    rows = [(decimal(z), *(_value(e, values, {Z: z}) for _, e in columns)) for z in way]
    return Table(title=_title(values), head=("z", *_heads(columns)), rows=tuple(rows))


def _way(side: Side) -> list[sp.Expr]:
    """Values of z on the way to an end."""
    if isinstance(side.end, tuple):
        return [side.at + side.inward * sp.Rational(1, 10**n) for n in range(len(DISTANCES))]
    return [-side.inward * n for n in DISTANCES]


def _losses(pairs: tuple[Pair, ...], side: Side) -> list[Column]:
    """The slope of a loss for each hard target, or of several for one wrong target, with heads."""
    if len(pairs) == 1:
        pair = pairs[0]
        return [(f"∂L/∂z, y = {y}", raw_loss_slope(pair.loss, 1).subs(Y, y)) for y in targets(pair)]
    found = [(p, next((t.y for t in tails(p) if t.side == side and better(p, t)), None)) for p in pairs]
    return [
        (f"∂L/∂z, {p.loss.title}, y = {y}", raw_loss_slope(p.loss, 1).subs(Y, y))
        for p, y in found
        if y is not None
    ]


def _heads(columns: list[Column]) -> list[str]:
    return [name.replace("= -", "= −") for name, _ in columns]


def _title(values: Values) -> str:
    return "On the way to saturation" + with_values(values)


def _value(expr: sp.Expr, values: Values, at: dict) -> str:
    return decimal(plain(expr).subs(values).subs(at))
