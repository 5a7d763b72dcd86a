"""The derivation of a vector pair: chain rule, insertion, what cancels, contraction; second derivatives."""

from dataclasses import replace

import sympy as sp
from sympy import Expr, IndexedBase, Mul

from derive.derivation.vectors import quantities as q
from derive.derivation.vectors.bends import mirrored
from derive.derivation.vectors.forms import named_anew, tidy
from derive.derivation.vectors.given import given
from derive.derivation.vectors.jacobian import jacobian_steps, name_steps
from derive.derivation.vectors.letters import BEND, BENDS, SLOPE
from derive.derivation.vectors.loss import (
    collected_says,
    derivation,
    gradient_steps,
    hessian,
    second_steps,
    slope_says,
    vector_gradient,
)
from derive.derivation.vectors.rates import loss_slope, rates, total_slope
from derive.derivation.vectors.spoken import letter
from derive.derivation.vectors.steps import Work, definition, ending, step
from derive.derivation.vectors.two import two_steps
from derive.derivation.vectors.weights import weight_steps
from derive.model import Derivation, J, N, Pair, Step
from derive.rules.indexed import contracted, over, readable


def derive_pair(work: Work, pair: Pair) -> Derivation:
    """The derivation of a pair; where the activation is the identity, that of the loss in z."""
    inputs = work.found.inputs
    parts = None if work.found.output is None else _outer(work)
    slopes = {by: _gradient(work, by, parts) for by in inputs}
    bends = mirrored(inputs, lambda one, two: hessian(work, slopes[two], one))
    steps = [*given(work)]
    if parts is None:
        steps += gradient_steps(work, inputs[0], slopes[inputs[0]])
    else:
        steps += _slope_steps(work, loss_slope(work.found))
        steps += [s for by in inputs for s in jacobian_steps(work, by, pair.activation.names)]
        steps += [s for by in inputs for s in _gradient_steps(work, by, parts, slopes[by])]
    steps += second_steps(work, slopes, bends)
    if len(inputs) == 1:
        steps += weight_steps(work, slopes[inputs[0]])
    steps += two_steps(work, pair)
    return derivation(work, steps, slopes, bends)


def _read_alone(work: Work) -> Work:
    """The same loss where its prediction is what one differentiates by."""
    return Work(subject=work.subject, found=work.found.behind)


def _outer(work: Work) -> Expr:
    """∂L/∂p_k as it stands in the chain rule: by its letter, where it has one."""
    return SLOPE[N] if SLOPE in work.found.definitions else loss_slope(work.found)


def _known(inner: Work):
    return rates(inner.found, inner.found.inputs[0])[1]


def _slope_steps(work: Work, slope: Expr) -> list[Step]:
    """The slope of the loss in its prediction, index k."""
    inner, base = _read_alone(work), work.found.output
    about = inner.about(q.loss_slope(base, "k", "a"), inner.slope(inner.found.loss, base[N]))
    raw = named_anew(total_slope(inner.found.loss, base[N], _known(inner)))
    steps = name_steps(inner, inner.found.names, base)
    says = slope_says(inner.found, base, "k")
    if raw == slope or raw.count_ops() <= slope.count_ops():
        steps.append(step(about, "derivative of the loss", says, slope))
    else:
        steps.append(step(about, "derivative of the loss", says, raw))
        steps.append(step(about, "collect", collected_says(inner, raw, slope), slope))
    return [*steps, *_letter_steps(work)]


def _letter_steps(work: Work) -> list[Step]:
    """The letters of the loss's slope and of its slope."""
    base = work.found.output
    first = rf"\frac{{\partial L}}{{\partial {q.latex(base)}_{{j}}}}"
    steps = []
    for letter_ in work.found.letters:
        if letter_.base == SLOPE:
            steps.append(
                replace(definition(q.component(letter_), letter_.says, letter_.component), shown=first)
            )
        if letter_.base in (BEND, BENDS):
            steps.append(definition(q.component(letter_), letter_.says, letter_.component))
    return steps


def _product(work: Work, by: IndexedBase, outer: Expr) -> tuple[Expr, Expr]:
    """Σ_k ∂L/∂p_k ∂p_k/∂z_j as inserted, and with what cancels cancelled."""
    outer = readable(outer, frozenset({N}))
    inner = readable(rates(work.found, by)[0].get(work.found.output, sp.S.Zero), frozenset({N}))
    return over(Mul(outer, inner, evaluate=False)), over(outer * inner)


def _gradient(work: Work, by: IndexedBase, outer: Expr | None) -> Expr:
    """∂L/∂by_j in letters."""
    if outer is None:
        return tidy(total_slope(work.found.loss, by[J], rates(work.found, by)[1]), work.found)
    return tidy(contracted(_product(work, by, outer)[1]), work.found)


def _gradient_steps(work: Work, by: IndexedBase, outer: Expr, gradient: Expr) -> list[Step]:
    """Chain rule, insertion, cancellation, contraction."""
    about = work.about(q.loss_slope(by), work.slope(work.found.loss, by[J]))
    product, cancelled = _product(work, by, outer)
    base = work.found.output
    named = rf"{q.loss_slope(base, 'k').latex}\,{q.jacobian(base, by).latex}"
    shown = rf"\sum_{{k=1}}^{{K}} {named}"
    z, p = letter(by), letter(base)
    steps = [
        step(
            about,
            "chain rule",
            f"{z}_j acts on the loss through every {p}_k",
            product,
            shown=shown,
        ),
        step(about, "insert", "both slopes from above", product),
    ]
    if cancelled.count_ops() < product.count_ops():
        steps.append(step(about, "cancel", "what the two slopes have in common cancels", cancelled))
    says = "Σ_k δ_jk f_k = f_j, and what does not depend on k leaves the sum"
    steps += ending(about, work, "contract", says, gradient)
    return [*steps, *vector_gradient(about, by, steps[-1])]
