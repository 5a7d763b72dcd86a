"""Saturation: verdicts from formulas, witnesses in balls, proved ones probed, pictures from emitted code."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from flint import arb

from derive import catalogue
from derive.api import derive
from derive.balls import certified, compile_ball
from derive.claims.claim import answer
from derive.claims.saturation import CLAIM, side_by_side
from derive.claims.saturation.tails import approaches, defaults, targets
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REFUTED,
    UNDECIDED,
    A,
    Activation,
    BadInput,
    Interval,
    Pair,
    Y,
    Z,
)
from derive.studies import training
from derive.studies.claims import saturation as pictures
from derive.studies.claims import side_by_side as pairs_pictures
from derive.studies.figure import svg
from tables import cover

POINTS = 10_000
LOSSES = ("bce", "half_squared_error", "poisson")
VERDICTS = (
    (("sigmoid", "half_squared_error"), REFUTED),
    (("sigmoid", "bce"), PROVED),
    (("half_logit_sigmoid", "bce"), PROVED),
    (("probit", "bce"), PROVED),
    (("cauchit", "bce"), REFUTED),  # the loss grows without bound, and still its slope tends to 0
    (("cauchit", "gamma"), PROVED),
    (("tanh", "hinge"), REFUTED),
    (("softplus", "poisson"), PROVED),
    (("softplus", "half_squared_error"), REFUTED),
    (("exponential", "poisson"), PROVED),
    (("relu", "half_squared_error"), REFUTED),
    (("elu", "half_squared_error"), REFUTED),
    (("leaky_relu", "half_squared_error"), NOT_APPLICABLE),
    (("identity", "half_squared_error"), NOT_APPLICABLE),
    (("softmax", "cross_entropy"), PROVED),
    (("softmin", "cross_entropy"), PROVED),
    (("softmax", "half_squared_error"), REFUTED),
    (("softmax", "brier"), REFUTED),
    (("sparsemax", "half_squared_error"), REFUTED),
    (("identity", "cross_entropy_logits"), NOT_APPLICABLE),
    (("log_softmax", "nll"), NOT_APPLICABLE),
    (("swiglu", "half_squared_error"), NOT_APPLICABLE),
)


def elementwise():
    """Every elementwise pair of a few losses."""
    for act in catalogue.ACTIVATIONS:
        for name in LOSSES:
            los = catalogue.loss(name)
            if act.kind == ELEMENTWISE and catalogue.fits(act, los):
                yield Pair(activation=act, loss=los)


# That its loss is smallest where it is dead is not shown.
OPEN = {"threshold+half_squared_error"}
OSCILLATES = {"sin"}  # it is not said that it does not saturate
UNSOLVED = {"softsign", "logc"}  # |a′| = max/100 is neither solved nor isolated
PAIRS = tuple(cover(list(elementwise())))
SINGLE = tuple(a for a in catalogue.ACTIVATIONS if a.kind == ELEMENTWISE)


def named(found, name):
    """The findings of that name."""
    return [f for f in found.findings if f.name == name]


@pytest.mark.parametrize(("names", "outcome"), VERDICTS, ids=lambda case: "+".join(case)[:40])
def test_verdicts(names, outcome):
    assert answer(CLAIM, catalogue.subject(*names)).outcome == outcome


def test_one_pair_in_full():
    """Half the squared error behind a sigmoid: −e^z for y = 1 and z → −∞, while the loss stays at 1/2."""
    found = answer(CLAIM, catalogue.subject("sigmoid", "half_squared_error"))
    first = found.findings[0]
    assert dict(first.witness.at) == {"y": 1, "z": -sp.oo} and first.witness.value == 0
    assert [(s.relation, s.expr) for s in first.steps] == [
        ("→", sp.Rational(1, 2)),
        ("∼", -sp.exp(Z)),
        ("→", 0),
    ]
    assert [f.outcome for f in named(found, "the factor a′")] == [REFUTED]
    (table,) = found.tables
    assert table.rows[0][:2] == ("0.6", "0.24") and table.rows[3][:2] == ("0.95", "0.0475")
    assert [row[0] for row in table.rows] == ["0.6", "0.8", "0.9", "0.95", "0.99", "0.999"]
    ends = {f.value for f in named(found, "below one percent")}
    assert {round(float(z), 3) for z in ends} == {-5.986, 5.986}


def test_the_factor_cancels_in_cross_entropy():
    found = answer(CLAIM, catalogue.subject("sigmoid", "bce"))
    (factor,) = named(found, "the factor a′")
    assert factor.outcome == PROVED and factor.steps[-1].rule == "cancel" and factor.steps[-1].expr == A - Y
    assert all(step.proof.proved for finding in found.findings for step in finding.steps)
    assert [s.expr for s in found.findings[0].steps] == [-1, 1]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_witness_holds_in_balls(pair):
    """Far out the slope of the composed formula is small, though the loss falls further elsewhere."""
    first = answer(CLAIM, pair).findings[0]
    assert first.outcome != UNDECIDED or pair.name in OPEN
    if first.outcome != REFUTED:
        return
    at = dict(first.witness.at)
    given = dict(defaults(pair.parameters))
    formula = pair.loss.expr.subs(Y, at["y"]).subs(A, pair.activation.expr).subs(given)
    values = [loss_and_slope(formula, z) for z in far(at["z"])]
    assert abs(values[-1][1]) <= abs(values[0][1]) and abs(values[-1][1]) < 1e-2
    inside = [loss_and_slope(formula, z)[0] for z in middle(pair.activation.domain)]
    assert min(inside) < values[-1][0]


def loss_and_slope(formula, z):
    """Value and slope of a formula at z, in balls."""
    return [float(c) for c in certified(compile_ball(plain(formula)), {Z: arb(z)}, Z, 1)]


def far(end):
    """Points on the way to an end."""
    if end in (sp.oo, -sp.oo):
        return [(1 if end == sp.oo else -1) * n for n in (8.0, 200.0)]
    return [float(end) + (1 if end == 0 else -1) * n for n in (1e-2, 1e-4)]


def middle(domain):
    """Points inside a domain."""
    low, high = float(domain.lo), float(domain.hi)
    return [z for z in (-4.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 4.0) if low < z < high]


EMITTED = [n for n, o in VERDICTS if o == PROVED and n in catalogue.legal_pairs()]
EMITTED = [n for n in EMITTED if catalogue.pair(*n).kind == ELEMENTWISE]


@pytest.mark.parametrize("names", EMITTED, ids="+".join)
def test_a_proved_gradient_stays_away_from_zero(names):
    """Emitted code at many points far out, where the gradient has come near its limit."""
    pair = catalogue.subject(*names)
    module, z = derive(*names).module, np.geomspace(1e3, 1e6, POINTS)
    for approach in (a for a in approaches(pair.activation) if a.saturated):
        for y in targets(pair):
            values = np.abs(module["grad"](-approach.side.inward * z, float(y)))
            right = float(abs(approach.output - y)) == 0
            assert values.max() < 1e-8 if right else values.min() > 0.9


@pytest.mark.parametrize(("names", "outcome"), [v for v in VERDICTS if v[0][0] == "softmax"])
def test_a_softmax_far_out(names, outcome):
    """Emitted code at a wrong class: the gradient is there with cross-entropy, gone with a squared error."""
    z, y = np.array([[40.0, 0.3, -0.2]]), np.array([[0.0, 1.0, 0.0]])
    size = np.abs(derive(*names).module["grad"](z, y)).max()
    assert size == pytest.approx(1) if outcome == PROVED else size < 1e-15


@pytest.mark.parametrize("act", SINGLE, ids=lambda act: act.name)
def test_beyond_one_percent_the_slope_is_small(act):
    """In balls: points beyond, and the value there, against the largest slope on a grid."""
    found = answer(CLAIM, act)
    assert (found.findings[0].outcome == UNDECIDED) == (act.name in OSCILLATES)
    slope = np.vectorize(lambda z: slope_at(act, z), otypes=[float])
    for finding in named(found, "below one percent"):
        assert (finding.outcome == UNDECIDED) == (act.name in UNSOLVED)
        if finding.outcome == UNDECIDED:
            continue
        root, largest = float(finding.value), np.abs(slope(everywhere(act))).max()
        outward = 1 if "z → ∞" in finding.says else -1
        beyond = root + outward * np.geomspace(1e-4, 20, 200)
        assert np.abs(slope(beyond)).max() < largest / 100 * 1.001
        if np.abs(slope(beyond)).max() == 0:  # a dead unit: the slope jumps
            assert abs(slope_at(act, root - outward * 1e-6)) > 0
            continue
        assert abs(slope_at(act, root)) == pytest.approx(largest / 100, rel=2e-3)


def everywhere(act):
    """A grid, points far out, and the two sides of every kink."""
    given = dict(defaults(act.parameters))
    sides = [float(sp.S(k).subs(given)) + side for k in act.kinks for side in (-1e-6, 1e-6)]
    return np.array([z for z in (*np.linspace(-12, 12, 481), -63, 63, *sides) if inside(act.domain, z)])


def inside(domain, z):
    return float(domain.lo) < z < float(domain.hi)


def slope_at(act, z):
    """The slope of the formula itself, in balls."""
    formula = plain(act.expr).subs(dict(defaults(act.parameters)))
    return float(certified(compile_ball(formula), {Z: arb(z)}, Z, 1, side=1)[1])


def test_planted_entries_are_judged_by_their_formula():
    """A wrong formula under a good name is refuted; a new activation is seen to saturate, another not to."""
    pair = catalogue.pair("sigmoid", "bce")
    assert answer(CLAIM, replace(pair, loss=replace(pair.loss, expr=(A - Y) ** 2 / 2))).outcome == REFUTED
    weak = replace(pair.loss, expr=pair.loss.expr / 1000)
    assert answer(CLAIM, replace(pair, loss=weak)).outcome == PROVED
    softsign = new("softsign", Z / (1 + sp.Abs(Z)), Interval(lo=sp.S.NegativeOne, hi=sp.S.One))
    assert answer(CLAIM, softsign).outcome == PROVED
    arsinh = new("arsinh", sp.log(Z + sp.sqrt(Z**2 + 1)), Interval())
    assert answer(CLAIM, arsinh).outcome == REFUTED  # its slope tends to 0, its output to no limit


def new(name, expr, reach):
    """An activation that is not in the catalogue."""
    return Activation(name=name, title=name, expr=expr, range=reach, source="a test", known=())


def test_side_by_side():
    act, losses = catalogue.activation("sigmoid"), tuple(map(catalogue.loss, ("half_squared_error", "bce")))
    found = side_by_side(act, losses)
    assert found.outcome == REFUTED and found.figures == ("saturation", "neuron", "digits")
    assert "stalls" in found.findings[0].how and "survives" in found.findings[0].how
    (table,) = found.tables
    assert len(table.head) == 4
    wrong = [row[table.head.index("∂L/∂z, binary cross-entropy, y = 0")] for row in table.rows]
    assert wrong == ["0.6", "0.8", "0.9", "0.95", "0.99", "0.999"]
    with pytest.raises(BadInput, match="elementwise"):
        side_by_side(catalogue.activation("softmax"), (catalogue.loss("brier"),) * 2)


@pytest.fixture(scope="module")
def modules():
    """Two losses of the sigmoid, with their emitted code."""
    names = [("sigmoid", "half_squared_error"), ("sigmoid", "bce")]
    return tuple(catalogue.pair(*n) for n in names), [derive(*n).module for n in names]


def test_a_neuron_learns_at_once_or_not(modules):
    start = training.Start(z=-6.0, y=1.0, settled=0.0)
    slow, fast = (training.neuron(module, training.sigmoid, start) for module in modules[1])
    assert fast.right < 10 < 300 < slow.right
    assert fast.outputs[0] == slow.outputs[0] == pytest.approx(1 / (1 + np.exp(6)))
    assert (np.diff(slow.losses) <= 0).all()


def test_a_network_for_digits(modules, monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.setattr(training, "STEPS", 60)
    monkeypatch.setattr(training, "SEEDS", (1,))
    (slow,), (fast,) = (training.network(module, 1.0) for module in modules[1])
    assert slow[0] == fast[0] < 0.2 and len(slow) == len(fast) == 60
    assert fast[-1] > slow[-1] + 0.2


def test_missing_data_names_the_extra(modules, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(BadInput, match=r"derive-gradients\[studies\]"):
        training.network(modules[1][0], 1.0)


def test_pictures(modules):
    """Curves carry their names into the file, and are the emitted gradient."""
    pairs, code = modules
    drawn = pictures.figure(pairs[1], code[1])
    assert all(f'id="saturation-{part}-1"' in svg(drawn) for part in ("output", "z"))
    line = next(line for line in drawn.axes[1].lines if line.get_gid() == "saturation-z-1")
    assert np.array_equal(line.get_ydata(), code[1]["grad"](line.get_xdata(), 1.0))
    both = pairs_pictures.gradients(pairs, code), pairs_pictures.neuron(pairs, code)
    assert 'id="saturation-z-2"' in svg(both[0]) and 'id="neuron-outputs-2"' in svg(both[1])
    assert svg(drawn) == svg(pictures.figure(pairs[1], code[1]))
    with pytest.raises(BadInput, match="no saturated end"):
        pictures.figure(catalogue.pair("identity", "half_squared_error"), code[0])
