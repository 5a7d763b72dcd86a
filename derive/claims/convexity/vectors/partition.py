"""log Σ e^z: its Hessian diag(p) − p pᵀ is a variance as a quadratic form, and at most 1/2."""

from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy import Expr, Indexed

from derive.claims.working import relation
from derive.model import I_, PS, TS, ZS, J, N, Quantity, Step, Unproved
from derive.proof.indexed import prove
from derive.rules.indexed import contracted, delta, over, slope, spelled

PARTITION = sp.log(over(sp.exp(ZS[N])))
SOFTMAX = sp.exp(ZS[J]) / over(sp.exp(ZS[N]))
MATRIX = Quantity(
    name="Hessian of log-sum-exp",
    latex=r"\frac{\partial^{2}}{\partial z_{i}\,\partial z_{j}} \log \sum_{k} e^{z_{k}}",
    text="∂²/∂z_i∂z_j log Σ_k e^(z_k)",
)
VARIANCE = Quantity(
    name="quadratic form",
    latex=r"t^{\top}\left(\mathrm{diag}(p) - p\,p^{\top}\right)t",
    text="tᵀ(diag(p) − p pᵀ)t",
)
HALF = sp.Rational(1, 2)
_PARTITION = sp.Symbol("S", real=True)


@cache
def bends_up() -> tuple[Step, ...]:
    """That log Σ e^z is convex for every K: its Hessian, its form as a sum of squares, its sign."""
    term = PS[I_] * PS[N] * (TS[I_] - TS[N]) ** 2
    if not term.is_nonnegative:
        raise Unproved(f"the sign of {term}")
    squares = HALF * over(over(term, N), I_)
    return (
        *_form(squares),
        relation(
            VARIANCE,
            "≥",
            ("sign", "a sum of squares with weights p_i p_k > 0", sp.S.Zero),
            "normal form",
            result=True,
        ),
    )


def _form(squares: Expr) -> tuple[Step, ...]:
    matrix = PS[J] * (delta(I_, J) - PS[I_])
    form = over(over(TS[I_] * matrix * TS[J], I_), J)
    known = {PS: SOFTMAX}
    truth = slope(slope(PARTITION, ZS[J]), ZS[I_])
    says = "with p = softmax(z), whose sum is 1"
    proofs = prove(truth, matrix, definitions=known), prove(form, squares, definitions=known)
    return (
        Step(quantity=MATRIX, rule="differentiate twice", says=says, expr=matrix, proof=proofs[0]),
        Step(
            quantity=VARIANCE,
            rule="variance",
            says="the variance of t under p, as differences",
            expr=squares,
            proof=proofs[1],
        ),
    )


@cache
def at_most_half() -> tuple[Step, ...]:
    """That the Hessian of log Σ e^z is at most 1/2: the variance of numbers in an interval."""
    smallest, largest = sp.symbols("m M", real=True)
    length = over(TS[N] ** 2)
    popoviciu = (largest - smallest) ** 2 / 4
    lines = (
        (
            "Popoviciu's inequality",
            "a variance of numbers between m and M is at most (M − m)²/4",
            popoviciu,
            "rule",
        ),
        ("two squares", "(M − m)² ≤ 2 (M² + m²), and both are among the t_k", length / 2, "rule"),
    )
    return tuple(
        relation(VARIANCE, "≤", (rule, says, expr), method, result=expr == length / 2)
        for rule, says, expr, method in lines
    )


@dataclass(frozen=True, kw_only=True)
class Scale:
    """L = affine + weight · log Σ e^(rate z): its Hessian is weight · rate² (diag p − p pᵀ)."""

    weight: Expr
    rate: Expr


def scale(expr: Expr, assumed: dict[Expr, Expr]) -> Scale | None:
    """How a loss in z holds log Σ e^z, if that is all that bends; proved for every K."""
    inner = sorted({e for e in expr.atoms(sp.log) if isinstance(e.args[0], sp.Sum)}, key=str)
    rates = {_rate(e) for e in inner}
    if len(rates) != 1 or None in rates:
        return None
    (rate,) = rates
    assert rate is not None
    weight = _weight(expr, inner)
    probability = sp.exp(rate * ZS[J]) / over(sp.exp(rate * ZS[N]))
    matrix = weight * rate**2 * spelled(PS[J] * (delta(I_, J) - PS[I_]), {PS: probability})
    try:
        prove(slope(slope(expr, ZS[J]), ZS[I_]), matrix)
    except Unproved:
        return None
    return Scale(weight=_short(weight, assumed), rate=rate)


def _rate(partition: Expr) -> Expr | None:
    exponent = partition.args[0].function.exp
    letters = exponent.atoms(Indexed)
    if len(letters) != 1:
        return None
    rate = exponent / next(iter(letters))
    return None if rate.atoms(Indexed) else rate


def _weight(expr: Expr, partitions: list[Expr]) -> Expr:
    """The factor of log Σ e^z in a loss that is linear in it."""
    return contracted(slope(expr.xreplace(dict.fromkeys(partitions, _PARTITION)), _PARTITION))


def _short(weight: Expr, assumed: dict[Expr, Expr]) -> Expr:
    """The weight where that is 1 under the assumptions, and as it is otherwise."""
    try:
        prove(weight, sp.S.One, facts=assumed)
    except Unproved:
        return weight
    return sp.S.One
