"""The letters of a layer's derivatives: x̄ is ∂L/∂x, and g that of the output."""

import re

import sympy as sp
from sympy import IndexedBase, Symbol

from derive.model import AXES, At

BAR = "bar"
_OUTPUT = "g"
_INDICES = frozenset(index for axis in AXES for index in axis.indices)
_MARKED = re.compile(rf"(.+?)({BAR})?(?:\((\d+)\))?({BAR})?")


def base_of(at: At) -> IndexedBase | Symbol:
    """The letter of an entry."""
    return at.base if isinstance(at, sp.Indexed) else at


def indices_of(at: At) -> tuple[Symbol, ...]:
    """The indices of an entry; of a number there are none."""
    return at.indices if isinstance(at, sp.Indexed) else ()


def is_entry(expr: sp.Basic) -> bool:
    """Whether an expression is an entry of an array of a layer, whose indices are those of axes."""
    return isinstance(expr, sp.Indexed) and set(expr.indices) <= _INDICES


def subscript(indices: tuple[Symbol, ...]) -> str:
    """Indices side by side in LaTeX: nk, nh_{2}."""
    texts = [r"\ell" if i.name == "l" else sp.latex(i) for i in indices]
    spaced = [f"{text} " if text.startswith("\\") else text for text in texts]
    return "".join(spaced).strip()


def cotangent(base: IndexedBase | Symbol) -> IndexedBase | Symbol:
    """The letter of the derivative of the loss by all entries of an array."""
    if isinstance(base, IndexedBase):
        return IndexedBase(Symbol(base.label.name + BAR, real=True), shape=base.shape)
    return Symbol(base.name + BAR, real=True)


def of_output(base: IndexedBase | Symbol) -> IndexedBase | Symbol:
    """The letter g of the derivative by the output, which is handed to a layer from behind.

    In a network, where letters have the number of their stage, it is what the next stage hands back.
    """
    if is_numbered(base):
        return cotangent(base)
    if isinstance(base, IndexedBase):
        return IndexedBase(Symbol(_OUTPUT, real=True), shape=base.shape)
    return Symbol(_OUTPUT, real=True)


def marks_of(name: str) -> tuple[str, str, bool]:
    """The letter of a name, the number of its stage or "", and whether a bar is over it: w(2)bar."""
    found = _MARKED.fullmatch(name)
    assert found is not None  # what has no marks is a letter
    letter, before, number, behind = found.groups(default="")
    return letter, number, bool(before or behind)


def capital(name: str) -> str:
    """The name of a matrix, by that of its entries."""
    return name[0].upper() + name[1:]


def is_derivative(letter: sp.Basic) -> bool:
    """Whether a letter, or that of an entry, is the derivative of the loss by something."""
    base = letter.base if isinstance(letter, sp.Indexed) else letter
    name = str(base.label if isinstance(base, IndexedBase) else base)
    return isinstance(base, IndexedBase | Symbol) and (name == _OUTPUT or marks_of(name)[2])


def numbered(base: IndexedBase | Symbol, number: int, shape: tuple = ()) -> IndexedBase | Symbol:
    """The letter of a stage of a network: w⁽²⁾ is named w(2)."""
    symbol = base.label if isinstance(base, IndexedBase) else base
    name = Symbol(f"{symbol.name}({number})", **symbol._assumptions_orig)
    return IndexedBase(name, shape=shape or base.shape) if isinstance(base, IndexedBase) else name


def is_numbered(base: IndexedBase | Symbol) -> bool:
    """Whether a letter is that of a stage of a network."""
    return str(getattr(base, "label", base)).endswith(")")


def entry(base: IndexedBase | Symbol, indices: tuple) -> At:
    """An entry of an array, or the number itself."""
    return base[indices] if isinstance(base, IndexedBase) else base
