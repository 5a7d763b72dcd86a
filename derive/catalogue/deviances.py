"""Losses of a positive mean: negative log-likelihoods and deviances, one row each.

What the prediction does not enter is a constant of the data. A row called deviance or divergence keeps
it, and is 0 at a = y; a negative log-likelihood drops it (the log y! of Poisson, the normalisation of a
density with its scale), here and in losses.py and margins.py. The dispersion is 1, but for the negative
binomial.
"""

from sympy import Piecewise, log

from derive.catalogue.loss_parts import (
    DISPERSION,
    FAMILY,
    GLM,
    GRADIENT,
    METRICS,
    POWER,
    SCIPY,
    STATS,
    TORCH,
    outside,
)
from derive.model import NONNEGATIVE, POSITIVE, A, Loss, Y

alpha, power = DISPERSION.symbol, POWER.symbol
TWEEDIE = f"{GRADIENT}: HalfTweedieLoss"

DEVIANCES: tuple[Loss, ...] = (
    Loss(
        name="poisson", aliases=("poisson_nll",), title="Poisson negative log-likelihood",
        expr=A - Y * log(A),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, -0.24887219562246532, f"{TORCH}: F.poisson_nll_loss, log_input=False"),),
        source=f"{GLM}, chapter 6",
    ),
    Loss(
        name="gamma", aliases=("gamma_deviance", "half_gamma_deviance", "gamma_nll"),
        title="half the Gamma deviance",
        expr=(Y - A) / A - log(Y / A),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,),
        known=(outside(2.5, 0.75, 0.5039728043259362, f"{METRICS}: mean_gamma_deviance / 2"),),
        source=f"{GLM}, chapter 8",
    ),
    Loss(
        name="inverse_gaussian", aliases=("inverse_gaussian_deviance", "inverse_gaussian_dev"),
        title="half the inverse Gaussian deviance",
        expr=(Y - A) ** 2 / (2 * A**2 * Y),
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,),
        known=(outside(2.5, 0.75, 0.32666666666666666, f"{FAMILY}: InverseGaussian().deviance / 2"),),
        source=f"{GLM}, table 2.1",
    ),
    Loss(
        name="tweedie", aliases=("tweedie_nll",), title="Tweedie negative log-likelihood",
        parameters=(POWER,),
        expr=A ** (2 - power) / (2 - power) - Y * A ** (1 - power) / (1 - power),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, 6.957010852370434, f"{TWEEDIE}(1.5).loss(y, log(a))"),
               outside(2.5, 3.0, 12.19415117442811, f"{TWEEDIE}(1.25).loss(y, log(a))", power=1.25)),
        source="Jorgensen, Exponential dispersion models (1987)",
    ),
    Loss(
        name="negative_binomial", aliases=("nb_nll", "nbinom_nll"),
        title="negative binomial negative log-likelihood", parameters=(DISPERSION,),
        expr=log(1 + alpha * A) / alpha - Y * log(alpha * A / (1 + alpha * A)),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, 2.262179678359007, f"{STATS}: -nbinom.logpmf(3, 1, 1 / 3.5)"),
               outside(2.5, 3.0, 3.385220427139015,
                       f"{STATS}: log(4) - nbinom.logpmf(3, 2, 1 / 2.25)", alpha=0.5)),
        source=f"{GLM}, chapter 11",
    ),
    Loss(
        name="exponential_nll", title="negative log-likelihood of the exponential distribution",
        expr=log(A) + Y / A,
        prediction=POSITIVE, target=POSITIVE, reads="mean", hard=(1,),
        known=(outside(2.5, 0.75, 1.2162907318741552, f"{STATS}: -expon.logpdf(y, scale=a)"),),
        source="Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 19",
    ),
    Loss(
        name="generalized_kl", aliases=("i_divergence", "half_poisson_deviance"),
        title="generalized Kullback-Leibler divergence, half the Poisson deviance",
        expr=Piecewise((Y * log(Y / A) - Y + A, Y > 0), (A, True)),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, 0.046964670381863804, f"{SCIPY}: special.kl_div(y, a)"),
               outside(2.5, 0.0, 2.5, f"{SCIPY}: special.kl_div(y, a)")),
        source="Csiszar, Why least squares and maximum entropy? (1991)",
    ),
)  # fmt: skip
