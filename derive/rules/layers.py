"""The letters of a layer's derivatives: x̄ is ∂L/∂x, and g that of the output."""

import sympy as sp
from sympy import IndexedBase, Symbol

from derive.model import At

BAR = "bar"


def base_of(at: At) -> IndexedBase | Symbol:
    """The letter of an entry."""
    return at.base if isinstance(at, sp.Indexed) else at


def indices_of(at: At) -> tuple[Symbol, ...]:
    """The indices of an entry; of a number there are none."""
    return at.indices if isinstance(at, sp.Indexed) else ()


def cotangent(base: IndexedBase | Symbol) -> IndexedBase | Symbol:
    """The letter of the derivative of the loss by all entries of an array."""
    if isinstance(base, IndexedBase):
        return IndexedBase(Symbol(base.label.name + BAR, real=True), shape=base.shape)
    return Symbol(base.name + BAR, real=True)


def of_output(base: IndexedBase | Symbol) -> IndexedBase | Symbol:
    """The letter g of the derivative by the output, which is handed to a layer from behind."""
    if isinstance(base, IndexedBase):
        return IndexedBase(Symbol("g", real=True), shape=base.shape)
    return Symbol("g", real=True)


def entry(base: IndexedBase | Symbol, indices: tuple) -> At:
    """An entry of an array, or the number itself."""
    return base[indices] if isinstance(base, IndexedBase) else base
