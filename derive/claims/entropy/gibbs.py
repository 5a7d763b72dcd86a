"""Gibbs' inequality in steps: a divergence is never negative, and 0 only where both distributions agree."""

import sympy as sp
from sympy import Expr

from derive.claims.entropy.parts import ENDS, KL, LEAST, MINUS_KL, of
from derive.claims.working import equality, relation
from derive.model import PROVED, Finding, Quantity, Step

T = sp.Symbol("t", positive=True)
GAP = T - 1 - sp.log(T)
SLOPE = Quantity(
    name="slope of the gap",
    latex=r"\frac{d}{dt}\left(t - 1 - \log t\right)",
    text="d(t − 1 − log t)/dt",
)
AT_ONE = Quantity(name="gap at 1", latex=r"1 - 1 - \log 1", text="t − 1 − log t at t = 1")
LOG = Quantity(name="log t", latex=r"\log t", text="log t")


def tangent() -> tuple[Step, ...]:
    """log t ≤ t − 1, with equality at t = 1 only."""
    slope = ("derivative", "its sign is that of t − 1, since t > 0", (T - 1) / T)
    value = ("one point", "at t = 1 both sides agree", sp.S.Zero)
    says = "t − 1 − log t falls before t = 1 and grows after it: it is 0 at t = 1 and positive elsewhere"
    return (
        equality(SLOPE, slope, GAP.diff(T)),
        equality(AT_ONE, value, GAP.subs(T, 1)),
        relation(LOG, "≤", ("tangent", says, T - 1), "rule"),
    )


def gibbs(rows: tuple[Step, Expr, Step], who: str, name: str = "a") -> Finding:
    """The inequality; `rows`: −KL with its logarithms turned, its bound by log t ≤ t − 1, that this is 0."""
    turned, bound, nothing = rows
    upper = (
        f"log t ≤ t − 1 with t = {name}/y, equality only at t = 1; a term with y = 0 stands for 0 ≤ {name}"
    )
    steps = (
        *tangent(),
        turned,
        relation(of(MINUS_KL, name), "≤", ("tangent", upper, bound), "rule"),
        nothing,
        relation(
            KL, "≥", ("Gibbs' inequality", f"equality only where {name} = y", sp.S.Zero), "rule", result=True
        ),
    )
    says = f"{who} is least where {name} = y, and only there: KL(y‖{name}) ≥ 0"
    how = f"Gibbs' inequality, by log t ≤ t − 1; {ENDS}"
    return Finding(name=LEAST, says=says, outcome=PROVED, how=how, steps=steps)
