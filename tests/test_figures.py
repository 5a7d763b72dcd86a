"""Figures show what the code computes: every curve, its jumps, and the same file every time."""

import numpy as np
import pytest

from derive import catalogue
from derive.model import ELEMENTWISE
from derive.studies.curves import GRID, curve, panels, targets
from derive.studies.figure import figure, limits, svg
from drawn import drawn_curves
from tables import derivation

REFERENCE = catalogue.REFERENCE


def step(z):
    """A function that jumps where no grid point lies, and is 0 there for a few floats only."""
    return np.sign(z - np.log(np.e - 1))


@pytest.mark.parametrize(
    ("function", "jumps", "dots"),
    [
        (np.tanh, [], ()),
        (np.abs, [], ()),
        (lambda z: np.where(z < 1, -1.0, 0.0), [1.0], ((1.0, 0.0),)),
        (np.sign, [0.0, 0.0], ((0.0, 0.0),)),
        (lambda z: np.sign(z) + np.sign(z - 0.03), [0.0, 0.0, 0.03], ((0.0, -1.0),)),
        (step, [np.log(np.e - 1)], ()),
    ],
    ids=["smooth", "kink", "jump", "jump with a value", "two in one interval", "between grid points"],
)
def test_a_line_is_broken_exactly_where_it_jumps(function, jumps, dots):
    found = curve("", function)
    gaps = np.flatnonzero(np.isnan(found.values))
    assert found.z[gaps] == pytest.approx(jumps, abs=1e-12)
    assert found.dots == dots
    assert (np.diff(found.z) >= 0).all() and set(GRID) <= set(found.z)
    unbroken = ~np.isnan(found.values)
    assert (found.values[unbroken] == function(found.z[unbroken])).all()


@pytest.mark.parametrize("names", REFERENCE, ids="-".join)
def test_every_hard_target_is_drawn_from_the_code(names):
    derived = derivation(names)
    pair, module = derived.subject, derived.module
    for panel, name in zip(panels(pair, module), ("loss", "grad"), strict=True):
        assert len(panel.curves) == (len(pair.loss.hard) if pair.kind == ELEMENTWISE else 3)
        assert len({line.label for line in panel.curves}) == len(panel.curves)
        if pair.kind != ELEMENTWISE:
            continue
        for line, y in zip(panel.curves, pair.loss.hard, strict=True):
            seen = ~np.isnan(line.values)
            assert (line.values[seen] == module[name](line.z[seen], float(y))).all()


@pytest.mark.parametrize("names", REFERENCE, ids="-".join)
def test_a_panel_shows_the_middle_of_every_curve(names):
    derived = derivation(names)
    for panel in panels(derived.subject, derived.module):
        low, high = limits(panel)
        for line in panel.curves:
            middle = line.values[(np.abs(line.z) <= 2) & ~np.isnan(line.values)]
            assert low < middle.min() and middle.max() < high


def test_the_same_file_every_time():
    derived = derivation(("sigmoid", "bce"))
    first, second = (svg(derived.figure()) for _ in range(2))
    assert first == second and "<dc:date>" not in first and "Matplotlib v" not in first


def test_settings_of_the_user_change_nothing():
    import matplotlib as mpl

    derived = derivation(("sigmoid", "bce"))
    plain = svg(derived.figure())
    with mpl.rc_context({"lines.color": "red", "font.size": 20, "axes.grid": True, "svg.hashsalt": "x"}):
        assert svg(derived.figure()) == plain


def test_the_drawn_curves_are_read_back():
    derived = derivation(("identity", "hinge"))
    found = drawn_curves(svg(figure(derived.subject, derived.module)))
    wanted = [line for panel in panels(derived.subject, derived.module) for line in panel.curves]
    assert [name for name in found if "dots" not in name] == ["loss-1", "loss-2", "gradient-1", "gradient-2"]
    for line, points in zip(wanted, found.values(), strict=True):
        assert len(points) == np.count_nonzero(~np.isnan(line.values))


def test_ends_that_are_not_taken_are_open():
    step_up, sign = (curve("", f) for f in (lambda z: np.where(z < 1, -1.0, 0.0), np.sign))
    assert np.round(step_up.rings, 9).tolist() == [[1, -1]]
    assert np.round(sign.rings, 9).tolist() == [[0, -1], [0, 1]] and curve("", step).rings == ()


def test_of_curves_and_dots_that_coincide_all_are_seen():
    """Each is narrower than those drawn before it."""
    derived = derivation(("relu", "half_squared_error"))
    for axes in figure(derived.subject, derived.module).axes:
        lines = {line.get_gid(): line for line in axes.lines if line.get_gid()}
        for sizes in (
            [line.get_linewidth() for name, line in lines.items() if name[-1].isdigit()],
            [line.get_markersize() for name, line in lines.items() if name.endswith("dots")],
        ):
            assert len(sizes) == 3 and sizes == sorted(set(sizes), reverse=True)
        low, high = axes.get_xlim()
        assert low < GRID[0] and GRID[-1] < high


OTHERS = [("l2_normalize", "cosine_similarity"), ("glu", "multi_rmse"), ("identity", "multi_quantile")]


@pytest.mark.parametrize("names", OTHERS, ids="-".join)
def test_a_vector_pair_is_drawn_from_its_own_targets(names):
    derived = derivation(names)
    drawn = figure(derived.subject, derived.module)
    assert len(drawn.axes) == 2 and all(len(axes.lines) == 3 * 3 + 1 for axes in drawn.axes)
    for panel in panels(derived.subject, derived.module):
        assert all(np.isfinite(line.values[~np.isnan(line.values)]).all() for line in panel.curves)
        assert len({tuple(line.values) for line in panel.curves}) > 1


def test_every_vector_pair_has_targets_to_draw():
    pairs = [catalogue.pair(*names) for names in catalogue.legal_pairs()]
    found = {p.loss.name: targets(p.loss) for p in pairs if p.kind != ELEMENTWISE}
    assert all(len({label for label, _ in rows}) == len(rows) == 3 for rows in found.values())
    assert np.array([y for _, y in found["reverse_kl"]]).min() > 0  # inside the simplex
    assert [float(y) for _, y in found["multi_quantile"]] == [-1, 0, 1]
