"""Declared accuracy: the bounds on ulp/(1+κ) that docstrings print and checks hold.

At hard targets, those a loss lists, no digit may be lost; a soft target is one more rounded number that
may lie near the prediction. A subject that a user wrote carries the bounds that were measured of it.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sympy as sp

from derive.model import ELEMENTWISE, Interval, Pair, Set, Subject, Z

QUANTITIES: Final = ("loss", "gradient", "hessian")
DEFAULT: Final = 64
LAYER: Final = 8  # of layers, in ulp of an array's largest component, in any dtype
SINGLE: Final = 1  # float32 and float16 are computed in float64 and rounded once


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The declared bound on ulp/(1+κ) in float64, at hard and at soft targets."""

    hard: float
    soft: float

    @property
    def largest(self) -> float:
        """The bound at any target."""
        return max(self.hard, self.soft)


_SQUARES: Final = ("squared_error", "half_squared_error")
_TIGHT: Final = (4, 8)


def _rows(
    names: tuple[str, ...], loss: tuple[int, int], gradient: tuple[int, int], hessian: tuple[int, int]
) -> dict[tuple[str, str], Bound]:
    """The bounds (hard, soft) of each quantity, for each of the pairs."""
    given = zip(QUANTITIES, (loss, gradient, hessian), strict=True)
    return {
        (name, quantity): Bound(hard=hard, soft=soft) for quantity, (hard, soft) in given for name in names
    }


def _squared(*activations: str) -> tuple[str, ...]:
    return tuple(f"{activation}+{loss}" for activation in activations for loss in _SQUARES)


# The pairs that people use most, and the canonical ones: they are held to less than the default.
DECLARED: Final[dict[tuple[str, str], Bound]] = {
    **_rows(
        (
            "sigmoid+bce",
            "softmax+cross_entropy",
            "log_softmax+nll",
            "identity+cross_entropy_logits",
            "identity+logistic",
            "identity+huber",
            "identity+log_cosh",
            *_squared("identity"),
            "exponential+poisson",
            "softplus",
            "log_sigmoid",
        ),
        _TIGHT,
        _TIGHT,
        _TIGHT,
    ),
    # Its slopes are quotients of more rounded blocks than the others': up to 4.9 was measured.
    **_rows(("softplus+poisson",), _TIGHT, (8, 8), (8, 8)),
    **_rows(_squared("sigmoid", "tanh", "softplus", "elu"), (16, 16), (8, 8), (16, 16)),
    **_rows(_squared("gelu", "gelu_tanh", "silu", "mish"), (32, 32), (32, 32), (32, 32)),
}

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


@dataclass(frozen=True, kw_only=True)
class Rise:
    """A bound above the default for all pairs of a kind: which they are, and why."""

    pairs: str
    quantities: tuple[str, ...]
    bound: int
    why: str


# A form that keeps these digits would have to carry the output a in two floats.
_OUTPUT: Final = "an activation that rounds outputs without a bound, and a loss that holds"
RISES: Final = {
    "e^a": Rise(
        pairs=f"{_OUTPUT} e^a",
        quantities=QUANTITIES,
        bound=1024,
        why="e^a multiplies the rounding of a by |a|, up to 745",
    ),
    "sech²": Rise(
        pairs=f"{_OUTPUT} log cosh",
        quantities=("hessian",),
        bound=512,
        why="sech²(a − y) multiplies the rounding of a by 2|a − y|, up to 745",
    ),
}

# (name, quantity, bound, why it is above the default)
EXCEPTIONS: Final[tuple[tuple[str, str, int, str], ...]] = (
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


def bound(subject: Subject | str, quantity: str) -> float:
    """The declared bound at any target for "loss", "gradient" or "hessian" of a pair or one entry."""
    return declared(subject, quantity).largest


def declared(subject: Subject | str, quantity: str) -> Bound:
    """The declared bounds, at hard and at soft targets; a subject's own before those of its name.

    Where digits are lost, they are declared outside of these stretches.
    """
    if not isinstance(subject, str):
        for row in subject.accuracy:
            if row.quantity == quantity and not row.lost:
                return Bound(hard=row.ulp, soft=row.ulp)
        named = declared(subject.name, quantity)
        rise = rise_of(subject, quantity)
        if named.largest != DEFAULT or not rise:
            return named
        return Bound(hard=rise.bound, soft=rise.bound)
    if (subject, quantity) in DECLARED:
        return DECLARED[subject, quantity]
    limits = [limit for name, what, limit, _ in EXCEPTIONS if (name, what) == (subject, quantity)]
    limit = max(limits, default=DEFAULT)
    return Bound(hard=limit, soft=limit)


def rise_of(subject: Subject, quantity: str) -> Rise | None:
    """The row of RISES that a pair of the catalogue falls under.

    None where the activation only copies z, or is bounded; a user's function is measured.
    """
    if not isinstance(subject, Pair) or subject.kind != ELEMENTWISE or subject.own:
        return None
    act, los = subject.activation, subject.loss
    if _copies(act.expr) or _bounded(act.range):
        return None
    if los.expr.has(sp.cosh):
        rise = RISES["sech²"]
    elif los.reads == "raw score" and los.expr.has(sp.exp):
        rise = RISES["e^a"]
    else:
        return None
    return rise if quantity in rise.quantities else None


def _copies(expr: Any) -> bool:
    """Whether the values of a formula are z, −z or constants, so that nothing is rounded."""
    if isinstance(expr, sp.Piecewise):
        return all(_copies(piece) for piece, _ in expr.args)
    if isinstance(expr, sp.Max | sp.Min | sp.Abs):
        return all(map(_copies, expr.args))
    return expr in (Z, -Z) or Z not in expr.free_symbols


def _bounded(outputs: Set) -> bool:
    return isinstance(outputs, Interval) and not (outputs.lo.is_infinite or outputs.hi.is_infinite)


def is_lost(subject: Subject, quantity: str, z: Any) -> Any:
    """Whether it is declared that digits of a quantity are lost at z, a number or an array of them."""
    stretches = [ends for row in subject.accuracy if row.quantity == quantity for ends in row.lost]
    return np.any([(low <= z) & (z <= high) for low, high in stretches], axis=0)


def single(subject: Subject | str, quantity: str) -> float:
    """The bound in float32: what is off by less than 2^28 ulp in float64 is off by half an ulp there."""
    off = bound(subject, quantity)
    return off if math.isinf(off) else SINGLE + math.ceil(off / 2**29 - 2**-5)


def table() -> tuple[str, ...]:
    """The names of the pairs that are held to less than the default, in order."""
    return tuple(dict.fromkeys(name for name, _ in DECLARED))


def reach(subject_name: str) -> float:
    """The size of outputs up to which the bounds of a pair are declared; infinite but for a few."""
    return REACH if subject_name in _EXPONENTIALS_BEHIND_GATES else float("inf")
