"""Exponential families: mean and variance from the cumulant, and the response that is canonical."""

from functools import lru_cache, partial

import sympy as sp
from sympy import Expr, KroneckerDelta

from derive.catalogue import ACTIVATIONS
from derive.catalogue.links import LINKS
from derive.claims.likelihood.logs import negative_log
from derive.claims.likelihood.observations import DENSITY, free_of_predictions, placed, same
from derive.claims.places import same as equivalent
from derive.claims.working import definition
from derive.model import (
    AS,
    I_,
    POSITIVE,
    THETA,
    THETAS,
    VECTOR,
    YS,
    ZS,
    A,
    Activation,
    Density,
    J,
    N,
    Proof,
    Quantity,
    Step,
    Unproved,
    Y,
    Z,
)
from derive.proof import indexed, prove
from derive.proof.indexed import Facts
from derive.rules.indexed import contracted, over, slope, spelled, substitute
from derive.rules.reader import facing_up

RULE = Proof(method="rule")
CANONICAL = r"\exp\left(\frac{\theta y - b(\theta)}{\varphi}  + c(y, \varphi)\right)"
FORM = "the form of an exponential family; θ is its natural parameter, b its cumulant, φ its dispersion"
SLOPE = "b is all that depends on θ beside yθ"
SCORE = "the density integrates to 1 for every θ: differentiate under the integral"
SLOPE_OF_B = "the slope of the cumulant"
MEAN = "put the slope in"
SECOND = "differentiate once more: E[∂²log p/∂θ²] + E[(∂log p/∂θ)²] = 0, and E[∂²log p/∂θ²] = −b″(θ)/φ"


def _named(name: str, latex: str, text: str) -> Quantity:
    return Quantity(name=name, latex=latex, text=text)


FAMILY = _named("family", r"p(y \mid \theta)", "p(y | θ)")
NATURAL, CUMULANT = _named("theta", r"\theta", "θ"), _named("b", r"b(\theta)", "b(θ)")
DISPERSION = _named("phi", r"\varphi", "φ")
LOG_SLOPE = _named("score", r"\frac{\partial \log p}{\partial \theta}", "∂log p/∂θ")
NO_SCORE = _named("E score", rf"\mathrm{{E}}\left[{LOG_SLOPE.latex}\right]", "E[∂log p/∂θ]")
EXPECTED, VARIANCE = _named("E y", r"\mathrm{E}\,y", "E y"), _named("Var y", r"\mathrm{Var}\,y", "Var y")
FIRST, SECOND_SLOPE = _named("b'", r"b'(\theta)", "b′(θ)"), _named("b''", r"b''(\theta)", "b″(θ)")
LOG_P = _named("log p", rf"\log {DENSITY.latex}", f"log {DENSITY.text}")
NATURAL_K = _named("theta_k", r"\theta_{k}", "θ_k")
FIRST_J = _named("db/dtheta", r"\frac{\partial b}{\partial \theta_{j}}", "∂b/∂θ_j")
EXPECTED_J = _named("E y_j", r"\mathrm{E}\,y_{j}", "E y_j")
COVARIANCE = _named("Cov", r"\mathrm{Cov}(y_{i}, y_{j})", "Cov(y_i, y_j)")
RESULTS = (EXPECTED, VARIANCE, EXPECTED_J, COVARIANCE)
LETTERS = {p.symbol for row in (*ACTIVATIONS, *LINKS) for p in row.parameters}
B, PHI = sp.Function("b")(THETA), sp.Symbol("phi", positive=True)


@lru_cache(maxsize=1)
def general_steps() -> tuple[Step, ...]:
    """Mean and variance of every exponential family, from its cumulant."""
    log_p = (Y * THETA - B) / PHI
    first = (Y - B.diff(THETA)) / PHI
    whole = sp.exp(log_p + sp.Function("c")(Y, PHI))
    rate = sp.Symbol("b'", real=True)
    return (
        definition(FAMILY, FORM, whole, shown=CANONICAL),
        Step(
            quantity=LOG_SLOPE, rule="slope", says=SLOPE, expr=first,
            proof=prove(log_p.diff(THETA).subs(B.diff(THETA), rate), first.subs(B.diff(THETA), rate)),
            shown=r"\frac{y - b'(\theta)}{\varphi}",
        ),
        Step(quantity=NO_SCORE, rule="expected slope", says=SCORE, expr=sp.S.Zero, proof=RULE),
        Step(quantity=EXPECTED, rule="mean", says=MEAN, expr=B.diff(THETA), proof=RULE, shown=r"b'(\theta)"),
        Step(
            quantity=VARIANCE, rule="variance", says=SECOND, expr=PHI * B.diff(THETA, 2), proof=RULE,
            shown=r"\varphi\,b''(\theta)",
        ),
    )  # fmt: skip


@lru_cache(maxsize=64)
def family_steps(density: Density) -> tuple[Step, ...]:
    """The parts of one exponential family, proved to be its density; mean and variance of it."""
    family = density.family
    assert family is not None
    return (
        definition(NATURAL_K if density.kind == VECTOR else NATURAL, "the natural parameter", family.natural),
        definition(CUMULANT, "the cumulant", family.cumulant),
        definition(DISPERSION, "the dispersion", family.dispersion),
        _in_form(density),
        *(_vector_moments(density) if density.kind == VECTOR else _moments(density)),
    )


def _in_form(density: Density) -> Step:
    """log p = (yθ − b(θ))/φ + c(y, φ), with θ written in a."""
    family, log = density.family, negative_log(density.mass)
    assert family is not None
    facts: Facts = {over(AS[N]): sp.S.One} if density.kind == VECTOR else {}
    inner = _exponent(density) / family.dispersion
    rest = -log.data - log.constant
    if not _equal_here(density, inner, -log.kept, facts):
        rest += free_of_predictions(-log.kept - inner, density.prediction)
    expr = inner if rest == 0 else sp.Add(inner, rest, evaluate=False)
    says = "the parts give the density" + (", as Σ_k a_k = 1" if facts else "")
    return _step(LOG_P, "exponential family", says, expr, _proof(density, expr, -log.whole, facts))


def _exponent(density: Density) -> Expr:
    """yθ − b(θ) in a and y."""
    family = density.family
    assert family is not None
    if density.kind == VECTOR:
        natural = family.natural
        return over(YS[N] * natural) - spelled(family.cumulant, {THETAS: _in_j(natural)})
    return Y * family.natural - at_natural(family.cumulant, density)


def _equal_here(density: Density, left: Expr, right: Expr, facts: Facts) -> bool:
    try:
        return _proof(density, left, right, facts).holds
    except Unproved:
        return False


def _proof(density: Density, left: Expr, right: Expr, facts: Facts | None = None) -> Proof:
    """How an equality of expressions in a and y is known; Unproved where it is not."""
    if facts:
        return indexed.prove(left, right, facts=facts)
    proof = same(placed(left, density), placed(right, density))
    if not proof.holds:
        raise Unproved(f"no proof that {left} = {right}")
    return proof


def at_natural(expr: Expr, density: Density) -> Expr:
    """An expression in θ at the natural parameter, in a; its logarithms of 1/x as −log x."""
    assert density.family is not None
    natural, letter = density.family.natural, A
    if density.prediction == POSITIVE:  # the roots of squares are then known
        natural, letter = placed(natural, density), sp.Symbol("a", positive=True)
    return expr.subs(THETA, natural).replace(sp.log, _upright).subs(letter, A)


def _upright(argument: Expr) -> Expr:
    whole = sp.factor(sp.together(argument))
    top, bottom = sp.fraction(whole)
    return -sp.log(facing_up(bottom * top)) if top in (1, -1) else sp.log(argument)


def _moments(density: Density) -> tuple[Step, ...]:
    """b′ and b″ in θ, and what they are in a: the mean and the variance."""
    family = density.family
    assert family is not None
    first, second = (polished(family.cumulant.diff(THETA, n)) for n in (1, 2))
    variance = family.dispersion * variance_of(density)
    mean, spread = (at_natural(e, density) for e in (first, family.dispersion * second))
    return (
        _step(FIRST, "derivative", SLOPE_OF_B, first, same(first, family.cumulant.diff(THETA))),
        _step(EXPECTED, "mean", "b′ at the natural parameter: a is the mean", A, _proof(density, A, mean)),
        _step(SECOND_SLOPE, "derivative", "the second one", second, same(second, first.diff(THETA))),
        _step(VARIANCE, "variance", "φ b″ there: φ V(a)", variance, _proof(density, variance, spread)),
    )


def variance_of(density: Density) -> Expr:
    """V(a) = b″(θ(a)) as a person writes it."""
    assert density.family is not None
    return facing_up(sp.factor(sp.together(at_natural(density.family.cumulant.diff(THETA, 2), density))))


def polished(expr: Expr) -> Expr:
    """An expression in θ over one denominator in factors."""
    if any(p.has(THETA) and not p.exp.is_Integer for p in expr.atoms(sp.Pow)):  # roots of −θ > 0
        distance = sp.Symbol("t", positive=True)
        return expr.subs(THETA, -distance).subs(distance, -THETA)
    return facing_up(sp.factor(sp.together(expr)))


def _vector_moments(density: Density) -> tuple[Step, ...]:
    """The mean of component j, and the covariance of components i and j."""
    family = density.family
    assert family is not None
    first = contracted(slope(family.cumulant, THETAS[J]))
    second = slope(substitute(first, J, I_), THETAS[J])
    proved = partial(indexed.prove, facts={over(AS[N]): sp.S.One})
    inside = {THETAS: _in_j(family.natural)}
    mean, covariance = (spelled(e, inside) for e in (first, second))
    bend = KroneckerDelta(I_, J) * AS[J] - AS[I_] * AS[J]
    says = "at the natural parameters, as Σ_k a_k = 1"
    return (
        _step(FIRST_J, "derivative", SLOPE_OF_B, first, proved(first, slope(family.cumulant, THETAS[J]))),
        _step(EXPECTED_J, "mean", f"{says}: a_j is the mean", AS[J], proved(AS[J], mean)),
        _step(COVARIANCE, "variance", f"φ ∂²b/∂θ_i∂θ_j {says}", bend, proved(bend, covariance)),
    )


def _in_j(component: Expr) -> Expr:
    return substitute(component, N, J)


def _step(quantity: Quantity, rule: str, says: str, expr: Expr, proof: Proof) -> Step:
    if not proof.holds:
        raise Unproved(f"step {rule!r} of {quantity.text} is not proved")
    return Step(quantity=quantity, rule=rule, says=says, expr=expr, proof=proof, result=quantity in RESULTS)


# The canonical response: z = θ makes the model's output b′(z).


def response(density: Density) -> Expr:
    """The inverse of the canonical link, in z."""
    assert density.family is not None
    if density.kind == VECTOR:
        return spelled(contracted(slope(density.family.cumulant, THETAS[J])), {THETAS: ZS[J]})
    return polished(density.family.cumulant.diff(THETA)).subs(THETA, Z)


@lru_cache(maxsize=64)
def responding(density: Density) -> Activation | None:
    """The activation of the catalogue that is the canonical response, found by its formula."""
    wanted = response(density)
    rows = (row for row in (*ACTIVATIONS, *LINKS) if row.kind == density.kind)
    return next((row for row in rows if responds(row, wanted)), None)


def responds(act: Activation, wanted: Expr) -> bool:
    """Whether an activation is this response, by normal form."""
    known = {p.symbol for p in act.parameters}
    if act.names or act.selections or act.inputs or wanted.free_symbols & LETTERS != known:
        return False
    try:
        return _equal(act, wanted)
    except (TypeError, Unproved):
        return False


def _equal(act: Activation, wanted: Expr) -> bool:
    if act.kind == VECTOR:
        return indexed.prove(act.expr, wanted).proved
    return act.expr == wanted or equivalent(act.expr, wanted, act.domain, parameters=act.parameters)
