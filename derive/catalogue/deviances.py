"""Losses of generalised linear models and of heavy tails: negative log-likelihoods, one row each.

What explains a loss reads them (`derive explain exponential gamma`); code is not emitted.
"""

from sympy import S, log, symbols

from derive.model import NONNEGATIVE, POSITIVE, REALS, A, Loss, Parameter, Y

GLM = "McCullagh and Nelder, Generalized Linear Models (1989)"
DISPERSION = Parameter(
    symbol=symbols("alpha", positive=True), default=S.One, domain=POSITIVE, latex=r"\alpha"
)
FREEDOM = Parameter(symbol=symbols("nu", positive=True), default=S(4), domain=POSITIVE, latex=r"\nu")
alpha, nu = DISPERSION.symbol, FREEDOM.symbol

DEVIANCES: tuple[Loss, ...] = (
    Loss(
        name="gamma", aliases=("gamma_deviance", "half_gamma_deviance"), title="half the Gamma deviance",
        expr=(Y - A) / A - log(Y / A),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,), known=(),
        source=f"{GLM}, section 8.3",
    ),
    Loss(
        name="inverse_gaussian", aliases=("inverse_gaussian_deviance",),
        title="half the inverse Gaussian deviance",
        expr=(Y - A) ** 2 / (2 * A**2 * Y),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,), known=(),
        source=f"{GLM}, table 2.1",
    ),
    Loss(
        name="negative_binomial", aliases=("nb_nll",), title="negative binomial negative log-likelihood",
        parameters=(DISPERSION,),
        expr=log(1 + alpha * A) / alpha - Y * log(alpha * A / (1 + alpha * A)),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1), known=(),
        source=f"{GLM}, section 11.2",
    ),
    Loss(
        name="student_t", title="Student t negative log-likelihood", parameters=(FREEDOM,),
        expr=(nu + 1) / 2 * log(1 + (A - Y) ** 2 / nu),
        prediction=REALS, target=REALS, reads="mean", hard=(-1, 0, 1), known=(),
        source="Lange, Little and Taylor, Robust statistical modeling using the t distribution (1989)",
    ),
)  # fmt: skip
