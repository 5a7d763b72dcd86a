"""Losses that read several vectors of K components stacked: u and v, or the triple u, v, r; one row each."""

from sympy import Symbol, exp, log

from derive.catalogue.vector_parts import (
    COSINE_MARGIN,
    MARGIN,
    SENTENCE,
    SLACK,
    TORCH,
    length,
    outside,
    positive,
    total,
)
from derive.model import (
    HV,
    REALS,
    RS,
    US,
    VECTOR,
    VS,
    YS,
    Finite,
    Input,
    J,
    Loss,
    N,
    Name,
    Nonzero,
    Y,
)

LABELS, BITS = Finite(values=(-1, 1)), Finite(values=(0, 1))
THREE = (-1, 0, 1)

margin = MARGIN.symbol
COSINE = Symbol("c", real=True)
OPEN = Symbol("h", nonnegative=True)  # the indicator of one condition
N_U, N_V = (Symbol(name, positive=True) for name in ("n_u", "n_v"))
NEAR, FAR, DISTANCE = (Symbol(name, positive=True) for name in ("d_p", "d_n", "d"))
TWO = (Input(base=US, says="the first vectors"), Input(base=VS, says="the second vectors"))
RANKED = (Input(base=US, says="the first scores"), Input(base=VS, says="the second scores"))
TRIPLE = (
    Input(base=US, says="the anchors"),
    Input(base=VS, says="the positives"),
    Input(base=RS, says="the negatives"),
)
GAUSS = (Input(base=US, says="the means"), Input(base=VS, says="the logarithms of the variances"))
APART = length(DISTANCE, US[N] - VS[N], "the distance of u and v")

STACKED_LOSSES: tuple[Loss, ...] = (
    Loss(
        name="gaussian_nll", aliases=("heteroscedastic",), kind=VECTOR, inputs=GAUSS,
        title="Gaussian negative log-likelihood of mean and log-variance",
        expr=total(VS[N] + (US[N] - YS[N]) ** 2 * exp(-VS[N])) / 2,
        prediction=REALS, target=REALS, reads="raw score", hard=THREE,
        known=(outside((0.5, -1.25, 0.75, -0.5, 1.5, -2.0), 0.8248861337549185,
                       f"{TORCH}: F.gaussian_nll_loss(u, y, exp v, eps=0, reduction='sum')"),),
        source="Nix and Weigend, Estimating the mean and variance of the target probability "
               "distribution (1994)",
    ),
    Loss(
        name="margin_ranking", aliases=("pairwise_hinge",), title="margin ranking loss", kind=VECTOR,
        inputs=RANKED, parameters=(SLACK,),
        selections=(positive(SLACK.symbol - YS[J] * (US[J] - VS[J])),),
        expr=total(HV[N] * (SLACK.symbol - YS[N] * (US[N] - VS[N]))),
        prediction=REALS, target=LABELS, reads="raw score", hard=LABELS.values,
        known=(outside((0.5, -1.25, 2.0, 0.75, -0.5, -1.0, 1.0, -1.0, -1.0), 3.25,
                       f"{TORCH}: F.margin_ranking_loss(u, v, y, reduction='sum')"),
               outside((0.5, -1.25, 2.0, 0.75, -0.5, -1.0, 1.0, -1.0, -1.0), 4.25,
                       f"{TORCH}: F.margin_ranking_loss(u, v, y, margin=0.5, reduction='sum')", margin=0.5)),
        source="Herbrich, Graepel and Obermayer, Large margin rank boundaries for ordinal regression (2000)",
    ),
    Loss(
        name="ranknet", aliases=("bpr", "pairwise_logistic"), kind=VECTOR, inputs=RANKED,
        title="pairwise logistic loss (RankNet, BPR)",
        expr=total(log(1 + exp(-(US[N] - VS[N])))),
        prediction=REALS, target=REALS, reads="raw score", hard=(),
        known=(outside((0.5, -1.25, 2.0, 0.75, -0.5, -1.0), 2.0113977775674856,
                       f"{TORCH}: F.binary_cross_entropy_with_logits(u - v, 1, reduction='sum')"),),
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
        known=(outside((0.5, -1.25, 0.75, -2.0, 1.5, -0.5), 0.540569415042095,
                       f"{TORCH}: F.triplet_margin_loss(u, v, r, eps=0)"),
               outside((0.5, -1.25, 0.75, -2.0, 4.5, 3.5), 0.0,
                       f"{TORCH}: F.triplet_margin_loss(u, v, r, eps=0)"),
               outside((0.5, -1.25, 0.75, -2.0, 1.5, -0.5), 2.040569415042095,
                       f"{TORCH}: F.triplet_margin_loss(u, v, r, margin=2.5, eps=0)", margin=2.5)),
        source="Balntas et al. 2016, Learning local feature descriptors with triplets; "
               "as torch.nn.TripletMarginLoss without its eps",
    ),
    Loss(
        name="contrastive", title="contrastive loss", kind=VECTOR, inputs=TWO, parameters=(MARGIN,),
        names=(APART,),
        selections=(positive(margin - DISTANCE, symbol=OPEN),),
        expr=(Y * DISTANCE**2 + (1 - Y) * OPEN * (margin - DISTANCE) ** 2) / 2,
        prediction=REALS, target=BITS, reads="raw score", hard=(0, 1),
        known=(outside((0.5, -1.25, 0.75, -2.0, 1.0), 0.31250000000000006,
                       f"{SENTENCE}: losses.ContrastiveLoss over torch.linalg.vector_norm"),
               outside((0.5, -1.25, 0.75, -2.0, 0.0), 0.021930584957905157,
                       f"{SENTENCE}: losses.ContrastiveLoss over torch.linalg.vector_norm"),
               outside((0.5, -1.25, 1.5, -3.5, 0.0), 0.0,
                       f"{SENTENCE}: losses.ContrastiveLoss over torch.linalg.vector_norm"),
               outside((0.5, -1.25, 1.5, -3.5, 0.0), 0.5384994234284086,
                       f"{SENTENCE}: losses.ContrastiveLoss over torch.linalg.vector_norm, margin=3.5",
                       margin=3.5)),
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
        known=(outside((30.0, -40.0, 120.0, 25.0, -60.0, 80.0, 1.0), 0.04851408639592458,
                       f"{TORCH}: F.cosine_embedding_loss(u, v, y)"),
               outside((30.0, -40.0, 120.0, 25.0, -60.0, 80.0, -1.0), 0.9514859136040754,
                       f"{TORCH}: F.cosine_embedding_loss(u, v, y)"),
               outside((30.0, -40.0, 120.0, 50.0, 20.0, -35.0, -1.0), 0.0,
                       f"{TORCH}: F.cosine_embedding_loss(u, v, y)"),
               outside((30.0, -40.0, 120.0, 25.0, -60.0, 80.0, -1.0), 0.4514859136040754,
                       f"{TORCH}: F.cosine_embedding_loss(u, v, y, margin=0.5)", margin=0.5)),
        source="PyTorch documentation, torch.nn.CosineEmbeddingLoss (without its eps)",
    ),
)  # fmt: skip
