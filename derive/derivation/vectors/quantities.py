"""What the steps of a vector derivation are about."""

import sympy as sp
from sympy import IndexedBase, Symbol

from derive.derivation.vectors.letters import Letter
from derive.derivation.vectors.spoken import GREEK, letter
from derive.model import LS, Name, Quantity, Selection

LOSS = Quantity(name="L", latex="L", text="L")
WEIGHT = Quantity(name="dL/dw", latex=r"\frac{\partial L}{\partial w_{jd}}", text="∂L/∂w_jd")
BIAS = Quantity(name="dL/db", latex=r"\frac{\partial L}{\partial b_{j}}", text="∂L/∂b_j")


def latex(base: IndexedBase | Symbol, name: Name | None = None) -> str:
    """The LaTeX of a letter."""
    if name is not None and name.latex:
        return name.latex
    return r"\ell" if base == LS else sp.latex(base.label if isinstance(base, IndexedBase) else base)


def output(base: IndexedBase) -> Quantity:
    """The component j of the output."""
    return Quantity(name="output", latex=f"{latex(base)}_{{j}}", text=f"{letter(base)}_j")


def component(found: Letter) -> Quantity:
    """The component j of a letter, or i, j of a matrix."""
    base, index = found.base, "j" if len(found.base.shape) == 1 else "ij"
    text = f"{letter(base)}_{index}"
    return Quantity(name=f"letter {base.label}", latex=f"{latex(base)}_{{{index}}}", text=text)


def named(name: Name) -> Quantity:
    """The value of a name."""
    text = GREEK.get(name.symbol.name, name.symbol.name)
    return Quantity(name=f"name {name.symbol}", latex=latex(name.symbol, name), text=text)


def selected(selection: Selection) -> Quantity:
    """A selection: an indicator or an index."""
    symbol = selection.symbol
    if not isinstance(symbol, IndexedBase):
        return Quantity(
            name=f"selection {symbol}",
            latex=sp.latex(symbol).replace("k*", "k^{*}"),
            text=str(symbol),
        )
    index = "j" if len(symbol.shape) == 1 else "ij"
    text = f"{letter(symbol)}_{index}"
    return Quantity(
        name=f"selection {symbol.label}",
        latex=f"{latex(symbol)}_{{{index}}}",
        text=text,
    )


def slope_of_name(name: Name, by: IndexedBase) -> Quantity:
    """∂n/∂z_j."""
    top = named(name)
    below = f"{latex(by)}_{{j}}"
    return Quantity(
        name=f"d{name.symbol}/d{by.label}",
        latex=rf"\frac{{\partial {top.latex}}}{{\partial {below}}}",
        text=f"∂{top.text}/∂{letter(by)}_j",
    )


def loss_slope(by: IndexedBase, index: str = "j", name: str = "") -> Quantity:
    """∂L/∂z_j."""
    return Quantity(
        name=f"dL/d{name or by.label}",
        latex=rf"\frac{{\partial L}}{{\partial {latex(by)}_{{{index}}}}}",
        text=f"∂L/∂{letter(by)}_{index}",
    )


def jacobian(of: IndexedBase, by: IndexedBase) -> Quantity:
    """∂a_k/∂z_j."""
    return Quantity(
        name=f"da/d{by.label}",
        latex=rf"\frac{{\partial {latex(of)}_{{k}}}}{{\partial {latex(by)}_{{j}}}}",
        text=f"∂{letter(of)}_k/∂{letter(by)}_j",
    )


def _twice(top: str, first: IndexedBase, second: IndexedBase) -> str:
    if first == second:
        return f"d2{top}/d{first.label}2"
    return f"d2{top}/d{first.label}d{second.label}"


def loss_bend(first: IndexedBase, second: IndexedBase) -> Quantity:
    """∂²L/∂u_i∂v_j."""
    below = rf"\partial {latex(first)}_{{i}}\,\partial {latex(second)}_{{j}}"
    return Quantity(
        name=_twice("L", first, second),
        latex=rf"\frac{{\partial^{{2}} L}}{{{below}}}",
        text=f"∂²L/∂{letter(first)}_i∂{letter(second)}_j",
    )


def output_bend(of: IndexedBase, first: IndexedBase, second: IndexedBase) -> Quantity:
    """∂²a_k/∂u_i∂v_j."""
    below = rf"\partial {latex(first)}_{{i}}\,\partial {latex(second)}_{{j}}"
    return Quantity(
        name=_twice("a", first, second),
        latex=rf"\frac{{\partial^{{2}} {latex(of)}_{{k}}}}{{{below}}}",
        text=f"∂²{letter(of)}_k/∂{letter(first)}_i∂{letter(second)}_j",
    )


def hessian_product(blocks: tuple[IndexedBase, ...]) -> Quantity:
    """(H t)_j, or that of one block of the Hessian."""
    letters, below = "".join(str(b.label) for b in blocks), "".join(latex(b) for b in blocks)
    if not blocks:
        return Quantity(name="Hv", latex="(H t)_{j}", text="(Ht)_j")
    return Quantity(
        name=f"Hv {letters}",
        latex=rf"(H_{{{below}}}\,t)_{{j}}",
        text=f"(H_{letters} t)_j",
    )


def jacobian_product(block: IndexedBase | None, transposed: bool) -> Quantity:
    """(J t)_j or (Jᵀ t)_j."""
    below, tail = (f"_{{{latex(block)}}}", f" {block.label}") if block is not None else ("", "")
    name, up, mark = ("vJ", r"^{\top}", "ᵀ") if transposed else ("Jv", "", "")
    text = f"J_{block.label}" if block is not None else "J"
    return Quantity(name=name + tail, latex=rf"(J{below}{up}\,t)_{{j}}", text=f"({text}{mark} t)_j")


def in_vector_notation(quantity: Quantity, latex: str, text: str, matrix: bool) -> Quantity:
    """The same quantity as a vector or a matrix."""
    return Quantity(
        name=f"{quantity.name} {'matrix' if matrix else 'vector'}",
        latex=latex,
        text=text,
    )


def of_two(name: str, latex: str, text: str) -> Quantity:
    """A quantity at K = 2."""
    return Quantity(name=f"{name}, K = 2", latex=latex, text=text)
