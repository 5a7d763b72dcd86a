"""The slopes in the weights and biases of a layer z = W x + b, for one sample."""

from dataclasses import replace

from sympy import Expr, Mul, Sum

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.letters import Letter
from derive.derivation.vectors.notation import in_vector_step
from derive.derivation.vectors.steps import (
    ASSUMPTION,
    About,
    Work,
    assumed,
    step,
)
from derive.model import BS, DIM, WS, XS, ZS, D, J, N, Step
from derive.rules.indexed import contracted, over, readable, slope, substitute

AFFINE = Sum(WS[J, D] * XS[D], (D, 1, DIM)) + BS[J]


def weight_steps(work: Work, gradient: Expr) -> list[Step]:
    """∂L/∂w_jd and ∂L/∂b_j, and the first as a matrix."""
    layer = Letter(base=ZS, component=AFFINE, says="the layer")
    found = replace(work.found, letters=(layer, *work.found.letters))
    inside = Work(subject=work.subject, found=found)
    weight = inside.about(q.WEIGHT, inside.slope(found.loss, WS[J, D]))
    bias = inside.about(q.BIAS, inside.slope(found.loss, BS[J]))
    inner = contracted(slope(substitute(AFFINE, J, N), WS[J, D]))
    product = over(Mul(readable(substitute(gradient, J, N), frozenset({N})), inner, evaluate=False))
    shown = r"\sum_{k=1}^{K} \frac{\partial L}{\partial z_{k}}\,\frac{\partial z_{k}}{\partial w_{jd}}"
    slope_j = q.loss_slope(ZS).latex
    return [
        step(
            weight,
            "chain rule",
            "the layer is z_k = Σ_d w_kd x_d + b_k",
            product,
            shown=shown,
        ),
        step(
            weight,
            "contract",
            "∂z_k/∂w_jd = δ_jk x_d",
            gradient * XS[D],
            shown=rf"{slope_j}\,x_{{d}}",
            result=True,
        ),
        step(bias, "chain rule", "∂z_k/∂b_j = δ_jk", gradient, shown=slope_j, result=True),
        *_matrix(inside, weight, gradient),
    ]


def _matrix(work: Work, weight: About, gradient: Expr) -> list[Step]:
    shorter = gradient.xreplace(assumed(work)) if work.sums_to_one else gradient
    assuming = shorter != gradient
    says = f"under the assumption {ASSUMPTION}" if assuming else "with the slope from above"
    result = step(weight, "insert", says, shorter * XS[D], assuming=assuming)
    about = replace(weight, quantity=replace(weight.quantity, name="dL/dW"))
    return in_vector_step(about, "weights", r"\nabla_{W} L", "∇_W L", result)
