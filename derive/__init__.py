"""From an activation and a loss to a proved derivation, its LaTeX, stable NumPy code and its checks.

>>> import derive
>>> derive.derive("sigmoid", "bce").gradient
a - y
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.api import (
        Derived,
        DerivedLayer,
        DerivedNetwork,
        Explained,
        compare,
        derive,
        explain,
        layer_names,
        legal_pairs,
        match,
        network,
        read,
        reference_pairs,
        single_names,
    )
    from derive.model import BadInput, Unproved

__all__ = [
    "BadInput",
    "Derived",
    "DerivedLayer",
    "DerivedNetwork",
    "Explained",
    "Unproved",
    "compare",
    "derive",
    "explain",
    "layer_names",
    "legal_pairs",
    "match",
    "network",
    "read",
    "reference_pairs",
    "single_names",
]

__version__ = "0.1.0"

_ERRORS = ("BadInput", "Unproved")


# Loaded on first use: importing SymPy takes longer than most commands, and `derive --help` needs none of it.
def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module("derive.model" if name in _ERRORS else "derive.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
