"""The reader's route for elementwise subjects: the chain rule, in steps a person can follow, each proved."""

from dataclasses import dataclass

import sympy as sp

from derive.derivation.conventions import conventions
from derive.derivation.kinks import slope
from derive.derivation.pieces import fold
from derive.derivation.quantities import (
    BIAS,
    GRADIENT,
    LOSS_CURVATURE,
    LOSS_SLOPE,
    OUTPUT_CURVATURE,
    OUTPUT_SLOPE,
    SECOND,
    WEIGHT,
    product_latex,
    second_latex,
)
from derive.model import (
    A,
    Activation,
    Derivation,
    Interval,
    Loss,
    Pair,
    Parameter,
    Proof,
    Quantity,
    Set,
    Step,
    Subject,
    Unproved,
    Z,
)
from derive.proof import equal, prove
from derive.rules.reader import (
    common_denominator,
    facing_up,
    grouped,
    in_output,
    polished,
    shown_alike,
    whole,
)
from derive.rules.stable import recognise

W, B, X = sp.symbols("w b x", real=True)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a step is proved against: the subject's own formulas."""

    subject: Subject
    f: sp.Expr
    target: Set

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.subject.parameters

    def step(self, quantity: Quantity, rule: str, says: str, expr, truth, shown="", result=False) -> Step:
        """A step whose equality with `truth` is proved, or sampled; Unproved otherwise."""
        proof = prove(_written_out(expr, self.f), _written_out(truth, self.f), self.target, self.parameters)
        if not proof.holds:
            raise Unproved(
                f"{self.subject.name}: step {rule!r} of {quantity.text} could be neither proved nor sampled"
            )
        return Step(
            quantity=quantity, rule=rule, says=says, expr=expr, proof=proof, shown=shown, result=result
        )


def _written_out(expr: sp.Expr, f: sp.Expr) -> sp.Expr:
    return expr.subs(A, f)


def derive_elementwise(subject: Subject) -> Derivation:
    """The derivation of a pair, of an activation alone or of a loss alone."""
    if isinstance(subject, Activation):
        return _activation(subject)
    return _loss(subject) if isinstance(subject, Loss) else _pair(subject)


def _activation(act: Activation) -> Derivation:
    context = Context(subject=act, f=act.expr, target=Interval())
    first, second = output_slopes(act)
    steps = (*_slope_steps(context, act, first, True), *_curvature_steps(context, act, second))
    return Derivation(subject=act, steps=steps, gradient=first, hessian=second, conventions=conventions(act))


def _loss(los: Loss) -> Derivation:
    context = Context(subject=los, f=A, target=los.target)
    first, second = loss_slopes(los)
    steps = (_loss_step(context, los, first, True), _loss_curvature_step(context, los, second))
    return Derivation(subject=los, steps=steps, gradient=first, hessian=second, conventions=conventions(los))


def _pair(pair: Pair) -> Derivation:
    act, los = pair.activation, pair.loss
    context = Context(subject=pair, f=act.expr, target=los.target)
    a1, a2 = output_slopes(act)
    l1, l2 = loss_slopes(los)
    gradient_steps = _gradient_steps(context, l1, a1)
    gradient = gradient_steps[-1].expr
    raw1, raw2 = raw_slopes(los)
    out1, out2 = (slope(act.expr, n, act.parameters)[0] for n in (1, 2))
    truth = raw2 * out1**2 + raw1 * out2
    second_steps = _second_steps(context, gradient_steps[-1], (l1, l2), (a1, a2), truth)
    steps = (
        _loss_step(context, los, l1, False),
        *_slope_steps(context, act, a1, False),
        *gradient_steps,
        *second_steps,
        *_weight_steps(gradient),
    )
    return Derivation(
        subject=pair,
        steps=steps,
        gradient=gradient,
        hessian=second_steps[-1].expr,
        conventions=conventions(pair),
    )


def output_slopes(act: Activation) -> tuple[sp.Expr, sp.Expr]:
    """a′ and a″ as a person writes them: in a where that is possible."""
    named = recognise(act.expr)
    in_z = [polished(slope(named, n, act.parameters)[0], Interval()) for n in (1, 2)]
    if isinstance(named, sp.Piecewise):
        return _pieces_in_output(in_z[0], named), _pieces_in_output(in_z[1], named)
    first = in_output(in_z[0], named)
    if not first.has(Z):
        return first, facing_up(sp.Mul(sp.factor_terms(first.diff(A)), first))
    second = facing_up(grouped(polished(sp.factor(polished(in_z[0].diff(Z), Interval())), Interval())))
    return first, second


def _pieces_in_output(expr: sp.Expr, named: sp.Piecewise) -> sp.Expr:
    """Every exponential piece written in a, through the piece of the activation that it is the slope of."""
    if not isinstance(expr, sp.Piecewise):
        return expr
    growing = [e for e, _ in named.args if e.has(sp.exp) or recognise(e).atoms(sp.Function)]
    return sp.Piecewise(*((in_output(e, growing[0]) if growing and e.has(Z) else e, c) for e, c in expr.args))


def loss_slopes(los: Loss) -> tuple[sp.Expr, sp.Expr]:
    """∂L/∂a and ∂²L/∂a² in the reader's heads."""
    named = recognise(los.expr)
    return polished(named.diff(A), los.target), polished(named.diff(A, 2), los.target)


def raw_slopes(los: Loss) -> tuple[sp.Expr, sp.Expr]:
    """∂L/∂a and ∂²L/∂a² as SymPy gives them, the Dirac parts dropped."""
    first, second = los.expr.diff(A), los.expr.diff(A, 2)
    return first, second.replace(sp.DiracDelta, lambda *args: sp.S.Zero)


def _loss_step(context: Context, los: Loss, expr: sp.Expr, result: bool) -> Step:
    says = "Differentiate the loss with respect to its prediction."
    return context.step(LOSS_SLOPE, "slope of the loss", says, expr, raw_slopes(los)[0], result=result)


def _loss_curvature_step(context: Context, los: Loss, expr: sp.Expr) -> Step:
    says = "Differentiate once more."
    return context.step(LOSS_CURVATURE, "differentiate again", says, expr, raw_slopes(los)[1], result=True)


def _slope_steps(context: Context, act: Activation, first: sp.Expr, result: bool) -> list[Step]:
    raw, _ = slope(act.expr, 1, act.parameters)
    says = "Differentiate the activation."
    steps = [context.step(OUTPUT_SLOPE, "slope of the activation", says, raw, raw)]
    if first == raw:
        return [_as_result(steps[0])] if result else steps
    rule, says = "stable blocks", "Name what the expression is made of."
    if not first.has(Z) or first.has(A):
        rule, says = "write in a", "Write the slope in terms of the output a."
    return [*steps, context.step(OUTPUT_SLOPE, rule, says, first, raw, result=result)]


def _as_result(step: Step) -> Step:
    return Step(**{**step.__dict__, "result": True})


def _curvature_steps(context: Context, act: Activation, second: sp.Expr) -> list[Step]:
    raw, _ = slope(act.expr, 2, act.parameters)
    return [
        context.step(
            OUTPUT_CURVATURE, "differentiate again", "Differentiate the slope.", second, raw, result=True
        )
    ]


def _gradient_steps(context: Context, l1: sp.Expr, a1: sp.Expr) -> list[Step]:
    """Chain rule, insertion, common denominator, cancellation, result."""
    truth = sp.Mul(l1, a1)
    says = "The loss depends on z only through a."
    steps = [context.step(GRADIENT, "chain rule", says, truth, truth, shown=product_latex())]
    inserted = _product(l1, a1)
    lines = [("insert", "Insert both slopes.", inserted)]
    over_one = common_denominator(l1) if _has_fraction(l1) else l1
    if over_one != l1:
        lines.append(
            ("common denominator", "Bring the slope of the loss to one denominator.", _product(over_one, a1))
        )
    lines.append(_finish(over_one, a1, inserted))
    shown = [line for n, line in enumerate(lines) if n + 1 == len(lines) or lines[n + 1][0] != line[0]]
    steps += [context.step(GRADIENT, rule, words, expr, truth) for rule, words, expr in shown]
    return [*steps[:-1], _as_result(steps[-1])]


def _finish(l1: sp.Expr, a1: sp.Expr, inserted: sp.Expr) -> tuple[str, str, sp.Expr]:
    if _has_fraction(l1):
        done = common_denominator(sp.Mul(l1, a1))
        before, after = sp.fraction(l1)[1], sp.fraction(done)[1]
        if before != after:
            return (
                "cancel",
                "The slope of the activation cancels the denominator of the slope of the loss.",
                done,
            )
        return "result", "Collect the factors.", done
    done = l1 if a1 == 1 else fold(whole, l1, a1)
    if done.has(sp.Piecewise) and not shown_alike(done, inserted):
        return "by cases", "Multiply in every case.", done
    if shown_alike(done, inserted):
        return "insert", "Insert both slopes.", done
    return "result", "Collect the factors.", done


def _has_fraction(expr: sp.Expr) -> bool:
    return not isinstance(expr, sp.Piecewise) and sp.fraction(sp.together(expr))[1].has(A)


def _product(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """The two factors side by side, as inserted."""
    if other == 1:
        return one
    return other if one == 1 else sp.Mul(one, other, evaluate=False)


def _second_steps(context: Context, gradient: Step, losses, slopes, truth: sp.Expr) -> list[Step]:
    (l1, l2), (a1, a2) = losses, slopes
    if gradient.rule == "cancel":
        return _from_cancelled(context, gradient.expr, a1, truth)
    says = "Differentiate the product: the loss's slope changes with a, the activation's with z."
    steps = [context.step(SECOND, "product rule", says, l2 * a1**2 + l1 * a2, truth, shown=second_latex())]
    done = _collected(l1, l2, a1, a2)
    inserted = sp.Add(_product(l2, _square(a1)), _product(l1, a2), evaluate=False)
    simple = 0 in (l2, l1, a2) or a1 == 1 or shown_alike(done, inserted) or done.has(sp.Piecewise)
    if not simple:
        steps.append(context.step(SECOND, "insert", "Insert the derivatives.", inserted, truth))
    rule, says = (
        ("result", "Insert and collect the factors.") if simple else ("collect", "Take out what is common.")
    )
    return [*steps, context.step(SECOND, rule, says, done, truth, result=True)]


def _square(a1: sp.Expr) -> sp.Expr:
    return a1 if a1 == 1 else sp.Pow(a1, 2, evaluate=False)


def _from_cancelled(context: Context, gradient: sp.Expr, a1: sp.Expr, truth: sp.Expr) -> list[Step]:
    """The second derivative of a gradient in a and z alone: its derivative in a times a′."""
    inner = facing_up(sp.factor_terms(gradient.diff(A)))
    rest = gradient.diff(Z)
    done = facing_up(sp.factor(inner * a1 + rest)) if rest != 0 else whole(inner, a1)
    says = "Differentiate the gradient, which depends on z through a."
    return [context.step(SECOND, "differentiate again", says, done, truth, result=True)]


def _collected(l1: sp.Expr, l2: sp.Expr, a1: sp.Expr, a2: sp.Expr) -> sp.Expr:
    """L″a′² + L′a″ with a′ taken out where a″ contains it; by cases where there are cases."""
    return fold(_collect, l1, l2, a1, a2)


def _collect(l1: sp.Expr, l2: sp.Expr, a1: sp.Expr, a2: sp.Expr) -> sp.Expr:
    if l1 * a2 == 0 or l2 * a1 == 0:
        return facing_up(l2 * a1**2 + whole(l1, a2))
    ratio = sp.cancel(a2 / a1) if not a1.has(Z) else None
    if ratio is None or sp.fraction(ratio)[1].has(A):
        return sp.Add(_product(l2, _square(a1)), whole(l1, a2))
    inner = sp.Add(whole(l2, a1), whole(l1, facing_up(sp.factor_terms(ratio))))
    if _has_fraction(l1):
        return common_denominator(sp.together(inner * a1))
    number, inner = inner.as_content_primitive()
    return sp.Mul(number, a1, sp.Add(*(t for part in inner.args for t in sp.Add.make_args(part))))


def _weight_steps(gradient: sp.Expr) -> list[Step]:
    """∂L/∂w and ∂L/∂b for the pre-activation z = w x + b."""
    line = W * X + B
    rows = (
        (WEIGHT, W, X, r"\frac{\partial L}{\partial z}\,x"),
        (BIAS, B, sp.S.One, r"\frac{\partial L}{\partial z}"),
    )
    steps = []
    for quantity, by, factor, shown in rows:
        if not equal(line.diff(by), factor):
            raise Unproved(f"the derivative of w x + b by {by} is not {factor}")
        says = f"The pre-activation is z = w x + b, so its derivative by {by} is {factor}."
        proof = Proof(method="normal form")
        expr = sp.Mul(gradient, factor)
        steps.append(Step(quantity=quantity, rule="weights", says=says, expr=expr, proof=proof, shown=shown))
    return steps
