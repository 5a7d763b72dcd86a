"""The identities of index calculus that a reader meets, each with its sentence."""

from dataclasses import dataclass

import sympy as sp
from sympy import Derivative, Expr, exp, log

from derive.model import AS, I_, YS, ZS, J, K, M, N
from derive.rules.indexed.basics import delta, over


@dataclass(frozen=True, kw_only=True)
class IndexRule:
    """An identity of index calculus for every size, with the sentence a reader sees."""

    name: str
    says: str
    before: Expr
    after: Expr


_E = exp(ZS[J]) / over(exp(ZS[N]))

RULES: tuple[IndexRule, ...] = (
    IndexRule(
        name="renaming",
        says="the name of a bound index does not matter",
        before=over(YS[N], N),
        after=over(YS[M], M),
    ),
    IndexRule(
        name="slope of a component",
        says="∂z_k/∂z_j = δ_kj",
        before=Derivative(ZS[N], ZS[J]),
        after=delta(N, J),
    ),
    IndexRule(
        name="slope of a sum",
        says="∂/∂z_j Σ_k f(z_k) = f′(z_j)",
        before=Derivative(over(ZS[N] ** 3), ZS[J]),
        after=3 * ZS[J] ** 2,
    ),
    IndexRule(
        name="slope by a bound name",
        says="a bound index makes way for the index one differentiates by",
        before=Derivative(over(YS[N] * ZS[N] ** 2), ZS[N]),
        after=2 * YS[N] * ZS[N],
    ),
    IndexRule(
        name="delta contraction",
        says="Σ_k δ_kj f_k = f_j",
        before=over(delta(N, J) * YS[N] * ZS[N]),
        after=YS[J] * ZS[J],
    ),
    IndexRule(
        name="delta renaming",
        says="δ_ij f_i = δ_ij f_j",
        before=delta(I_, J) * YS[I_],
        after=delta(I_, J) * YS[J],
    ),
    IndexRule(
        name="delta square",
        says="δ_ij² = δ_ij",
        before=delta(I_, J) ** 2 * YS[I_],
        after=delta(I_, J) * YS[I_],
    ),
    IndexRule(
        name="delta chain",
        says="δ_ij δ_jk = δ_ik δ_jk",
        before=delta(I_, J) * delta(J, N),
        after=delta(I_, N) * delta(J, N),
    ),
    IndexRule(
        name="linearity",
        says="a sum of sums, and what does not depend on k in front",
        before=over(AS[J] * YS[N] - ZS[N]),
        after=AS[J] * over(YS[N]) - over(ZS[N]),
    ),
    IndexRule(name="count", says="Σ_k c = K c", before=over(YS[J]), after=K * YS[J]),
    IndexRule(
        name="product of sums",
        says="(Σ_k f_k)(Σ_m g_m) = Σ_k Σ_m f_k g_m",
        before=over(YS[N]) * over(ZS[M], M),
        after=over(over(YS[N] * ZS[M], M), N),
    ),
    IndexRule(
        name="log of a quotient",
        says="log(e^u / v) = u − log v for v > 0",
        before=log(_E),
        after=ZS[J] - log(over(exp(ZS[N]))),
    ),
    IndexRule(
        name="probabilities sum to one",
        says="Σ_j p_j = 1",
        before=over(_E, J),
        after=sp.S.One,
    ),
    IndexRule(
        name="shift",
        says="a constant added to every logit changes no probability",
        before=exp(ZS[J] - ZS[M]) / over(exp(ZS[N] - ZS[M])),
        after=_E,
    ),
)
