"""Functions that an expression may call: rows of the catalogue, and those of a user's file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import sympy as sp

from derive import catalogue
from derive.expression import Named
from derive.model import ELEMENTWISE, A, Activation, Loss, Parameter, Y, Z


@dataclass(frozen=True, kw_only=True)
class Functions:
    """What a file defines."""

    activations: tuple[Activation, ...] = ()
    losses: tuple[Loss, ...] = ()


NONE: Final = Functions()


def callable_by_name(functions: Functions = NONE) -> Mapping[str, Named]:
    """Every function that may be called, by its names; those of the file hide none of the catalogue."""
    own = _by_name((*functions.activations, *functions.losses))
    return {**own, **_of_catalogue()}


@cache
def _of_catalogue() -> Mapping[str, Named]:
    return _by_name((*catalogue.ACTIVATIONS, *catalogue.LOSSES))


def _by_name(rows: Iterable[Activation | Loss]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for row in rows:
        if row.kind == ELEMENTWISE and not row.inputs and not row.names and not row.selections:
            for name in (row.name, *row.aliases):
                found.setdefault(name, _named(row))
    return found


def _named(row: Activation | Loss) -> Named:
    if isinstance(row, Activation):
        return Named(
            letters=(Z,),
            places=(row.domain,),
            expr=row.expr,
            parameters=row.parameters,
            grows=_grows(row.expr),
        )
    return Named(
        letters=(A, Y),
        places=(row.prediction, row.target),
        expr=row.expr,
        parameters=row.parameters,
        grows=any(_exponential(e, A) for e in row.expr.atoms(sp.exp)),
    )


def _grows(expr: sp.Expr) -> bool:
    """Whether an exponential stands in it that no quotient or logarithm holds down."""
    tops = [expr] if not isinstance(expr, sp.Piecewise) else [e for e, _ in expr.args]
    return any(_exponential(term, Z) for top in tops for term in sp.Add.make_args(top)) and not isinstance(
        expr, sp.Piecewise
    )


def _exponential(term: sp.Expr, letter: sp.Symbol) -> bool:
    factors = sp.Mul.make_args(term)
    return any(isinstance(f, sp.exp | sp.cosh | sp.sinh) and f.has(letter) for f in factors)


def parameter(name: str, symbol: sp.Symbol, default: sp.Rational, domain, latex: str = "") -> Parameter:
    """A parameter of a function of one's own."""
    return Parameter(symbol=symbol, default=default, domain=domain, latex=latex or letter(name))


_LETTERS = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau
    phi chi psi omega"""
GREEK: Final = frozenset(_LETTERS.split())


def letter(name: str) -> str:
    """A parameter's name in LaTeX: Greek where it is, one letter as it is, others upright."""
    stem = name.rstrip("0123456789").rstrip("_")
    index = name[len(stem) :].lstrip("_")
    base = (
        rf"\{stem}"
        if stem in GREEK
        else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}".replace("_", r"\_")
    )
    return f"{base}_{{{index}}}" if index else base
