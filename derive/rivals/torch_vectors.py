"""What PyTorch's users write for the entries over vectors, at one row of inputs."""

from typing import Any

import torch
from torch.nn import functional as F

# One number for all classes, or one for each.
Weights = Any


def per_class(weights: Weights, like: torch.Tensor) -> torch.Tensor:
    """The weights of the classes as PyTorch's functions take them."""
    return torch.as_tensor(weights, dtype=like.dtype).expand(like.shape[-1])


def sparsemax(z):
    """Algorithm 1 of Martins and Astudillo, by a sort."""
    ordered = z.sort(descending=True).values
    sums, sizes = ordered.cumsum(-1) - 1, torch.arange(1, len(z) + 1)
    support = int((sizes * ordered > sums).sum())
    return F.relu(z - sums[support - 1] / support)


def entmax15(z):
    """Algorithm 2 of Peters, Niculae and Martins, by a sort."""
    half = z / 2
    ordered, sizes = half.sort(descending=True).values, torch.arange(1, len(z) + 1)
    mean, square = ordered.cumsum(-1) / sizes, ordered.square().cumsum(-1) / sizes
    spread = (1 - sizes * (square - mean**2)) / sizes
    tau = mean - torch.sqrt(spread.clamp(min=1e-300))
    support = int((tau.detach() <= ordered).sum())
    return F.relu(half - tau[support - 1]) ** 2


def spherical_softmax(z):
    """The squares as parts of their sum."""
    return z.square() / z.square().sum()


def gated(function):
    """The gated unit with this gate."""
    return lambda z, **parameters: torch.mul(*_blocks(z, function, **parameters))


def _blocks(z, function, **parameters):
    u, v = z.chunk(2)
    return u, function(v, **parameters)


ACTIVATIONS = {
    "identity": lambda z: z,
    "softmax": lambda z: F.softmax(z, -1),
    "softmax_temperature": lambda z, temperature: F.softmax(z / temperature, -1),
    "softmin": lambda z: F.softmin(z, -1),
    "log_softmax": lambda z: F.log_softmax(z, -1),
    "sparsemax": sparsemax,
    "entmax15": entmax15,
    "l2_normalize": lambda z: F.normalize(z, dim=-1),
    "spherical_softmax": spherical_softmax,
    "glu": F.glu,
    "bilinear_glu": gated(lambda v: v),
    "reglu": gated(F.relu),
    "geglu": gated(F.gelu),
    "swiglu": gated(lambda v, beta: v * torch.sigmoid(beta * v)),
}


def logits(a, y, label_smoothing=0.0, class_weight=1.0):
    """F.cross_entropy of one row, or of rows (N, K); no mean, which would divide by the weights."""
    weight = per_class(class_weight, a)
    return F.cross_entropy(a, y, weight=weight, label_smoothing=label_smoothing, reduction="none")


def nll(a, y, label_smoothing=0.0, class_weight=1.0):
    """Cross-entropy of log-probabilities, with weights and smoothing as in F.cross_entropy."""
    smooth = (1 - label_smoothing) * y + label_smoothing / len(y)
    return -(per_class(class_weight, a) * smooth * a).sum()


def cross_entropy(a, y, **parameters):
    """Cross-entropy of probabilities."""
    return nll(torch.log(a), y, **parameters)


def focal(a, y, gamma, class_weight=1.0):
    """Focal loss of probabilities."""
    return -(per_class(class_weight, a) * y * (1 - a) ** gamma * torch.log(a)).sum()


def multi_margin(power):
    """F.multi_margin_loss with this power."""
    return lambda a, y, margin: F.multi_margin_loss(a[None], y.argmax()[None], p=power, margin=margin)


def crammer_singer(a, y):
    """The largest score with 1 added to the others, less that of the label."""
    return (a + 1 - y).max() - (a * y).sum()


def sparsemax_loss(a, y):
    """The regularised prediction function of Blondel et al., at its largest, less the score of y."""
    p = sparsemax(a)
    return (a * (p - y)).sum() - (p.square() - y.square()).sum() / 2


def multilabel_margin(a, y):
    """F.multilabel_margin_loss; its targets are the classes, ended by −1."""
    classes = torch.full(a.shape, -1)
    (chosen,) = torch.where(y == 1)
    classes[: len(chosen)] = chosen
    return F.multilabel_margin_loss(a[None], classes[None])


def multi_quantile(a, y, levels):
    """The pinball loss of every level."""
    q, gap = per_class(levels, a), y - a
    return torch.maximum(q * gap, (q - 1) * gap).sum()


def gaussian_nll(a, y):
    """F.gaussian_nll_loss of the variance e^v."""
    u, v = a.chunk(2)
    return F.gaussian_nll_loss(u, y, v.exp(), eps=0.0, reduction="sum")


def margin_ranking(a, y, margin):
    """F.margin_ranking_loss."""
    return F.margin_ranking_loss(*a.chunk(2), y, margin=margin, reduction="sum")


def ranknet(a):
    """The logistic loss of the differences."""
    u, v = a.chunk(2)
    return F.softplus(v - u).sum()


def triplet(a, margin):
    """F.triplet_margin_loss without the eps that it adds to the differences."""
    return F.triplet_margin_loss(*a.chunk(3), margin=margin, eps=0.0)


def contrastive(a, y, margin):
    """Contrastive loss of a distance."""
    distance = torch.linalg.vector_norm(torch.sub(*a.chunk(2)))
    return (y * distance**2 + (1 - y) * F.relu(margin - distance) ** 2) / 2


def cosine_embedding(a, y, margin):
    """F.cosine_embedding_loss."""
    u, v = a.chunk(2)
    return F.cosine_embedding_loss(u[None], v[None], y[None], margin=margin)


LOSSES = {
    "squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum"),
    "half_squared_error": lambda a, y: F.mse_loss(a, y, reduction="sum") / 2,
    "cross_entropy": cross_entropy,
    "weighted_cross_entropy": cross_entropy,
    "smoothed_cross_entropy": cross_entropy,
    "nll": nll,
    "cross_entropy_logits": logits,
    "listnet": lambda a, y: -(y * F.log_softmax(a, -1)).sum(),
    "infonce": lambda a, y, similarity_temperature: F.cross_entropy(a / similarity_temperature, y),
    "kl_divergence": lambda a, y: F.kl_div(torch.log(a), y, reduction="sum"),
    "kl_log": lambda a, y: F.kl_div(a, y, reduction="sum"),
    "reverse_kl": lambda a, y: F.kl_div(torch.log(y), a, reduction="sum"),
    "brier": lambda a, y: F.mse_loss(a, y, reduction="sum"),
    "focal": focal,
    "multi_margin": multi_margin(1),
    "squared_multi_margin": multi_margin(2),
    "crammer_singer": crammer_singer,
    "multiclass_perceptron": lambda a, y: a.max() - (a * y).sum(),
    "sparsemax_loss": sparsemax_loss,
    "multilabel_margin": multilabel_margin,
    "multilabel_soft_margin": lambda a, y: F.multilabel_soft_margin_loss(a[None], y[None]),
    "multi_quantile": multi_quantile,
    "multi_rmse": lambda a, y: F.mse_loss(a, y, reduction="sum") / 2,
    "cosine_similarity": lambda a, y: -F.cosine_similarity(a, y, dim=-1),
    "gaussian_nll": gaussian_nll,
    "margin_ranking": margin_ranking,
    "ranknet": ranknet,
    "triplet": triplet,
    "contrastive": contrastive,
    "cosine_embedding": cosine_embedding,
}

# Where PyTorch has one function for both; those of BATCHED take rows (N, K) too.
PAIRS = {
    ("identity", "cross_entropy_logits"): logits,
    ("softmax", "cross_entropy"): logits,
    ("softmax", "weighted_cross_entropy"): logits,
    ("softmax", "smoothed_cross_entropy"): logits,
    ("log_softmax", "nll"): logits,
    ("softmax", "kl_divergence"): lambda z, y: F.kl_div(F.log_softmax(z, -1), y, reduction="sum"),
}
BATCHED = (logits,)
