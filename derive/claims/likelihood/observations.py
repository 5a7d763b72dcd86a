"""From the density to the loss of n independent observations: the steps, each term dropped on its own.

What a step says of a sum over the observations is proved for its summand, which holds for each of them; the
derivations hold for every n.
"""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Product, Sum

from derive.catalogue.sets import contains
from derive.claims.likelihood.logs import PREDICTED, TARGETS, has, log_proof
from derive.claims.likelihood.origins import Match
from derive.claims.working import definition
from derive.model import (
    AS,
    I_,
    POSITIVE,
    RS,
    UNIT_OPEN,
    US,
    VS,
    YS,
    A,
    Density,
    Finite,
    Interval,
    Proof,
    Quantity,
    Set,
    Step,
    Unproved,
    Y,
)
from derive.proof import indexed, prove
from derive.rules.indexed import normal, readable

MANY = sp.Symbol("n", integer=True, positive=True)
EACH = (I_, 1, MANY)

DENSITY = Quantity(name="density", latex=r"p(y \mid a)", text="p(y | a)")
JOINT = Quantity(
    name="likelihood",
    latex=r"p(y_{1}, \ldots, y_{n} \mid a_{1}, \ldots, a_{n})",
    text="p(y_1, …, y_n | a_1, …, a_n)",
)
LOG = Quantity(name="log-likelihood", latex=rf"\log {JOINT.latex}", text=f"log {JOINT.text}")
NEGATIVE, SCALE = (Quantity(name=letter, latex=letter, text=letter) for letter in "Ec")
ONE = Finite(values=(1,))

INDEPENDENT = "the likelihood: densities of independent observations multiply"
GROWS = "the logarithm grows, so that the largest stays the largest; of a product it is a sum"
TURNED = "E is the negative log-likelihood: what is largest there is smallest here"
NUISANCE = "the part with neither a_i nor y_i in it"
DATA = "the part that only the data change"
DROPPED = "drop C_{}: it does not depend on the model, so that the minimum stays where it is"
SCALED = "a factor that is the same for all observations and predictions, and positive"
KEPT = "divide by c: the minimum stays where it is"
ADDED = "a part that does not depend on the model either"
LOSSES = "the sum of the losses L(a_i, y_i), smallest where the likelihood is largest"


def observed(summand: Expr) -> Expr:
    """A summand in a, y at observation i."""
    if not summand.has(Indexed):
        return summand.xreplace({e: IndexedBase(e, shape=(MANY,))[I_] for e in (A, Y)})
    components = {
        e: IndexedBase(e.base.label, shape=(MANY, *e.base.shape))[(I_, *e.indices)]
        for e in summand.atoms(Indexed)
        if e.base in (AS, US, VS, RS, YS)
    }
    return summand.xreplace(components)


def over_all(summand: Expr) -> Expr:
    """The sum over the n observations; n times what is the same for all."""
    if not has(summand, (*PREDICTED, *TARGETS)):
        return MANY * summand
    if summand.is_Add and summand.has(sp.Piecewise):  # SymPy would multiply the cases out
        return sp.Add(*(over_all(term) for term in summand.args))
    return Sum(observed(summand), EACH)


def steps(found: Match) -> tuple[Step, ...]:
    """The steps from the density to the sum of losses; the last one is boxed."""
    *most, last = [*_start(found), *_to_loss(found)]
    return (*most, replace(last, result=True))


def _start(found: Match) -> Iterator[Step]:
    """Density, likelihood, logarithm, sign."""
    density, whole = found.density, found.logarithm.whole
    proof = log_proof(found.mass)
    if not proof.holds:
        raise Unproved(f"no proof of the logarithm of {found.mass}")
    what = "mass" if density.discrete else "density"
    yield definition(DENSITY, f"the {what} of the {density.title}; a is {density.predicts}", found.mass)
    yield definition(JOINT, INDEPENDENT, Product(observed(found.mass), EACH), shown=r"\prod_i p(y_i | a_i)")
    yield Step(quantity=LOG, rule="logarithm", says=GROWS, expr=over_all(-whole), proof=proof)
    yield _step(found, NEGATIVE, "sign", TURNED, (whole, whole))


def _to_loss(found: Match) -> Iterator[Step]:
    """What is dropped, divided by and added, each on its own, until the loss is there."""
    log, loss = found.logarithm, found.expr
    left, rest, number = NEGATIVE, log.whole, 0
    for part, why in ((log.constant, NUISANCE), (log.data, DATA)):
        if part != 0:
            number += 1
            yield definition(_dropped(number), why, over_all(part))
            left, rest = _less(left, number), rest - part
            yield _step(found, left, "drop", DROPPED.format(number), (rest, rest))
    if found.scale != 1:
        yield definition(SCALE, SCALED, found.scale)
        left, before, rest = _divided(left), rest, divided(rest, found.scale)
        yield _step(found, left, "divide by c", KEPT, (rest, before / found.scale))
    if added := _added(found, rest):
        number += 1
        yield definition(_dropped(number), ADDED, over_all(added))
        left, rest = _less(left, number, "+"), rest + added
    if rest != loss:
        yield _step(found, left, "the loss", LOSSES, (loss, rest))


def _step(found: Match, quantity: Quantity, rule: str, says: str, sides: tuple[Expr, Expr]) -> Step:
    """A step about sums over the observations, proved for the summand."""
    summand, truth = sides
    written = [placed(side, found.density) for side in sides]
    proof = same(*written)
    if not proof.holds:
        proof = same(*(_inside(side, found.density.support) for side in written))
    if not proof.holds:
        raise Unproved(f"no proof that {summand} = {truth}")
    return Step(quantity=quantity, rule=rule, says=says, expr=over_all(summand), proof=proof)


def placed(expr: Expr, density: Density) -> Expr:
    """An expression with letters that know where they lie, in (0, ∞) or (0, 1), where the density says so."""
    if density.prediction == UNIT_OPEN:
        odds = sp.Symbol("o", positive=True)
        expr = expr.subs(A, odds / (1 + odds))
    for letter, domain in ((A, density.prediction), (Y, density.support)):
        if domain == POSITIVE:
            expr = expr.subs(letter, sp.Symbol(letter.name, positive=True))
    return expr


def _inside(expr: Expr, support: Set) -> Expr:
    """An expression at targets between 0 and the other end; where y is an end both sides are their limits."""
    inner = sp.Symbol("u", positive=True)
    if support == Finite(values=(0, 1)):
        return expr.subs(Y, inner / (1 + inner))
    return expr.subs(Y, inner) if isinstance(support, Interval) and support.lo == 0 else expr


def same(left: Expr, right: Expr) -> Proof:
    """How an equality of summands is known, of numbers or of vectors."""
    if left == right:
        return indexed.NORMAL_FORM
    if left.has(sp.Piecewise):
        return prove(left, right, at_points=False)
    try:
        return indexed.prove(left, right)
    except Unproved:
        return Proof(method="none")


def divided(expr: Expr, scale: Expr) -> Expr:
    """A sum divided term by term."""
    return sp.Add(*(term / scale for term in sp.Add.make_args(expr)))


def _added(found: Match, rest: Expr) -> Expr:
    """What the loss has besides, which no prediction changes: the difference at one prediction."""
    if same(*(placed(side, found.density) for side in (found.expr, rest))).holds:
        return sp.S.Zero
    return free_of_predictions(found.expr - rest, found.loss.prediction)


def free_of_predictions(difference: Expr, domain: Set) -> Expr:
    """What a difference is that no prediction changes: its value at one prediction, to be proved."""
    if difference.has(Indexed):
        letters = [e for e in difference.atoms(Indexed) if e.base in (AS, US, VS, RS)]
        return readable(normal(difference.xreplace(dict.fromkeys(letters, sp.S.One))))
    one = sp.S.One if contains(domain, ONE) else sp.S.Half
    positive = sp.Symbol("y", positive=True)  # so that log(1/y) is -log y
    return sp.expand_log(sp.expand(difference.subs(A, one).subs(Y, positive))).subs(positive, Y)


def _dropped(number: int) -> Quantity:
    return Quantity(name=f"C_{number}", latex=f"C_{{{number}}}", text=f"C_{number}")


def _less(left: Quantity, number: int, sign: str = "−") -> Quantity:
    ascii_sign = sign.replace("−", "-")
    return Quantity(
        name=f"{left.name} {ascii_sign} C_{number}",
        latex=f"{left.latex} {ascii_sign} C_{{{number}}}",
        text=f"{left.text} {sign} C_{number}",
    )


def _divided(left: Quantity) -> Quantity:
    inner, text = (
        (left.latex, left.text) if left == NEGATIVE else (rf"\left({left.latex}\right)", f"({left.text})")
    )
    return Quantity(name=f"({left.name})/c", latex=rf"\frac{{1}}{{c}}{inner}", text=f"{text}/c")
