"""Losses of a probability, or of its logarithm, one row each.

A divergence keeps the terms of the target that make it 0 at a = y, as the head of deviances.py says.
"""

from sympy import Eq, Piecewise, S, log

from derive.catalogue.loss_parts import (
    BITS,
    FOCUS,
    METRICS,
    OPTAX,
    PATTERNS,
    RESIDUAL,
    STATS,
    TORCH,
    outside,
)
from derive.model import UNIT_CLOSED, UNIT_OPEN, A, Interval, Loss, Y

CROSS_ENTROPY = -Y * log(A) - (1 - Y) * log(1 - A)
gamma = FOCUS.symbol
FOCAL = f"{OPTAX}: sigmoid_focal_loss"

PROBABILITIES: tuple[Loss, ...] = (
    Loss(
        name="bce", aliases=("binary_cross_entropy", "log_loss", "logloss", "bernoulli_nll"),
        title="binary cross-entropy",
        expr=CROSS_ENTROPY,
        prediction=UNIT_OPEN, target=UNIT_CLOSED, reads="probability", hard=(0, 1),
        known=(outside(0.3, 1.0, 1.2039728043259361, f"{TORCH}: F.binary_cross_entropy"),
               outside(0.3, 0.75, 0.9921483392291353, f"{TORCH}: F.binary_cross_entropy")),
        source=f"{PATTERNS}, eq. 4.90",
    ),
    Loss(
        name="binary_focal", aliases=("sigmoid_focal",), title="focal loss of two classes",
        parameters=(FOCUS,),
        expr=-Y * (1 - A) ** gamma * log(A) - (1 - Y) * A**gamma * log(1 - A),
        prediction=UNIT_OPEN, target=BITS, reads="probability", hard=BITS.values,
        known=(outside(0.3, 1.0, 0.5899466741197087, f"{FOCAL}(logit(a), y, gamma=2)"),
               outside(0.3, 0.0, 0.03210074495448591, f"{FOCAL}(logit(a), y, gamma=2)"),
               outside(0.3, 1.0, 0.7051211428895502, f"{FOCAL}(logit(a), y, gamma=1.5)", gamma=1.5)),
        source="Lin et al. 2017, arXiv:1708.02002",
    ),
    Loss(
        name="binary_brier", aliases=("squared_probability_error",), title="Brier score of two classes",
        expr=RESIDUAL**2,
        prediction=UNIT_CLOSED, target=UNIT_CLOSED, reads="probability", hard=(0, 1),
        known=(outside(0.3, 1.0, 0.49, f"{METRICS}: brier_score_loss"),
               outside(0.3, 0.75, 0.2025, f"{TORCH}: F.mse_loss")),
        source="Brier, Verification of forecasts expressed in terms of probability (1950)",
    ),
    Loss(
        name="kl_bernoulli", aliases=("binary_kl",), title="Kullback-Leibler divergence of two classes",
        expr=Piecewise((-log(1 - A), Eq(Y, 0)), (-log(A), Eq(Y, 1)),
                       (Y * log(Y / A) + (1 - Y) * log((1 - Y) / (1 - A)), True)),
        prediction=UNIT_OPEN, target=UNIT_CLOSED, reads="probability", hard=(0, 1),
        known=(outside(0.3, 0.75, 0.4298131946103268, f"{STATS}: entropy([y, 1 - y], [a, 1 - a])"),
               outside(0.3, 1.0, 1.2039728043259361, f"{STATS}: entropy([y, 1 - y], [a, 1 - a])"),
               outside(0.3, 0.0, 0.35667494393873245, f"{STATS}: entropy([y, 1 - y], [a, 1 - a])")),
        source="Kullback and Leibler, On information and sufficiency (1951)",
    ),
    Loss(
        name="kl_pointwise", aliases=("kl_div_pointwise",), title="one term of a Kullback-Leibler divergence",
        expr=Piecewise((Y * (log(Y) - A), Y > 0), (0, True)),
        prediction=Interval(hi=S.Zero, closed_hi=True), target=UNIT_CLOSED, reads="log-probability",
        hard=(0, 1),
        known=(outside(-1.5, 0.75, 0.9092384456611643, f"{TORCH}: F.kl_div, reduction='none'"),
               outside(-1.5, 0.0, 0.0, f"{TORCH}: F.kl_div, reduction='none'")),
        source="PyTorch documentation, torch.nn.KLDivLoss",
    ),
)  # fmt: skip
