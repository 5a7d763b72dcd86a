"""Inverse links of generalised linear models, one row each; some are defined on a part of the line only.

What explains a loss reads them (`derive explain probit bce`, `derive match cloglog`); code is not emitted.
"""

from sympy import Rational, S, atan, erf, exp, pi, sqrt, symbols

from derive.model import (
    POSITIVE,
    UNIT_OPEN,
    Activation,
    Interval,
    Known,
    Parameter,
    Z,
)

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
NEGATIVE = Interval(hi=S.Zero)
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
alpha = DISPERSION.symbol

SCIPY, LINK = "SciPy 1.17.1, scipy.stats", "statsmodels 0.15.0, genmod.families.links"


def outside(z: float, value: float, call: str, **parameters: float) -> Known:
    """A value that another library gave."""
    return Known(at=(z,), value=value, origin=call, parameters=tuple(parameters.items()))


LINKS: tuple[Activation, ...] = (
    Activation(
        name="probit", aliases=("inverse_probit", "normal_cdf"), title="probit response", latex=r"\Phi",
        expr=(1 + erf(Z / sqrt(2))) / 2,
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.06680720126885807, f"{SCIPY}: norm.cdf"),
               outside(2.5, 0.9937903346742238, f"{SCIPY}: norm.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cloglog", title="complementary log-log response",
        expr=1 - exp(-exp(Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.19998928699564644, f"{LINK}: CLogLog().inverse"),
               outside(2.5, 0.9999948807057013, f"{SCIPY}: gumbel_l.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="loglog", title="log-log response",
        expr=exp(-exp(-Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.011314286380459627, f"{LINK}: LogLog().inverse"),
               outside(2.5, 0.9211936551755158, f"{SCIPY}: gumbel_r.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cauchit", title="Cauchy response",
        expr=Rational(1, 2) + atan(Z) / pi,
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.1871670418109988, f"{SCIPY}: cauchy.cdf"),
               outside(2.5, 0.8788810584091566, f"{LINK}: Cauchy().inverse")),
        source="Koenker and Yoon, Parametric links for binary choice models (2009)",
    ),
    Activation(
        name="half_logit_sigmoid", aliases=("half_logit",), title="half-logit response",
        expr=1 / (1 + exp(-2 * Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.04742587317756678, "scikit-learn 1.9.1, _loss.link: HalfLogitLink.inverse"),),
        source="scikit-learn 1.9.1, sklearn._loss.link.HalfLogitLink",
    ),
    Activation(
        name="arctan", title="arctangent", latex=r"\arctan",
        expr=atan(Z),
        range=Interval(lo=-pi / 2, hi=pi / 2), squashes=True,
        known=(outside(-1.5, -0.982793723247329, "NumPy 2.4.6: np.arctan"),),
        source="NumPy documentation, numpy.arctan",
    ),
    Activation(
        name="inverse", aliases=("reciprocal",), title="reciprocal response",
        expr=1 / Z, domain=POSITIVE,
        range=POSITIVE,
        known=(outside(2.5, 0.4, f"{LINK}: InversePower().inverse"),),
        source=f"{GLM}, chapter 8",
    ),
    Activation(
        name="neg_inverse", title="negative reciprocal response",
        expr=-1 / Z, domain=NEGATIVE,
        range=POSITIVE,
        known=(outside(-2.5, 0.4, f"{LINK}: InversePower().inverse(-z)"),),
        source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="inverse_root", title="reciprocal root response",
        expr=1 / sqrt(-2 * Z), domain=NEGATIVE,
        range=POSITIVE,
        known=(outside(-1.5, 0.5773502691896257, f"{LINK}: InverseSquared().inverse(-2 * z)"),),
        source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="negative_binomial_mean", title="canonical response of the negative binomial",
        parameters=(DISPERSION,),
        expr=1 / (alpha * (exp(-Z) - 1)), domain=NEGATIVE,
        range=POSITIVE,
        known=(outside(-1.5, 0.2872169167888683, f"{LINK}: NegativeBinomial(alpha=1).inverse"),
               outside(-1.5, 0.5744338335777366, f"{LINK}: NegativeBinomial(alpha=0.5).inverse",
                       alpha=0.5)),
        source=f"{GLM}, chapter 11",
    ),
    Activation(
        name="positive_identity", title="identity on the positive numbers",
        expr=Z, domain=POSITIVE,
        range=POSITIVE,
        known=(outside(2.5, 2.5, f"{LINK}: Identity().inverse"),),
        source=f"{GLM}, chapter 6",
    ),
    Activation(
        name="square_response", aliases=("square",), title="square of a positive number",
        expr=Z**2, domain=POSITIVE,
        range=POSITIVE,
        known=(outside(2.5, 6.25, f"{LINK}: Sqrt().inverse"),),
        source="statsmodels documentation, genmod.families.links.Sqrt",
    ),
)  # fmt: skip
