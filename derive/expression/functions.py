"""The functions that a text may name: what they mean in those the program knows, and what they need."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import sympy as sp

from derive.model import Parameter, Set

Kind = Literal["nonzero", "nonnegative", "positive"]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What an expression needs where it is to be defined: that `expr` is nonzero, ≥ 0 or > 0."""

    kind: Kind
    expr: sp.Expr
    says: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """That `expr` lies in a set, as a function asks for its argument."""

    expr: sp.Expr
    within: Set
    says: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """A function of one's own or of the catalogue: a formula in letters, where they lie, its parameters."""

    letters: tuple[sp.Symbol, ...]
    places: tuple[Set, ...]
    expr: sp.Expr
    parameters: tuple[Parameter, ...] = ()
    grows: bool = False  # faster than any power


One = Callable[[sp.Expr], sp.Expr]


def _sigmoid(w: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-w))


def _normal(w: sp.Expr) -> sp.Expr:
    return (1 + sp.erf(w / sp.sqrt(2))) / 2


def _atanh(w: sp.Expr) -> sp.Expr:
    return sp.log((1 + w) / (1 - w)) / 2


ONE: Final[dict[str, One]] = {
    "exp": sp.exp,
    "expm1": lambda w: sp.exp(w) - 1,
    "log": sp.log,
    "log1p": lambda w: sp.log(1 + w),
    "log2": lambda w: sp.log(w) / sp.log(2),
    "log10": lambda w: sp.log(w) / sp.log(10),
    "sqrt": sp.sqrt,
    "square": lambda w: w**2,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": lambda w: sp.sin(w) / sp.cos(w),
    "asin": lambda w: sp.atan(w / sp.sqrt(1 - w**2)),
    "acos": lambda w: sp.pi / 2 - sp.atan(w / sp.sqrt(1 - w**2)),
    "atan": sp.atan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "sech": lambda w: 1 / sp.cosh(w),
    "asinh": lambda w: sp.log(w + sp.sqrt(1 + w**2)),
    "atanh": _atanh,
    "sigmoid": _sigmoid,
    "logit": lambda w: sp.log(w / (1 - w)),
    "softplus": lambda w: sp.log(1 + sp.exp(w)),
    "erf": sp.erf,
    "erfc": lambda w: 1 - sp.erf(w),
    "Phi": _normal,
    "relu": lambda w: sp.Max(w, 0),
    "abs": sp.Abs,
    "sign": sp.sign,
}


def _logsumexp(*ws: sp.Expr) -> sp.Expr:
    return sp.log(sp.Add(*(sp.exp(w) for w in ws)))


# Functions of several arguments, with the least and the largest number of them; 0: as many as are allowed.
MANY: Final[dict[str, tuple[Callable[..., sp.Expr], int, int]]] = {
    "max": (sp.Max, 2, 0),
    "min": (sp.Min, 2, 0),
    "clip": (lambda w, low, high: sp.Min(sp.Max(w, low), high), 3, 3),
    "logaddexp": (_logsumexp, 2, 0),
    "pow": (lambda w, n: w**n, 2, 2),
    "xlogy": (lambda v, w: v * sp.log(w), 2, 2),
    "xlog1py": (lambda v, w: v * sp.log(1 + w), 2, 2),
}
CASE_NAMES: Final = ("where", "Piecewise")
OTHER_NAMES: Final = {
    "ln": "log",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "arcsinh": "asinh",
    "arctanh": "atanh",
    "expit": "sigmoid",
    "ndtr": "Phi",
    "fabs": "abs",
    "Abs": "abs",
    "absolute": "abs",
    "sgn": "sign",
    "Max": "max",
    "Min": "min",
    "maximum": "max",
    "minimum": "min",
    "logsumexp": "logaddexp",
    "power": "pow",
}
CONSTANTS: Final = {"pi": sp.pi, "e": sp.E}
# What functions need of their last argument w.
NEEDS: Final[dict[str, tuple[tuple[Kind, One], ...]]] = {
    "log": (("positive", lambda w: w),),
    "log1p": (("positive", lambda w: 1 + w),),
    "log2": (("positive", lambda w: w),),
    "log10": (("positive", lambda w: w),),
    "sqrt": (("nonnegative", lambda w: w),),
    "tan": (("nonzero", lambda w: sp.cos(w)),),
    "asin": (("positive", lambda w: 1 - w), ("positive", lambda w: 1 + w)),
    "acos": (("positive", lambda w: 1 - w), ("positive", lambda w: 1 + w)),
    "atanh": (("positive", lambda w: 1 - w), ("positive", lambda w: 1 + w)),
    "logit": (("positive", lambda w: w), ("positive", lambda w: 1 - w)),
    "xlogy": (("positive", lambda w: w),),
    "xlog1py": (("positive", lambda w: 1 + w),),
}
# Each a storey of a tower of exponentials, which a logarithm takes off.
GROWING: Final = frozenset(("exp", "expm1", "sinh", "cosh"))
FALLING: Final = frozenset(("log", "log1p", "log2", "log10", "logaddexp", "asinh"))


def known(name: str) -> str:
    """The function meant by a name, or ''."""
    name = OTHER_NAMES.get(name, name)
    return name if name in ONE or name in MANY or name in CASE_NAMES else ""
