"""Densities of a target y given the prediction a, one row each: where losses may come from.

Which loss a density gives is not said here; it is computed. Powers of what is only known to be real are kept
apart, so that a logarithm can be taken factor by factor.
"""

from sympy import (
    Abs,
    Piecewise,
    Product,
    Rational,
    S,
    cosh,
    erf,
    exp,
    factorial,
    gamma,
    log,
    pi,
    sqrt,
    symbols,
)

from derive.catalogue.loss_parts import (
    BETA,
    CAUCHY,
    DELTA,
    DISPERSION,
    EXPONENT,
    FREEDOM,
    LEVEL,
    TUBE,
)
from derive.catalogue.vector_parts import total
from derive.model import (
    AS,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    THETA,
    THETAS,
    UNIT_OPEN,
    US,
    VECTOR,
    VS,
    YS,
    A,
    Density,
    Family,
    Finite,
    Interval,
    K,
    Known,
    LogSimplex,
    M,
    N,
    OneHot,
    Parameter,
    Simplex,
    Y,
)

SCIPY = "SciPy 1.17.1, scipy.stats"
GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006)"
BITS, LABELS, HALF = Finite(values=(0, 1)), Finite(values=(-1, 1)), Rational(1, 2)


def nuisance(letter: str, latex: str = "") -> Parameter:
    """A positive number of a density that the model does not predict; 1 unless it is said."""
    return Parameter(
        symbol=symbols(letter, positive=True), default=S.One, domain=POSITIVE, latex=latex or letter
    )


def outside(at: tuple[float, ...], value: float, call: str, **parameters: float) -> Known:
    """log p at (a, y), as another library gave it."""
    return Known(at=at, value=value, origin=f"{SCIPY}: {call}", parameters=tuple(parameters.items()))


def in_tube(loss: str, far: float, wide: float, near: float) -> tuple[Known, ...]:
    """log p far from the tube, from a wider one, and inside, as another library's loss gives it."""
    origin = f"scikit-learn 1.9.1, SciPy 1.17.1: L = {loss}(epsilon).py_loss(a, y), -L - log(quad(exp(-L)))"
    rows = (0.75, far, ()), (0.75, wide, (("epsilon", 0.5),)), (2.45, near, ())
    return tuple(Known(at=(2.5, y), value=v, origin=origin, parameters=p) for y, v, p in rows)


SIGMA, SCALE, SHAPE = nuisance("sigma", r"\sigma"), nuisance("b"), nuisance("k")
PRECISION, SPREAD = nuisance("lambda", r"\lambda"), nuisance("s")
sigma, b, k, lam, s = (p.symbol for p in (SIGMA, SCALE, SHAPE, PRECISION, SPREAD))
alpha, nu, delta = DISPERSION.symbol, FREEDOM.symbol, DELTA.symbol
TEMPERATURE = nuisance("T_c", "T_{c}")
T = TEMPERATURE.symbol

HUBER = Piecewise(
    (exp(-((A - Y) ** 2) / 2), Abs(A - Y) < delta), (exp(-delta * (Abs(A - Y) - delta / 2)), True)
)
HUBER_TOTAL = sqrt(2 * pi) * erf(delta / sqrt(2)) + 2 * exp(-(delta**2) / 2) / delta
HUBER_ORIGIN = (
    "statsmodels 0.15.0 and SciPy 1.17.1: -HuberT(delta).rho(y - a) - log(quad(exp(-rho))), piece by piece"
)
q, c, beta, epsilon = LEVEL.symbol, CAUCHY.symbol, BETA.symbol, TUBE.symbol  # EXPONENT's is LEVEL's: q
APART, BELOW = Abs(A - Y), A < Y
SMOOTH = Piecewise((exp(-((A - Y) ** 2) / (2 * beta)), APART < beta), (exp(-(APART - beta / 2)), True))
SMOOTH_TOTAL = sqrt(2 * pi * beta) * erf(sqrt(beta / 2)) + 2 * exp(-beta / 2)
SMOOTH_ORIGIN = "statsmodels 0.15.0, SciPy 1.17.1: L = HuberT(beta).rho(y - a)/beta, -L - log(quad(exp(-L)))"
SIDES = sqrt(pi) / 2 * (1 / sqrt(q) + 1 / sqrt(1 - q))
TWO_PIECES = "norm.logpdf(y, a, s) + log(2 * s / (s1 + s2)), s = s1 below a, s2 above"
SMOLA = "Smola and Schölkopf, A tutorial on support vector regression (2004), section 3"
UNIVARIATE = "Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1 (1994)"
LOG_PARTITION = log(total(exp(AS[M] / T), M))

DENSITIES: tuple[Density, ...] = (
    Density(
        name="bernoulli", title="Bernoulli distribution", discrete=True,
        mass=A**Y * (1 - A) ** (1 - Y),
        support=BITS, prediction=UNIT_OPEN, predicts="the probability of y = 1, which is the mean",
        family=Family(natural=log(A / (1 - A)), cumulant=log(1 + exp(THETA)), dispersion=S.One),
        known=(outside((0.3, 1.0), -1.2039728043259361, "bernoulli.logpmf(1, 0.3)"),
               outside((0.3, 0.0), -0.35667494393873245, "bernoulli.logpmf(0, 0.3)")),
        source=f"{BISHOP}, eq. 2.2",
    ),
    Density(
        name="bernoulli_labels", title="Bernoulli distribution of the labels −1 and 1", discrete=True,
        mass=1 / (1 + exp(-Y * A)),
        support=LABELS, prediction=REALS, predicts="the log-odds of y = 1",
        known=(outside((2.5, -1.0), -2.578889734292551, "bernoulli.logpmf(0, special.expit(2.5))"),
               outside((0.3, 1.0), -0.554355244468527, "bernoulli.logpmf(1, special.expit(0.3))")),
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 10.5",
    ),
    Density(
        name="gaussian", title="Gaussian distribution", nuisance=(SIGMA,),
        mass=exp(-((A - Y) ** 2) / (2 * sigma**2)) / sqrt(2 * pi * sigma**2),
        support=REALS, prediction=REALS, predicts="the mean",
        family=Family(natural=A, cumulant=THETA**2 / 2, dispersion=sigma**2),
        known=(outside((2.5, 0.75), -2.4501885332046727, "norm.logpdf(0.75, 2.5)"),
               outside((2.5, 0.75), -6.350791352644727, "norm.logpdf(0.75, 2.5, 0.5)", sigma=0.5)),
        source=f"{BISHOP}, eq. 1.46",
    ),
    Density(
        name="laplace", title="Laplace distribution", nuisance=(SCALE,),
        mass=exp(-Abs(A - Y) / b) / (2 * b),
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=(outside((2.5, 0.75), -2.4431471805599454, "laplace.logpdf(0.75, 2.5)"),
               outside((2.5, 4.0), -3.0, "laplace.logpdf(4, 2.5, 0.5)", b=0.5)),
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 3.4.3",
    ),
    Density(
        name="hyperbolic_secant", title="hyperbolic secant distribution",
        mass=1 / (pi * cosh(A - Y)),
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=(outside((2.5, 0.75), -2.2313331235620755, "hypsecant.logpdf(0.75 - 2.5)"),),
        source="SciPy documentation, scipy.stats.hypsecant",
    ),
    Density(
        name="huber_density", title="Huber distribution", nuisance=(DELTA,),
        mass=HUBER / HUBER_TOTAL,
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=(Known(at=(2.5, 0.75), value=-2.323058590713392, origin=HUBER_ORIGIN),
               Known(at=(2.5, 0.75), value=-2.4572701252615343, origin=HUBER_ORIGIN,
                     parameters=(("delta", 1.5),)),
               Known(at=(2.5, 2.0), value=-1.198058590713392, origin=HUBER_ORIGIN)),
        source="Huber, Robust estimation of a location parameter (1964)",
    ),
    Density(
        name="student_t", title="Student t distribution", nuisance=(FREEDOM, SPREAD),
        mass=gamma((nu + 1) / 2) / (gamma(nu / 2) * sqrt(pi * nu) * s)
        * (1 + (A - Y) ** 2 / (nu * s**2)) ** (-(nu + 1) / 2),
        support=REALS, prediction=REALS, predicts="the median",
        known=(outside((2.5, 0.75), -2.402091091393398, "t.logpdf(0.75, 4, 2.5)"),
               outside((2.5, 0.75), -3.5596760978341857, "t.logpdf(0.75, 3, 2.5, 0.5)", nu=3.0, s=0.5)),
        source="Lange, Little and Taylor, Robust statistical modeling using the t distribution (1989)",
    ),
    Density(
        name="poisson", title="Poisson distribution", discrete=True,
        mass=A**Y * exp(-A) / factorial(Y),
        support=NONNEGATIVE, prediction=POSITIVE, predicts="the mean",
        family=Family(natural=log(A), cumulant=exp(THETA), dispersion=S.One),
        known=(outside((2.5, 3.0), -1.5428872736055896, "poisson.logpmf(3, 2.5)"),),
        source=f"{GLM}, table 2.1",
    ),
    Density(
        name="gamma", title="Gamma distribution", nuisance=(SHAPE,),
        mass=k**k * A ** (-k) * Y ** (k - 1) * exp(-k * Y / A) / gamma(k),
        support=POSITIVE, prediction=POSITIVE, predicts="the mean",
        family=Family(natural=-1 / A, cumulant=-log(-THETA), dispersion=1 / k),
        known=(outside((2.5, 0.75), -1.2162907318741552, "gamma.logpdf(0.75, 1, scale=2.5)"),
               outside((2.5, 0.75), -1.6215466550816433, "gamma.logpdf(0.75, 3, scale=2.5 / 3)", k=3.0)),
        source=f"{GLM}, table 2.1",
    ),
    Density(
        name="inverse_gaussian", title="inverse Gaussian distribution", nuisance=(PRECISION,),
        mass=sqrt(lam / (2 * pi)) * Y ** Rational(-3, 2) * exp(-lam * (Y - A) ** 2 / (2 * A**2 * Y)),
        support=POSITIVE, prediction=POSITIVE, predicts="the mean",
        family=Family(natural=-1 / (2 * A**2), cumulant=-sqrt(-2 * THETA), dispersion=1 / lam),
        known=(outside((2.5, 0.75), -0.8140820911936679, "invgauss.logpdf(0.75, 2.5)"),
               outside((2.5, 0.75), -0.9181092801929466, "invgauss.logpdf(0.75, 2.5 / 3, scale=3)",
                       **{"lambda": 3.0})),
        source=f"{GLM}, table 2.1",
    ),
    Density(
        name="negative_binomial", title="negative binomial distribution", discrete=True,
        nuisance=(DISPERSION,),
        mass=gamma(Y + 1 / alpha) / (gamma(1 / alpha) * factorial(Y))
        * (1 + alpha * A) ** (-1 / alpha) * (alpha * A / (1 + alpha * A)) ** Y,
        support=NONNEGATIVE, prediction=POSITIVE, predicts="the mean",
        family=Family(natural=log(alpha * A / (1 + alpha * A)),
                      cumulant=-log(1 - exp(THETA)) / alpha, dispersion=S.One),
        known=(outside((2.5, 3.0), -2.262179678359007, "nbinom.logpmf(3, 1, 1 / 3.5)"),
               outside((2.5, 3.0), -1.9989260660191235, "nbinom.logpmf(3, 2, 1 / 2.25)", alpha=0.5)),
        source=f"{GLM}, chapter 11",
    ),
    Density(
        name="bernoulli_log_odds", title="Bernoulli distribution", discrete=True,
        mass=(1 + exp(-A)) ** (-Y) * (1 + exp(A)) ** (Y - 1),
        support=BITS, prediction=REALS, predicts="the log-odds of y = 1",
        known=(outside((0.3, 1.0), -0.554355244468527, "bernoulli.logpmf(1, special.expit(0.3))"),
               outside((2.5, 0.0), -2.578889734292551, "bernoulli.logpmf(0, special.expit(2.5))")),
        source=f"{BISHOP}, eq. 2.2 and 4.59",
    ),
    Density(
        name="smooth_l1_density", title="Huber distribution", nuisance=(BETA,),
        mass=SMOOTH / SMOOTH_TOTAL,
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=(Known(at=(2.5, 0.75), value=-2.3230585907133925, origin=SMOOTH_ORIGIN),
               Known(at=(2.5, 0.75), value=-2.205149072549235, origin=SMOOTH_ORIGIN,
                     parameters=(("beta", 1.5),)),
               Known(at=(2.5, 2.0), value=-1.1980585907133923, origin=SMOOTH_ORIGIN)),
        source="Huber, Robust estimation of a location parameter (1964), in units of the scale",
    ),
    Density(
        name="cauchy", title="Cauchy distribution", nuisance=(CAUCHY,),
        mass=1 / (pi * c * (1 + (A - Y) ** 2 / c**2)),
        support=REALS, prediction=REALS, predicts="the median",
        known=(outside((2.5, 0.75), -2.444667315589012, "cauchy.logpdf(0.75, 2.5, 2.385)"),
               outside((2.5, 0.75), -3.035580257721686, "cauchy.logpdf(0.75, 2.5, 0.5)", c=0.5)),
        source=f"{UNIVARIATE}, chapter 16",
    ),
    Density(
        name="asymmetric_laplace", title="asymmetric Laplace distribution", nuisance=(LEVEL,),
        mass=q * (1 - q) * Piecewise((exp(-q * (Y - A)), BELOW), (exp(-(1 - q) * (A - Y)), True)),
        support=REALS, prediction=REALS, predicts="the q-quantile",
        known=(outside((2.5, 0.75), -2.261294361119891, "laplace_asymmetric.logpdf(0.75, 1, 2.5, 2)"),
               outside((2.5, 0.75), -2.1825814637483103, "laplace_asymmetric.logpdf(0.75, 2, 2.5, 2.5)",
                       q=0.8),
               outside((2.5, 4.0), -3.0325814637483104, "laplace_asymmetric.logpdf(4, 2, 2.5, 2.5)", q=0.8)),
        source="Yu and Moyeed, Bayesian quantile regression (2001)",
    ),
    Density(
        name="two_piece_gaussian", title="two-piece Gaussian distribution", nuisance=(LEVEL,),
        mass=Piecewise((exp(-q * (A - Y) ** 2), BELOW), (exp(-(1 - q) * (A - Y) ** 2), True)) / SIDES,
        support=REALS, prediction=REALS, predicts="the mode",
        known=(outside((2.5, 0.75), -2.4501885332046727, TWO_PIECES),
               outside((2.5, 0.75), -1.7019018266899693, TWO_PIECES, q=0.8),
               outside((2.5, 4.0), -2.889401826689969, TWO_PIECES, q=0.8)),
        source="Aigner, Amemiya and Poirier, On the estimation of production frontiers (1976)",
    ),
    Density(
        name="generalized_gaussian", title="generalized Gaussian distribution", nuisance=(EXPONENT,),
        mass=q * exp(-(APART**q)) / (2 * gamma(1 / q)),
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=(outside((2.5, 0.75), -4.624840961455228, "gennorm.logpdf(0.75, 2.5, 2.5)"),
               outside((2.5, 0.75), -2.9058647447808212, "gennorm.logpdf(0.75, 1.5, 2.5)", q=1.5)),
        source="SciPy documentation, scipy.stats.gennorm",
    ),
    Density(
        name="tube", title="density that is flat in a tube around its median", nuisance=(TUBE,),
        mass=Piecewise((exp(epsilon - APART), epsilon < APART), (1, True)) / (2 + 2 * epsilon),
        support=REALS, prediction=REALS, predicts="the median, which is the mean",
        known=in_tube("EpsilonInsensitive", -2.43845736036427, -2.34861228866811, -0.78845736036427),
        source=SMOLA,
    ),
    Density(
        name="squared_tube", title="Gaussian distribution that is flat in a tube around its mean",
        nuisance=(TUBE,),
        mass=Piecewise((exp(-((APART - epsilon) ** 2)), epsilon < APART), (1, True))
        / (2 * epsilon + sqrt(pi)),
        support=REALS, prediction=REALS, predicts="the mean",
        known=in_tube("SquaredEpsilonInsensitive",
                      -3.4017783772185766, -2.582232794803766, -0.6792783772185765),
        source=f"{SMOLA}: the exponential of minus the loss, normalised",
    ),
    Density(
        name="lognormal", title="log-normal distribution", nuisance=(SIGMA,),
        mass=exp(-((log(Y) - A) ** 2) / (2 * sigma**2)) / (Y * sqrt(2 * pi * sigma**2)),
        support=POSITIVE, prediction=REALS, predicts="the mean of log y, the logarithm of the median of y",
        known=(outside((2.5, 0.75), -4.5168421292874195, "lognorm.logpdf(0.75, 1, scale=exp(2.5))"),
               outside((2.5, 0.75), -2.7636485326541793, "lognorm.logpdf(0.75, 1.5, scale=exp(2.5))",
                       sigma=1.5)),
        source=f"{UNIVARIATE}, chapter 14",
    ),
    Density(
        name="shifted_lognormal", title="log-normal distribution of 1 + y", nuisance=(SIGMA,),
        mass=exp(-((log(1 + A) - log(1 + Y)) ** 2) / (2 * sigma**2)) / ((1 + Y) * sqrt(2 * pi * sigma**2)),
        support=Interval(lo=-S.One), prediction=Interval(lo=-S.One), predicts="the median of y",
        known=(outside((2.5, 0.75), -1.718780828099196, "lognorm.logpdf(0.75, 1, -1, 3.5)"),
               outside((2.5, 0.75), -1.746313168416553, "lognorm.logpdf(0.75, 0.5, -1, 3.5)", sigma=0.5)),
        source=f"{UNIVARIATE}, chapter 14",
    ),
    Density(
        name="poisson_log", title="Poisson distribution", discrete=True,
        mass=exp(A * Y - exp(A)) / factorial(Y),
        support=NONNEGATIVE, prediction=REALS, predicts="the logarithm of the mean",
        known=(outside((0.75, 3.0), -1.6587594858407297, "poisson.logpmf(3, exp(0.75))"),),
        source=f"{GLM}, table 2.1",
    ),
    Density(
        name="gamma_log", title="Gamma distribution", nuisance=(SHAPE,),
        mass=k**k * exp(-k * A) * Y ** (k - 1) * exp(-k * Y * exp(-A)) / gamma(k),
        support=POSITIVE, prediction=REALS, predicts="the logarithm of the mean",
        known=(outside((0.5, 0.75), -0.9548979947844751, "gamma.logpdf(0.75, 1, scale=exp(0.5))"),
               outside((0.5, 0.75), -0.8373684438126033, "gamma.logpdf(0.75, 3, scale=exp(0.5) / 3)", k=3.0)),
        source=f"{GLM}, table 2.1",
    ),
    Density(
        name="categorical", title="categorical distribution", kind=VECTOR, discrete=True,
        mass=Product(AS[N] ** YS[N], (N, 1, K)),
        support=OneHot(), prediction=Simplex(closed=False), predicts="the probabilities of the classes",
        family=Family(natural=log(AS[N]), cumulant=log(total(exp(THETAS[N]))), dispersion=S.One),
        known=(outside((0.125, 0.25, 0.625, 0.0, 1.0, 0.0), -1.3862943611198906,
                       "multinomial.logpmf(y, 1, a)"),),
        source=f"{BISHOP}, eq. 2.26",
    ),
    Density(
        name="categorical_log", title="categorical distribution", kind=VECTOR, discrete=True,
        mass=Product(exp(YS[N] * AS[N]), (N, 1, K)),
        support=OneHot(), prediction=LogSimplex(), predicts="the logarithms of the probabilities",
        known=(outside((-2.0794415416798357, -1.3862943611198906, -0.4700036292457356, 0.0, 1.0, 0.0),
                       -1.3862943611198906, "multinomial.logpmf(y, 1, exp(a))"),),
        source=f"{BISHOP}, eq. 2.26",
    ),
    Density(
        name="categorical_logits", title="categorical distribution", kind=VECTOR, discrete=True,
        nuisance=(TEMPERATURE,),
        mass=Product(exp(YS[N] * (AS[N] / T - LOG_PARTITION)), (N, 1, K)),
        support=OneHot(), prediction=REALS, predicts="the logits of the classes",
        known=(outside((-0.5, 1.25, 2.0, 0.0, 1.0, 0.0), -1.706906933673413,
                       "multinomial.logpmf(y, 1, special.softmax(a / 0.5))", T_c=0.5),),
        source=f"{BISHOP}, eq. 4.104",
    ),
    Density(
        name="bernoulli_logits", title="independent Bernoulli distributions", kind=VECTOR, discrete=True,
        mass=Product((1 + exp(-AS[N])) ** (-YS[N]) * (1 + exp(AS[N])) ** (YS[N] - 1), (N, 1, K)),
        support=BITS, prediction=REALS, predicts="the log-odds of the labels",
        known=(outside((0.5, -1.25, 0.75, 1.0, 0.0, 1.0), -1.1128770716403797,
                       "bernoulli.logpmf(y, special.expit(a)).sum()"),),
        source=f"{BISHOP}, eq. 2.2 and 4.59",
    ),
    Density(
        name="gaussian_vector", title="independent Gaussian distributions of equal variance", kind=VECTOR,
        nuisance=(SIGMA,),
        mass=Product(exp(-((AS[N] - YS[N]) ** 2) / (2 * sigma**2)) / sqrt(2 * pi * sigma**2), (N, 1, K)),
        support=REALS, prediction=REALS, predicts="the means",
        known=(outside((0.5, -1.25, 0.75, 2.5, -0.5, -1.5), -7.5693155996140185,
                       "multivariate_normal.logpdf(y, a)"),
               outside((0.5, -1.25, 0.75, 2.5, -0.5, -1.5), -19.92737405793418,
                       "multivariate_normal.logpdf(y, a, 0.25)", sigma=0.5)),
        source=f"{BISHOP}, section 5.2",
    ),
    Density(
        name="gaussian_variance", title="independent Gaussian distributions", kind=VECTOR,
        mass=Product(exp(-((US[N] - YS[N]) ** 2) * exp(-VS[N]) / 2 - VS[N] / 2) / sqrt(2 * pi), (N, 1, K)),
        support=REALS, prediction=REALS, predicts="the means and the logarithms of the variances",
        known=(outside((0.5, -1.25, 0.75, 0.5, -1.0, 0.25, 0.75, -0.5, 1.5), -3.634324167222977,
                       "multivariate_normal.logpdf(y, u, diag(exp(v)))"),),
        source="Nix and Weigend, Estimating the mean and variance of the target probability "
               "distribution (1994)",
    ),
)  # fmt: skip
