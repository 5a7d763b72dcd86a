"""Why a loss of two outcomes is no negative log-likelihood: a line that would be straight is bent.

If w₁ exp(−c L₁(t)) + w₂ exp(−c L₂(t)) = 1 for every t, the slope in t is 0: log(−L₁′/L₂′) is c (L₁ − L₂) and
a constant. Three points that lie on no straight line refute every c and all weights.
"""

from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from derive.claims.likelihood.dominated import cost, outcomes_of, written
from derive.claims.likelihood.exact import sign_of
from derive.claims.working import definition
from derive.model import (
    VECTOR,
    Interval,
    Loss,
    Proof,
    Quantity,
    Simplex,
    Step,
    Table,
    Witness,
)

T = sp.Symbol("t", real=True)
POINTS = tuple(sp.Rational(n, 8) for n in (4, 2, 1))
WHY = (
    "if weights and a factor c > 0 made a density of it, R = log(−L_1′/L_2′) would be c D and a constant, "
    "D = L_1 − L_2: three predictions are on no such line"
)
SUPPOSED = "what would have to be so, for every prediction; L_1 and L_2 are the losses at the two outcomes"
FLAT = "the slope of a constant is 0; t moves the prediction"
LINE = "divide, and take the logarithm: a straight line over L_1 − L_2"
AREA = Quantity(
    name="area",
    latex="(R_{2} - R_{1})(D_{3} - D_{1}) - (R_{3} - R_{1})(D_{2} - D_{1})",
    text="(R_2 − R_1)(D_3 − D_1) − (R_3 − R_1)(D_2 − D_1)",
)
WEIGHTED = r"w_{1} e^{-c L_{1}(t)} + w_{2} e^{-c L_{2}(t)}"
SLOPES = r"w_{1} L_{1}'(t)\,e^{-c L_{1}(t)} + w_{2} L_{2}'(t)\,e^{-c L_{2}(t)}"
RATIO = r"\log\left(-\frac{L_{1}'(t)}{L_{2}'(t)}\right)"


@dataclass(frozen=True, kw_only=True)
class Bent:
    """Three predictions with (L₁ − L₂, log(−L₁′/L₂′)) at each, and twice the area they span."""

    predictions: tuple
    places: tuple[tuple[Expr, Expr], ...]
    area: Expr


def bend(los: Loss) -> Bent | None:
    """Three predictions on no line, of a smooth loss with two outcomes."""
    path = _path(los)
    outcomes = list(outcomes_of(los))
    if path is None or len(outcomes) != 2 or los.expr.has(sp.Piecewise):
        return None
    losses = [cost(los, path, y) for y in outcomes]
    ratio = -losses[0].diff(T) / losses[1].diff(T)
    if any(sign_of(ratio.subs(T, t)) != 1 for t in POINTS):
        return None
    places = tuple(((losses[0] - losses[1]).subs(T, t), sp.log(ratio.subs(T, t))) for t in POINTS)
    (d1, r1), (d2, r2), (d3, r3) = places
    area = (r2 - r1) * (d3 - d1) - (r3 - r1) * (d2 - d1)
    if not sign_of(area):
        return None
    return Bent(predictions=tuple(_at(path, t) for t in POINTS), places=places, area=area)


def _path(los: Loss):
    """A prediction that t moves: a number, or the first of two components."""
    if los.kind != VECTOR:
        return T if isinstance(los.prediction, Interval) else None
    if los.inputs or los.names or los.selections:
        return None
    if isinstance(los.prediction, Simplex):
        return ((T, 1 - T),)
    return ((T, sp.S.Zero),) if isinstance(los.prediction, Interval) else None


def _at(path, t: Expr):
    return path.subs(T, t) if isinstance(path, Expr) else tuple(v.subs(T, t) for v in path[0])


def steps() -> tuple[Step, ...]:
    """What would follow if the loss came from a density."""
    weighted = Quantity(name="weighted", latex=WEIGHTED, text="w_1 exp(−c L_1(t)) + w_2 exp(−c L_2(t))")
    slopes = Quantity(
        name="slopes", latex=SLOPES, text="w_1 L_1′(t) exp(−c L_1(t)) + w_2 L_2′(t) exp(−c L_2(t))"
    )
    ratio = Quantity(name="ratio", latex=RATIO, text="log(−L_1′(t)/L_2′(t))")
    c, w1, w2, one, two = sp.symbols("c w_1 w_2 L_1 L_2")
    rule = Proof(method="rule")
    return (
        definition(weighted, SUPPOSED, sp.S.One),
        Step(quantity=slopes, rule="slope", says=FLAT, expr=sp.S.Zero, proof=rule),
        Step(quantity=ratio, rule="a line", says=LINE, expr=c * (one - two) + sp.log(w2 / w1), proof=rule),
    )


def witness(found: Bent) -> Witness:
    """The three predictions and the area they span."""
    at = tuple((f"t_{n}", t) for n, t in enumerate(POINTS, 1))
    return Witness(at=at, quantity=AREA, value=found.area)


def table(found: Bent) -> Table:
    """Where the three predictions lie."""
    rows = tuple(
        (written(a), *(sp.N(v, 6) for v in place))
        for a, place in zip(found.predictions, found.places, strict=True)
    )
    head = ("a", "D", "R")
    return Table(title="Three predictions on no line", head=head, rows=rows)
