"""What is called convex bends up at 10,000 points of the entry's own formula; what is not dips where it says.

Second differences and one-sided slopes are taken of the formulas as they were typed: nothing here uses the
derivatives that the claim uses.
"""

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from sympy import Rational

from derive import catalogue
from derive.balls import certified, compile_ball
from derive.claims.convexity import CLAIM
from derive.claims.convexity.elementwise import convex
from derive.claims.convexity.shape import curve
from derive.claims.convexity.vectors.concrete import EXACT, FLOATS, loss
from derive.claims.convexity.vectors.findings import convex as convex_vectors
from derive.claims.convexity.vectors.witness import blocks
from derive.heads import plain
from derive.model import (
    AS,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    VECTOR,
    YS,
    A,
    Finite,
    Interval,
    Loss,
    N,
    OneHot,
    Pair,
    Punctured,
    Simplex,
    Y,
    Z,
)
from derive.rules.indexed import over
from tables import cover

ACTIVATIONS, LOSSES = catalogue.ROWS
PAIRS = [*cover([Pair(activation=a, loss=s) for a in ACTIVATIONS for s in LOSSES if catalogue.fits(a, s)])]
NAMES = [p.name for p in PAIRS]
CANONICAL = {  # the shared list: what numbers on a grid say
    "identity+half_squared_error": True, "sigmoid+bce": True, "exponential+poisson": True,
    "neg_inverse+gamma": True, "inverse+gamma": True, "exponential+gamma": True,
    "inverse_root+inverse_gaussian": True, "exponential+inverse_gaussian": False,
    "negative_binomial_mean+negative_binomial": True, "exponential+negative_binomial": True,
    "probit+bce": True, "cloglog+bce": True, "loglog+bce": True, "cauchit+bce": False,
    "sigmoid+half_squared_error": False, "tanh+half_squared_error": False,
    "softplus+half_squared_error": False, "softplus+poisson": True, "positive_identity+poisson": True,
    "square_response+poisson": True, "exponential+half_squared_error": False,
}  # fmt: skip
EXAMINED = (
    "sigmoid+huber",
    "silu+logistic",
    "elu+absolute_error",
    "elu+hinge",
    "identity+student_t",
)  # with parameters
BOUNDS = ("Lipschitz", "smooth", "strongly")
MANY, FEW = 10_000, 12
REACH = 2.0  # in floats; 1 − e^(−e^z) has lost its digits beyond
LEAP = "jump"  # of the value; that of a slope is "slope jump"
NEAR = 1e-9  # a second difference at a distance of 1e-15 is so near the second derivative
ROUNDING = 1e-9  # a second difference of floats is off by about so much of the values it is made of
rng = np.random.default_rng(7)


def sample(names, count):
    """The canonical ones, and some others, the same every time."""
    return sorted(set(random.Random(5).sample(names, count)) | (CANONICAL.keys() & set(names)))


ELEMENTWISE = sample([p.name for p in PAIRS if p.kind != VECTOR], 10)
VECTORS = sorted(random.Random(6).sample([p.name for p in PAIRS if p.kind == VECTOR], 12))
SINGLES = [*ACTIVATIONS, *LOSSES]
# Losses of which it is not decided: powers of |a − y|, and kinks whose order depends on the target's sign.
OPEN = {"lq", "smape"}


@cache
def findings(name):
    return {f.name: f for f in CLAIM.examine(catalogue.subject(name))[0]}


def first(name):
    return CLAIM.examine(catalogue.subject(name))[0][0]


def formula(subject):
    """L(f(z), y) of an elementwise subject, as typed, at the defaults of the parameters."""
    line = curve(subject)
    expr = plain(line.los.expr).subs(A, line.act.expr)
    return expr.subs({p.symbol: p.default for p in line.parameters}), line


def drawn(place, count):
    """Random numbers of a set, denser near a finite end."""
    if isinstance(place, Finite):
        return rng.choice(place.values, count).astype(float)
    if isinstance(place, Punctured):
        return rng.choice((-1, 1), count) * (0.05 + rng.exponential(1, count))
    low, high = (float(e) if e.is_number else -1.0 for e in (place.lo, place.hi))
    if np.isinf(low):
        return high - rng.exponential(3, count) if np.isfinite(high) else rng.uniform(-REACH, REACH, count)
    return low + rng.exponential(3, count) if np.isinf(high) else rng.uniform(low, high, count)


def probe_numbers(subject):
    """Second differences of the formula at random points, in floats, where these keep their digits."""
    expr, line = formula(subject)
    values = sp.lambdify((Z, Y), expr, ["scipy", "numpy"])
    z, y, step = drawn(line.domain, MANY), drawn(line.target, MANY), rng.uniform(0, 0.5, MANY)
    if line.domain != REALS:
        step = np.minimum(step, 0.4 * np.abs(z))
    ends = [np.broadcast_to(values(z + s * step, y), z.shape) for s in (1, -1, 0)]
    return ends[0] + ends[1] - 2 * ends[2], sum(map(np.abs, ends))


def probe_far(subject):
    """The second derivative of the formula itself by power series in balls, far out as well."""
    expr, line = formula(subject)
    ball, far = compile_ball(expr), rng.uniform(-15, 15, FEW)
    z = far if line.domain == REALS else drawn(line.domain, FEW)
    y = drawn(line.target, FEW)
    return [
        certified(ball, {Z: float(p), Y: float(q)}, Z, 2, digits=20, side=1)[2]
        for p, q in zip(z, y, strict=True)
    ]


def bends_up(subject):
    with np.errstate(all="ignore"):
        second, scale = probe_numbers(subject)
    good = np.isfinite(second)
    assert good.mean() > 0.5  # the others left the domain
    assert (second >= -ROUNDING * (1 + scale))[good].all()
    assert not any(value < 0 for value in probe_far(subject))


def bends_down(subject, witness):
    """Whether the formula itself, in 60 digits, has the curvature or the jump that a witness says."""
    line, at = curve(subject), dict(witness.at)
    known = {p.symbol: at.get(str(p.symbol), p.default) for p in line.parameters}
    expr = plain(line.los.expr).subs(A, line.act.expr).subs(known).subs(Y, at.get("y", 0))
    z, h = at.get("z", at.get("a")).subs(known), Rational(1, 10**15)
    left, middle, right = (sp.N(expr.subs(Z, z + s * h), 80) for s in (-1, 0, 1))
    value = sp.N(plain(witness.value).subs(known), 40)
    if witness.quantity.name == LEAP:  # no convex function jumps inside its domain
        assert abs(value) > NEAR > abs((right - left) - value)
        return
    order = 1 if "jump" in witness.quantity.name else 2
    assert value < 0
    assert abs((left - 2 * middle + right) / h**order - value) < NEAR


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_pair_bends_as_it_is_said_to(name):
    subject = catalogue.subject(name)
    found = convex(curve(subject))
    assert found.outcome in (PROVED, REFUTED), found.how
    if found.outcome == PROVED:
        bends_up(subject)
    else:
        bends_down(subject, found.witness)


@pytest.mark.parametrize("name", [*EXAMINED, *random.Random(8).sample([p.name for p in PAIRS], 12)])
def test_every_finding_is_complete(name):
    """A proved bound has its value, a refuted convexity its witness, and nothing raises."""
    for found in CLAIM.examine(catalogue.subject(name))[0]:
        assert found.says and found.how
        assert found.outcome != PROVED or found.name.split()[0] not in BOUNDS or found.value is not None
        assert found.outcome != REFUTED or not found.name.startswith("convex") or found.witness is not None
        assert all(step.proof.holds for step in found.steps)


@pytest.mark.parametrize("subject", SINGLES, ids=lambda s: f"{type(s).__name__} {s.name}")
def test_an_entry_alone_bends_as_it_is_said_to(subject):
    """Elementwise entries; vectors follow below."""
    if subject.kind == VECTOR:
        assert CLAIM.examine(subject)[0][0].outcome != UNDECIDED
        return
    found = convex(curve(subject))
    assert (found.outcome == UNDECIDED) == (subject.name in OPEN), found.how
    if found.outcome == PROVED:
        bends_up(subject)
    elif found.outcome == REFUTED:
        bends_down(subject, found.witness)


def test_the_canonical_pairs_come_out_as_numbers_say():
    found = {name: convex(curve(catalogue.subject(name))).outcome for name in CANONICAL}
    assert found == {name: PROVED if yes else REFUTED for name, yes in CANONICAL.items()}


def rows(place, count, size):
    """Random elements of a set of vectors."""
    if isinstance(place, OneHot):
        return np.eye(size)[rng.integers(size, size=count)]
    if isinstance(place, Simplex):
        return rng.dirichlet(np.ones(size), count)
    return drawn(place if isinstance(place, Interval | Finite) else REALS, count * size).reshape(count, size)


def components(base, values):
    return {base: [values[:, k] for k in range(values.shape[1])]}


def probe(subject, size):
    """Second differences of a vector loss at random points, in random directions."""
    los = subject.loss if isinstance(subject, Pair) else subject
    bases = blocks(subject)
    inside = not isinstance(subject, Pair) and isinstance(los.prediction, Simplex)
    z = {b: rows(los.prediction if inside else REALS, MANY, size) for b in bases}
    t = {b: rng.normal(0, 0.5, (MANY, size)) * (0.3 * z[b] if inside else 1) for b in bases}
    scalar = los.kind == VECTOR and los.expr.xreplace(
        {e: sp.Dummy() for e in los.expr.atoms(sp.Indexed)}
    ).has(Y)
    y = {Y: drawn(los.target, MANY)} if scalar else components(YS, rows(los.target, MANY, size))
    ends = []
    with np.errstate(all="ignore"):
        for s in (1, -1, 0):
            point = {b: [(z[b] + s * t[b])[:, k] for k in range(size)] for b in bases}
            ends.append(loss(subject, {**point, **y}, FLOATS))
    return ends[0] + ends[1] - 2 * ends[2], sum(map(np.abs, ends))


VECTOR_LOSSES = [los.name for los in LOSSES if los.kind == VECTOR]


@pytest.mark.parametrize("name", [*VECTORS, *VECTOR_LOSSES, "softmax+cross_entropy"])
def test_vectors_bend_as_they_are_said_to(name):
    subject = catalogue.subject(name)
    found = convex_vectors(subject)
    assert found.outcome in (PROVED, REFUTED), found.how
    if found.outcome == REFUTED:
        assert refuted_again(subject, dict(found.witness.at), found.witness.value)
        return
    second, scale = probe(subject, 3)
    good = np.isfinite(second)
    assert good.mean() > 0.5
    assert (second >= -ROUNDING * (1 + scale))[good].all()


def refuted_again(subject, at, value):
    """Whether the three exact values of the loss give the second difference of the witness, below 0."""
    bases = blocks(subject)
    steps = [at["t"]] if len(bases) == 1 else [at[f"t_{b.label}"] for b in bases]
    y = (
        {Y: at["y"]}
        if "y" in at and not isinstance(at["y"], sp.Tuple)
        else {YS: list(at["y"])} if "y" in at else {}
    )
    values = []
    for s in (1, -1, 0):
        point = {
            b: [p + s * t for p, t in zip(at[str(b.label)], step, strict=True)]
            for b, step in zip(bases, steps, strict=True)
        }
        values.append(loss(subject, {**point, **y}, EXACT))
    again = sp.N(values[0] + values[1] - 2 * values[2], 40)
    return again < 0 and abs(again - sp.N(value, 40)) < 1e-30


# Worked in full.


def test_half_the_squared_error_of_a_sigmoid():
    found = findings("sigmoid+half_squared_error")
    main = found["convex in z"]
    assert main.outcome == REFUTED
    assert dict(main.witness.at) == {"y": Rational(3, 4), "a": Rational(1, 4), "z": -sp.log(3)}
    assert main.witness.value == Rational(-3, 256)
    hard = found["convex in z at hard targets"].witness
    assert (dict(hard.at)["y"], hard.value) == (1, Rational(-9, 256))
    assert found["convex in the weights"].outcome == REFUTED
    assert found["Lipschitz for targets in the range"].value == Rational(4, 27)


def test_cross_entropy_of_a_sigmoid():
    found = findings("sigmoid+bce")
    assert [f.outcome for f in found.values()] == [PROVED, PROVED, REFUTED, PROVED, PROVED]
    assert found["Lipschitz"].value == 1
    assert found["smooth"].value == Rational(1, 4)
    assert found["strongly convex"].value == 0


@pytest.mark.parametrize(
    "name", ["sigmoid+bce", "softplus", "identity+cross_entropy_logits", "softmax+cross_entropy"]
)
def test_the_textbook_forms_are_proved(name):
    """−y log a − (1 − y) log(1 − a) behind a sigmoid, log(1 + e^z), log Σ e^z."""
    main = first(name)
    assert main.outcome == PROVED
    assert all(step.proof.proved for step in main.steps if step.rule != "definition")


def test_softmax_is_smooth_with_a_half():
    found = findings("softmax+cross_entropy")
    assert found["smooth"].value == Rational(1, 2)
    assert found["Lipschitz"].value == sp.sqrt(2)
    assert found["strongly convex"].outcome == REFUTED


def test_the_range_of_a_constant_is_that_of_its_parameter():
    found = findings("identity+huber")
    assert str(found["Lipschitz"].value) == "delta"
    assert found["smooth"].value == 1


PLANTED = (  # not convex, though a person may think so
    A**4 - A**2,
    sp.exp(A) * (A - Y) ** 2,
    sp.log(sp.cosh(A - Y)) - sp.log(sp.cosh((A - Y) / 2)) * 3,
    sp.Piecewise((A**2, A < 1), (A, True)),
    -sp.Abs(A - Y),
    sp.sqrt(1 + A**2) - Rational(1, 1000) * A**2,
)


@pytest.mark.parametrize("expr", PLANTED, ids=str)
def test_what_is_not_convex_is_refuted(expr):
    planted = Loss(
        name="planted", title="planted", expr=expr, prediction=REALS, target=REALS, reads="mean",
        hard=(0,), known=(), source="",
    )  # fmt: skip
    found = convex(curve(planted))
    assert found.outcome != PROVED
    assert found.outcome == REFUTED or "no point was found" in found.how


def test_a_vector_loss_with_a_concave_term_is_refuted():
    base = catalogue.loss("multi_rmse")
    planted = replace(base, name="planted", expr=base.expr - over(AS[N] ** 2))
    assert convex_vectors(planted).outcome == REFUTED


def test_what_only_targets_out_of_reach_spoil_is_convex_for_the_others():
    planted = replace(catalogue.loss("half_squared_error"), name="planted", expr=A * Y)
    found = CLAIM.examine(Pair(activation=catalogue.activation("exponential"), loss=planted))[0]
    assert [f.outcome for f in found[:2]] == [REFUTED, PROVED]
    assert found[1].says.endswith("y ∈ (0, ∞)")


# A letter that both entries have, and one that stands in the inverse of an activation.


def test_a_witness_has_numbers_for_all_its_letters():
    found = findings("negative_binomial_mean+squared_error")["convex in z"]
    assert dict(found.witness.at) == {"alpha": 1, "y": 2, "a": 1, "z": -sp.log(2)}
    assert found.witness.value == -4


def test_a_letter_of_both_entries_is_said_once():
    found = findings("negative_binomial_mean+negative_binomial")["convex in z"]
    assert found.says == "L is convex in z for every y ∈ [0, ∞) and every α ∈ (0, ∞)"
