"""The operations of a graph, one row each: their NumPy ufunc, and what they cost.

Costs are nanoseconds an element in float64 with AVX-512, in blocks that stay in the cache: a fixed table,
so that a choice between forms does not depend on a clock (benchmarks/operations.py measures them).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A float operation; `truth` where its result is a truth value, `swaps` where its arguments commute."""

    name: str
    ufunc: np.ufunc
    cost: float
    truth: bool = False
    swaps: bool = False

    @property
    def numpy(self) -> str:
        """Its name in emitted NumPy code."""
        return (
            f"special.{self.name}"
            if hasattr(special, self.name) and self.name in SCIPY
            else f"np.{self.name}"
        )


SCIPY: Final = frozenset({"erf", "erfc", "erfcx", "log_ndtr", "ndtr"})


def _row(name: str, cost: float, **more: bool) -> Operation:
    return Operation(name=name, ufunc=getattr(special if name in SCIPY else np, name), cost=cost, **more)


_ROWS: Final = (
    _row("add", 0.32, swaps=True),
    _row("subtract", 0.32),
    _row("multiply", 0.32, swaps=True),
    _row("divide", 0.43),
    _row("negative", 0.24),
    _row("abs", 0.24),
    _row("sign", 0.66),
    _row("maximum", 0.32, swaps=True),
    _row("minimum", 0.32, swaps=True),
    _row("fmax", 0.32, swaps=True),
    _row("fmin", 0.32, swaps=True),
    _row("copysign", 0.66),
    _row("rint", 0.24),
    _row("floor", 0.24),
    _row("sqrt", 1.2),
    _row("exp", 0.87),
    _row("expm1", 1.2),
    _row("log", 0.9),
    _row("log1p", 1.1),
    _row("tanh", 1.8),
    _row("sinh", 1.25),
    _row("cosh", 1.0),
    _row("arctan", 1.5),
    _row("sin", 8.8),
    _row("cos", 8.8),
    _row("power", 2.4),
    _row("erf", 11.0),
    _row("erfc", 11.0),
    _row("erfcx", 18.0),
    _row("ndtr", 11.0),
    _row("log_ndtr", 22.0),
    _row("less", 0.55, truth=True),
    _row("less_equal", 0.55, truth=True),
    _row("greater", 0.55, truth=True),
    _row("greater_equal", 0.55, truth=True),
    _row("equal", 0.55, truth=True, swaps=True),
    _row("not_equal", 0.55, truth=True, swaps=True),
    _row("isfinite", 0.2, truth=True),
    _row("isinf", 0.2, truth=True),
    _row("isnan", 0.2, truth=True),
    _row("logical_and", 0.1, truth=True, swaps=True),
    _row("logical_or", 0.1, truth=True, swaps=True),
    _row("logical_not", 0.1, truth=True),
)
OPERATIONS: Final = {row.name: row for row in _ROWS}
# A choice between two values is no ufunc; in NumPy it is a copy and a masked copy.
WHERE: Final = "where"
WHERE_COST: Final = 2.4
BY_UFUNC: Final = {row.ufunc: row.name for row in _ROWS} | {
    np.bitwise_and: "logical_and",
    np.bitwise_or: "logical_or",
    np.invert: "logical_not",
}
