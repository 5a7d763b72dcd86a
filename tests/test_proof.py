"""The proof engine: what is true is proved; what is false is not, even in one case or at one target."""

import pytest
import sympy as sp
from sympy import Abs, Piecewise, Rational, S, atan, cos, cosh, erf, exp, log, sin, sinh, sqrt, tanh

from derive.heads import absolute, sgn, sigmoid, softplus
from derive.model import REALS, Finite, Interval, Parameter, Y, Z
from derive.proof import prove
from derive.proof.ends import sign_at

LABELS = Finite(values=(-1, 1))
ALPHA = Parameter(
    symbol=sp.Symbol("alpha", positive=True), default=S.One, domain=Interval(lo=S.Zero), latex=r"\alpha"
)
alpha = ALPHA.symbol

TRUE = [
    (1 / (1 + exp(-Z)), exp(Z) / (1 + exp(Z))),
    (tanh(Z), (exp(2 * Z) - 1) / (exp(2 * Z) + 1)),
    (log(1 + exp(Z)), Z + log(1 + exp(-Z))),
    (log(cosh(Z)), Z + log(1 + exp(-2 * Z)) - log(2)),
    (1 + erf(Z), 1 - erf(-Z)),
    (Abs(Z) ** 2, Z**2),
    (softplus(Z) - softplus(-Z), Z),
    (exp(Z * (Y + 1)), exp(Z) * exp(Y * Z)),
    (exp(-(Z**2) / 2) * exp(Z**2), exp(Z**2 / 2)),
    (sqrt(2) * sqrt(2) * Z / sqrt(8), Z / sqrt(2)),
    (log((1 + exp(Z)) ** 2 * exp(Z)), 2 * log(1 + exp(Z)) + Z),
    (exp(-Y / (1 + exp(-Z))), exp(-Y * sigmoid(Z))),
    (sqrt(1 + Z**2) - Z, 1 / (sqrt(1 + Z**2) + Z)),
    ((1 + exp(Z)) ** alpha * (1 + exp(Z)) ** 2, (1 + exp(Z)) ** (alpha + 2)),
    (sigmoid(Z) ** alpha, exp(alpha * Z) * (1 + exp(Z)) ** (-alpha)),
    (log((1 + Z**2) ** Rational(2, 3)), 2 * log(1 + Z**2) / 3),
    ((1 + Z**2) ** Rational(1, 3) * (1 + Z**2) ** Rational(5, 3), (1 + Z**2) ** 2),
    (sqrt(1 + sqrt(1 + Z**2)) ** 2 * (sqrt(1 + Z**2) - 1), Z**2),
    (exp(1) * (1 - Y) / (1 + exp(1)), (1 - Y) / (1 + exp(-1))),
    (log(alpha * Z**2), log(alpha) + 2 * log(Abs(Z))),
    ((Z**2) ** alpha, Abs(Z) ** (2 * alpha)),
    (log(Z + sqrt(Z**2 + alpha)), log(alpha) - log(sqrt(Z**2 + alpha) - Z)),
    (Abs(Y - 1 + cos(Z) ** 2 / (1 + sin(Z))) ** alpha, Abs(Y - sin(Z)) ** alpha),
    (log(1 + Abs(Y - 1 + cos(Z) ** 2 / (1 + sin(Z)))), log(1 + Abs(Y - sin(Z)))),
    (log((sqrt(5) - 1) / (4 * alpha)), log(sqrt(5) - 1) - log(alpha) - 2 * log(2)),
    (exp(exp(Z)) * exp(-exp(Z) / 2) * exp(exp(Z / 3)), exp(exp(Z) / 2 + exp(Z / 3))),
    (log(1 + exp(17159 * exp(Z) / 10**4)) - 17159 * exp(Z) / 10**4, log(1 + exp(-17159 * exp(Z) / 10**4))),
    (sqrt(Z**2 / 4 + Rational(851, 500)), sqrt(5) * sqrt(125 * Z**2 + 851) / 50),
    (sin(sqrt(Z**2 / 4 + Rational(851, 500))), sin(sqrt(5) * sqrt(125 * Z**2 + 851) / 50)),
    (Abs(sin(Z)) ** 2, sin(Z) ** 2),
    (sgn(sin(Z)) * sin(Z) * sin(Z), Abs(sin(Z)) * sin(Z)),
    (sp.Max(sqrt(Z**4 + 2) - 1, 0), sqrt(Z**4 + 2) - 1),
    (Piecewise((1, exp(Z) > Rational(1, 3)), (0, True)), Piecewise((1, -log(3) < Z), (0, True))),
]
FALSE = [
    (1 / (1 + exp(-Z)), 1 / (1 + exp(Z))),
    (log(1 + exp(Z)), Z + log(1 + exp(Z))),
    (Abs(Z), Z),
    (erf(Z), erf(-Z)),
    (exp(Z / 2) ** 2, exp(2 * Z)),
    (sqrt(2) * Z, Z * Rational(14142135623730951, 10**16)),
    (log((1 + Z) ** 2), log(1 + Z)),
    (sigmoid(Z) * (1 - sigmoid(Z)), sigmoid(Z) * (1 + sigmoid(Z))),
    # Where a difference hides: far out, in a thin piece, at one point, in a jump, behind a logarithm, in y.
    (Piecewise((6, Z > 6), (Z, True)), Piecewise((99, Z > 6), (Z, True))),
    (Piecewise((Z**2, Z > 1000), (Z, True)), Z),
    (Piecewise((Z + 1, sp.And(Z > 1, Rational(10001, 10000) > Z)), (Z, True)), Z),
    (Piecewise((5, sp.Eq(Z, 0)), (Z, True)), Z),
    (sp.Max(Y, 7), S(7)),
    (sgn(Z), S.Zero),
    (sgn(Z - Y), sgn(-Y)),
    (absolute(Z) + sgn(Z - 7), absolute(Z) + sgn(S(-7))),
    (log(Z**2), 2 * log(Z)),
    (log(Z**2), 2 * log(-Z)),
    (Abs(Y), Y),
    (atan(Abs(Y)), atan(Y)),
    (sp.floor(Z), Z),
    (sqrt(Z**2), Z),
    (sgn(sin(Z)) ** 2, S.One),
    (Z / (Z - Z * (1 + Z) + Z**2), S.Zero),
    ((Z**2) ** alpha, Z ** (2 * alpha)),
    ((1 + Z**2) ** alpha, (1 + Z**2) ** (alpha + 1)),
    (log(Z**alpha), alpha * log(Z)),
    (log(Z**2 * Y), 2 * log(Abs(Z)) + log(Abs(Y))),
    (log(Abs(Z) * Y), log(Abs(Y)) + log(Abs(Z))),
    (log(Abs(Z)), log(Z)),
    (log(Z + sqrt(Z**2 + alpha)), log(sqrt(Z**2 + alpha) - Z)),
    (sqrt(Z**2 + alpha), sqrt(Z**2 + alpha**2)),
    (sqrt(Z**2 + alpha) * sqrt(Z**2 + 1), Z**2 + alpha),
    (exp(1), Rational(2718281828459045, 10**15)),
    (Abs(Y + 1 + cos(Z) ** 2 / (1 + sin(Z))) ** alpha, Abs(Y - sin(Z)) ** alpha),
    (log((1 - sqrt(5)) * Y), log(sqrt(5) - 1) + log(Y)),
    (exp(exp(Z) / 2), exp(exp(Z / 2))),
    (exp(exp(Z)) * exp(exp(Z / 3) / 2), exp(3 * exp(Z) / 2)),
    (log(1 + exp(17159 * exp(Z) / 10**4)), log(1 + exp(17159 * exp(Z) / 5000))),
    (Piecewise((1, alpha > tanh(Z)), (0, True)), S.One),
    (Piecewise((1, alpha > atan(Z)), (0, True)), S.One),
    (Piecewise((1, -alpha < atan(Z)), (0, True)), S.One),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_normal_form_proves(left, right):
    assert prove(left, right).method == "normal form"


@pytest.mark.parametrize(("left", "right"), FALSE)
def test_what_is_false_is_not_proved(left, right):
    assert not prove(left, right, REALS, (ALPHA,)).holds


TINY = Rational(1, 10**50)
NEAR = sp.StrictLessThan(Abs(Z), Rational(1, 10**70))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Z + TINY, Z),
        (Z + sqrt(2) * TINY, Z),
        (Abs(Z - TINY), Abs(Z)),
        (sp.Max(Z, sqrt(2) * TINY), sp.Max(Z, 0)),
        (Piecewise((1, NEAR), (0, True)), S.Zero),
        (Piecewise((1, Z < TINY), (0, True)), Piecewise((1, Z < 0), (0, True))),
        (Piecewise((Z + 1, sp.And(TINY**2 > Z, -(TINY**2) < Z)), (Z, True)), Z),
    ],
)
def test_what_is_tiny_is_not_0(left, right):
    assert not prove(left, right).holds


def test_signs_of_tiny_numbers():
    zero = sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3)
    for number, sign in ((TINY, 1), (-sqrt(2) * TINY**2, -1), (exp(-sqrt(2) * 200), 1), (zero, 0)):
        assert sign_at(number, {}) == sign


def test_derivative_and_one_point():
    gudermann = atan(sinh(Z)), 2 * atan(tanh(Z / 2))
    assert prove(*gudermann).method == "derivative and one point"
    assert not prove(gudermann[0] + 1, gudermann[1]).holds
    assert not prove(gudermann[0], gudermann[1] + Z / 10**6).holds


def test_sampled_where_there_is_no_normal_form():
    wave = 2 + sp.sin(Z)
    proof = prove(log(wave**2), 2 * log(wave))
    assert proof.method == "sampled" and proof.points > 0 and proof.holds and not proof.proved
    assert str(proof) == f"checked at {proof.points} points"
    assert not prove(log(wave**2), 2 * log(wave) + Rational(1, 10**40)).holds


def test_every_case_counts():
    relu = Piecewise((Z, Z > 0), (0, True))
    assert prove(relu, Piecewise((0, Z <= 0), (Z, True))).proved
    assert not prove(relu, Piecewise((Z, Z > 0), (1, True))).holds
    assert not prove(relu, Z).holds
    assert not prove(relu, Piecewise((Z, Z > 1), (0, True))).holds


def test_parameters_count_over_their_domain():
    assert prove(sp.Min(1, alpha), Piecewise((1, alpha > 1), (alpha, True)), REALS, (ALPHA,)).proved
    assert not prove(sp.Min(1, alpha), alpha, REALS, (ALPHA,)).holds


BEYOND = Interval(lo=S(3))
SHORT = Interval(lo=S.Zero, hi=S(3))


def test_a_kink_at_a_parameter_may_lie_anywhere_in_a_domain():
    above = Piecewise((Z, alpha < Z), (0, True))
    for wrong in (Z, S.Zero):
        assert not prove(above, wrong, REALS, (ALPHA,), domain=BEYOND).holds
        assert not prove(above, wrong, REALS, (ALPHA,), domain=SHORT).holds
    assert not prove(above, Piecewise((Z, alpha < Z), (0, Z < 2), (1, True)), REALS, (ALPHA,)).holds
    for domain in (BEYOND, SHORT):
        assert prove(above, Piecewise((0, alpha >= Z), (Z, True)), REALS, (ALPHA,), domain=domain).proved
        assert prove(
            above, Piecewise((Z, alpha < Z), (1, Z < -2), (0, True)), REALS, (ALPHA,), domain=domain
        ).proved


def test_every_target_of_a_finite_set_counts():
    assert prove(Y**2 * Z, Z, LABELS).proved
    assert not prove(Y**2 * Z, Z).holds
    assert not prove(Y * Z, Z, LABELS).holds


POSITIVE, NEGATIVE, UNIT = Interval(lo=S.Zero), Interval(hi=S.Zero), Interval(lo=S.Zero, hi=S.One)
IN_A_DOMAIN = [
    (log(1 / Z), -log(Z), POSITIVE, POSITIVE),
    (log(Y / Z), log(Y) - log(Z), POSITIVE, POSITIVE),
    (log(-Y / Z), log(Y) - log(-Z), NEGATIVE, POSITIVE),
    (log(Z / (1 - Z)), log(Z) - log(1 - Z), UNIT, REALS),
    (sqrt(Z**2), Z, POSITIVE, REALS),
    (Y * log(Y / Z), Y * (log(Y) - log(Z)), POSITIVE, Interval(lo=S.Zero, closed_lo=True)),
]


@pytest.mark.parametrize(("left", "right", "domain", "target"), IN_A_DOMAIN)
def test_a_domain_makes_letters_positive(left, right, domain, target):
    assert prove(left, right, target, domain=domain).method == "normal form"
    assert not prove(left, right + Y, target, domain=domain).holds
    assert not prove(left, right).proved


def test_a_closed_end_counts():
    closed = Interval(lo=S.Zero, closed_lo=True)
    assert not prove(Piecewise((1, sp.Eq(Y, 0)), (Y, True)), Y, closed).holds
