"""Densities of a target given what a model predicts."""

from dataclasses import dataclass
from typing import Final

import sympy as sp

from derive.model.catalogued import ELEMENTWISE, Kind, Known, Parameter
from derive.model.domains import Set
from derive.model.symbols import K

THETA: Final = sp.Symbol("theta", real=True)
THETAS: Final = sp.IndexedBase(THETA, shape=(K,))


@dataclass(frozen=True, kw_only=True)
class Family:
    """The parts of a density exp((yθ − b(θ))/φ + c(y, φ)): θ in a, the cumulant b in THETA, φ.

    Of vectors yθ is Σ_k y_k θ_k; `natural` is component k, the cumulant is in THETAS.
    """

    natural: sp.Expr
    cumulant: sp.Expr
    dispersion: sp.Expr


@dataclass(frozen=True, kw_only=True)
class Density:
    """p(y | a), a density in y, or a mass where y is `discrete`: whole, if `support` is an interval.

    `predicts` says what the model's a is. Of vectors `mass` is a product over k in components a_k, y_k, and
    `known` values stand for K = 3. A known value is log p at (a, y).
    """

    name: str
    title: str
    mass: sp.Expr
    support: Set
    prediction: Set
    predicts: str
    source: str
    known: tuple[Known, ...]
    discrete: bool = False
    kind: Kind = ELEMENTWISE
    nuisance: tuple[Parameter, ...] = ()
    family: Family | None = None
