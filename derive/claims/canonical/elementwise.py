"""What is found of an elementwise pair: the variance function, the factor a′/V, and what they say."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from derive.claims.claim import Found, found
from derive.claims.matching import matching_finding
from derive.claims.places import points_of, proof_of
from derive.claims.ratio import Factor, factor
from derive.claims.variance import Variance, variance
from derive.derivation import quantities as q
from derive.derivation.slopes import raw_loss_slope, raw_output_slope
from derive.model import (
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Finding,
    Pair,
    Proof,
    Quantity,
    Step,
    Table,
    Witness,
    Y,
    Z,
)
from derive.rules.reader import shown_alike, whole

VARIANCE = Quantity(name="V(a)", latex="V(a)", text="V(a)")
FACTOR = Quantity(name="a'/V", latex=r"\frac{a'(z)}{V(a)}", text="a′(z)/V(a)")
CHANGE = Quantity(name="change of a'/V", latex=r"g(z_{2}) - g(z_{1})", text="g(z_2) - g(z_1)")
PRODUCT = r"(a - y)\,\frac{a'(z)}{V(a)}"
SAYS = "∂L/∂z is a constant times a − y"
ONE, TWO = sp.symbols("z_1 z_2", real=True)


def elementwise(pair: Pair) -> Found:
    """The findings about an elementwise pair."""
    spread = variance(pair.loss)
    if spread.value is None:
        return found([*_without(pair, spread), matching_finding(pair.activation)])
    ratio = factor(pair.activation, spread.value, pair.parameters)
    findings = [_canonical(pair, spread, ratio), _exactly(pair, ratio), matching_finding(pair.activation)]
    return found(findings, [_table(ratio)] if ratio.points else ())


def _without(pair: Pair, spread: Variance) -> list[Finding]:
    """What is said where the slope of the loss is not (a − y)/V(a)."""
    if not spread.targets:
        how = "whether ∂L/∂a is (a − y)/V(a) with a V that is free of y was not decided"
        return [Finding(name="canonical", says=SAYS, outcome=UNDECIDED, how=how)]
    (one, other), (first, second) = spread.targets, spread.slopes
    how = (
        f"no V(a) has ∂L/∂a = (a − y)/V(a): at a = {spread.a} the slope is {_short(first)} for y = {one} and "
        f"{_short(second)} for y = {other}, which is not in proportion to a − y{_with(spread)}"
    )
    return [Finding(name="canonical", says=SAYS, outcome=NOT_APPLICABLE, how=how)]


def _with(spread: Variance) -> str:
    """Which values the parameters of the loss have there."""
    named = ", ".join(f"{s} = {v}" for s, v in spread.at)
    return f", where {named}" if named else ""


def _short(value: sp.Expr) -> str:
    return str(value).replace("-", "−") if value.is_Rational or value.free_symbols else f"{float(value):.6g}"


def _canonical(pair: Pair, spread: Variance, ratio: Factor) -> Finding:
    """The claim itself: the factor is a constant, or two points at which it is not."""
    steps = tuple(_steps(pair, spread, ratio))
    if not all(step.proof.holds for step in steps):
        return Finding(name="canonical", says=SAYS, outcome=UNDECIDED, how="a step of it was not proved")
    if ratio.constant is not None:
        says, how = _constant_says(ratio.constant), "a′(z)/V(a) is a constant, by normal form"
        return Finding(
            name="canonical", says=says, outcome=PROVED, how=how, steps=steps, value=ratio.constant
        )
    if not ratio.points:
        how = "whether a′(z)/V(a) is a constant was not decided"
        return Finding(name="canonical", says=SAYS, outcome=UNDECIDED, how=how, steps=steps)
    one, two = ratio.points
    return Finding(
        name="canonical",
        says=SAYS,
        outcome=REFUTED,
        how=f"with g = a′(z)/V(a), g({one}) and g({two}) differ{_at_defaults(pair)}",
        steps=steps,
        witness=Witness(
            at=((str(ONE), one), (str(TWO), two)), quantity=CHANGE, value=ratio.values[1] - ratio.values[0]
        ),
    )


def _constant_says(constant: sp.Expr) -> str:
    if constant == 1:
        return "∂L/∂z = a − y: the loss is canonical for the activation"
    if constant == -1:
        return "∂L/∂z = y − a: the loss is canonical for the activation but for the sign of z"
    return f"∂L/∂z = {_short(constant)} (a − y): the loss is canonical for the activation up to this constant"


def _at_defaults(pair: Pair) -> str:
    """Which values the parameters of a witness have."""
    named = ", ".join(f"{p.name} = {p.default}" for p in pair.parameters)
    return f", where {named}" if named else ""


def _exactly(pair: Pair, ratio: Factor) -> Finding:
    """Whether the factor is 1."""
    says = "∂L/∂z = a − y"
    if ratio.constant == 1:
        return Finding(name="exactly canonical", says=says, outcome=PROVED, how="a′(z) = V(a)")
    if ratio.constant is not None:
        at, value = points_of(pair.activation.domain)[0], ratio.constant
    elif ratio.points:
        at, value = next((z, v) for z, v in zip(ratio.points, ratio.values, strict=True) if v != 1)
    else:
        how = "whether a′(z) = V(a) was not decided"
        return Finding(name="exactly canonical", says=says, outcome=UNDECIDED, how=how)
    witness = Witness(at=((str(Z), at),), quantity=FACTOR, value=value)
    how = f"the factor a′(z)/V(a) is not 1{_at_defaults(pair)}"
    return Finding(name="exactly canonical", says=says, outcome=REFUTED, how=how, witness=witness)


def _steps(pair: Pair, spread: Variance, ratio: Factor) -> Iterator[Step]:
    """From the slopes of both entries to ∂L/∂z as a factor times a − y."""
    act, los, v = pair.activation, pair.loss, spread.value or sp.S.One
    raw_loss, raw_act = raw_loss_slope(los, 1), raw_output_slope(act, 1)
    says = "Differentiate the loss with respect to its prediction."
    yield _step(pair, q.LOSS_SLOPE, ("slope of the loss", says, spread.slope), raw_loss)
    says, over = "Write it as a − y over V(a), which is free of y.", whole(1 / v, A - Y)
    if not shown_alike(over, spread.slope):
        yield _step(pair, q.LOSS_SLOPE, ("variance function", says, over), raw_loss)
    yield Step(
        quantity=VARIANCE,
        rule="variance function",
        says="What a − y is divided by; of an exponential family the variance at mean a.",
        expr=v,
        proof=_proof(pair, v * raw_loss, A - Y),
    )
    says = "Differentiate the activation."
    yield _step(pair, q.OUTPUT_SLOPE, ("slope of the activation", says, ratio.slope), raw_act)
    says = "The loss depends on z only through a."
    chain = _step(pair, q.GRADIENT, ("chain rule", says, (A - Y) * ratio.value), raw_loss * raw_act)
    yield replace(chain, shown=PRODUCT)
    for rule, says, expr in _factor_lines(ratio):
        yield _step(pair, FACTOR, (rule, says, expr), raw_act / v)
    last = ratio.value if ratio.constant is None else ratio.constant
    done = ("result", "Put the factor in.", whole(last, A - Y))
    yield replace(_step(pair, q.GRADIENT, done, raw_loss * raw_act), result=True)


def _factor_lines(ratio: Factor) -> Iterator[tuple[str, str, sp.Expr]]:
    """The factor as inserted, in lowest terms, and as the number that it is."""
    yield "insert", "Insert the slope of the activation and V(a).", ratio.inserted
    if not shown_alike(ratio.inserted, ratio.value):
        yield "cancel", "Cancel what both have in common.", ratio.value
    if ratio.constant not in (None, ratio.value):
        yield "insert", "Insert a = f(z).", ratio.constant


def _step(pair: Pair, quantity: Quantity, line: tuple[str, str, sp.Expr], truth: sp.Expr) -> Step:
    rule, says, expr = line
    return Step(quantity=quantity, rule=rule, says=says, expr=expr, proof=_proof(pair, expr, truth))


def _proof(pair: Pair, left: sp.Expr, right: sp.Expr) -> Proof:
    """How left = right is known of the pair; of the loss alone where z does not occur."""
    act, los = pair.activation, pair.loss
    if left.has(Z) or right.has(Z):
        left, right = left.subs(A, act.expr), right.subs(A, act.expr)
    return proof_of(left, right, act.domain, los.target, pair.parameters)


def _table(ratio: Factor) -> Table:
    """The factor at the two points."""
    rows = tuple(zip(ratio.points, ratio.values, strict=True))
    return Table(title="The factor a′(z)/V(a) at two points", head=("z", "a′(z)/V(a)"), rows=rows)
