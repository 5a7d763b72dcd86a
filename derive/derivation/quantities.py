"""What the steps of an elementwise derivation are about, in LaTeX and in text."""

from derive.model import Quantity


def _derivative(name: str, top: str, by: str, order: int = 1) -> Quantity:
    power = "^2" if order == 2 else ""
    sup = "²" if order == 2 else ""
    latex = rf"\frac{{\partial{power} {top}}}{{\partial {by}{power}}}"
    return Quantity(name=name, latex=latex, text=f"∂{sup}{top}/∂{by}{sup}")


LOSS_SLOPE = _derivative("dL/da", "L", "a")
LOSS_CURVATURE = _derivative("d2L/da2", "L", "a", 2)
OUTPUT_SLOPE = _derivative("da/dz", "a", "z")
OUTPUT_CURVATURE = _derivative("d2a/dz2", "a", "z", 2)
GRADIENT = _derivative("dL/dz", "L", "z")
SECOND = _derivative("d2L/dz2", "L", "z", 2)
WEIGHT = _derivative("dL/dw", "L", "w")
BIAS = _derivative("dL/db", "L", "b")


def product_latex() -> str:
    """The chain rule as a product of named factors."""
    return rf"{LOSS_SLOPE.latex}\,{OUTPUT_SLOPE.latex}"


def second_latex() -> str:
    """The chain rule for the second derivative."""
    squared = rf"\left({OUTPUT_SLOPE.latex}\right)^{{2}}"
    return rf"{LOSS_CURVATURE.latex}{squared} + {LOSS_SLOPE.latex}\,{OUTPUT_CURVATURE.latex}"
