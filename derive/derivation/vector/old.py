"""Derivations for vectors of symbolic size K, in index notation and then in vectors.

Every step is proved against what its quantity means: the derivative of the entries' own formulas with
all names written out, never the step before it.
"""

from dataclasses import dataclass, field, replace
from functools import reduce

import sympy as sp
from sympy import Eq, Expr, MatrixSymbol, Mul, Piecewise, Sum

from derive.model import (
    AS,
    BS,
    DIM,
    I_,
    PS,
    WS,
    XS,
    YS,
    ZS,
    Activation,
    D,
    Derivation,
    J,
    K,
    Loss,
    N,
    Pair,
    Proof,
    Quantity,
    Step,
    Subject,
)
from derive.proof.indexed import Definitions, Facts, component, prove
from derive.rules.indexed import folded, normal, over, readable, slope, substitute, vanishes, written_out

ASSUMPTION = "Σ_k y_k = 1"
DISTRIBUTION: Facts = {over(YS[N]): sp.S.One}
AFFINE = Sum(WS[J, D] * XS[D], (D, 1, DIM)) + BS[J]

COUNTING = "indices count from 1 in the formulas and from 0 in the arrays"
MASKED = "a logit of -inf is a masked class: its probability is 0"
COSTLY = "a target above 0 at a masked class costs +inf"
UNBOUND = "slopes in a treat the components of a as independent; they are not held to the simplex"

P, Y = (MatrixSymbol(name, K, 1) for name in "py")
X = MatrixSymbol("x", DIM, 1)
DIAGONAL_LESS_OUTER = sp.DiagMatrix(P) - P * P.T
DIAGONAL_LESS_OUTER_LATEX = r"\mathrm{diag}(p) - p\,p^{\top}"
# Gradient, Hessian and weight gradient in vectors, for those pairs that end in them.
FORMS = (
    (P - Y, "p - y"),
    (DIAGONAL_LESS_OUTER, DIAGONAL_LESS_OUTER_LATEX),
    ((P - Y) * X.T, r"(p - y)\,x^{\top}"),
)


def _quantity(name: str, latex: str, text: str) -> Quantity:
    return Quantity(name=name, latex=latex, text=text)


PROBABILITY = _quantity("p", "p_{j}", "p_j")
LOSS = _quantity("L", "L", "L")
LOSS_SLOPE = _quantity("dL/dp", r"\frac{\partial L}{\partial p_{k}}", "∂L/∂p_k")
JACOBIAN = _quantity("dp/dz", r"\frac{\partial p_{k}}{\partial z_{j}}", "∂p_k/∂z_j")
GRADIENT = _quantity("dL/dz", r"\frac{\partial L}{\partial z_{j}}", "∂L/∂z_j")
HESSIAN = _quantity("d2L/dz2", r"\frac{\partial^{2} L}{\partial z_{i}\,\partial z_{j}}", "∂²L/∂z_i∂z_j")
BEND = _quantity("d2p/dz2", r"\frac{\partial^{2} p_{k}}{\partial z_{i}\,\partial z_{j}}", "∂²p_k/∂z_i∂z_j")
WEIGHT = _quantity("dL/dw", r"\frac{\partial L}{\partial w_{jd}}", "∂L/∂w_jd")
BIAS = _quantity("dL/db", r"\frac{\partial L}{\partial b_{j}}", "∂L/∂b_j")
GRADIENT_VECTOR = _quantity("dL/dz vector", r"\nabla_{z} L", "∇_z L")
HESSIAN_MATRIX = _quantity("d2L/dz2 matrix", r"\nabla_{z}^{2} L", "∇²_z L")
WEIGHT_MATRIX = _quantity("dL/dW matrix", r"\nabla_{W} L", "∇_W L")
JACOBIAN_MATRIX = _quantity("dp/dz matrix", r"\frac{\partial p}{\partial z}", "∂p/∂z")
PREDICTION_SLOPE = _quantity("dL/da", r"\frac{\partial L}{\partial a_{k}}", "∂L/∂a_k")
PREDICTION_BEND = _quantity(
    "d2L/da2", r"\frac{\partial^{2} L}{\partial a_{j}\,\partial a_{k}}", "∂²L/∂a_j∂a_k"
)


@dataclass(frozen=True, kw_only=True)
class About:
    """A quantity, the expression that it means, and the definitions its steps are written in."""

    quantity: Quantity
    means: Expr
    definitions: Definitions = field(default_factory=dict)


def step(about: About, rule: str, says: str, expr: Expr, *, facts: Facts | None = None, **look) -> Step:
    """The step quantity = expr with its proof; Unproved where it does not hold."""
    proof = prove(about.means, expr, definitions=about.definitions, facts=facts)
    return Step(quantity=about.quantity, rule=rule, says=says, expr=expr, proof=proof, **look)


def definition(about: About, says: str, expr: Expr) -> Step:
    """The step that says what a quantity means."""
    return replace(step(about, "definition", says, expr), proof=Proof(method="definition"))


def derive_vector(subject: Subject) -> Derivation:
    """The derivation of a vector pair, a vector activation or a vector loss."""
    if isinstance(subject, Pair):
        return _pair(subject)
    return _activation(subject) if isinstance(subject, Activation) else _loss(subject)


def _tidy(expr: Expr) -> Expr:
    """The normal form with common factors in front and readable indices."""
    return readable(sp.factor_terms(normal(expr)))


def _jacobian(meaning: Expr) -> Expr:
    """∂p_k/∂z_j written in p."""
    return sp.factor_terms(folded(slope(substitute(meaning, J, N), ZS[J]), PS, meaning))


def _known(jacobian: Expr):
    """The rule that `slope` needs to differentiate p: ∂p_k/∂z_j for any two indices."""
    slot = sp.Dummy(integer=True)
    return {PS: lambda k, j: substitute(substitute(jacobian, N, slot), J, j).xreplace({slot: k})}


def _cases(expr: Expr) -> Piecewise:
    """`expr` where k = j, and where not."""
    same, other = substitute(expr, N, J), expr.xreplace({sp.KroneckerDelta(N, J): sp.S.Zero})
    return Piecewise((same, Eq(N, J)), (other, True))


def _jacobian_steps(meaning: Expr) -> list[Step]:
    raw, jacobian = slope(substitute(meaning, J, N), ZS[J]), _jacobian(meaning)
    about = About(quantity=JACOBIAN, means=raw, definitions={PS: meaning})
    both = "if k = j, z_j stands in the numerator and in the denominator; if not, in the denominator alone"
    return [
        step(about, "quotient rule", both, _cases(readable(normal(raw)))),
        step(about, "write in p", "the quotients are p_j and p_k again", _cases(jacobian)),
        step(
            about,
            "Kronecker delta",
            "δ_jk, 1 for j = k and 0 otherwise, joins the cases",
            jacobian,
            result=True,
        ),
    ]


def _pair(pair: Pair) -> Derivation:
    meaning, loss = pair.activation.expr, pair.loss.expr.xreplace({AS: PS})
    plain = written_out(loss, PS, meaning)
    whole = About(quantity=LOSS, means=plain, definitions={PS: meaning})
    gradient, gradient_steps = _gradient_steps(loss, plain, meaning)
    hessian, hessian_steps = _hessian_steps(gradient, plain, meaning)
    steps = (
        definition(About(quantity=PROBABILITY, means=meaning), pair.activation.title, meaning),
        definition(whole, f"{pair.loss.title} of p and y", loss),
        _loss_slope(loss),
        *_jacobian_steps(meaning),
        *gradient_steps,
        *hessian_steps,
        *_weight_steps(gradient, plain, meaning),
        *_vector_steps(plain, meaning, (gradient, hessian, gradient * XS[D])),
    )
    assumed = any(ASSUMPTION in s.says for s in steps)
    return Derivation(
        subject=pair,
        steps=steps,
        gradient=gradient,
        hessian=hessian,
        conventions=(COUNTING, MASKED, COSTLY),
        assumptions=(ASSUMPTION,) if assumed else (),
    )


def _loss_slope(loss: Expr) -> Step:
    expr = readable(normal(slope(loss, PS[N])))
    about = About(quantity=LOSS_SLOPE, means=slope(loss, PS[N]))
    return step(about, "derivative of the loss", "only the term with index k holds p_k", expr)


def _gradient_steps(loss: Expr, plain: Expr, meaning: Expr) -> tuple[Expr, list[Step]]:
    about = About(quantity=GRADIENT, means=slope(plain, ZS[J]), definitions={PS: meaning})
    outer, inner = normal(slope(loss, PS[N])), _jacobian(meaning)
    product, cancelled = over(Mul(outer, inner, evaluate=False)), over(outer * inner)
    gradient = _tidy(cancelled)
    shown = rf"\sum_{{k=1}}^{{K}} {LOSS_SLOPE.latex}\,{JACOBIAN.latex}"
    steps = [
        step(about, "chain rule", "z_j acts on the loss through every p_k", product, shown=shown),
        step(about, "insert", "both slopes from above", product),
    ]
    if cancelled.count_ops() < product.count_ops():
        steps.append(step(about, "cancel", "what the two slopes have in common cancels", cancelled))
    contracted = "Σ_k δ_jk f_k = f_j, and what does not depend on k leaves the sum"
    return gradient, [*steps, *_ending(about, "contract", contracted, gradient)]


def _hessian_steps(gradient: Expr, plain: Expr, meaning: Expr) -> tuple[Expr, list[Step]]:
    twice = slope(slope(plain, ZS[J]), ZS[I_])
    about = About(quantity=HESSIAN, means=twice, definitions={PS: meaning})
    raw = slope(gradient, ZS[I_], _known(_jacobian(meaning)))
    hessian = _tidy(raw)
    shown = rf"\frac{{\partial}}{{\partial z_{{i}}}} {GRADIENT.latex}"
    return hessian, [
        step(about, "differentiate again", "the gradient once more, by z_i", raw, shown=shown),
        step(about, "slope of p", "y does not depend on z, and p_j has the slope from above", readable(raw)),
        *_ending(about, "symmetry", "δ_ij p_j = δ_ij p_i", hessian),
    ]


def _ending(about: About, rule: str, says: str, expr: Expr) -> list[Step]:
    """The last steps of a quantity: one more where the assumption on the targets makes it shorter."""
    shorter = expr.xreplace(dict(DISTRIBUTION))
    if shorter == expr:
        return [step(about, rule, says, expr, result=True)]
    assuming = f"under the assumption {ASSUMPTION}"
    return [
        step(about, rule, says, expr),
        step(about, "targets sum to one", assuming, shorter, facts=DISTRIBUTION, result=True),
    ]


def _weight_steps(gradient: Expr, plain: Expr, meaning: Expr) -> list[Step]:
    """The slopes in the weights and biases of a layer z = W x + b, for one sample."""
    loss, definitions = written_out(plain, ZS, AFFINE), {PS: meaning, ZS: AFFINE}
    weight = About(quantity=WEIGHT, means=slope(loss, WS[J, D]), definitions=definitions)
    bias = About(quantity=BIAS, means=slope(loss, BS[J]), definitions=definitions)
    layer = slope(substitute(AFFINE, J, N), WS[J, D])
    product = over(Mul(substitute(gradient, J, N), normal(layer), evaluate=False))
    shown = r"\sum_{k=1}^{K} \frac{\partial L}{\partial z_{k}}\,\frac{\partial z_{k}}{\partial w_{jd}}"
    return [
        step(weight, "chain rule", "the layer is z_k = Σ_d w_kd x_d + b_k", readable(product), shown=shown),
        step(
            weight,
            "contract",
            "∂z_k/∂w_jd = δ_jk x_d",
            gradient * XS[D],
            shown=rf"{GRADIENT.latex}\,x_{{d}}",
            result=True,
        ),
        step(bias, "chain rule", "∂z_k/∂b_j = δ_jk", gradient, shown=GRADIENT.latex, result=True),
    ]


def _vector_steps(plain: Expr, meaning: Expr, ends: tuple[Expr, ...]) -> list[Step]:
    """Gradient, Hessian and weight gradient in vectors, where those of FORMS are what they end in."""
    in_weights = written_out(plain, ZS, AFFINE)
    rows = (
        (GRADIENT_VECTOR, plain, (ZS[J],), {PS: meaning}),
        (HESSIAN_MATRIX, plain, (ZS[J], ZS[I_]), {PS: meaning}),
        (WEIGHT_MATRIX, in_weights, (WS[J, D],), {PS: meaning, ZS: AFFINE}),
    )
    steps = []
    for (quantity, loss, wrt, definitions), (matrix, shown), end in zip(rows, FORMS, ends, strict=True):
        if vanishes(component(matrix) - end, DISTRIBUTION):
            about = About(quantity=quantity, means=reduce(slope, wrt, loss), definitions=definitions)
            says = f"component by component, under the assumption {ASSUMPTION}"
            look = {"shown": shown, "result": True}
            steps.append(step(about, "vector notation", says, matrix, facts=DISTRIBUTION, **look))
    return steps


def _activation(activation: Activation) -> Derivation:
    meaning = activation.expr
    definitions = {PS: meaning}
    jacobian = _jacobian(meaning)
    raw = slope(substitute(meaning, J, N), ZS[J])
    bend = About(quantity=BEND, means=slope(raw, ZS[I_]), definitions=definitions)
    again = slope(jacobian, ZS[I_], _known(jacobian))
    second = sp.factor_terms(again)
    matrix = About(
        quantity=JACOBIAN_MATRIX, means=slope(substitute(meaning, J, I_), ZS[J]), definitions=definitions
    )
    steps = (
        definition(About(quantity=PROBABILITY, means=meaning), activation.title, meaning),
        *_jacobian_steps(meaning),
        step(
            matrix,
            "vector notation",
            "component by component",
            DIAGONAL_LESS_OUTER,
            shown=DIAGONAL_LESS_OUTER_LATEX,
            result=True,
        ),
        step(bend, "differentiate again", "the product rule, and the slope of p from above", again),
        step(bend, "common factor", "p_k stands in every term", second, result=True),
    )
    return Derivation(
        subject=activation, steps=steps, gradient=jacobian, hessian=second, conventions=(COUNTING, MASKED)
    )


def _loss(loss: Loss) -> Derivation:
    first, second = slope(loss.expr, AS[N]), slope(slope(loss.expr, AS[N]), AS[J])
    gradient, hessian = readable(normal(first)), readable(normal(second))
    steps = (
        definition(About(quantity=LOSS, means=loss.expr), loss.title, loss.expr),
        step(
            About(quantity=PREDICTION_SLOPE, means=first),
            "derivative of the loss",
            "only the term with index k holds a_k",
            gradient,
            result=True,
        ),
        step(
            About(quantity=PREDICTION_BEND, means=second),
            "differentiate again",
            "δ_jk: no component acts on another's slope",
            hessian,
            result=True,
        ),
    )
    return Derivation(
        subject=loss, steps=steps, gradient=gradient, hessian=hessian, conventions=(COUNTING, UNBOUND)
    )
