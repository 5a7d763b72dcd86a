"""The forms that a search may choose from: the same functions, their sums treated in one way or another."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import sympy as sp

from derive.model import Finite, Interval, Parameter, Set
from derive.rules.anchors import anchor
from derive.rules.branchless import Spelling, over_decay, selected

DEFAULT: Final = "anchored"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a treatment may look at besides the sum: parameters, the target's domain and its hard values."""

    parameters: tuple[Parameter, ...]
    target: Set
    hard: tuple[int, ...]

    @property
    def bounded(self) -> bool:
        """Whether no target is large."""
        return isinstance(self.target, Finite) or (
            isinstance(self.target, Interval) and bool(self.target.lo.is_finite and self.target.hi.is_finite)
        )


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """One way to write sums: its name in the committed choices, and the sentence a report shows."""

    name: str
    says: str
    apply: Callable[[sp.Expr, Setting], sp.Expr]


def _anchored(expr: sp.Expr, setting: Setting) -> sp.Expr:
    return anchor(expr, setting.parameters, setting.hard)


def _plain(expr: sp.Expr, setting: Setting) -> sp.Expr:
    return expr


def _over_decay(expr: sp.Expr, setting: Setting, expm1: bool = True, halved: bool = False) -> sp.Expr:
    """Every branch of a sum as a quotient; what is no such sum is anchored."""
    if isinstance(expr, sp.Piecewise):
        return expr.func(*((_over_decay(e, setting, expm1, halved), c) for e, c in expr.args))
    found = over_decay(expr, Spelling(expm1=expm1, halved=halved, halves=not setting.bounded))
    return found if found != expr else _anchored(expr, setting)


def _selected(expr: sp.Expr, setting: Setting) -> sp.Expr:
    """A sum with e^z by a factor 0 or 1; what is no such sum is anchored."""
    found = selected(expr)
    return found if found != expr else _anchored(expr, setting)


TREATMENTS: Final[tuple[Treatment, ...]] = (
    Treatment(name=DEFAULT, says="near a limit that cancels, the limit plus a small rest", apply=_anchored),
    Treatment(name="plain", says="sums as they stand", apply=_plain),
    Treatment(name="decay", says="a quotient in e^(-|z|) and expm1(-|z|)", apply=_over_decay),
    Treatment(
        name="decay without expm1",
        says="a quotient in e^(-|z|)",
        apply=partial(_over_decay, expm1=False),
    ),
    Treatment(
        name="decay squared",
        says="a quotient in the square of e^(-|z|/2) and expm1(-|z|)",
        apply=partial(_over_decay, halved=True),
    ),
    Treatment(name="selected", says="expm1(z) and e^z by a factor 0 or 1", apply=_selected),
)
BY_NAME: Final = {row.name: row for row in TREATMENTS}
