"""Declared accuracy: the bound on ulp/(1+κ) in float64 that docstrings print and checks hold."""

from typing import Final

DEFAULT: Final = 64

# (name of the subject, quantity, bound, why it is above the default)
EXCEPTIONS: Final[tuple[tuple[str, str, int, str], ...]] = ()


def bound(subject_name: str, quantity: str) -> int:
    """The declared bound for "loss", "gradient" or "hessian" of a pair, an activation or a loss."""
    found = [limit for name, what, limit, _ in EXCEPTIONS if (name, what) == (subject_name, quantity)]
    return found[0] if found else DEFAULT
