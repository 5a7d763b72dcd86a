"""Names, quantities and the table of surprise."""

from dataclasses import replace

import sympy as sp

from derive.claims.working import definition, equality
from derive.model import PROVED, Finding, Quantity, Table

SPLIT, SLOPE, LEAST, TWO, BITS = (
    "entropy plus divergence",
    "the gradient of the divergence",
    "least where a = y",
    "two classes as one number",
    "bits and nats",
)
SPLIT_SAYS = "the loss is H(y) + KL(y‖a), up to what does not depend on a"
TURN = "the logarithms turned over; a term with y = 0 is 0 as before"
ENDS = "0 · log 0 counts as 0, its limit"

LOSS = Quantity(name="L", latex="L", text="L")
ENTROPY = Quantity(name="H", latex="H(y)", text="H(y)")
KL = Quantity(name="KL", latex=r"\mathrm{KL}(y \Vert a)", text="KL(y‖a)")
MINUS_KL = Quantity(name="-KL", latex=r"-\mathrm{KL}(y \Vert a)", text="−KL(y‖a)")
REST = Quantity(name="L - KL", latex=r"L - \mathrm{KL}(y \Vert a)", text="L − KL(y‖a)")
KL_SLOPE = Quantity(
    name="dKL/da", latex=r"\frac{\partial}{\partial a} \mathrm{KL}(y \Vert a)", text="∂KL(y‖a)/∂a"
)
DRIFT = Quantity(
    name="slope of L - KL",
    latex=r"\frac{\partial}{\partial a} \left(L - \mathrm{KL}(y \Vert a)\right)",
    text="∂(L − KL)/∂a",
)
SURPRISE = Quantity(name="surprise", latex=r"-\log_{2} p", text="surprise in bits")
HALVES = Quantity(name="surprise of 1/2", latex=r"-\log_{2} \tfrac{1}{2}", text="surprise of p = 1/2 in bits")


def of(quantity: Quantity, letter: str) -> Quantity:
    """The same with another letter for the prediction."""
    latex = quantity.latex.replace(r"\Vert a", rf"\Vert {letter}")
    return replace(quantity, latex=latex, text=quantity.text.replace("‖a", f"‖{letter}"))


CHANCE = sp.Symbol("p", positive=True)
CHANCES = (
    sp.S.One, sp.Rational(9, 10), sp.Rational(1, 2), sp.Rational(1, 4), sp.Rational(1, 10),
    sp.Rational(1, 100), sp.Rational(1, 1000),
)  # fmt: skip
_DIGITS = 4


def bits() -> Finding:
    """What a bit is."""
    says = "in bits the loss is the one in nats divided by log 2, and so is its gradient"
    line = ("normal form", "a fair coin surprises by one bit", sp.S.One)
    steps = (
        definition(SURPRISE, "the logarithm to the base 2", -sp.log(CHANCE) / sp.log(2)),
        equality(HALVES, line, -sp.log(sp.Rational(1, 2)) / sp.log(2)),
    )
    return Finding(name=BITS, says=says, outcome=PROVED, how="log to the base 2 is log / log 2", steps=steps)


def surprise() -> Table:
    """What a true class of probability p costs, in nats and in bits."""
    rows = tuple((p, -sp.log(p), _decimal(-sp.log(p)), _decimal(-sp.log(p) / sp.log(2))) for p in CHANCES)
    head = ("probability p of what came true", "surprise −log p", "in nats", "in bits")
    return Table(title="Surprise", head=head, rows=rows)


def _decimal(value: sp.Expr) -> str:
    return f"{float(sp.N(value, 30)):.{_DIGITS - 1}f}"
