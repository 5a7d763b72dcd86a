"""The likelihood behind a loss: each density gives its loss, what has none is refuted."""

from dataclasses import replace

import matplotlib as mpl
import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy import special

from density_rows import SETTINGS, named, settings
from derive import catalogue, derive
from derive.catalogue.densities import DENSITIES
from derive.claims import likelihood
from derive.claims.inside import of_loss
from derive.claims.likelihood import bent, dominated, exact, linear, logs, observations, origins, responses
from derive.claims.likelihood.family import family_steps, general_steps, responding, response
from derive.model import (
    AS,
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    THETA,
    UNDECIDED,
    VECTOR,
    YS,
    ZS,
    A,
    Activation,
    Finite,
    Interval,
    Unproved,
    Y,
    Z,
)
from derive.studies.claims import figure

ROWS = {row.name: row for row in DENSITIES}
LOSSES = tuple(of_loss(los) for los in catalogue.LOSSES)  # as the claim is asked of them

# The list; which density gives which loss stands nowhere in the program.
GIVES = {
    "bernoulli": {"bce"},
    "categorical": {"cross_entropy"},
    "gaussian": {"half_squared_error", "squared_error"},
    "laplace": {"absolute_error", "laplace_nll"},
    "poisson": {"poisson", "generalized_kl"},
    "gamma": {"gamma", "exponential_nll"},
    "inverse_gaussian": {"inverse_gaussian"},
    "negative_binomial": {"negative_binomial"},
    "student_t": {"student_t"},
    "cauchy": {"cauchy"},
    "huber_density": {"huber"},
    "smooth_l1_density": {"smooth_l1"},
    "asymmetric_laplace": {"quantile"},
    "two_piece_gaussian": {"expectile"},
    "generalized_gaussian": {"lq"},
    "tube": {"epsilon_insensitive"},
    "squared_tube": {"squared_epsilon_insensitive"},
    "lognormal": {"lognormal_nll"},
    "shifted_lognormal": {"msle"},
    "bernoulli_log_odds": {"bce_logits"},
    "poisson_log": {"poisson_log"},
    "gamma_log": {"gamma_log"},
}
CANONICAL = {
    "bernoulli": "sigmoid",
    "gaussian": "identity",
    "poisson": "exponential",
    "gamma": "neg_inverse",
    "inverse_gaussian": "inverse_root",
    "negative_binomial": "negative_binomial_mean",
    "categorical": "softmax",
}


def places(row):
    """Predictions within the domain of a density."""
    return (0.2, 0.7) if row.prediction.hi == 1 else (0.6, 2.0)


# From the density to the loss.


@pytest.mark.parametrize("name", GIVES)
def test_each_density_of_the_list_gives_its_loss(name):
    assert GIVES[name] <= {los.name for los in likelihood.from_density(name)}


def test_each_density_gives_a_loss():
    assert all(likelihood.from_density(row.name) for row in DENSITIES)


MATCHED = [los for los in LOSSES if origins.match(los)]


@pytest.mark.parametrize("los", MATCHED, ids=named)
def test_every_step_is_proved_and_the_last_is_the_loss(los):
    found = origins.match(los)
    *most, last = observations.steps(found)
    assert all(step.proof.proved or step.rule == "definition" for step in (*most, last))
    assert last.result and not any(step.result for step in most)
    assert last.expr == observations.over_all(found.expr)
    left = sum(step.quantity.name.startswith("C_") for step in most)
    dropped = [part for part in (found.logarithm.constant, found.logarithm.data) if part != 0]
    assert left >= len(dropped)


@pytest.mark.parametrize("los", [los for los in MATCHED if los.kind == ELEMENTWISE], ids=named)
def test_the_loss_differs_from_the_logarithm_by_what_no_prediction_changes(los):
    """10,000 points: −log p − c L depends on y alone, by the formulas of the two rows."""
    found = origins.match(los)
    numbers_ = {p.symbol: SETTINGS[p.name] for p in (*found.density.nuisance, *los.parameters)}
    numbers_ = {s: v for s, v in numbers_.items() if s.name not in [str(p.symbol) for p in found.settings]}
    # With the cases at the ends of y, where y log y is 0.
    whole = catalogue.loss(los.name).expr if found.expr == los.expr else found.expr
    expr = (-sp.log(found.mass) - found.scale * whole).xreplace({s: sp.Float(v) for s, v in numbers_.items()})
    function = sp.lambdify(
        (A, Y), expr, ["numpy", {"gamma": special.gamma, "factorial": special.factorial, "erf": special.erf}]
    )
    rng = np.random.default_rng(5)
    ys = spread(rng, found.density.support, found.density.discrete)
    with np.errstate(all="ignore"):  # a Piecewise evaluates every case
        rows = function(spread(rng, found.density.prediction, False)[:, None], ys[None, :])
    assert rows.size == 10_000
    assert np.ptp(rows, axis=0).max() < 1e-9


def spread(rng, domain, whole):
    """A hundred numbers of a set."""
    if isinstance(domain, Finite):
        return rng.choice(np.array(domain.values, dtype=float), 100)
    low, high = max(float(domain.lo), -4), min(float(domain.hi), 6)
    room = 0.05 * (high - low)  # towards 0, exp(−y/a) is 0 in floats
    return rng.integers(0, 9, 100).astype(float) if whole else rng.uniform(low + room, high - room, 100)


def test_a_wrong_density_or_loss_is_found_out():
    los = catalogue.loss("bce")
    planted = replace(los, name="planted", expr=los.expr + A * Y / 1000)
    assert origins.match(planted) is None
    row = replace(ROWS["poisson"], mass=ROWS["poisson"].mass * sp.exp(A / 1000))
    assert origins._matched(row, catalogue.loss("poisson"), ()) is None
    with pytest.raises(Unproved):
        observations._step(origins.match(los), observations.NEGATIVE, "planted", "", (los.expr, planted.expr))
    assert logs.log_proof(ROWS["gaussian"].mass).proved


def test_gaussian_in_full():
    """The ½ and the σ² of the squared error, each a step of its own."""
    steps = observations.steps(origins.match(catalogue.loss("half_squared_error")))
    kinds = [(step.rule, str(step.expr)) for step in steps[4:]]
    assert kinds == [
        ("definition", "n*log(2*pi*sigma**2)/2"),
        ("drop", "Sum((a[i] - y[i])**2/(2*sigma**2), (i, 1, n))"),
        ("definition", "sigma**(-2)"),
        ("divide by c", "Sum((a[i] - y[i])**2/2, (i, 1, n))"),
    ]
    assert origins.match(catalogue.loss("squared_error")).scale == 1 / (
        2 * sp.Symbol("sigma", positive=True) ** 2
    )


# Exponential families and responses.


def test_the_general_steps_hold():
    assert all(step.proof.holds for step in general_steps())


@pytest.mark.parametrize("row", [row for row in DENSITIES if row.family], ids=named)
def test_every_step_of_a_family_is_proved(row):
    steps = family_steps(row)
    assert all(step.proof.proved or step.rule == "definition" for step in steps)
    assert [step.result for step in steps].count(True) == 2


def test_a_wrong_cumulant_is_refused():
    row = ROWS["poisson"]
    wrong = replace(row, family=replace(row.family, cumulant=sp.exp(THETA) + THETA))
    with pytest.raises(Unproved):
        family_steps(wrong)


@pytest.mark.parametrize("name", CANONICAL)
def test_the_canonical_response_is_found_by_its_formula(name):
    assert responding(ROWS[name]).name == CANONICAL[name]
    if ROWS[name].kind == ELEMENTWISE:
        inverse = response(ROWS[name]).subs(Z, ROWS[name].family.natural)
        back = sp.lambdify(A, inverse.xreplace(settings(ROWS[name].nuisance)), "numpy")
        assert np.allclose([back(value) for value in places(ROWS[name])], places(ROWS[name]), atol=1e-12)


def test_what_is_no_family_bends():
    for name in ("laplace", "huber_density", "hyperbolic_secant", "student_t"):
        los, *_ = likelihood.from_density(name)
        found = linear.bend(origins.match(los))
        at = dict(found.at)
        ours = -origins.match(los).logarithm.kept.xreplace(settings(los.parameters + ROWS[name].nuisance))
        ys = [at[f"y_{n}"] for n in (1, 2, 3)]
        u, v, w = (ours.subs({A: at["a"], Y: y}) - ours.subs({A: at["a′"], Y: y}) for y in ys)
        bent = ((w - v) / (ys[2] - ys[1]) - (v - u) / (ys[1] - ys[0])) / (ys[2] - ys[0])
        assert abs(sp.N(bent - found.value)) < 1e-12 < abs(sp.N(bent))
    for name in ("gaussian", "poisson", "gamma", "inverse_gaussian", "negative_binomial"):
        assert linear.bend(origins.match(likelihood.from_density(name)[0])) is None


# Refuted.


def area(losses, points):
    """Twice the area of the points (L₁ − L₂, log(−L₁′/L₂′)) of three predictions, by mpmath's own slopes."""
    with mpmath.workdps(30):
        places = []
        for t in points:
            (one, slope), (two, other) = ((f(t), mpmath.diff(f, t)) for f in losses)
            places.append((one - two, mpmath.log(-slope / other)))
        (d1, r1), (d2, r2), (d3, r3) = places
        return float((r2 - r1) * (d3 - d1) - (r3 - r1) * (d2 - d1))


def test_focal_loss_is_bent_and_likelihoods_are_straight():
    found = bent.bend(catalogue.loss("focal"))
    points = [mpmath.mpf(int(t.p)) / int(t.q) for t in bent.POINTS]

    def focal(p):
        return -((1 - p) ** 2) * mpmath.log(p)

    assert abs(area((focal, lambda p: focal(1 - p)), points) - float(found.area)) < 1e-12
    assert abs(area((lambda p: -mpmath.log(p), lambda p: -mpmath.log(1 - p)), points)) < 1e-20
    assert all(
        bent.bend(catalogue.loss(name)) is None for name in ("cross_entropy", "logistic", "kl_divergence")
    )
    assert all(dominated.dominated(los) is None for los in MATCHED)


BEATEN = [(los, found) for los in LOSSES if not origins.match(los) and (found := dominated.dominated(los))]


@pytest.mark.parametrize(("los", "found"), BEATEN, ids=[los.name for los, _ in BEATEN])
def test_a_dominated_prediction_is_one(los, found):
    """No c > 0 and no weights make the sums at both predictions 1: the formula of the entry says so."""
    worse, better = (
        np.array([float(dominated.cost(los, at, y)) for y, *_ in found.costs])
        for at in (found.worse, found.better)
    )
    assert (worse >= better).all() and (worse > better).any()
    rng = np.random.default_rng(0)
    for c, weights in zip(rng.exponential(1, 200), rng.exponential(1, (200, len(worse))), strict=True):
        assert (weights * np.exp(-c * worse)).sum() < (weights * np.exp(-c * better)).sum()


@pytest.mark.parametrize("entry", (*catalogue.ACTIVATIONS, *catalogue.LOSSES), ids=named)
def test_exact_values_are_those_of_libraries(entry):
    """What refutes a loss is evaluated by the code that is held against all known values here."""
    for known in entry.known:
        if known.parameters:
            continue
        found = exact_value(entry, [sp.Rational(v) for v in known.at])
        if found is not sp.nan or 0 not in known.at:  # 0 log 0 is what its limit is, to a library
            assert abs(float(found) - known.value) <= 1e-10 * max(1, abs(known.value))


def exact_value(entry, at):
    """The value at stacked inputs."""
    los = not isinstance(entry, Activation)
    if entry.kind != VECTOR:
        return exact.value(entry, *at)
    bases = [i.base for i in entry.inputs] or [AS if los else ZS]
    components = los and any(e.base == YS for e in entry.expr.atoms(sp.Indexed))
    single = los and not components and entry.expr.has(Y)
    size = (len(at) - single) // (len(bases) + components)
    chunks = {
        base: at[n * size : (n + 1) * size] for n, base in enumerate([*bases, *([YS] if components else [])])
    }
    return exact.value(entry, chunks, at[-1] if single else None, j=size)


# Verdicts.


def test_hinge_has_no_likelihood():
    (finding,), (table,), figures = likelihood.examine(catalogue.loss("hinge"))
    assert finding.outcome == REFUTED and finding.witness.value == 1 and figures == ()
    assert dict(finding.witness.at) == {"a": 2, "y": -1}
    assert len(table.rows) == 2


def test_smoothed_labels_have_no_likelihood():
    for name in ("smoothed_cross_entropy", "cross_entropy_logits"):
        findings = likelihood.examine(catalogue.loss(name))[0]
        assert [finding.outcome for finding in findings[:2]] == [PROVED, REFUTED]
        assert "label_smoothing = 0" in findings[0].says and "label_smoothing = 1/2" in findings[1].how


def test_what_cannot_be_asked_is_not():
    for subject in (catalogue.activation("tanh"), catalogue.loss("ranknet"), catalogue.loss("triplet")):
        assert likelihood.examine(subject)[0][0].outcome == NOT_APPLICABLE


# Their density is in no table here, and nothing shows that there is none.
OPEN = {
    "exponential_01", "fair", "kl_pointwise", "mape", "pseudo_huber", "smape", "tukey",
    "tweedie", "tweedie_log",
}  # fmt: skip


def test_no_subject_raises_and_elementwise_losses_are_all_decided():
    undecided = set()
    for entry in (*catalogue.ACTIVATIONS, *LOSSES):
        first = likelihood.examine(entry)[0][0]
        if entry in LOSSES and entry.kind == ELEMENTWISE and first.outcome == UNDECIDED:
            undecided.add(entry.name)
    assert undecided == OPEN


def test_pairs_have_their_response():
    outcomes = {}
    for act in catalogue.ACTIVATIONS:
        for los in LOSSES:
            if catalogue.fits(act, los) and origins.match(los) and origins.match(los).density.family:
                (finding,) = responses.canonical(act, origins.match(los))
                outcomes.setdefault(finding.outcome, set()).add(f"{act.name}+{los.name}")
    assert {"sigmoid+bce", "softmax+cross_entropy", "neg_inverse+gamma"} <= outcomes[PROVED]
    assert {"probit+bce", "tanh+half_squared_error", "exponential+gamma"} <= outcomes[REFUTED]
    assert UNDECIDED not in outcomes


@pytest.mark.parametrize(("act", "los"), [("sigmoid", "bce"), ("exponential", "poisson"), ("relu", "huber")])
def test_the_figure_shows_the_density_and_the_loss(act, los):
    found = derive(act, los)
    assert likelihood.examine(found.subject)[2] == ("likelihood",)
    drawn = figure("likelihood", found.subject, found.module)
    left, right = drawn.axes
    assert isinstance(found.subject.activation.range, Interval)
    (line,) = [line for line in right.lines if line.get_gid() == "likelihood-loss"]
    assert len(line.get_xdata()) > 20 and np.isfinite(line.get_ydata()).all()
    kinds = (mpl.collections.LineCollection, mpl.lines.Line2D)
    shown = [c.get_gid() for c in left.get_children() if isinstance(c, kinds) and c.get_gid()]
    assert sorted(shown) == [f"likelihood-density-{n}" for n in (1, 2, 3)]
