"""What the steps of a layer's derivation are about: entries, arrays, the derivatives of the loss by them."""

from dataclasses import replace
from typing import Final

import sympy as sp
from sympy import Symbol

from derive.model import At, Quantity
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, capital, indices_of, marks_of, subscript

GREEK: Final = {"gamma": "γ", "beta": "β", "mu": "μ", "omega": "ω", "l": "ℓ", "lambda": "λ"}
SLOPE: Final = "slope in"  # what names of such quantities begin with
OVERLINE: Final = "\u0304"
LOWERED: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
RAISED: Final = str.maketrans("()0123456789", "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹")


def latex(at: At) -> str:
    """An entry in LaTeX."""
    letter = _latex_of(_name(at))
    below = subscript(indices_of(at))
    return f"{letter}_{{{below}}}" if below else letter


def _name(at: At) -> str:
    return str(getattr(base_of(at), "label", at))


def _latex_of(name: str) -> str:
    letter, number, barred = marks_of(name)
    found = r"\ell" if letter == "l" else sp.latex(Symbol(letter))
    return (rf"\bar{{{found}}}" if barred else found) + (f"^{{({number})}}" if number else "")


def text(at: At) -> str:
    """An entry in Unicode."""
    letter = letter_of(_name(at))
    below = "".join(map(spoken, indices_of(at)))
    return f"{letter}_{below}" if below else letter


def spoken(index: Symbol) -> str:
    """An index in Unicode: h₂."""
    return str(index).translate(LOWERED)


def letter_of(name: str) -> str:
    """The letter of a name: γ, x̄, w⁽²⁾."""
    letter, number, barred = marks_of(name)
    above = f"({number})".translate(RAISED) if number else ""
    return GREEK.get(letter, letter) + OVERLINE * barred + above


def _whole(at: At) -> Symbol:
    """The letter of a whole array: a capital one of a matrix."""
    return Symbol(capital(_name(at)) if len(indices_of(at)) == 2 else _name(at))


def entry(at: At) -> Quantity:
    """An entry of an array."""
    return Quantity(name=f"entry {base_of(at)}", latex=latex(at), text=text(at))


def array(at: At) -> Quantity:
    """A whole array, by one of its entries."""
    return replace(entry(at), latex=latex(_whole(at)), text=text(_whole(at)))


def slope_by_array(at: At, bar: At | None = None) -> Quantity:
    """∂L/∂X, with its letter where it has one: X̄ = ∂L/∂X."""
    return replace(slope(_whole(at), bar and _whole(bar)), name=slope(at).name)


def slope(at: At, bar: At | None = None) -> Quantity:
    """∂L/∂x_nd, with its letter where it has one: x̄_nd = ∂L/∂x_nd."""
    lead, spoken = (f"{latex(bar)} = ", f"{text(bar)} = ") if bar is not None else ("", "")
    return Quantity(
        name=f"{SLOPE} {base_of(at)}",
        latex=rf"{lead}\frac{{\partial L}}{{\partial {latex(at)}}}",
        text=f"{spoken}∂L/∂{text(at)}",
    )


def total(expr: sp.Sum) -> Quantity:
    """A sum over entries, which has a value."""
    (index, _, size), *_ = expr.limits
    front = rf"\sum_{{{sp.latex(index)}=1}}^{{{sp.latex(size)}}} "
    return Quantity(
        name=f"sum {expr}", latex=front + latex(expr.function), text=f"Σ_{index} {text(expr.function)}"
    )


def chained(sums: tuple[Symbol, ...], bar: At, at: At, of: At) -> str:
    """Σ_k g_nk ∂z_nk/∂x_nd in LaTeX."""
    front = "".join(rf"\sum_{{{subscript((i,))}=1}}^{{{sp.latex(SIZES[i])}}} " for i in sums)
    return rf"{front}{latex(bar)}\,\frac{{\partial {latex(at)}}}{{\partial {latex(of)}}}"
