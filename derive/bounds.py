"""Declared accuracy: the bound on ulp/(1+κ) in float64 that docstrings print and checks hold."""

from typing import Final

DEFAULT: Final = 64

# Pairs in which e^(-a) follows an a that is rounded: (name, bound, |a| up to which it is).
_ROUNDED_SCORES: Final = (
    ("exponential+logistic", 1024, 745),
    ("leaky_relu+logistic", 512, 745),
    ("silu+logistic", 128, 37),
)

# Pairs in which e^(c a) follows outputs a that are rounded: their error grows with |a| without end.
_EXPONENTIALS_BEHIND_GATES: Final = tuple(
    f"{unit}+{loss}"
    for unit in ("glu", "bilinear_glu", "reglu", "geglu", "swiglu")
    for loss in ("cross_entropy_logits", "listnet", "infonce", "multilabel_soft_margin")
)
REACH: Final = 50  # |a| up to which a bound is declared for them

# (name, quantity, bound, why it is above the default)
EXCEPTIONS: Final[tuple[tuple[str, str, int, str], ...]] = (
    *(
        (
            f"{activation}+log_cosh",
            "hessian",
            512,
            "sech²(a − y) multiplies the rounding of a by 2|a − y|, up to 745",
        )
        for activation in ("leaky_relu", "elu", "softplus", "silu", "gelu", "exponential", "log_sigmoid")
    ),
    ("gelu+logistic", "hessian", 128, "beside its root two terms cancel that vary slowly there"),
    ("triplet", "loss", 16384, "two lengths, each rounded, cancel where they are nearly equal"),
    ("triplet", "hessian", 65536, "the curvatures 1/d of two lengths cancel where they are nearly equal"),
    *(
        (f"{activation}+reverse_kl", "hessian", 1024, "its terms hold log y, up to 700, with both signs")
        for activation in ("softmax", "softmax_temperature", "softmin")
    ),
    *(
        (name, quantity, 2048, f"e^a multiplies the rounding of an output a by |a|, up to {REACH}")
        for name in _EXPONENTIALS_BEHIND_GATES
        for quantity in ("loss", "gradient", "hessian")
    ),
    *(
        (name, quantity, limit, f"e^(-a) multiplies the rounding of a by a, up to {most}")
        for name, limit, most in _ROUNDED_SCORES
        for quantity in ("loss", "gradient", "hessian")
    ),
)


def bound(subject_name: str, quantity: str) -> int:
    """The declared bound for "loss", "gradient" or "hessian" of a pair, an activation or a loss."""
    limits = [limit for name, what, limit, _ in EXCEPTIONS if (name, what) == (subject_name, quantity)]
    return max(limits, default=DEFAULT)


def reach(subject_name: str) -> float:
    """The size of outputs up to which the bounds of a pair are declared; infinite but for a few."""
    return REACH if subject_name in _EXPONENTIALS_BEHIND_GATES else float("inf")
