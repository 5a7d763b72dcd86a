"""The noun: a stable block ("head"), and the SymPy function it makes.

A head is a SymPy function whose slope is again made of heads, so that whatever is differentiated
stays stable. `anchors` say where a head is better written as its limit plus a small rest:
σ(w) = 1 − σ(−w) for w > 0. `root` names the helper whose square is the head: where a head decays,
x·root·root keeps digits that x·head loses when the head is subnormal. `scaled` spells the head and its
root of a product of a parameter and z, `polynomial` those of a polynomial in z,
`between` the head of a difference z − y: where a head falls like
e^(−|w|), half an ulp of w is many ulp of the head, so the rounding of w is made good. `weighted` spells
the product of a factor c that may be 0 and a head of w that overflows; {2} is a number in w, {3} the rest.
`half` of a logarithm spells e^(±w/2), and says which sign: its powers lose no digit to the logarithm's size.
`power` spells e^(±nw) itself, {1} being n, where e^(±w/2) falls to 0 although a small power of it does not.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

One = Callable[[Expr], Expr]


@dataclass(frozen=True, kw_only=True)
class Head:
    """One stable block; `meaning` is its definition in SymPy's own functions.

    `latex` is its name, or, where it has none, the expression that readers see in its place.
    """

    name: str
    meaning: One
    slope: One
    latex: str | One
    numpy: str
    anchors: tuple[tuple[Callable[[Expr], sp.Basic], Expr, One], ...] = ()
    root: str = ""
    scaled: tuple[str, str] = ("", "")
    polynomial: tuple[str, str] = ("", "")
    between: str = ""
    weighted: str = ""
    bounded: bool = False
    half: tuple[str, int] = ("", 1)
    power: str = ""


class HeadFunction(sp.Function):
    """A head applied to an argument; it evaluates by itself only at 0."""

    nargs = 1
    _row: Head

    @classmethod
    def eval(cls, w):
        return cls._row.meaning(w) if w.is_zero else None

    def fdiff(self, argindex=1):
        return self._row.slope(self.args[0])

    def _eval_is_extended_real(self):
        return self.args[0].is_extended_real


def function(name: str) -> type[HeadFunction]:
    """A SymPy function of that name; its row follows when all rows are known."""
    return type(name, (HeadFunction,), {})


def plain(expr: sp.Expr) -> sp.Expr:
    """`expr` with every head written out in SymPy's own functions."""
    while found := expr.atoms(HeadFunction):
        expr = expr.xreplace({h: h._row.meaning(h.args[0]) for h in found})
    return expr
