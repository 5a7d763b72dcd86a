"""Convex in the weights: z = wᵀx + b is affine, so the Hessian is h x xᵀ with h = ∂²L/∂z²."""

import sympy as sp

from derive.claims.convexity.leaps import LEAPS
from derive.claims.convexity.shape import Curve
from derive.claims.convexity.words import quantified
from derive.claims.working import relation
from derive.model import DIM, PROVED, REFUTED, XS, D, Finding, Proof, Quantity, Step
from derive.proof.indexed import prove
from derive.rules.indexed import over

CURVATURE = sp.Symbol("h", real=True)
OTHER = sp.Symbol("e", integer=True)  # counts weights, as d does
VS_D = sp.IndexedBase(sp.Symbol("v", real=True), shape=(DIM,))
HESSIAN = Quantity(
    name="d2L/dw2", latex=r"\frac{\partial^{2} L}{\partial w\,\partial w^{\top}}", text="∂²L/∂w∂wᵀ"
)
FORM = Quantity(
    name="vHv", latex=r"v^{\top}\frac{\partial^{2} L}{\partial w\,\partial w^{\top}}v", text="vᵀ(∂²L/∂w∂wᵀ)v"
)
NAME = "convex in the weights"


def in_weights(curve: Curve, found: Finding) -> Finding:
    """The finding about weights and bias, which follows from that about z."""
    says = f"L is convex in the weights of z = wᵀx + b{quantified(curve)}"
    if found.how == LEAPS:
        how = "along the direction v = x, for any x ≠ 0, the loss takes the same jump"
        return Finding(name=NAME, says=says, outcome=found.outcome, how=how, witness=found.witness)
    steps = tuple(_steps(found.outcome == PROVED))
    how = {
        PROVED: "a convex function of an affine one is convex, whatever the input x",
        REFUTED: "along the direction v = x, for any x ≠ 0, the form is h (xᵀx)² < 0 at the same z and y",
    }.get(found.outcome, f"as in z: {found.how}")
    return Finding(name=NAME, says=says, outcome=found.outcome, how=how, steps=steps, witness=found.witness)


def _steps(nonnegative: bool) -> list[Step]:
    """The Hessian by the chain rule, its quadratic form, and its sign."""
    h, e, d = CURVATURE, OTHER, D
    matrix = h * XS[e] * XS[d]
    square = h * over(VS_D[d] * XS[d], d) ** 2
    form = over(sp.Sum(VS_D[e] * matrix * VS_D[d], (e, 1, DIM)), d)
    says = (
        "z is affine in w with slope x, so with h = ∂²L/∂z² the Hessian is h x xᵀ (with 1 as the input of b)"
    )
    outer = r"h\,x\,x^{\top}"
    steps = [
        Step(
            quantity=HESSIAN,
            rule="chain rule",
            says=says,
            expr=matrix,
            proof=Proof(method="rule"),
            shown=outer,
        ),
        Step(
            quantity=FORM,
            rule="quadratic form",
            says="a square times h, in every direction v",
            expr=square,
            proof=prove(form, square),
            shown=r"h\,\left(x^{\top} v\right)^{2}",
        ),
    ]
    if nonnegative:
        steps.append(
            relation(
                FORM, "≥", ("sign", "h ≥ 0, and a square is not negative", sp.S.Zero), "rule", result=True
            )
        )
    return steps
