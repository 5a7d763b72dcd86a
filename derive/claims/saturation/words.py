"""Numbers and what steps are about, in words, in Unicode and in LaTeX."""

import sympy as sp

from derive.claims.saturation.tails import Values
from derive.derivation.quantities import GRADIENT
from derive.model import Quantity

DIGITS = 4
SHORT = 8  # letters of a number that is read as it is


def number(value: sp.Expr) -> str:
    """A number in a sentence: as it is where it is short, else its first digits."""
    if value.is_infinite:
        return "∞" if value == sp.oo else "−∞"
    text = str(value).replace("-", "−").replace("pi", "π")
    if value.free_symbols or value.is_Rational or (len(text) <= SHORT and "*" not in text):
        return text.replace("**2", "²").replace("*", " ")
    return "≈ " + str(value.evalf(DIGITS)).replace("-", "−")


def decimal(value: sp.Expr) -> str:
    """A number in a table: all its digits where they are few, else the first four."""
    if value.is_infinite:
        return number(value)
    places = next((n for n in range(8) if (value * 10**n).is_Integer), None)
    if places is not None:
        return f"{float(value):.{places}f}".replace("-", "−")
    text = f"{float(value):.{DIGITS}g}"
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa} · 10^({int(exponent)})" if exponent else mantissa).replace("-", "−")


def with_values(values: Values) -> str:
    """What is said of parameters that were given a value."""
    return " with " + ", ".join(f"{s} = {number(v)}" for s, v in values) if values else ""


def at_target(y: sp.Expr) -> Quantity:
    """∂L/∂z for one target."""
    latex = rf"\left.{GRADIENT.latex}\right|_{{y = {y}}}"
    return Quantity(name=f"dL/dz at y = {y}", latex=latex, text=f"∂L/∂z at y = {y}")


def loss_at(y: sp.Expr) -> Quantity:
    """L for one target."""
    return Quantity(name=f"L at y = {y}", latex=rf"\left.L\right|_{{y = {y}}}", text=f"L at y = {y}")


OUTPUT = Quantity(name="a", latex="a", text="a")
