"""Declared accuracy: the bound on ulp/(1+κ) in float64 that docstrings print and checks hold.

Names are those of a pair, or of an entry wherever it takes part.
"""

from typing import Final

DEFAULT: Final = 64

# Pairs in which e^(-a) follows an a that is rounded: (name, bound, |a| up to which it is).
_ROUNDED_SCORES: Final = (
    ("exponential+logistic", 1024, 745),
    ("leaky_relu+logistic", 512, 745),
    ("silu+logistic", 128, 37),
)

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
    *(
        (name, quantity, limit, f"e^(-a) multiplies the rounding of a by a, up to {most}")
        for name, limit, most in _ROUNDED_SCORES
        for quantity in ("loss", "gradient", "hessian")
    ),
)

# (name, bound, why) where a parameter is not at its default.
OFF_DEFAULT: Final[tuple[tuple[str, int, str], ...]] = (
    ("silu", 512, "e^(βz) multiplies the rounding of βz by |βz|, up to 745; β = 1 rounds nothing"),
)


def bound(subject_name: str, quantity: str, *, at_defaults: bool = True) -> int:
    """The declared bound for "loss", "gradient" or "hessian" of a pair, an activation or a loss."""
    names = (subject_name, *subject_name.split("+"))
    limits = [limit for name, what, limit, _ in EXCEPTIONS if what == quantity and name in names]
    if not at_defaults:
        limits += [limit for name, limit, _ in OFF_DEFAULT if name in names]
    return max(limits, default=DEFAULT)
