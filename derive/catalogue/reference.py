"""The reference pairs: those whose results are committed in output/, by the names of their entries.

They are what a newcomer looks up first. A pair with its link applied twice is never among them.
"""

REGRESSION = ("squared_error", "half_squared_error")

REFERENCE: tuple[tuple[str, str], ...] = (
    ("sigmoid", "bce"),
    *(("sigmoid", name) for name in REGRESSION),
    ("softmax", "cross_entropy"),
    ("softmax", "half_squared_error"),
    ("softmax", "focal"),
    ("log_softmax", "nll"),
    ("identity", "cross_entropy_logits"),
    ("identity", "sparsemax_loss"),
    ("exponential", "poisson"),
    *(
        ("identity", name)
        for name in (*REGRESSION, "absolute_error", "huber", "log_cosh", "hinge", "logistic")
    ),
    *(
        (activation, name)
        for activation in ("tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu")
        for name in REGRESSION
    ),
)

# The loss of a member of the exponential family behind its canonical link: the gradient is a − y, or a
# multiple of it. A message that suggests activations names these first.
CANONICAL: tuple[tuple[str, str], ...] = (
    ("identity", "half_squared_error"),
    ("sigmoid", "bce"),
    ("exponential", "poisson"),
    ("neg_inverse", "gamma"),
    ("inverse_root", "inverse_gaussian"),
    ("negative_binomial_mean", "negative_binomial"),
    ("softmax", "cross_entropy"),
)

# The pairs for which others' accuracy was measured: benchmarks and comparisons are about these.
MEASURED: tuple[tuple[str, str], ...] = (
    ("sigmoid", "bce"),
    ("softmax", "cross_entropy"),
    *(
        (activation, "squared_error")
        for activation in ("sigmoid", "tanh", "gelu", "gelu_tanh", "silu", "mish", "softplus", "elu")
    ),
    ("identity", "logistic"),
    ("exponential", "poisson"),
    ("identity", "log_cosh"),
)
