"""What is found of a vector activation: a loss with ∂L/∂z_j = a_j − y_j, or why there can be none.

There is one only where the Jacobian of the activation is symmetric, since second derivatives commute. It is
a loss of the catalogue, behind the activation or of z itself, or Σ y_k z_k taken from a known potential.
"""

from dataclasses import replace
from functools import lru_cache

import sympy as sp
from sympy import Indexed, exp, log

from derive.catalogue import ACTIVATIONS, LOSSES, fits
from derive.claims.convexity.vectors.concrete import EXACT, Env, at, with_names
from derive.claims.places import nonzero
from derive.derivation.vectors import ASSUMPTION, About, step, work
from derive.derivation.vectors import quantities as q
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    VECTOR,
    YS,
    ZS,
    Activation,
    Finding,
    J,
    K,
    Loss,
    N,
    Pair,
    Quantity,
    Step,
    Unproved,
    Witness,
    Z,
)
from derive.rules.indexed import over, substitute

NAME = "matching loss"
SAYS = "L = F(z) − Σ_k y_k z_k with ∂F/∂z_j = f_j has ∂L/∂z_j = a_j − y_j"
ODD = Quantity(
    name="asymmetry",
    latex=r"\frac{\partial a_{1}}{\partial z_{2}} - \frac{\partial a_{2}}{\partial z_{1}}",
    text="∂a_1/∂z_2 − ∂a_2/∂z_1",
)
POINTS = ((0, 0), (1, 0), (0, 1), (2, 1), (1, 2), (1, -1))
_SLOT = sp.Symbol("slot", integer=True)
LARGEST = 2  # the size K of a counter-example


@lru_cache(maxsize=64)
def vectors(act: Activation) -> tuple[Finding, ...]:
    """The findings about a vector activation."""
    if act.inputs:
        how = "the activation reads more vectors than it gives"
        return (Finding(name=NAME, says=SAYS, outcome=NOT_APPLICABLE, how=how),)
    if odd := _asymmetry(act):
        return (_none(odd),)
    if steps := _potential(act):
        how = "the potential is proved by its slope, for every K"
        return (Finding(name=NAME, says=SAYS, outcome=PROVED, how=how, steps=steps), *_called(act))
    called = _called(act)
    first = (replace(called[0], name=NAME, says=SAYS),) if called else (_open(act),)
    return (*first, *called)


def _none(odd: Witness) -> Finding:
    how = "second derivatives commute, so the Jacobian of a gradient is symmetric; this one is not"
    return Finding(name=NAME, says=SAYS, outcome=REFUTED, how=how, witness=odd)


def _jacobian(act: Activation) -> About:
    """∂a_j/∂z_k, and what it means."""
    made = work(act)
    return made.about(q.jacobian(ZS, ZS), made.slope(act.expr, ZS[N]))


def _asymmetry(act: Activation) -> Witness | None:
    """A point at which the Jacobian of two components is certainly not symmetric."""
    slope = _jacobian(act).means
    values: Env = {p.symbol: p.default for p in act.parameters}
    for z in POINTS:
        env = {**values, ZS: [sp.Integer(v) for v in z], K: sp.Integer(LARGEST)}
        try:
            env = with_names(env, act, EXACT)
            one, two = (at(slope, {**env, J: j, N: 3 - j}, EXACT) for j in (1, 2))
        except (ArithmeticError, TypeError, ValueError, KeyError):
            continue
        difference = sp.cancel(one - two)
        if difference != 0 and difference.is_finite and nonzero(difference, {Z: sp.S.Zero}):
            return Witness(at=(("z", sp.Tuple(*env[ZS])),), quantity=ODD, value=difference)
    return None


def _potentials(act: Activation) -> list[sp.Expr]:
    """Functions whose gradients are activations, in the activation's own parameters and names."""
    temperatures = [p.symbol for p in act.parameters]
    lengths = [name.symbol for name in act.names]
    rates = [sp.S.One, sp.S.NegativeOne, *(1 / t for t in temperatures)]
    return [*(log(over(exp(rate * ZS[N]))) / rate for rate in rates), *lengths, over(ZS[N] ** 2) / 2]


def _potential(act: Activation) -> tuple[Step, ...]:
    """∂L/∂z_j as it is asked for, and the loss of a potential of the table that has it."""
    made = work(act)
    for big in _potentials(act):
        about = About(quantity=q.loss_slope(ZS), means=made.slope(big, ZS[J]), found=made.found)
        try:
            back = step(about, "differentiate", "The slope of this loss is f_j(z) − y_j.", act.expr)
        except (Unproved, TypeError):
            continue
        loss = big - over(YS[N] * ZS[N])
        asked = Step(
            quantity=q.LOSS,
            rule="integrate",
            says="Integrate over every component; y does not depend on z.",
            expr=loss,
            proof=back.proof,
            result=True,
        )
        return asked, replace(back, expr=act.expr - YS[J])
    return ()


def _called(act: Activation) -> tuple[Finding, ...]:
    """The loss of the catalogue that has the slope a_j − y_j, behind the activation or of z itself."""
    behind = fitting_loss(act)
    if behind is not None:
        los, scale, how = behind
        share = {1: "", -1: " with the opposite sign"}.get(scale, f" divided by {scale}")
        says = f"the matching loss is {los.title}{share}, behind the activation"
        return (Finding(name="catalogue loss", says=says, outcome=PROVED, how=how),)
    for los in LOSSES:
        of_scores = los.kind == VECTOR and not los.inputs and los.reads == "raw score"
        if of_scores and (proof := _of_scores(act, los)):
            return (_named(f"the matching loss is {los.title}, of z itself", proof),)
    return ()


def fitting_loss(act: Activation) -> tuple[Loss, sp.Expr, str] | None:
    """The first loss of probabilities with ∂L/∂z_j = c (a_j − y_j) behind the activation, c, and how."""
    from derive.claims.canonical.vectors import canonical  # which asks for the finding of this module

    for los in LOSSES:
        if los.kind == VECTOR and los.reads == "probability" and fits(act, los):
            found = canonical(Pair(activation=act, loss=los))[0]
            if found.outcome == PROVED and found.value is not None:
                return los, found.value, found.how
    return None


def _named(says: str, steps: tuple[Step, ...]) -> Finding:
    how = f"its slope is a_j − y_j, by normal form, for every K{_under(steps)}"
    return Finding(name="catalogue loss", says=says, outcome=PROVED, how=how, steps=steps)


def _under(steps: tuple[Step, ...]) -> str:
    return f", under the assumption {ASSUMPTION}" if any(ASSUMPTION in s.says for s in steps) else ""


def _of_scores(act: Activation, los: Loss) -> tuple[Step, ...]:
    """∂L/∂z_j of a loss of z itself as f_j(z) − y_j."""
    identity = next(row for row in ACTIVATIONS if row.expr == Z and row.domain == REALS)
    made = work(Pair(activation=identity, loss=los))
    renamed = _in_letters(act, made.found)
    if renamed is None or any(p.symbol in made.found.loss.free_symbols for p in los.parameters):
        return ()
    about = made.about(q.loss_slope(ZS), made.slope(made.found.loss, ZS[J]))
    for assuming in (False, True)[: 1 + made.sums_to_one]:
        under = f", under the assumption {ASSUMPTION}" if assuming else ""
        says = f"The slope of the {los.title} of z is f_j(z) − y_j{under}."
        try:
            return (step(about, "differentiate", says, renamed - YS[J], assuming=assuming, result=True),)
        except (Unproved, TypeError):
            continue
    return ()


def _in_letters(act: Activation, found) -> sp.Expr | None:
    """The output in the letters of a loss: selections and names that mean the same."""
    expr = act.expr
    for mine in act.selections:
        same = [s for s in found.selections if (s.rule, s.power, s.of) == (mine.rule, mine.power, mine.of)]
        if not same:
            return None
        expr = _rebased(expr, mine.symbol, same[0].symbol)
    for name, other in zip(act.names, found.names, strict=False):
        expr = expr.xreplace({name.symbol: other.symbol})
    return expr if len(act.names) <= len(found.names) else None


def _rebased(expr: sp.Expr, old, new) -> sp.Expr:
    return expr.replace(lambda e: isinstance(e, Indexed) and e.base == old, lambda e: new[e.indices])


def _open(act: Activation) -> Finding:
    """What is left: a symmetric Jacobian is enough on the whole space, where it is continuous."""
    how = "no loss of the catalogue and no potential of the table has this slope"
    about = _jacobian(act)
    try:
        flipped = substitute(substitute(substitute(about.means, J, _SLOT), N, J), _SLOT, N)
        proved = step(about, "swap the indices", "The Jacobian is symmetric.", flipped)
    except (Unproved, TypeError):
        return Finding(name=NAME, says=SAYS, outcome=UNDECIDED, how=how)
    if act.domain != REALS or act.selections:
        return Finding(name=NAME, says=SAYS, outcome=UNDECIDED, how=f"the Jacobian is symmetric; {how}")
    says = "the Jacobian is symmetric on the whole space, so f is a gradient"
    return Finding(name=NAME, says=SAYS, outcome=PROVED, how=f"{says}; {how}", steps=(proved,))
