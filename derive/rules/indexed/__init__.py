"""The calculus of indexed sums of symbolic size: slopes, contraction of Kronecker's δ, one normal form.

SymPy knows no equality up to the names of bound indices, differentiates wrongly by an index that a
sum binds, and leaves Σ_k δ_kj f_k as a Piecewise. `normal` repairs the first and the last, `slope` the
second. Sums count from 1.
"""

from derive.rules.indexed.basics import (
    SIZES,
    apart,
    contracted,
    defined,
    delta,
    over,
    readable,
    substitute,
    written_out,
)
from derive.rules.indexed.normal import normal
from derive.rules.indexed.slopes import (
    Known,
    implicit_slope,
    names_in,
    slope,
    slope_through,
    slopes_of,
    spelled,
)
from derive.rules.indexed.table import RULES, IndexRule

__all__ = [
    "RULES",
    "SIZES",
    "IndexRule",
    "Known",
    "apart",
    "contracted",
    "defined",
    "delta",
    "implicit_slope",
    "names_in",
    "normal",
    "over",
    "readable",
    "slope",
    "slope_through",
    "slopes_of",
    "spelled",
    "substitute",
    "written_out",
]
