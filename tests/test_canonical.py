"""Which pairs are canonical: computed rows against a table that was typed, and every verdict at points."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from sympy import erf, exp, pi, sqrt

from derive import catalogue
from derive.claims.canonical import CLAIM
from derive.claims.claim import answer
from derive.claims.matching.named import named
from derive.claims.ratio import factor
from derive.claims.variance import variance
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    Activation,
    Finite,
    Interval,
    Loss,
    Pair,
    Parameter,
    Y,
    Z,
)
from tables import cover

ALPHA = sp.Symbol("alpha", positive=True)

# (activation, loss, whether ∂L/∂z = a − y, the factor in front of a − y in z), typed from a table of pairs.
TABLE = (
    ("identity", "half_squared_error", True, 1),
    ("sigmoid", "bce", True, 1),
    ("exponential", "poisson", True, 1),
    ("neg_inverse", "gamma", True, 1),
    ("inverse", "gamma", False, -1),
    ("exponential", "gamma", False, exp(-Z)),
    ("inverse_root", "inverse_gaussian", True, 1),
    ("exponential", "inverse_gaussian", False, exp(-2 * Z)),
    ("negative_binomial_mean", "negative_binomial", True, 1),
    ("exponential", "negative_binomial", False, 1 / (ALPHA * exp(Z) + 1)),
    (
        "probit",
        "bce",
        False,
        -2 * sqrt(2) * exp(-(Z**2) / 2) / (sqrt(pi) * (erf(Z / sqrt(2)) ** 2 - 1)),
    ),
    ("cloglog", "bce", False, exp(Z + exp(Z)) / (exp(exp(Z)) - 1)),
    ("loglog", "bce", False, exp(-Z) / (1 - exp(-exp(-Z)))),
    ("cauchit", "bce", False, -4 * pi / (4 * (Z**2 + 1) * sp.atan(Z) ** 2 - pi**2 * Z**2 - pi**2)),
    ("sigmoid", "half_squared_error", False, 1 / (2 * (sp.cosh(Z) + 1))),
    ("tanh", "half_squared_error", False, sp.cosh(Z) ** -2),
    ("softplus", "half_squared_error", False, exp(Z) / (exp(Z) + 1)),
    ("softplus", "poisson", False, exp(Z) / ((exp(Z) + 1) * sp.log(exp(Z) + 1))),
    ("positive_identity", "poisson", False, 1 / Z),
    ("square_response", "poisson", False, 2 / Z),
    ("exponential", "half_squared_error", False, exp(Z)),
    ("half_logit_sigmoid", "bce", False, 2),
    ("identity", "squared_error", False, 2),
)
PAIRS = tuple(
    (p.activation.name, p.loss.name)
    for p in cover([catalogue.pair(*names) for names in catalogue.legal_pairs()])
    if p.kind == ELEMENTWISE
)
VECTOR_PAIRS = (
    ("softmax", "cross_entropy", PROVED, 1),
    ("softmax", "kl_divergence", PROVED, 1),
    ("softmax_temperature", "cross_entropy", PROVED, 1 / sp.Symbol("T", positive=True)),
    ("softmin", "cross_entropy", PROVED, -1),
    ("identity", "multi_rmse", PROVED, 1),
    ("softmax", "half_squared_error", REFUTED, None),
    ("softmax", "weighted_cross_entropy", REFUTED, None),
    ("softmax", "smoothed_cross_entropy", REFUTED, None),
    ("softmax", "brier", REFUTED, None),
    ("log_softmax", "nll", REFUTED, None),
    ("identity", "cross_entropy_logits", REFUTED, None),
    ("sparsemax", "half_squared_error", REFUTED, None),
    ("glu", "half_squared_error", NOT_APPLICABLE, None),
)


@cache
def asked(act: str, los: str):
    return answer(CLAIM, catalogue.pair(act, los))


def composed(pair: Pair) -> sp.Expr:
    return pair.loss.expr.subs(A, pair.activation.expr)


def at_defaults(expr: sp.Expr, pair: Pair) -> sp.Expr:
    return plain(expr).subs({p.symbol: p.default for p in pair.parameters})


def drawn(domain, count: int, rng) -> np.ndarray:
    """Numbers of a domain, of moderate size."""
    if isinstance(domain, Finite):
        return rng.choice(np.array(domain.values, float), count)
    low, high = (float(end) for end in (domain.lo, domain.hi))
    low, high = max(low, min(-4.0, high - 4.0)), min(high, max(4.0, low + 4.0))
    return rng.uniform(low + 0.01, high - 0.01, count)


@pytest.mark.parametrize(("act", "los", "canonical", "typed"), TABLE, ids=[f"{r[0]}+{r[1]}" for r in TABLE])
def test_table_of_pairs_comes_out(act, los, canonical, typed):
    """The verdict, and the factor against the typed one at points, at parameters other than the default."""
    pair = catalogue.pair(act, los)
    first, exactly = asked(act, los).findings[:2]
    assert (exactly.outcome == PROVED) is canonical
    constant = not sp.sympify(typed).has(Z)
    assert first.outcome == (PROVED if constant else REFUTED)
    assert first.value == typed if constant else first.witness is not None
    found = factor(pair.activation, variance(pair.loss).value, pair.parameters).value
    difference = plain(found.subs(A, pair.activation.expr)) - typed
    for z in (-2.5, -0.75, 0.5, 1.25):
        if catalogue.contains(pair.activation.domain, Interval(lo=sp.Float(z), hi=sp.Float(z))):
            assert abs(complex(difference.subs({ALPHA: sp.Rational(3, 2), Z: z}).evalf(30))) < 1e-12


def test_matching_loss_of_tanh_is_cross_entropy_of_halves():
    """The row of the table that no pair of the catalogue is: (1 + y)/2 and (1 + a)/2."""
    found = named(catalogue.subject("tanh"))
    assert found.loss.name == "bce" and found.scale == 1 and found.proof.proved
    assert sp.expand(found.map - (1 + A) / 2) == 0 and found.rest == -sp.log(2)


@pytest.mark.parametrize(("act", "los"), PAIRS, ids=[f"{a}+{b}" for a, b in PAIRS])
def test_every_pair_is_answered_and_its_steps_are_proved(act, los):
    found = asked(act, los)
    assert found.outcome != UNDECIDED
    steps = found.findings[0].steps
    assert all(step.proof.proved for step in steps)
    assert bool(steps) == (found.outcome != NOT_APPLICABLE)
    assert (found.findings[0].witness is not None) == (found.outcome == REFUTED)


@pytest.mark.parametrize(
    ("act", "los"), [p for p in PAIRS if asked(*p).outcome == PROVED], ids=lambda name: name
)
def test_proved_holds_at_ten_thousand_points(act, los):
    """∂L/∂z of the entries' formulas, differentiated by SymPy and evaluated by NumPy, over a − y."""
    pair = catalogue.pair(act, los)
    rng = np.random.default_rng(1)
    z, y = drawn(pair.activation.domain, 10_000, rng), drawn(pair.loss.target, 10_000, rng)
    slope = sp.lambdify((Z, Y), at_defaults(composed(pair).diff(Z), pair), "numpy")(z, y)
    a = sp.lambdify(Z, at_defaults(pair.activation.expr, pair), "numpy")(z)
    wanted = float(asked(act, los).findings[0].value) * (a - y)
    np.testing.assert_allclose(slope, wanted, rtol=1e-7, atol=1e-7 * (1 + np.abs(a) + np.abs(y)).max())


@pytest.mark.parametrize(
    ("act", "los"), [p for p in PAIRS if asked(*p).outcome == REFUTED], ids=lambda name: name
)
def test_refuted_has_a_witness_in_the_entries_formulas(act, los):
    """(∂L/∂z)/(a − y) at both points of the witness, in 40 digits, for a target that is not a."""
    pair = catalogue.pair(act, los)
    witness = asked(act, los).findings[0].witness
    f, los = (at_defaults(e, pair) for e in (pair.activation.expr, pair.loss.expr))
    y, factors = sp.Rational(3, 8), []
    for _, z in witness.at:
        a = f.subs(Z, z).evalf(30)
        factors.append((los.diff(A).subs({A: a, Y: y}) * f.diff(Z).subs(Z, z) / (a - y)).evalf(30))
    assert abs(factors[1] - factors[0] - witness.value.evalf(30)) < 1e-20
    assert abs(witness.value.evalf(30)) > 1e-15


@pytest.mark.parametrize(
    "los", [row for row in catalogue.LOSSES if row.kind == ELEMENTWISE], ids=lambda r: r.name
)
def test_variance_or_a_reason(los):
    """V from the loss: ∂L/∂a · V = a − y in 30 digits; or slopes that are not in proportion to a − y."""
    found = variance(los)
    slope = los.expr.diff(A).subs({p.symbol: p.default for p in los.parameters} | dict(found.at))
    if found.value is None:
        (one, other), a = found.targets, found.a
        crossed = slope.subs({A: a, Y: one}) * (a - other) - slope.subs({A: a, Y: other}) * (a - one)
        assert abs(sp.re(crossed.evalf(30))) > 1e-20
        return
    v = found.value.subs({p.symbol: p.default for p in los.parameters})
    assert not v.has(Y)
    for a, y in ((0.3, 0.9), (0.7, 0.1)):
        at = {A: sp.Float(a, 40), Y: sp.Float(y, 40)}
        assert abs((slope * v - (A - Y)).subs(at).evalf(30)) < 1e-25


@pytest.mark.parametrize(
    ("act", "los", "outcome", "value"), VECTOR_PAIRS, ids=[f"{r[0]}+{r[1]}" for r in VECTOR_PAIRS]
)
def test_vector_pairs(act, los, outcome, value):
    first = asked(act, los).findings[0]
    assert first.outcome == outcome
    assert first.value == value
    assert all(step.proof.proved for step in first.steps)


def planted(name: str, f: sp.Expr, los: sp.Expr, target=REALS) -> Pair:
    """A pair that no catalogue has."""
    parts = {"source": "planted", "known": (), "title": name, "name": name}
    act = Activation(expr=f, range=UNIT_OPEN, **parts)
    loss = Loss(
        expr=los,
        prediction=UNIT_OPEN,
        target=target,
        reads="mean",
        hard=(),
        **parts,
    )
    return Pair(activation=act, loss=loss)


NEAR = sp.Rational(1, 10**9)
CROSS = -Y * sp.log(A) - (1 - Y) * sp.log(1 - A)


@pytest.mark.parametrize(
    ("f", "los", "outcome"),
    [
        (1 / (1 + exp(-3 * Z)), CROSS, PROVED),
        (1 / (1 + exp(-Z)), 5 * CROSS, PROVED),
        (1 / (1 + exp(-Z)) + NEAR * sp.tanh(Z), CROSS, REFUTED),
        (1 / (1 + exp(-Z)), CROSS + NEAR * A**2, NOT_APPLICABLE),
        (1 / (1 + exp(-Z)), CROSS + NEAR * (A - Y) ** 2 / 2, REFUTED),
    ],
)
def test_no_verdict_is_read_off_a_name(f, los, outcome):
    """Catalogue formulas under other names, and false ones that differ from true ones by 1e-9."""
    assert answer(CLAIM, planted("bce", f, los, UNIT_CLOSED)).outcome == outcome


def test_parameters_are_free_in_what_is_proved():
    """The negative binomial is canonical for every α, not for its default."""
    first = asked("negative_binomial_mean", "negative_binomial").findings[0]
    pair = catalogue.pair("negative_binomial_mean", "negative_binomial")
    assert first.value == 1 and isinstance(pair.parameters[0], Parameter)
    slope = composed(pair).diff(Z).subs({ALPHA: 3, Z: -1, Y: 2}).evalf(30)
    assert abs(slope - (pair.activation.expr - Y).subs({ALPHA: 3, Z: -1, Y: 2}).evalf(30)) < 1e-25
