"""What the check of kinks excuses, and that it excuses no slope of another piece and no other convention."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.accuracy.kappa import kappa_z, undecided
from derive.accuracy.kinks import kink_points
from derive.accuracy.truth import formula
from derive.balls import Unreachable, certified, compile_ball
from derive.checks.kinks import kappa_of_piece, spots
from derive.model import Y, Z
from test_checks import failed, material, with_functions


def about(*names, **parameters):
    """The plain formula of a pair."""
    return formula(catalogue.pair(*names), parameters)


def planted(names, quantity, condition, wrong):
    """The names of the checks that fail where a quantity is wrong under a condition on z and y."""
    original = material(*names)

    def function(z, y, **parameters):
        value = original.module[quantity](z, y, **parameters)
        return np.where(condition(z, y), wrong(value), value).astype(value.dtype)[()]

    return failed(with_functions(original, **{quantity: function}), ("kinks",))


EXACT = (
    (Z / 6 + sp.Rational(1, 2), -3.0),
    (Z / 5 + sp.Rational(1, 2), -2.5),
    ((Z + sp.sqrt(Z**2 + 10)) / 2 - sp.Rational(1, 4), -9.75),
    (1 / (3 * Z) + sp.Rational(1, 6), -2.0),
)


@pytest.mark.parametrize(("expr", "root"), EXACT, ids=str)
def test_what_rational_numbers_cancel_is_exactly_zero(expr, root):
    ball = compile_ball(expr)
    assert certified(ball, {Z: root}, Z, 1)[0] == 0
    assert certified(ball, {Z: float(np.nextafter(root, 0))}, Z, 1)[0] != 0
    right, left = (certified(compile_ball(sp.Abs(expr)), {Z: root}, Z, 1, side=side)[1] for side in (1, -1))
    assert right.overlaps(-left) and not right.overlaps(left)


def test_powers_of_a_constant_zero_are_zero_and_of_a_root_have_slopes_below_the_power():
    power = compile_ball(sp.Max(Z, 0) ** Y)
    assert certified(power, {Z: -1.0, Y: 2.5}, Z, 3) == [0, 0, 0, 0]
    assert certified(power, {Z: 0.0, Y: 2.5}, Z, 2, side=1) == [0, 0, 0]
    with pytest.raises(Unreachable):
        certified(power, {Z: 0.0, Y: 2.5}, Z, 3, side=1)


@pytest.mark.parametrize("away", [1e-12, -1e-6, 1e-3])
def test_kappa_knows_slopes_of_rounded_outputs_that_fall_to_zero_and_keep_their_sign(away):
    root = float(np.log(np.expm1(1)))  # where softplus is 1
    near = kappa_z(about("softplus", "lq"), "hessian", root + away, 1.0)
    assert near == pytest.approx(root / abs(away), rel=0.2)
    assert kappa_z(about("identity", "lq"), "hessian", 1 + away, 1.0) == 0  # z − y is exact
    assert kappa_z(about("softplus", "pseudo_huber"), "hessian", root + away, 1.0) == 0


def test_kappa_is_that_of_the_nearest_of_two_roots():
    """Beside the root at −2.99987 lies that at −3, from where on the second derivative is 0."""
    plain = about("hard_sigmoid", "lq")
    (kink,) = [kink for kink in kink_points(plain, 2e-5) if -3 < kink.left < -2.99]
    assert kappa_z(plain, "hessian", kink.right, 2e-5) > 1e12


def test_the_side_of_a_kink_is_undecided_where_terms_of_the_output_cancel():
    """z/6 + 1/2 beside −3 is off by parts of 1/2, not of itself."""
    plain, y = about("hard_sigmoid", "absolute_error"), 2.0**-40
    root = -3 + 6 * y
    assert undecided(plain, root + 2.0**-48, y) and not undecided(plain, root + 2.0**-44, y)
    assert not undecided(about("relu", "absolute_error"), y + 2.0**-88, y)


def test_kappa_beside_a_kink_counts_a_soft_target_and_no_step_across():
    """p y is nearly 1/2 at z = 0: (1 − y − p y)/2 is the gradient of the pair there."""
    y = 0.49716479766985155
    plain = about("leaky_relu", "bce_pos_weight")
    beside = [spot for spot in spots(plain) if abs(spot.z) < 1e-300 and spot.y == y]
    assert {spot.side for spot in beside} == {-1, 0, 1}
    for spot in beside:
        assert kappa_of_piece(plain, "gradient", spot) == pytest.approx(2 * y / (1 - 2 * y))


NEAR = 2.0**-10
WRONG = (
    (("hard_sigmoid", "absolute_error"), "grad", lambda z, y: z == -3, lambda v: v + 1 / 6),
    (("hard_sigmoid_keras2", "hinge"), "grad", lambda z, y: z == 2.5, lambda v: v - 0.2),
    (("leaky_relu", "bce_pos_weight"), "grad", lambda z, y: z == 0, lambda v: 2 * v),
    (("leaky_relu", "bce_pos_weight"), "grad", lambda z, y: z == 5e-324, lambda v: v / 100),
    (("squareplus", "huber"), "grad", lambda z, y: (z == 1.5) & (y == 0), lambda v: -v),
    (("identity", "lq"), "hess", lambda z, y: (z > y) & (z < y + NEAR), lambda v: 0 * v),
    (("softplus", "lq"), "hess", lambda z, y: abs(np.log1p(np.exp(z)) - y) < NEAR, lambda v: 2 * v),
    (("softplus", "lq"), "grad", lambda z, y: abs(np.log1p(np.exp(z)) - y) < NEAR, lambda v: -v),
    (("exponential", "smape"), "hess", lambda z, y: abs(np.exp(z) - y) < NEAR, lambda v: -v),
)


@pytest.mark.parametrize(("names", "quantity", "condition", "wrong"), WRONG)
def test_what_kappa_excuses_hides_no_defect(names, quantity, condition, wrong):
    assert failed(material(*names), ("kinks",)) == set()
    assert planted(names, quantity, condition, wrong) == {"kinks"}


def test_a_piece_is_told_near_a_kink_that_no_float_is():
    """The kink lies at c/3, which is rounded: some ulp farther out the wrong piece is one."""
    bound = material("where(z > c/3, z**2, z)", c=1)

    def grad(z, **parameters):
        value = bound.module["grad"](z, **parameters)
        return np.where((z > 1 / 3) & (z < 1 / 3 + NEAR), 1.0, value)[()]

    assert failed(bound, ("kinks",)) == set()
    assert failed(replace(bound, module={**bound.module, "grad": grad}), ("kinks",)) == {"kinks"}
