"""Inverse links of generalised linear models, one row each; some are defined on a part of the line only.

What explains a loss reads them (`derive explain probit bce`, `derive match cloglog`); code is not emitted.
"""

from sympy import Rational, S, atan, erf, exp, pi, sqrt, symbols

from derive.model import (
    POSITIVE,
    UNIT_OPEN,
    Activation,
    Interval,
    Parameter,
    Z,
)

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
NEGATIVE = Interval(hi=S.Zero)
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
alpha = DISPERSION.symbol

LINKS: tuple[Activation, ...] = (
    Activation(
        name="probit", aliases=("inverse_probit", "normal_cdf"), title="probit response", latex=r"\Phi",
        expr=(1 + erf(Z / sqrt(2))) / 2,
        range=UNIT_OPEN, squashes=True, known=(), source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cloglog", title="complementary log-log response",
        expr=1 - exp(-exp(Z)),
        range=UNIT_OPEN, squashes=True, known=(), source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="loglog", title="log-log response",
        expr=exp(-exp(-Z)),
        range=UNIT_OPEN, squashes=True, known=(), source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cauchit", title="Cauchy response",
        expr=Rational(1, 2) + atan(Z) / pi,
        range=UNIT_OPEN, squashes=True, known=(), source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="half_logit_sigmoid", aliases=("half_logit",), title="half-logit response",
        expr=1 / (1 + exp(-2 * Z)),
        range=UNIT_OPEN, squashes=True, known=(), source="scikit-learn 1.7, sklearn._loss.link.HalfLogitLink",
    ),
    Activation(
        name="arctan", title="arctangent", latex=r"\arctan",
        expr=atan(Z),
        range=Interval(lo=-pi / 2, hi=pi / 2), squashes=True, known=(), source="SciPy and NumPy, np.arctan",
    ),
    Activation(
        name="inverse", aliases=("reciprocal",), title="reciprocal response",
        expr=1 / Z, domain=POSITIVE,
        range=POSITIVE, known=(), source=f"{GLM}, section 8.3",
    ),
    Activation(
        name="neg_inverse", title="negative reciprocal response",
        expr=-1 / Z, domain=NEGATIVE,
        range=POSITIVE, known=(), source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="inverse_root", title="reciprocal root response",
        expr=1 / sqrt(-2 * Z), domain=NEGATIVE,
        range=POSITIVE, known=(), source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="negative_binomial_mean", title="canonical response of the negative binomial",
        parameters=(DISPERSION,),
        expr=1 / (alpha * (exp(-Z) - 1)), domain=NEGATIVE,
        range=POSITIVE, known=(), source=f"{GLM}, section 11.2",
    ),
    Activation(
        name="positive_identity", title="identity on the positive numbers",
        expr=Z, domain=POSITIVE,
        range=POSITIVE, known=(), source=f"{GLM}, section 6.2",
    ),
    Activation(
        name="square_response", aliases=("square",), title="square of a positive number",
        expr=Z**2, domain=POSITIVE,
        range=POSITIVE, known=(), source="statsmodels 0.14, genmod.families.links.Sqrt",
    ),
)  # fmt: skip
