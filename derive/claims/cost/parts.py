"""Quantities and sentences about the cost of a prediction."""

import sympy as sp

from derive.claims.scoring import End
from derive.derivation.vectors.spoken import spoken
from derive.model import Finding, Outcome, Quantity, Step, Witness

FREE, NONNEGATIVE, UNBOUNDED, MONOTONE, ONE_LINE = (
    "free where right",
    "nonnegative",
    "unbounded where wrong",
    "grows away from the target",
    "two cases in one line",
)
COST = Quantity(name="L", latex="L(a, y)", text="L(a, y)")
AT_TARGET = Quantity(name="L at the target", latex="L(y, y)", text="L(y, y)")
OUTWARD = Quantity(
    name="outward slope",
    latex=r"(a - y)\,\frac{\partial L}{\partial a}",
    text="(a − y) · ∂L/∂a",
)


def number(value: sp.Expr | int) -> str:
    """A number in a sentence."""
    return str(value).replace("-", "−")


def case(label: int) -> Quantity:
    """L(a, 1)."""
    return Quantity(name=f"L, y = {label}", latex=f"L(a, {label})", text=f"L(a, {number(label)})")


def case_slope(label: int) -> Quantity:
    """∂L/∂a at y = 1."""
    latex = rf"\left.\frac{{\partial L}}{{\partial a}}\right|_{{y = {label}}}"
    return Quantity(name=f"dL/da, y = {label}", latex=latex, text=f"∂L/∂a at y = {number(label)}")


def towards(label: int, end: End) -> Quantity:
    """The limit of L(a, 1) as a goes to an end."""
    return Quantity(
        name=f"L, y = {label}, a to {end.place}",
        latex=rf"\lim_{{a \to {sp.latex(end.place)}}} L(a, {label})",
        text=f"lim L(a, {number(label)}) for a → {end.text}",
    )


def finding(
    name: str,
    says: str,
    outcome: Outcome,
    how: str,
    steps: tuple[Step, ...] = (),
    witness: Witness | None = None,
) -> Finding:
    """A finding."""
    return Finding(name=name, says=says, outcome=outcome, how=how, steps=steps, witness=witness)


def said(expr: sp.Expr) -> str:
    """A short formula in a sentence."""
    return spoken(expr)
