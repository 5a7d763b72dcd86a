"""The reader's route for elementwise subjects: the chain rule, in steps a person can follow, each proved.

The first line for ∂L/∂z is proved against the derivative of the composed formula, that for ∂²L/∂z² against
the derivative of the gradient; the lines after them against the product with the values at kinks put in.
"""

from dataclasses import dataclass, replace

import sympy as sp

from derive.derivation import quantities as q
from derive.derivation.conventions import conventions
from derive.derivation.kinks import slope
from derive.derivation.products import Line, collected, finished, has_fraction, product, square
from derive.derivation.slopes import (
    cased,
    loss_slope,
    output_slope,
    plain_slope,
    raw_loss_slope,
    raw_output_slope,
)
from derive.heads import plain
from derive.model import (
    REALS,
    A,
    Activation,
    Derivation,
    Loss,
    Pair,
    Quantity,
    Set,
    Step,
    Subject,
    Unproved,
    Z,
    domain_of,
)
from derive.proof import Ground
from derive.proof.composed import Side, prove_composed
from derive.rules.reader import common_denominator, facing_up, shown_alike, whole
from derive.rules.stable import recognise

W, B = sp.symbols("w b", real=True)
LINE = W * q.X + B  # the pre-activation of a neuron

_LONG = 1000  # operations from which on a sum is not factored: it takes minutes, and nobody reads it

Slopes = tuple[sp.Expr, sp.Expr]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What steps are proved against: the subject's own formulas."""

    subject: Subject
    f: sp.Expr
    target: Set

    def step(self, quantity: Quantity, line: Line, truth: Side, *, at_points: bool = True) -> Step:
        """A step whose equality with `truth` is proved, or sampled; Unproved otherwise."""
        rule, says, expr = line
        domain, given = domain_of(self.subject), self.subject.parameters
        ground = Ground(target=self.target, parameters=given, domain=domain, at_points=at_points)
        proof = prove_composed(expr, truth, self.f, ground)
        if not proof.holds:
            what = f"{self.subject.name}: step {rule!r} of {quantity.text}"
            raise Unproved(f"{what} could be neither proved nor sampled")
        return Step(quantity=quantity, rule=rule, says=says, expr=expr, proof=proof)

    def composed(self, quantity: Quantity, line: tuple[str, str], named, values, truth: Side) -> Step:
        """A step that names its factors, such as ∂L/∂a · ∂a/∂z, proved away from kinks."""
        step = self.step(quantity, (*line, named.xreplace(values)), truth, at_points=False)
        return replace(step, shown=q.named_latex(named))


def _derivative(expr: sp.Expr) -> Side:
    """The derivative in z of an expression in a and z, as a function of what a is, without Dirac parts."""
    return lambda f: plain_slope(plain(expr.subs(A, f)))


def derive_elementwise(subject: Subject) -> Derivation:
    """The derivation of a pair, of an activation alone or of a loss alone."""
    steps = _steps(subject)
    first, second = [step.expr for step in steps if step.result]
    return Derivation(
        subject=subject, steps=steps, gradient=first, hessian=second, conventions=conventions(subject)
    )


def _steps(subject: Subject) -> tuple[Step, ...]:
    if isinstance(subject, Activation):
        return _activation_steps(Context(subject=subject, f=subject.expr, target=REALS), subject)
    if isinstance(subject, Loss):
        return _loss_steps(Context(subject=subject, f=A, target=subject.target), subject)
    act, los = subject.activation, subject.loss
    return _pair_steps(Context(subject=subject, f=act.expr, target=los.target), subject)


def _activation_steps(context: Context, act: Activation) -> tuple[Step, ...]:
    *before, last = _output_slope(context, act, output_slope(act, 1))
    return (*before, _boxed(last), _boxed(_output_curvature(context, act, output_slope(act, 2))))


def _loss_steps(context: Context, los: Loss) -> tuple[Step, ...]:
    steps = _loss_slope(context, los, loss_slope(los, 1)), _loss_curvature(context, los, loss_slope(los, 2))
    return tuple(_boxed(step) for step in steps)


def gradient_steps(pair: Pair) -> tuple[Step, ...]:
    """Both slopes, and the steps from their product to the gradient of an elementwise pair."""
    act, los = pair.activation, pair.loss
    context = Context(subject=pair, f=act.expr, target=los.target)
    first = loss_slope(los, 1), output_slope(act, 1)
    gradient = _gradient(context, los, first)
    return (
        _loss_slope(context, los, first[0]),
        *_output_slope(context, act, first[1]),
        *gradient[:-1],
        _boxed(gradient[-1]),
    )


def _pair_steps(context: Context, pair: Pair) -> tuple[Step, ...]:
    act, los = pair.activation, pair.loss
    first = loss_slope(los, 1), output_slope(act, 1)
    gradient = _gradient(context, los, first)
    if gradient[-1].rule == "cancel":
        second = [_from_cancelled(context, gradient[-1].expr, first[1])]
    else:
        second = _second(context, pair, first, (loss_slope(los, 2), output_slope(act, 2)))
    return (
        _loss_slope(context, los, first[0]),
        *_output_slope(context, act, first[1]),
        *gradient[:-1],
        _boxed(gradient[-1]),
        *second[:-1],
        _boxed(second[-1]),
        *_weights(context, los, gradient[-1].expr),
    )


def _boxed(step: Step) -> Step:
    return replace(step, result=True)


def _loss_slope(context: Context, los: Loss, expr: sp.Expr) -> Step:
    line = ("slope of the loss", "Differentiate the loss with respect to its prediction.", expr)
    return context.step(q.LOSS_SLOPE, line, raw_loss_slope(los, 1))


def _loss_curvature(context: Context, los: Loss, expr: sp.Expr) -> Step:
    line = ("differentiate again", "Differentiate the slope of the loss.", expr)
    return context.step(q.LOSS_CURVATURE, line, raw_loss_slope(los, 2))


def _output_slope(context: Context, act: Activation, expr: sp.Expr) -> list[Step]:
    """The activation's slope as it comes, proved by way of its stable blocks, then as a person writes it."""
    raw = raw_output_slope(act, 1)
    by_blocks = slope(recognise(cased(act)), 1, act.parameters, act.domain, act.at_kinks)[0]
    line = ("slope of the activation", "Differentiate the activation.", raw)
    steps = [context.step(q.OUTPUT_SLOPE, line, by_blocks)]
    if expr != raw:
        in_a = not expr.has(Z) or expr.has(A)
        rule = "write in a" if in_a else "name the functions"
        says = "Write the slope in terms of the output a." if in_a else "Call its parts by their names."
        steps.append(context.step(q.OUTPUT_SLOPE, (rule, says, expr), raw))
    return steps


def _output_curvature(context: Context, act: Activation, expr: sp.Expr) -> Step:
    line = ("differentiate again", "Differentiate the slope of the activation.", expr)
    return context.step(q.OUTPUT_CURVATURE, line, raw_output_slope(act, 2))


def _gradient(context: Context, los: Loss, first: Slopes) -> list[Step]:
    """Chain rule, insertion, common denominator, cancellation, result."""
    l1, a1 = first
    values = {q.L1: l1, q.A1: a1}
    chain = ("chain rule", "The loss depends on z only through a.")
    start = context.composed(q.GRADIENT, chain, q.CHAIN_RULE, values, _derivative(los.expr))
    inserted = product(l1, a1)
    lines: list[Line] = [("insert", "Insert both slopes.", inserted)]
    over_one = common_denominator(l1) if has_fraction(l1) else l1
    if over_one != l1:
        says = "Bring the slope of the loss to one denominator."
        lines.append(("common denominator", says, product(over_one, a1)))
    lines.append(finished(over_one, a1, inserted, context.subject.parameters))
    shown = [line for n, line in enumerate(lines) if n + 1 == len(lines) or lines[n + 1][0] != line[0]]
    return [start, *(context.step(q.GRADIENT, line, l1 * a1) for line in shown)]


def _second(context: Context, pair: Pair, first: Slopes, second: Slopes) -> list[Step]:
    """The second derivatives of both entries, the product rule, insertion, what is common taken out."""
    (l1, a1), (l2, a2) = first, second
    values = {q.L1: l1, q.L2: l2, q.A1: a1, q.A2: a2}
    rule = ("product rule", "The slope of the loss changes with a, that of the activation with z.")
    truth = _derivative(l1 * a1)
    start = context.composed(q.SECOND, rule, q.PRODUCT_RULE, values, truth)
    done = collected(l1, l2, a1, a2, context.subject.parameters)
    inserted = sp.Add(product(l2, square(a1)), product(l1, a2), evaluate=False)
    simple = 0 in (l2, l1, a2) or a1 == 1 or shown_alike(done, inserted) or done.has(sp.Piecewise)
    lines: list[Line] = [] if simple else [("insert", "Insert the derivatives.", inserted)]
    if simple:
        lines.append(("result", "Insert and collect the factors.", done))
    else:
        lines.append(("collect", "Take out what is common.", done))
    parts = _loss_curvature(context, pair.loss, l2), _output_curvature(context, pair.activation, a2)
    return [*parts, start, *(context.step(q.SECOND, line, start.expr) for line in lines)]


def _from_cancelled(context: Context, gradient: sp.Expr, a1: sp.Expr) -> Step:
    """The second derivative of a gradient in a and z alone: its derivative in a times a′."""
    inner = facing_up(sp.factor_terms(gradient.diff(A)))
    rest = gradient.diff(Z)
    total = inner * a1 + rest
    told = sp.factor(total) if total.count_ops() < _LONG else total
    done = facing_up(told) if rest != 0 else whole(inner, a1)
    line = ("differentiate again", "Differentiate the gradient, which depends on z through a.", done)
    return context.step(q.SECOND, line, _derivative(gradient), at_points=False)


def _weights(context: Context, los: Loss, gradient: sp.Expr) -> list[Step]:
    """∂L/∂w and ∂L/∂b for the pre-activation z = w x + b."""
    rows = ((q.WEIGHT, W, q.WEIGHT_RULE, "x"), (q.BIAS, B, q.BIAS_RULE, "1"))
    steps = []
    for quantity, by, named, factor in rows:
        line = ("weights", f"The pre-activation is z = w x + b, so its derivative by {by} is {factor}.")
        # Both sides are so many times what is known of z: x is a letter that nothing is to be known of.
        times = LINE.diff(by)
        step = context.composed(quantity, line, named / times, {q.G1: gradient}, _derivative(los.expr))
        steps.append(replace(step, expr=step.expr * times, shown=q.named_latex(named)))
    return steps
