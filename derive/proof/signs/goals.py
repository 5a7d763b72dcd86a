"""What is to be shown, and how it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy as sp

from derive.proof.signs.form import Hypothesis
from derive.proof.signs.places import Places
from derive.proof.signs.wording import prose

DEPTH = 5  # of nested arguments
_RANKS = ("normal form", "real arithmetic", "derivative and one point", "ball arithmetic")


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is to be shown, and how many nested arguments are left.

    `zeros` are numbers at which the expression may touch 0, `origins` says what its letters are in those
    that the question was asked with, `known` gives expressions of known sign.
    """

    expr: sp.Expr
    places: Places
    strictly: bool = False
    depth: int = DEPTH
    zeros: tuple[sp.Expr, ...] = ()
    origins: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    known: tuple[Hypothesis, ...] = ()

    def spoken(self, expr: sp.Expr) -> str:
        """An expression in the letters that were given, as prose has it."""
        return prose(expr.subs(self.origins))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """By which method a goal is shown, in a sentence."""

    method: str
    how: str


Prover = Callable[[Goal], Shown | None]


def together(said: list[Shown], before: str = "") -> Shown:
    """Several arguments as one, of the least elementary method among them."""
    method = max((s.method for s in said), key=_RANKS.index)
    hows = list(dict.fromkeys(s.how for s in said))
    return Shown(method=method, how=before + "; ".join(hows))
