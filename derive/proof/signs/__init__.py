"""Whether an expression is ≥ 0, or > 0, wherever its letters lie: proved, refuted, or undecided."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from derive.model import Outcome, Set


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is known of the sign of an expression.

    `method` is one of `Proof`'s; `how` says in a sentence by which means it is known, or why it is not.
    `witness` gives exact values of the letters at which the expression is negative (or not positive), and
    `value` is the exact value there.
    """

    outcome: Outcome
    method: str
    how: str
    witness: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    value: sp.Expr | None = None


def nonnegative(expr: sp.Expr, places: Mapping[sp.Symbol, Set], *, strictly: bool = False) -> Decision:
    """Whether `expr` ≥ 0 (> 0 if `strictly`) for all values of its letters in their places."""
    raise NotImplementedError
