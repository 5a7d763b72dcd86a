"""Losses of generalised linear models and of heavy tails: negative log-likelihoods, one row each.

What explains a loss reads them (`derive explain exponential gamma`); code is not emitted.
"""

from sympy import S, log, symbols

from derive.model import NONNEGATIVE, POSITIVE, REALS, A, Known, Loss, Parameter, Y

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
FREEDOM = Parameter(symbol=symbols("nu", positive=True), default=S(4), domain=POSITIVE, latex=r"\nu")
alpha, nu = DISPERSION.symbol, FREEDOM.symbol

SKLEARN, SCIPY = "scikit-learn 1.9.1, sklearn.metrics", "SciPy 1.17.1, scipy.stats"
FAMILY = "statsmodels 0.15.0, genmod.families"


def outside(a: float, y: float, value: float, call: str, **parameters: float) -> Known:
    """A value of the loss at (a, y) that another library gave."""
    return Known(at=(a, y), value=value, origin=call, parameters=tuple(parameters.items()))


DEVIANCES: tuple[Loss, ...] = (
    Loss(
        name="gamma", aliases=("gamma_deviance", "half_gamma_deviance"), title="half the Gamma deviance",
        expr=(Y - A) / A - log(Y / A),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,),
        known=(outside(2.5, 0.75, 0.5039728043259362, f"{SKLEARN}: mean_gamma_deviance / 2"),),
        source=f"{GLM}, chapter 8",
    ),
    Loss(
        name="inverse_gaussian", aliases=("inverse_gaussian_deviance",),
        title="half the inverse Gaussian deviance",
        expr=(Y - A) ** 2 / (2 * A**2 * Y),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,),
        known=(outside(2.5, 0.75, 0.32666666666666666, f"{FAMILY}: InverseGaussian().deviance / 2"),),
        source=f"{GLM}, table 2.1",
    ),
    Loss(
        name="negative_binomial", aliases=("nb_nll",), title="negative binomial negative log-likelihood",
        parameters=(DISPERSION,),
        expr=log(1 + alpha * A) / alpha - Y * log(alpha * A / (1 + alpha * A)),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, 2.262179678359007, f"{SCIPY}: -nbinom.logpmf(3, 1, 1 / 3.5)"),
               outside(2.5, 3.0, 3.385220427139015,
                       f"{FAMILY}: gammaln(5) - gammaln(2) - gammaln(4) - NegativeBinomial(0.5).loglike",
                       alpha=0.5)),
        source=f"{GLM}, chapter 11",
    ),
    Loss(
        name="student_t", title="Student t negative log-likelihood", parameters=(FREEDOM,),
        expr=(nu + 1) / 2 * log(1 + (A - Y) ** 2 / nu),
        prediction=REALS, target=REALS, reads="mean", hard=(-1, 0, 1),
        known=(outside(2.5, 0.75, 1.421261838381672, f"{SCIPY}: t.logpdf(0, 4) - t.logpdf(y - a, 4)"),
               outside(2.5, 0.75, 1.4070199351909836, f"{SCIPY}: t.logpdf(0, 3) - t.logpdf(y - a, 3)",
                       nu=3.0)),
        source="Lange, Little and Taylor, Robust statistical modeling using the t distribution (1989)",
    ),
)  # fmt: skip
