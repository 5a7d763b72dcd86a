"""Losses over vectors, one row each, in index notation: predictions a_k, targets y_k; k counts from 1.

Where max(0, x) stands in a textbook, the indicator of x > 0 is a selection, constant nearby.
"""

from sympy import Integer, Rational, S, Sum, Symbol, exp, log, sqrt, symbols

from derive.catalogue.vector_activations import TEMPERATURE, support
from derive.model import (
    AS,
    CS,
    HS,
    I_,
    LARGEST,
    NONNEGATIVE,
    POSITIVE,
    QS,
    REALS,
    RS,
    SS,
    UNIT_CLOSED,
    UNIT_OPEN,
    US,
    VECTOR,
    VS,
    YS,
    Finite,
    Input,
    Interval,
    J,
    K,
    Known,
    LogSimplex,
    Loss,
    M,
    N,
    Name,
    Nonzero,
    OneHot,
    Parameter,
    Selection,
    Simplex,
    Y,
)

CE_OF_LOGITS = "PyTorch 2.13, float64: F.cross_entropy of the logits"

LABELS, BITS = Finite(values=(-1, 1)), Finite(values=(0, 1))
THREE = (-1, 0, 1)
INTERIOR = Simplex(closed=False)

WEIGHT = Parameter(symbol=CS, default=S.One, domain=POSITIVE, latex="c_{k}", label="class_weight")
SMOOTHING = Parameter(
    symbol=symbols("epsilon", nonnegative=True), default=S.Zero, latex=r"\varepsilon",
    domain=Interval(lo=S.Zero, hi=S.One, closed_lo=True), label="label_smoothing",
)  # fmt: skip
GAMMA = Parameter(
    symbol=symbols("gamma", positive=True), default=Integer(2), domain=POSITIVE, latex=r"\gamma"
)
MARGIN = Parameter(
    symbol=symbols("rho", positive=True), default=S.One, domain=POSITIVE, latex=r"\rho", label="margin"
)
SLACK = Parameter(
    symbol=symbols("rho", real=True), default=S.Zero, domain=REALS, latex=r"\rho", label="margin"
)
COSINE_MARGIN = Parameter(
    symbol=symbols("rho", real=True), default=S.Zero, latex=r"\rho", label="margin",
    domain=Interval(lo=S.NegativeOne, hi=S.One),
)  # fmt: skip
LEVELS = Parameter(symbol=QS, default=Rational(1, 2), domain=UNIT_OPEN, latex="q_{k}", label="levels")
CONTRAST = Parameter(
    symbol=TEMPERATURE.symbol, default=Rational(7, 100), domain=POSITIVE, latex="T", label="temperature"
)
SMOOTH = Parameter(
    symbol=symbols("eta", positive=True), default=S.One, domain=POSITIVE, latex=r"\eta", label="smooth"
)
margin, eps, smooth = MARGIN.symbol, SMOOTHING.symbol, SMOOTH.symbol
TAU, LENGTH, OTHER = Symbol("tau", real=True), Symbol("n", positive=True), Symbol("n_y", positive=True)
COSINE = Symbol("c", real=True)
OPEN = Symbol("h", nonnegative=True)  # the indicator of one condition
N_U, N_V = (Symbol(name, positive=True) for name in ("n_u", "n_v"))
NEAR, FAR, DISTANCE = (Symbol(name, positive=True) for name in ("d_p", "d_n", "d"))


def total(body, index=N):
    """The sum over all components."""
    return Sum(body, (index, 1, K))


def positive(of, symbol=SS, says="1 where the margin is violated, else 0") -> Selection:
    """The indicator of a positive term."""
    return Selection(symbol=symbol, rule="positive", of=of, says=says, ties="a term that is 0 counts as not positive")


def length(symbol, of, says) -> Name:
    """The length of a vector whose component k is `of`."""
    return Name(symbol=symbol, meaning=sqrt(total(of**2)), relation=symbol**2 - total(of**2), says=says)


LABEL_SCORE = total(YS[N] * AS[N])  # a_y for one-hot targets
SMOOTHED = (1 - eps) * YS[N] + eps / K
LOG_PARTITION = log(total(exp(AS[M]), M))
EXCESS = margin - LABEL_SCORE + AS[J]
TWO = (Input(base=US, says="the first vectors"), Input(base=VS, says="the second vectors"))
RANKED = (Input(base=US, says="the first scores"), Input(base=VS, says="the second scores"))
TRIPLE = (
    Input(base=US, says="the anchors"), Input(base=VS, says="the positives"), Input(base=RS, says="the negatives")
)  # fmt: skip
GAUSS = (Input(base=US, says="the means"), Input(base=VS, says="the logarithms of the variances"))
APART = length(DISTANCE, US[N] - VS[N], "the distance of u and v")

VECTOR_LOSSES: tuple[Loss, ...] = (
    Loss(
        name="cross_entropy", aliases=("ce", "categorical_cross_entropy"), title="cross-entropy", kind=VECTOR,
        expr=-total(YS[N] * log(AS[N])),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(Known(at=(1.0, 2.0, 4.0, 0.0, 1.0, 0.0), value=2.1698460195562856, origin=CE_OF_LOGITS),
               Known(at=(1.0, 2.0, 4.0, 0.25, 0.25, 0.5), value=1.4198460195562856, origin=CE_OF_LOGITS)),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108",
    ),
    Loss(
        name="weighted_cross_entropy", title="cross-entropy with class weights", kind=VECTOR,
        parameters=(WEIGHT,),
        expr=-total(CS[N] * YS[N] * log(AS[N])),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(),
        source="King and Zeng, Logistic regression in rare events data (2001)",
    ),
    Loss(
        name="smoothed_cross_entropy", aliases=("label_smoothing",), kind=VECTOR,
        title="cross-entropy with label smoothing",
        parameters=(SMOOTHING,),
        expr=-total(SMOOTHED * log(AS[N])),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(),
        source="Szegedy et al. 2015, arXiv:1512.00567",
    ),
    Loss(
        name="nll", aliases=("nll_loss", "cross_entropy_from_log_probabilities"), kind=VECTOR,
        title="cross-entropy of log-probabilities",
        parameters=(SMOOTHING, WEIGHT),
        expr=-total(CS[N] * SMOOTHED * AS[N]),
        prediction=LogSimplex(), target=Simplex(), reads="log-probability", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.NLLLoss and torch.nn.CrossEntropyLoss",
    ),
    Loss(
        name="cross_entropy_logits", aliases=("softmax_cross_entropy", "ce_logits"), kind=VECTOR,
        title="cross-entropy of logits",
        parameters=(SMOOTHING, WEIGHT),
        expr=-total(CS[N] * SMOOTHED * (AS[N] - LOG_PARTITION)),
        prediction=REALS, target=Simplex(), reads="raw score", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.CrossEntropyLoss",
    ),
    Loss(
        name="listnet", title="ListNet top-one loss", kind=VECTOR,
        expr=-total(YS[N] * (AS[N] - LOG_PARTITION)),
        prediction=REALS, target=NONNEGATIVE, reads="raw score", hard=(0, 1),
        known=(),
        source="Cao et al., Learning to rank: from pairwise approach to listwise approach (2007)",
    ),
    Loss(
        name="infonce", aliases=("nt_xent", "info_nce"), title="InfoNCE", kind=VECTOR, parameters=(CONTRAST,),
        expr=-total(YS[N] * (AS[N] / CONTRAST.symbol - log(total(exp(AS[M] / CONTRAST.symbol), M)))),
        prediction=REALS, target=OneHot(), reads="raw score", hard=(0, 1),
        known=(),
        source="van den Oord, Li and Vinyals 2018, arXiv:1807.03748",
    ),
    Loss(
        name="kl_divergence", aliases=("kl", "kullback_leibler"), title="Kullback-Leibler divergence from a to y",
        kind=VECTOR,
        expr=total(YS[N] * (log(YS[N]) - log(AS[N]))),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(),
        source="Kullback and Leibler, On information and sufficiency (1951)",
    ),
    Loss(
        name="kl_log", aliases=("kl_div",), title="Kullback-Leibler divergence of log-probabilities", kind=VECTOR,
        expr=total(YS[N] * (log(YS[N]) - AS[N])),
        prediction=LogSimplex(), target=Simplex(), reads="log-probability", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.KLDivLoss",
    ),
    Loss(
        name="reverse_kl", title="reverse Kullback-Leibler divergence", kind=VECTOR,
        expr=total(AS[N] * (log(AS[N]) - log(YS[N]))),
        prediction=INTERIOR, target=INTERIOR, reads="probability", hard=(),
        known=(),
        source="Bishop, Pattern Recognition and Machine Learning (2006), section 10.1.2",
    ),
    Loss(
        name="brier", aliases=("brier_score",), title="Brier score", kind=VECTOR,
        expr=total((AS[N] - YS[N]) ** 2),
        prediction=Simplex(), target=Simplex(), reads="probability", hard=(0, 1),
        known=(),
        source="Brier, Verification of forecasts expressed in terms of probability (1950)",
    ),
    Loss(
        name="focal", aliases=("focal_categorical", "categorical_focal"), title="focal loss", kind=VECTOR,
        parameters=(GAMMA, WEIGHT),
        expr=-total(CS[N] * YS[N] * (1 - AS[N]) ** GAMMA.symbol * log(AS[N])),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(),
        source="Lin et al. 2017, arXiv:1708.02002",
    ),
    Loss(
        name="multi_margin", title="multi-class margin loss", kind=VECTOR, parameters=(MARGIN,),
        selections=(positive(EXCESS),),
        expr=total((1 - YS[J]) * SS[J] * EXCESS, J) / K,
        prediction=REALS, target=OneHot(), reads="raw score", hard=(0, 1),
        known=(),
        source="Weston and Watkins, Support vector machines for multi-class pattern recognition (1999)",
    ),
    Loss(
        name="squared_multi_margin", title="squared multi-class margin loss", kind=VECTOR, parameters=(MARGIN,),
        selections=(positive(EXCESS),),
        expr=total((1 - YS[J]) * SS[J] * EXCESS**2, J) / K,
        prediction=REALS, target=OneHot(), reads="raw score", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.MultiMarginLoss with p=2",
    ),
    Loss(
        name="crammer_singer", aliases=("multiclass_hinge",), title="Crammer-Singer loss", kind=VECTOR,
        selections=(Selection(symbol=LARGEST, rule="largest", of=AS[J] + 1 - YS[J],
                              says="the class of the largest a_k + 1 - y_k", ties="of equal ones the first is taken"),),
        expr=AS[LARGEST] + 1 - YS[LARGEST] - LABEL_SCORE,
        prediction=REALS, target=OneHot(), reads="raw score", hard=(0, 1),
        known=(),
        source="Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines (2001)",
    ),
    Loss(
        name="multiclass_perceptron", title="multi-class perceptron loss", kind=VECTOR,
        selections=(Selection(symbol=LARGEST, rule="largest", of=AS[J],
                              says="the class of the largest a_k", ties="of equal ones the first is taken"),),
        expr=AS[LARGEST] - LABEL_SCORE,
        prediction=REALS, target=OneHot(), reads="raw score", hard=(0, 1),
        known=(),
        source="Collins, Discriminative training methods for hidden Markov models (2002)",
    ),
    Loss(
        name="sparsemax_loss", title="sparsemax loss", kind=VECTOR,
        selections=(support(AS[J], 1),),
        names=(Name(symbol=TAU, latex=r"\tau", says="the threshold of sparsemax",
                    meaning=(total(SS[N] * AS[N]) - 1) / total(SS[N]),
                    relation=total(SS[N] * (AS[N] - TAU)) - 1),),
        expr=total((YS[N] - AS[N]) ** 2) / 2 - total((SS[N] * (AS[N] - TAU) - AS[N]) ** 2) / 2,
        prediction=REALS, target=Simplex(), reads="raw score", hard=(0, 1),
        known=(),
        source="Martins and Astudillo 2016, arXiv:1602.02068; Blondel, Martins and Niculae 2019, arXiv:1901.02324",
    ),
    Loss(
        name="multilabel_margin", title="multi-label margin loss", kind=VECTOR,
        selections=(positive(1 - AS[J] + AS[I_], symbol=HS),),
        expr=total(total(YS[J] * (1 - YS[I_]) * HS[I_, J] * (1 - AS[J] + AS[I_]), I_), J) / K,
        prediction=REALS, target=BITS, reads="raw score", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.MultiLabelMarginLoss",
    ),
    Loss(
        name="multilabel_soft_margin", title="multi-label soft margin loss", kind=VECTOR,
        expr=total(YS[N] * log(1 + exp(-AS[N])) + (1 - YS[N]) * log(1 + exp(AS[N]))) / K,
        prediction=REALS, target=UNIT_CLOSED, reads="raw score", hard=(0, 1),
        known=(),
        source="PyTorch documentation, torch.nn.MultiLabelSoftMarginLoss",
    ),
    Loss(
        name="multi_quantile", title="quantile loss of several levels", kind=VECTOR, parameters=(LEVELS,),
        selections=(positive(AS[J] - Y, says="1 where the prediction is too high, else 0"),),
        expr=total((SS[N] - QS[N]) * (AS[N] - Y)),
        prediction=REALS, target=REALS, reads="raw score", hard=THREE,
        known=(),
        source="Koenker and Bassett, Regression quantiles (1978)",
    ),
    Loss(
        name="multi_rmse", aliases=("multi_output_squared_error",), title="half the squared error of several outputs",
        kind=VECTOR,
        expr=total((AS[N] - YS[N]) ** 2) / 2,
        prediction=REALS, target=REALS, reads="mean", hard=THREE,
        known=(),
        source="CatBoost documentation, objectives and metrics: MultiRMSE",
    ),
    Loss(
        name="cosine_similarity", aliases=("cosine_loss",), title="negative cosine similarity", kind=VECTOR,
        names=(length(LENGTH, AS[N], "the length of a"), length(OTHER, YS[N], "the length of y")),
        expr=-total(AS[N] * YS[N]) / (LENGTH * OTHER),
        prediction=Nonzero(), target=Nonzero(), reads="raw score", hard=(),
        known=(),
        source="Keras documentation, keras.losses.CosineSimilarity",
    ),
    Loss(
        name="dice", title="Dice loss", kind=VECTOR, parameters=(SMOOTH,),
        expr=1 - (2 * total(AS[N] * YS[N]) + smooth) / (total(AS[N]) + total(YS[N]) + smooth),
        prediction=UNIT_CLOSED, target=UNIT_CLOSED, reads="probability", hard=(0, 1),
        known=(),
        source="Milletari, Navab and Ahmadi 2016, arXiv:1606.04797; the smoothing as in optax",
    ),
    Loss(
        name="gaussian_nll", aliases=("heteroscedastic",), kind=VECTOR, inputs=GAUSS,
        title="Gaussian negative log-likelihood of mean and log-variance",
        expr=total(VS[N] + (US[N] - YS[N]) ** 2 * exp(-VS[N])) / 2,
        prediction=REALS, target=REALS, reads="raw score", hard=THREE,
        known=(),
        source="Nix and Weigend, Estimating the mean and variance of the target probability distribution (1994)",
    ),
    Loss(
        name="margin_ranking", aliases=("pairwise_hinge",), title="margin ranking loss", kind=VECTOR, inputs=RANKED,
        parameters=(SLACK,),
        selections=(positive(SLACK.symbol - YS[J] * (US[J] - VS[J])),),
        expr=total(SS[N] * (SLACK.symbol - YS[N] * (US[N] - VS[N]))),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        known=(),
        source="Herbrich, Graepel and Obermayer, Large margin rank boundaries for ordinal regression (2000)",
    ),
    Loss(
        name="ranknet", aliases=("bpr", "pairwise_logistic"), title="pairwise logistic loss (RankNet, BPR)", kind=VECTOR,
        inputs=RANKED,
        expr=total(log(1 + exp(-(US[N] - VS[N])))),
        prediction=REALS, target=REALS, reads="raw score", hard=(),
        known=(),
        source="Burges et al., Learning to rank using gradient descent (2005); Rendle et al. 2009",
    ),
    Loss(
        name="triplet", aliases=("triplet_margin",), title="triplet margin loss", kind=VECTOR, inputs=TRIPLE,
        parameters=(MARGIN,),
        names=(length(NEAR, US[N] - VS[N], "the distance of anchor and positive"),
               length(FAR, US[N] - RS[N], "the distance of anchor and negative")),
        selections=(positive(NEAR - FAR + margin, symbol=OPEN),),
        expr=OPEN * (NEAR - FAR + margin),
        prediction=REALS, target=REALS, reads="raw score", hard=(),
        known=(),
        source="Schroff, Kalenichenko and Philbin 2015, arXiv:1503.03832; distances as in PyTorch, without eps",
    ),
    Loss(
        name="contrastive", title="contrastive loss", kind=VECTOR, inputs=TWO, parameters=(MARGIN,),
        names=(APART,),
        selections=(positive(margin - DISTANCE, symbol=OPEN),),
        expr=(Y * DISTANCE**2 + (1 - Y) * OPEN * (margin - DISTANCE) ** 2) / 2,
        prediction=REALS, target=BITS, reads="raw score", hard=(0, 1),
        known=(),
        source="Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping (2006)",
    ),
    Loss(
        name="cosine_embedding", title="cosine embedding loss", kind=VECTOR, inputs=TWO,
        parameters=(COSINE_MARGIN,),
        names=(length(N_U, US[N], "the length of u"),
               length(N_V, VS[N], "the length of v"),
               Name(symbol=COSINE, says="the cosine of the angle between u and v",
                    meaning=total(US[N] * VS[N])
                    / (N_U * N_V))),
        selections=(positive(COSINE - COSINE_MARGIN.symbol, symbol=OPEN),),
        expr=(1 + Y) / 2 * (1 - COSINE)
        + (1 - Y) / 2 * OPEN * (COSINE - COSINE_MARGIN.symbol),
        prediction=Nonzero(), target=LABELS, reads="raw score", hard=LABELS.values,
        known=(),
        source="PyTorch documentation, torch.nn.CosineEmbeddingLoss (without its eps)",
    ),
)  # fmt: skip
