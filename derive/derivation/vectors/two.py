"""Two classes: softmax with cross-entropy is the sigmoid of z_2 − z_1 with binary cross-entropy.

A rule, not a name: it applies where the output is a softmax and the loss at K = 2 is binary
cross-entropy of p_2 once p_1 = 1 − p_2 and y_1 = 1 − y_2. Both are read off the formulas.
"""

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, Indexed, Mul, Pow, Sum, exp, log

from derive.derivation.vectors.quantities import of_two
from derive.derivation.vectors.steps import Work
from derive.heads import plain, sigmoid
from derive.model import YS, ZS, A, J, Pair, Step, Unproved, Y
from derive.proof import equal
from derive.proof.indexed import NORMAL_FORM
from derive.rules.indexed import spelled, substitute

TWO, ONE = sp.Integer(2), sp.Integer(1)
BINARY = -Y * log(A) - (1 - Y) * log(1 - A)
FIRST = r"\frac{\partial L}{\partial z_{2}}"
SECOND = r"\frac{\partial^{2} L}{\partial z_{2}^{2}}"
SAYS = {
    "output_2": "with two classes, divide both parts of the quotient by its numerator; p_1 = 1 − p_2",
    "L": "with y_1 = 1 − y_2, this is binary cross-entropy: one term for each class there too",
    "dL/dz_2": "the gradient of sigmoid and binary cross-entropy; by z_1 it has the other sign",
    "d2L/dz_2^2": "their second derivative",
}


def two_steps(work: Work, pair: Pair) -> list[Step]:
    """The steps at K = 2, each proved in z_1, z_2 and y_2, where the pair is the binary one there."""
    gap = _gap(work)
    if gap is None or not _is_binary(work):
        return []
    loss = at_two(spelled(work.found.loss, work.found.definitions))
    output = at_two(substitute(pair.activation.expr, J, TWO))
    return [_step(*row) for row in _rows(sigmoid(gap), gap.diff(ZS[TWO]), output, loss)]


def at_two(expr: Expr) -> Expr:
    """An expression with its sums written out at K = 2, and y_1 = 1 − y_2."""
    return _terms(expr).xreplace({YS[ONE]: 1 - YS[TWO]})


def _terms(expr: Expr) -> Expr:
    """An expression with the two terms of each sum; the bases keep their size K."""
    if isinstance(expr, Indexed) or not expr.args:
        return expr
    if not isinstance(expr, Sum):
        return expr.func(*[_terms(a) for a in expr.args])
    body = _terms(expr.function)
    for index in expr.bound_symbols:
        body = sum(substitute(body, index, n) for n in (ONE, TWO))
    return body


def _rows(p: Expr, rate: Expr, output: Expr, loss: Expr) -> Iterator[tuple]:
    """Name, LaTeX, text, meaning and right side of each quantity."""
    y, z = YS[TWO], ZS[TWO]
    yield "output_2", "p_{2}", "p_2", output, p
    yield "L", "L", "L", loss, -y * log(p) - (1 - y) * log(1 - p)
    yield "dL/dz_2", FIRST, "∂L/∂z_2", loss.diff(z), rate * (p - y)
    yield "d2L/dz_2^2", SECOND, "∂²L/∂z_2²", loss.diff(z, 2), rate**2 * p * (1 - p)


def _step(name: str, latex: str, text: str, means: Expr, expr: Expr) -> Step:
    """A proved step at two classes; Unproved otherwise."""
    if not equal(_in_symbols(means), _in_symbols(expr)):
        raise Unproved(f"no proof that {means} = {expr}")
    quantity = of_two(name, latex, text)
    return Step(
        quantity=quantity,
        rule="two classes",
        says=SAYS[name],
        expr=expr,
        proof=NORMAL_FORM,
        result=name != "L",
    )


def _in_symbols(expr: Expr) -> Expr:
    """An expression with symbols for components, heads written out."""
    expr = plain(expr)
    symbols = {e: sp.Symbol(f"{e.base.label}_{e.indices[0]}", real=True) for e in expr.atoms(Indexed)}
    return expr.xreplace(symbols)


def _gap(work: Work) -> Expr | None:
    """The w with p_2 = σ(w), where the output is a softmax: what e is raised to, at 2 less that at 1."""
    if work.found.output is None:
        return None
    component = work.found.letters[0].component
    weights = [f for f in Mul.make_args(component) if isinstance(f, exp)]
    totals = [f for f in Mul.make_args(component) if isinstance(f, Pow) and isinstance(f.base, Sum)]
    if len(weights) != 1 or len(totals) != 1 or weights[0] * totals[0] != component:
        return None
    above, below = (substitute(weights[0].args[0], J, n) for n in (TWO, ONE))
    return sp.factor_terms(above - below)


def _is_binary(work: Work) -> bool:
    """Whether the loss at two classes is binary cross-entropy of p_2 and y_2."""
    base, loss = work.found.output, work.found.loss
    if work.found.names or work.found.selections or len(work.found.letters) > 1:
        return False
    written = at_two(loss).xreplace({base[ONE]: 1 - A, base[TWO]: A, YS[TWO]: Y})
    return not written.has(Indexed) and equal(written, BINARY)
