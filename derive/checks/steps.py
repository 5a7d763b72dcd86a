"""Every step is proved or sampled, and equals its quantity in balls, whatever the proof engine says."""

from collections.abc import Mapping

import flint
import sympy as sp
from flint import arb

from derive.accuracy.points import sample
from derive.accuracy.truth import Formula, formula
from derive.balls import certified, compile_ball, compose
from derive.checks.table import Check, Material, counted
from derive.model import A, Step, Verdict, Y

POINTS = 12
REACH = 6.0
DIGITS = 100  # bits of agreement
INPUT = 1.75  # of the weight that a step for dL/dw multiplies

# What a step's quantity means: which formula, and how often it is differentiated.
MEANINGS: dict[str, tuple[str, int]] = {
    "a": ("activation", 0),
    "da/dz": ("activation", 1),
    "d2a/dz2": ("activation", 2),
    "dL/da": ("loss", 1),
    "d2L/da2": ("loss", 2),
    "L": ("whole", 0),
    "dL/dz": ("whole", 1),
    "d2L/dz2": ("whole", 2),
    "dL/db": ("whole", 1),
    "dL/dw": ("whole", 1),
}


def check(material: Material) -> Verdict:
    """How many steps or forms are unproved, or differ from the entry's formula at a random point."""
    steps = material.derivation.steps
    wrong = [f"{step.quantity.text}, {step.rule}: not proved" for step in steps if not step.proof.holds]
    forms = material.program.proofs if material.program else ()
    wrong += [f"form of the {name}: not proved" for name, proof in forms if not proof.holds]
    about = formula(material.subject)
    wrong += [f"{step.quantity.text}, {step.rule}: differs" for step in steps if not agrees(about, step)]
    ends = {"gradient": (material.derivation.gradient, 1), "hessian": (material.derivation.hessian, 2)}
    wrong += [f"the {name}: differs" for name, (e, n) in ends.items() if not equals(about, e, "whole", n)]
    return counted(material, "steps", wrong)


def agrees(about: Formula, step: Step) -> bool:
    """Whether a step's right side is what its quantity means, at random points."""
    return equals(about, step.expr, *MEANINGS[step.quantity.name])


def equals(about: Formula, expr: sp.Expr, part: str, order: int) -> bool:
    """Whether `expr` in z, a, y (and the input x) is that derivative of that part of the formula."""
    known = {about.at, A, Y, *about.parameters}
    inputs = expr.free_symbols - known
    form = compile_ball(expr)
    if about.activation:
        form = compose(form, A, about.activation)
    factor = INPUT ** len(inputs)
    for z, y in sample(about, POINTS, REACH):
        env = {about.at: z, Y: y, **about.parameters, **dict.fromkeys(inputs, INPUT)}
        value = certified(form, env, about.at, 0, digits=DIGITS)[0]
        # Where |a − y| is 0 and bends nothing, its series has a slope on a side alone.
        with flint.ctx.workprec(2 * DIGITS):
            meant = [_meant(about, part, order, env, side) * factor for side in (None, 1)]
        if not any(map(value.overlaps, meant)):
            return False
    return True


def _meant(
    about: Formula, part: str, order: int, env: Mapping[sp.Symbol, float], side: int | None = None
) -> arb:
    if part == "whole" or about.activation is None:
        return certified(about.whole, env, about.at, order, digits=DIGITS)[order]
    if part == "activation" or about.loss is None:
        return certified(about.activation, env, about.at, order, digits=DIGITS)[order]
    a = certified(about.activation, env, about.at, 0, digits=2 * DIGITS)[0]
    return certified(about.loss, {**env, A: a}, A, order, digits=DIGITS, side=side)[order]


STEPS = Check(
    name="steps",
    says="each step is proved, and equals the derivative of the entry's own formula in ball arithmetic",
    run=check,
)
