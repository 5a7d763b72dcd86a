"""Losses L(a, y) of a prediction a and a target y, one row each, in SymPy's own functions.

Where a row has a kink, its strict and weak inequalities are chosen so that the branch at the kink
is the one with the smaller one-sided derivative; tests/test_catalogue.py holds them to it.
"""

from sympy import Abs, Piecewise, S, cosh, exp, log, symbols

from derive.model import (
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Finite,
    Known,
    Loss,
    Parameter,
    Y,
)

TORCH = "PyTorch 2.13, float64"
LABELS = Finite(values=(-1, 1))
THREE = (-1, 0, 1)  # the targets at which a regression loss is measured as with hard labels

DELTA = Parameter(symbol=symbols("delta", positive=True), default=S.One, domain=POSITIVE, latex=r"\delta")
delta, distance = DELTA.symbol, Abs(A - Y)


def outside(a: float, y: float, value: float, call: str, **parameters: float) -> Known:
    """A value of the loss at (a, y) that another library gave."""
    return Known(at=(a, y), value=value, origin=call, parameters=tuple(parameters.items()))


LOSSES: tuple[Loss, ...] = (
    Loss(
        name="squared_error", aliases=("mse", "l2"), title="squared error",
        expr=(A - Y) ** 2,
        prediction=REALS, target=REALS, reads="mean", hard=THREE, sums=True,
        known=(outside(2.5, 0.75, 3.0625, f"{TORCH}: F.mse_loss"),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), section 1.5.5",
    ),
    Loss(
        name="half_squared_error", aliases=("half_mse",), title="half the squared error",
        expr=(A - Y) ** 2 / 2,
        prediction=REALS, target=REALS, reads="mean", hard=THREE, sums=True,
        known=(outside(2.5, 0.75, 1.53125, "optax 0.2.8, float64: optax.l2_loss"),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 3.26",
    ),
    Loss(
        name="absolute_error", aliases=("mae", "l1"), title="absolute error",
        expr=Abs(A - Y),
        prediction=REALS, target=REALS, reads="mean", hard=THREE, kinks=(A - Y,),
        known=(outside(2.5, 0.75, 1.75, f"{TORCH}: F.l1_loss"),
               outside(-1.5, 0.75, 2.25, f"{TORCH}: F.l1_loss")),
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 10.6",
    ),
    Loss(
        name="huber", title="Huber loss", parameters=(DELTA,),
        expr=Piecewise(((A - Y) ** 2 / 2, distance < delta), (delta * (distance - delta / 2), True)),
        prediction=REALS, target=REALS, reads="mean", hard=THREE,
        kinks=(A - Y - delta, A - Y + delta),
        known=(outside(2.5, 0.75, 1.25, f"{TORCH}: F.huber_loss"),
               outside(1.25, 0.75, 0.125, f"{TORCH}: F.huber_loss"),
               outside(2.5, 0.75, 1.5, f"{TORCH}: F.huber_loss", delta=1.5)),
        source="Huber, Robust estimation of a location parameter (1964)",
    ),
    Loss(
        name="log_cosh", aliases=("logcosh",), title="log-cosh loss",
        expr=log(cosh(A - Y)),
        prediction=REALS, target=REALS, reads="mean", hard=THREE,
        known=(outside(2.5, 0.75, 1.086603237712675, "optax 0.2.8, float64: optax.log_cosh"),),
        source="Neuneier and Zimmermann, How to train neural networks (1998)",
    ),
    Loss(
        name="bce", aliases=("binary_cross_entropy", "log_loss"), title="binary cross-entropy",
        expr=-Y * log(A) - (1 - Y) * log(1 - A),
        prediction=UNIT_OPEN, target=UNIT_CLOSED, reads="probability", hard=(0, 1),
        known=(outside(0.3, 1.0, 1.2039728043259361, f"{TORCH}: F.binary_cross_entropy"),
               outside(0.3, 0.75, 0.9921483392291353, f"{TORCH}: F.binary_cross_entropy")),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.90",
    ),
    Loss(
        name="hinge", title="hinge loss",
        expr=Piecewise((1 - Y * A, Y * A < 1), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values, kinks=(1 - Y * A,),
        known=(outside(0.3, 1.0, 0.7, "optax 0.2.8, float64: optax.hinge_loss"),
               outside(2.5, 1.0, 0.0, "optax 0.2.8, float64: optax.hinge_loss")),
        source="Cortes and Vapnik, Support-vector networks (1995)",
    ),
    Loss(
        name="logistic", aliases=("soft_margin",), title="logistic loss",
        expr=log(1 + exp(-Y * A)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        known=(outside(2.5, -1.0, 2.5788897342925496, f"{TORCH}: F.soft_margin_loss"),),
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 10.5",
    ),
    Loss(
        name="poisson", aliases=("poisson_nll",), title="Poisson negative log-likelihood",
        expr=A - Y * log(A),
        prediction=POSITIVE, target=NONNEGATIVE, reads="mean", hard=(0, 1),
        known=(outside(2.5, 3.0, -0.24887219562246532, f"{TORCH}: F.poisson_nll_loss, log_input=False"),),
        source="McCullagh and Nelder, Generalized Linear Models (1989), chapter 6",
    ),
)
