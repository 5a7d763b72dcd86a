"""Losses of a raw score a, one row each: margins y·a of labels -1 and 1, logits, log-means.

Where a row has a kink, the branch at it is the one with the smaller one-sided derivative, as in losses.py.
"""

from sympy import Piecewise, exp, log

from derive.catalogue.loss_parts import (
    ELEMENTS,
    GRADIENT,
    LABELS,
    MARGIN,
    OPTAX,
    PATTERNS,
    POWER,
    RHO,
    SGD,
    TORCH,
    WEIGHT,
    outside,
)
from derive.model import NONNEGATIVE, POSITIVE, REALS, UNIT_CLOSED, A, Loss, Y

EXP = f"{GRADIENT}: ExponentialLoss().loss"

power = POWER.symbol

MARGINS: tuple[Loss, ...] = (
    Loss(
        name="hinge", aliases=("svm",), title="hinge loss",
        expr=Piecewise((1 - MARGIN, MARGIN < 1), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values, kinks=(1 - MARGIN,),
        known=(outside(0.3, 1.0, 0.7, f"{OPTAX}: optax.hinge_loss"),
               outside(2.5, 1.0, 0.0, f"{OPTAX}: optax.hinge_loss")),
        source="Cortes and Vapnik, Support-vector networks (1995)",
    ),
    Loss(
        name="squared_hinge", aliases=("l2_svm",), title="squared hinge loss",
        expr=Piecewise(((1 - MARGIN) ** 2, MARGIN < 1), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values, kinks=(1 - MARGIN,),
        known=(outside(0.3, 1.0, 0.49, f"{SGD}.SquaredHinge().py_loss(a, y)"),
               outside(2.5, -1.0, 12.25, f"{SGD}.SquaredHinge().py_loss(a, y)"),
               outside(2.5, 1.0, 0.0, f"{SGD}.SquaredHinge().py_loss(a, y)")),
        source=f"{ELEMENTS}, section 12.3.2",
    ),
    Loss(
        name="modified_huber", aliases=("huberized_hinge",), title="modified Huber loss of the margin",
        expr=Piecewise((-4 * MARGIN, MARGIN <= -1), ((1 - MARGIN) ** 2, MARGIN < 1), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        kinks=(1 + MARGIN, 1 - MARGIN),
        known=(outside(0.3, 1.0, 0.49, f"{SGD}.ModifiedHuber().py_loss(a, y)"),
               outside(2.5, -1.0, 10.0, f"{SGD}.ModifiedHuber().py_loss(a, y)"),
               outside(2.5, 1.0, 0.0, f"{SGD}.ModifiedHuber().py_loss(a, y)")),
        source="Zhang, Solving large scale linear prediction problems (2004)",
    ),
    Loss(
        name="perceptron", title="perceptron loss",
        expr=Piecewise((-MARGIN, MARGIN < 0), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values, kinks=(A,),
        known=(outside(2.5, -1.0, 2.5, f"{OPTAX}: optax.losses.perceptron_loss"),
               outside(2.5, 1.0, 0.0, f"{OPTAX}: optax.losses.perceptron_loss")),
        source=f"{PATTERNS}, eq. 4.54",
    ),
    Loss(
        name="logistic", aliases=("soft_margin", "logistic_pm1"), title="logistic loss",
        expr=log(1 + exp(-MARGIN)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        known=(outside(2.5, -1.0, 2.5788897342925496, f"{TORCH}: F.soft_margin_loss"),),
        source=f"{ELEMENTS}, section 10.5",
    ),
    Loss(
        name="bce_logits", aliases=("sigmoid_cross_entropy", "binary_cross_entropy_with_logits"),
        title="binary cross-entropy of a logit",
        expr=Y * log(1 + exp(-A)) + (1 - Y) * log(1 + exp(A)),
        prediction=REALS, target=UNIT_CLOSED, reads="raw score", hard=(0, 1),
        known=(outside(2.5, 0.75, 0.7038897342925496, f"{TORCH}: F.binary_cross_entropy_with_logits"),
               outside(-1.5, 0.25, 0.5764132779827524, f"{TORCH}: F.binary_cross_entropy_with_logits")),
        source=f"{PATTERNS}, section 4.3.2",
    ),
    Loss(
        name="bce_pos_weight", aliases=("weighted_bce",), parameters=(WEIGHT,),
        title="binary cross-entropy of a logit, the positive class weighted",
        expr=WEIGHT.symbol * Y * log(1 + exp(-A)) + (1 - Y) * log(1 + exp(A)),
        prediction=REALS, target=UNIT_CLOSED, reads="raw score", hard=(0, 1),
        known=(outside(2.5, 0.0, 2.5788897342925496, f"{TORCH}: F.binary_cross_entropy_with_logits"),
               outside(2.5, 0.75, 0.8518079860910802,
                       f"{TORCH}: F.binary_cross_entropy_with_logits, pos_weight=3.5", pos_weight=3.5)),
        source="PyTorch documentation, torch.nn.BCEWithLogitsLoss",
    ),
    Loss(
        name="exponential", aliases=("adaboost", "exponential_loss"), title="exponential loss of the margin",
        expr=exp(-MARGIN),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        known=(outside(2.5, -1.0, 12.182493960703473, f"{EXP}(y_true=0, raw_prediction=2.5)"),
               outside(2.5, 1.0, 0.0820849986238988, f"{EXP}(y_true=1, raw_prediction=2.5)")),
        source="Friedman, Hastie and Tibshirani, Additive logistic regression (2000)",
    ),
    Loss(
        name="exponential_01", title="exponential loss of targets in [0, 1]",
        expr=Y * exp(-A) + (1 - Y) * exp(A),
        prediction=REALS, target=UNIT_CLOSED, reads="raw score", hard=(0, 1),
        known=(outside(2.5, 0.75, 3.1071872391437925, f"{EXP}"),),
        source="scikit-learn 1.9.1, sklearn._loss.loss.ExponentialLoss",
    ),
    Loss(
        name="sparsemax_binary", title="sparsemax loss of two classes",
        expr=Piecewise((-MARGIN, MARGIN <= -1), ((1 - MARGIN) ** 2 / 4, MARGIN < 1), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        kinks=(1 + MARGIN, 1 - MARGIN),
        known=(outside(0.3, 1.0, 0.1225, f"{OPTAX}: optax.losses.sparsemax_loss, label (1 + y) / 2"),
               outside(2.5, -1.0, 2.5, f"{OPTAX}: optax.losses.sparsemax_loss, label (1 + y) / 2"),
               outside(2.5, 1.0, 0.0, f"{OPTAX}: optax.losses.sparsemax_loss, label (1 + y) / 2")),
        source="Martins and Astudillo 2016, arXiv:1602.02068",
    ),
    Loss(
        name="hinge_embedding", title="hinge embedding loss", parameters=(RHO,),
        expr=Piecewise((A, Y > 0), (RHO.symbol - A, A < RHO.symbol), (0, True)),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values, kinks=(RHO.symbol - A,),
        known=(outside(2.5, 1.0, 2.5, f"{TORCH}: F.hinge_embedding_loss"),
               outside(0.3, -1.0, 0.7, f"{TORCH}: F.hinge_embedding_loss"),
               outside(2.5, -1.0, 0.0, f"{TORCH}: F.hinge_embedding_loss"),
               outside(0.3, -1.0, 1.2, f"{TORCH}: F.hinge_embedding_loss, margin=1.5", margin=1.5)),
        source="PyTorch documentation, torch.nn.HingeEmbeddingLoss",
    ),
    Loss(
        name="poisson_log", aliases=("poisson_nll_log",),
        title="Poisson negative log-likelihood of a log-mean",
        expr=exp(A) - Y * A,
        prediction=REALS, target=NONNEGATIVE, reads="raw score", hard=(0, 1),
        known=(outside(2.5, 3.0, 4.682493960703473, f"{TORCH}: F.poisson_nll_loss"),),
        source="PyTorch documentation, torch.nn.PoissonNLLLoss",
    ),
    Loss(
        name="gamma_log", aliases=("gamma_nll_log",), title="Gamma negative log-likelihood of a log-mean",
        expr=A + Y * exp(-A),
        prediction=REALS, target=POSITIVE, reads="raw score", hard=(1,),
        known=(outside(2.5, 0.75, 2.561563748967924, f"{GRADIENT}: HalfGammaLoss().loss"),),
        source="scikit-learn 1.9.1, sklearn._loss.loss.HalfGammaLoss",
    ),
    Loss(
        name="tweedie_log", title="Tweedie negative log-likelihood of a log-mean", parameters=(POWER,),
        expr=exp((2 - power) * A) / (2 - power) - Y * exp((1 - power) * A) / (1 - power),
        prediction=REALS, target=NONNEGATIVE, reads="raw score", hard=(0, 1),
        known=(outside(2.5, 3.0, 8.699714696084824, f"{GRADIENT}: HalfTweedieLoss(1.5).loss"),
               outside(2.5, 3.0, 15.117562636001367, f"{GRADIENT}: HalfTweedieLoss(1.25).loss", power=1.25)),
        source="scikit-learn 1.9.1, sklearn._loss.loss.HalfTweedieLoss",
    ),
)  # fmt: skip
