"""Inverse links of generalised linear models, one row each; some are defined on a part of the line only."""

from sympy import Rational, S, atan, erf, exp, log, pi, sqrt, symbols

from derive.catalogue.origins import LINK, SCIPY, SKLEARN, outside
from derive.model import POSITIVE, REALS, UNIT_OPEN, Activation, Interval, Parameter, Z

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
STATS = f"{SCIPY}, scipy.stats"
NEGATIVE = Interval(hi=S.Zero)
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
POWER = Parameter(symbol=symbols("power", positive=True), default=S(2), domain=POSITIVE, latex="p")
alpha, power = DISPERSION.symbol, POWER.symbol

LINKS: tuple[Activation, ...] = (
    Activation(
        name="probit", aliases=("inverse_probit", "normal_cdf", "ndtr"), title="probit response",
        latex=r"\Phi",
        expr=(1 + erf(Z / sqrt(2))) / 2,
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.06680720126885807, f"{STATS}: norm.cdf"),
               outside(2.5, 0.9937903346742238, f"{STATS}: norm.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cloglog", aliases=("inverse_cloglog",), title="complementary log-log response",
        expr=1 - exp(-exp(Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.19998928699564644, f"{LINK}: CLogLog().inverse"),
               outside(2.5, 0.9999948807057013, f"{STATS}: gumbel_l.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="loglog", title="log-log response",
        expr=exp(-exp(-Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.011314286380459627, f"{LINK}: LogLog().inverse"),
               outside(2.5, 0.9211936551755158, f"{STATS}: gumbel_r.cdf")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="cauchit", aliases=("cauchy_cdf",), title="Cauchy response",
        expr=Rational(1, 2) + atan(Z) / pi,
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.1871670418109988, f"{STATS}: cauchy.cdf"),
               outside(2.5, 0.8788810584091566, f"{LINK}: Cauchy().inverse")),
        source="Koenker and Yoon, Parametric links for binary choice models (2009)",
    ),
    Activation(
        name="half_logit_sigmoid", aliases=("half_logit",), title="half-logit response",
        expr=1 / (1 + exp(-2 * Z)),
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.04742587317756678, f"{SKLEARN}, _loss.link: HalfLogitLink.inverse"),
               outside(2.5, 0.9933071490757153, f"{SKLEARN}, _loss.link: HalfLogitLink.inverse")),
        source=f"{SKLEARN}, sklearn._loss.link.HalfLogitLink",
    ),
    Activation(
        name="logc", aliases=("log_complement",), title="log-complement response",
        expr=1 - exp(Z), domain=NEGATIVE,
        range=UNIT_OPEN, squashes=True,
        known=(outside(-1.5, 0.7768698398515702, f"{LINK}: LogC().inverse"),
               outside(-0.25, 0.22119921692859512, f"{LINK}: LogC().inverse")),
        source="statsmodels documentation, genmod.families.links.LogC",
    ),
    Activation(
        name="logit", aliases=("log_odds",), title="log-odds of a probability",
        latex=r"\mathrm{logit}",
        expr=log(Z / (1 - Z)), domain=UNIT_OPEN,
        range=REALS,
        known=(outside(0.25, -1.0986122886681098, f"{SCIPY}, scipy.special: logit"),
               outside(0.875, 1.9459101490553132, f"{SCIPY}, scipy.special: logit")),
        source=f"{GLM}, section 4.3",
    ),
    Activation(
        name="inverse", aliases=("reciprocal", "inverse_power"), title="reciprocal response",
        expr=1 / Z, domain=POSITIVE,
        range=POSITIVE, squashes=True,
        known=(outside(2.5, 0.4, f"{LINK}: InversePower().inverse"),),
        source=f"{GLM}, chapter 8",
    ),
    Activation(
        name="neg_inverse", title="negative reciprocal response",
        expr=-1 / Z, domain=NEGATIVE,
        range=POSITIVE, squashes=True,
        known=(outside(-2.5, 0.4, f"{LINK}: InversePower().inverse(-z)"),),
        source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="inverse_root", title="reciprocal root response",
        expr=1 / sqrt(-2 * Z), domain=NEGATIVE,
        range=POSITIVE, squashes=True,
        known=(outside(-1.5, 0.5773502691896257, f"{LINK}: InverseSquared().inverse(-2 * z)"),),
        source=f"{GLM}, table 2.1",
    ),
    Activation(
        name="inverse_squared", aliases=("inverse_square_root",), title="reciprocal square root response",
        expr=1 / sqrt(Z), domain=POSITIVE,
        range=POSITIVE, squashes=True,
        known=(outside(2.5, 0.6324555320336759, f"{LINK}: InverseSquared().inverse"),),
        source="statsmodels documentation, genmod.families.links.InverseSquared",
    ),
    Activation(
        name="negative_binomial_mean", title="canonical response of the negative binomial",
        parameters=(DISPERSION,),
        expr=1 / (alpha * (exp(-Z) - 1)), domain=NEGATIVE,
        range=POSITIVE, squashes=True,
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
        range=POSITIVE, squashes=True,
        known=(outside(2.5, 6.25, f"{LINK}: Sqrt().inverse"),),
        source="statsmodels documentation, genmod.families.links.Sqrt",
    ),
    Activation(
        name="power_response", title="power response", parameters=(POWER,),
        expr=Z ** (1 / power), domain=POSITIVE,
        range=POSITIVE, squashes=True,
        known=(outside(2.5, 1.5811388300841898, f"{LINK}: Power(power=2).inverse"),
               outside(2.5, 1.8420157493201932, f"{LINK}: Power(power=1.5).inverse", power=1.5)),
        source="statsmodels documentation, genmod.families.links.Power",
    ),
)  # fmt: skip
