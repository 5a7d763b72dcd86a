"""PyTorch's own functions of the elementwise entries, by name, elementwise and at default parameters.

What is not here is written out from the entry's formula.
"""

import torch
from torch.nn import functional as F

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "mish": F.mish,
    "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
    "exponential": torch.exp,
    "log_sigmoid": F.logsigmoid,
}

LOSSES = {
    "squared_error": lambda a, y: F.mse_loss(a, y, reduction="none"),
    "half_squared_error": lambda a, y: F.mse_loss(a, y, reduction="none") / 2,
    "absolute_error": lambda a, y: F.l1_loss(a, y, reduction="none"),
    "huber": lambda a, y: F.huber_loss(a, y, reduction="none"),
    "bce": lambda a, y: F.binary_cross_entropy(a, y, reduction="none"),
    "hinge": lambda a, y: F.relu(1 - y * a),
    "logistic": lambda a, y: F.soft_margin_loss(a, y, reduction="none"),
    "poisson": lambda a, y: F.poisson_nll_loss(a, y, log_input=False, eps=0.0, reduction="none"),
}

# Where PyTorch has one function for both.
PAIRS = {
    ("sigmoid", "bce"): lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none"),
    ("exponential", "poisson"): lambda z, y: F.poisson_nll_loss(z, y, log_input=True, reduction="none"),
}
