"""Whether the Hessian in z is its own expectation: exactly where a′/V(a) is constant."""

from functools import cache

import sympy as sp

from derive.claims.places import points_of, proof_of, same
from derive.claims.proper.curvature import of_logits
from derive.claims.proper.parts import FISHER
from derive.claims.scoring.divergence import pull_of
from derive.claims.working import equality, relation
from derive.derivation.slopes import raw_loss_slope, raw_output_slope, without_dirac
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Finding,
    Interval,
    Pair,
    Quantity,
    Step,
    Unproved,
    Witness,
    Y,
    Z,
)
from derive.rules.reader import facing_up

SAYS = "the Hessian in z does not depend on y, so it is the Fisher information"
HESSIAN = Quantity(name="d2L/dz2", latex=r"\frac{\partial^{2} L}{\partial z^{2}}", text="∂²L/∂z²")
EXPECTED = Quantity(
    name="E d2L/dz2", latex=r"\mathrm{E}\,\frac{\partial^{2} L}{\partial z^{2}}", text="E ∂²L/∂z²"
)
VARIANCE = Quantity(name="V", latex="V(a)", text="V(a)")
RATIO = Quantity(name="a'/V", latex=r"\frac{a'}{V(a)}", text="a′/V(a)")
RATIO_SLOPE = Quantity(name="(a'/V)'", latex=r"\left(\frac{a'}{V(a)}\right)'", text="(a′/V(a))′")
DRIFT = Quantity(
    name="H - E H",
    latex=r"\frac{\partial^{2} L}{\partial z^{2}} - \mathrm{E}\,\frac{\partial^{2} L}{\partial z^{2}}",
    text="∂²L/∂z² − E ∂²L/∂z²",
)
TURN = r"\frac{a''}{V} - \frac{a'^{2}\,V'}{V^{2}}"
ONLY = "it is 0 for every y exactly where a′/V is constant"
A1, A2, V, V1 = (sp.Symbol(name, real=True) for name in ("a'", "a''", "V", "V'"))


def fisher(pair: Pair) -> list[Finding]:
    """The finding about a pair: by the variance function of its loss where both are of numbers."""
    if pair.kind != ELEMENTWISE:
        return of_logits(pair) if pair.loss.kind != ELEMENTWISE else []
    pull = pull_of(plain(raw_loss_slope(pair.loss, 1)))
    if pull is None or pull.has(Y):
        how = "∂L/∂a is not (a − y)/V(a): the loss has no variance function"
        return [Finding(name=FISHER, says=SAYS, outcome=NOT_APPLICABLE, how=how)]
    variance = facing_up(sp.factor(1 / pull))
    slope = plain(raw_output_slope(pair.activation, 1))
    ratio = plain(pull.subs(A, plain(pair.activation.expr))) * slope
    line = ("variance function", "from ∂L/∂a = (a − y)/V(a)", variance)
    own = (A - Y) / plain(raw_loss_slope(pair.loss, 1))
    try:
        steps = (*in_general(), equality(VARIANCE, line, own, pair.loss.target, pair.parameters))
    except Unproved as problem:
        return [Finding(name=FISHER, says=SAYS, outcome=UNDECIDED, how=str(problem))]
    return [_constant(pair, ratio, steps) or _moving(pair, ratio, steps)]


@cache
def in_general() -> tuple[Step, ...]:
    """∂²L/∂z² = a′²/V + (a − y)(a′/V)′, and its expectation, for any a(z) and V(a)."""
    a, v = sp.Function("a")(Z), sp.Function("V")
    gradient = (a - Y) * a.diff(Z) / v(a)
    names = ((a.diff(Z, 2), A2), (sp.Derivative(v(a), a), V1), (a.diff(Z), A1), (v(a), V), (a, A))
    bend = _named(gradient.diff(Z), names)
    turn = _named((a.diff(Z) / v(a)).diff(Z), names)
    shown = A1**2 / V + (A - Y) * (A2 / V - A1**2 * V1 / V**2)
    ratio = r"\left(\frac{a'}{V}\right)'"
    first = ("product rule", "of (a − y) · a′/V", shown)
    mean = ("expectation", "E y = a, so E (a − y) = 0: the second term is gone", A1**2 / V)
    return (
        equality(
            RATIO_SLOPE, ("quotient rule", "with V′ = dV/da", A2 / V - A1**2 * V1 / V**2), turn, shown=TURN
        ),
        equality(HESSIAN, first, bend, shown=rf"\frac{{a'^{{2}}}}{{V}} + (a - y)\,{ratio}"),
        relation(EXPECTED, "=", mean, "rule", shown=r"\frac{a'^{2}}{V}"),
        equality(DRIFT, ("subtract", ONLY, (A - Y) * turn), bend - A1**2 / V, shown=rf"(a - y)\,{ratio}"),
    )


def _named(expr: sp.Expr, names) -> sp.Expr:
    """Derivatives and functions by their letters."""
    written = expr.doit()
    for thing, letter in names:
        written = written.subs(thing, letter)
    return written


def _constant(pair: Pair, ratio: sp.Expr, steps: tuple[Step, ...]) -> Finding | None:
    """Where a′/V does not change with z."""
    place = pair.activation.domain
    if not same(without_dirac(ratio.diff(Z)), sp.S.Zero, place, parameters=pair.parameters):
        return None
    if ratio.has(sp.Piecewise):
        how = "a′/V(a) has slope 0 on every piece; at kinks nothing is said"
        return Finding(name=FISHER, says=f"{SAYS}, kinks aside", outcome=PROVED, how=how, steps=steps)
    value = sp.cancel(ratio.subs(Z, points_of(place)[0]))
    proof = proof_of(ratio, value, place, parameters=pair.parameters)
    if not proof.proved:
        return None
    says = "the factors cancel"
    last = Step(quantity=RATIO, rule="constant", says=says, expr=value, proof=proof, result=True)
    how = "a′/V(a) has slope 0 by normal form"
    return Finding(name=FISHER, says=SAYS, outcome=PROVED, how=how, steps=(*steps, last), value=value)


def _reached(pair: Pair) -> list[int]:
    """Hard targets that are outputs or limits of outputs: only those have a mean among the outputs."""
    place = pair.activation.range
    if not isinstance(place, Interval) or place.lo.free_symbols | place.hi.free_symbols:
        return list(pair.loss.hard)
    return [y for y in pair.loss.hard if place.lo <= y <= place.hi] or list(pair.loss.hard)


def _moving(pair: Pair, ratio: sp.Expr, steps: tuple[Step, ...]) -> Finding:
    """Where it does: a point and a target at which the Hessian is not its expectation."""
    default = {p.symbol: p.default for p in pair.parameters}
    turn = without_dirac(ratio.diff(Z)).subs(default)
    output = plain(pair.activation.expr).subs(default)
    for z in points_of(pair.activation.domain):
        for y in _reached(pair):
            value = ((output - y) * turn).subs(Z, z)
            if value.is_number and (value.is_positive or value.is_negative):
                value = min(value, sp.cancel(sp.together(value)), sp.factor(value), key=sp.count_ops)
                given = tuple((str(s), v) for s, v in default.items())
                witness = Witness(at=(("z", z), ("y", sp.Integer(y)), *given), quantity=DRIFT, value=value)
                how = "a′/V(a) changes with z: the Hessian differs from its expectation by (a − y) (a′/V)′"
                return Finding(name=FISHER, says=SAYS, outcome=REFUTED, how=how, steps=steps, witness=witness)
    return Finding(name=FISHER, says=SAYS, outcome=UNDECIDED, how="not seen to be constant, nor to change")
