"""What the engine of signs returns."""

from dataclasses import dataclass

import sympy as sp

from derive.model import Outcome

Point = tuple[tuple[sp.Symbol, sp.Expr], ...]


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
    witness: Point = ()
    value: sp.Expr | None = None
