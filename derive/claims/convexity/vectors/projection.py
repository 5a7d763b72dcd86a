"""The sparsemax loss: on a support its Hessian is a variance; across supports its gradient is continuous."""

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.claims.convexity.vectors.composed import Composed, selection_of
from derive.claims.working import relation
from derive.model import AS, I_, TS, YS, ZS, J, N, OneHot, Quantity, Simplex, Step, Subject, Unproved, entries
from derive.proof.indexed import prove
from derive.rules.indexed import delta, over, slope, slopes_of

CONTINUOUS = (
    "the gradient is the projection less y, and a projection on a convex set is continuous: where the "
    "support changes nothing jumps"
)
GRADIENT = Quantity(name="gradient", latex=r"\frac{\partial L}{\partial z_{j}}", text="∂L/∂z_j")
MATRIX = Quantity(
    name="Hessian", latex=r"\frac{\partial^{2} L}{\partial z_{i}\,\partial z_{j}}", text="∂²L/∂z_i∂z_j"
)
FORM = Quantity(name="quadratic form", latex=r"t^{\top}\,\nabla^{2} L\;t", text="tᵀ(∇²L)t")


def by_projection(found: Composed, subject: Subject) -> tuple[Step, ...]:
    """The steps for a loss whose gradient is a projection on the simplex less y; none for any other."""
    chosen = selection_of(found.frame.selections, "support")
    _, los = entries(subject)
    if chosen is None or chosen.power != 1 or los is None or not isinstance(los.target, Simplex | OneHot):
        return ()
    try:
        return _steps(found, chosen, los)
    except Unproved:
        return ()


def _steps(found: Composed, chosen, los) -> tuple[Step, ...]:
    base = ZS if ZS in found.frame.inputs else AS
    (name,) = (_named(n, base) for n in los.names)
    h, facts = chosen.symbol, {over(YS[N]): sp.S.One}
    known: dict[str, Any] = {"names": (name,), "selections": (chosen,)}
    first = slope(found.expr, base[J], slopes_of((name,), base[J]))
    projected = h[J] * (base[J] - name.symbol) - YS[J]
    second = slope(projected, base[I_], slopes_of((name,), base[I_]))
    matrix = delta(I_, J) * h[J] - h[I_] * h[J] / over(h[N])
    form = over(over(TS[I_] * matrix * TS[J], I_), J)
    squares = over(over(h[I_] * h[N] * (TS[I_] - TS[N]) ** 2, N), I_) / (2 * over(h[N]))
    proofs = (
        prove(first, projected, facts=facts, **known),
        prove(second, matrix, **known),
        prove(form, squares, selections=(chosen,)),
    )
    lines = (
        (GRADIENT, "differentiate", "the projection of the scores on the simplex, less y", projected),
        (MATRIX, "differentiate again", "while the support h stays the same", matrix),
        (FORM, "variance", "the variance of t over the support, as differences", squares),
    )
    steps = [
        Step(quantity=q, rule=r, says=s, expr=e, proof=p)
        for (q, r, s, e), p in zip(lines, proofs, strict=True)
    ]
    return (*steps, relation(FORM, "≥", ("continuous gradient", CONTINUOUS, sp.S.Zero), "rule", result=True))


def _named(name, base):
    def moved(expr):
        return expr.xreplace({e: base[e.indices] for e in expr.atoms(sp.Indexed) if e.base == AS})

    return replace(name, meaning=moved(name.meaning), relation=moved(name.relation))
