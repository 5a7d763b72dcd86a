"""Ball arithmetic: heads mean what they say, anchored series equal plain ones, digits are certified."""

import flint
import pytest
import sympy as sp
from flint import arb

from derive import balls
from derive.balls import AtKink, Unreachable, certified, compile_ball, compose, taylor
from derive.balls.compile import FUNCTIONS
from derive.heads import HEADS, plain
from derive.model import A, Y, Z

MIDDLE = (-3.5, -0.75, 0.625, 2.25)
BITS = 400


def globals_of(head):
    """The SymPy function of a head."""
    from derive import heads

    return getattr(heads, head.name)


def overlap(one, other):
    """Whether two lists of balls overlap, each ball being narrow."""
    narrow = all(b.rel_accuracy_bits() > BITS / 2 or abs(b) < arb(2) ** -BITS for b in (*one, *other))
    return narrow and all(a.overlaps(b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
@pytest.mark.parametrize("z", MIDDLE)
def test_head_equals_its_meaning_and_its_slope(head, z):
    stable = taylor(compile_ball(globals_of(head)(Z)), {Z: z}, Z, 2, BITS)
    meaning = taylor(compile_ball(head.meaning(Z)), {Z: z}, Z, 2, BITS)
    assert overlap(stable, meaning) or not (stable[0].is_finite() or meaning[0].is_finite())
    if not stable[0].is_finite():
        return  # as log1p(-3.5): the meaning has no value either, or the line above had failed
    slope = taylor(compile_ball(plain(head.slope(Z))), {Z: z}, Z, 0, BITS)
    assert overlap(stable[1:2], slope)


def test_wrong_ball_of_a_head_is_noticed(monkeypatch):
    monkeypatch.setitem(FUNCTIONS, "sigmoid", lambda x: 1 / (2 + (-x).exp()))
    with pytest.raises(AssertionError):
        test_head_equals_its_meaning_and_its_slope(next(row for row in HEADS if row.name == "sigmoid"), 0.625)


EXPRESSIONS = (
    1 / (1 + sp.exp(-Z)),
    sp.log(1 + sp.exp(Z)),
    sp.log(1 - 1 / (1 + sp.exp(-Z))),
    sp.tanh(Z) - 1,
    Z * (1 + sp.erf(Z / sp.sqrt(2))) / 2,
    sp.log(sp.cosh(Z - Y)),
    (sp.exp(Z) - 1) ** 3 / (Z**2 + 3),
    sp.atan(Z) * sp.sin(Z) + sp.cos(Z) ** 2,
    sp.Piecewise((Z * Y, Z > Y), (sp.Abs(Z - Y), True)),
)


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@pytest.mark.parametrize("z", MIDDLE)
def test_anchored_series_equal_plain_ones(expr, z):
    ball, env = compile_ball(expr), {Z: z, Y: 0.3}
    assert overlap(taylor(ball, env, Z, 2, BITS), taylor(ball, env, Z, 2, BITS, anchor=True))


@pytest.mark.parametrize(
    ("expr", "equal"),
    [
        (1 - 1 / (1 + sp.exp(-Z)), sp.exp(-Z) / (1 + sp.exp(-Z))),
        (1 - sp.tanh(Z), 2 * sp.exp(-2 * Z) / (1 + sp.exp(-2 * Z))),
        (sp.log(1 - 1 / (1 + sp.exp(-Z))), -Z - sp.log(1 + sp.exp(-Z))),
    ],
    ids=str,
)
@pytest.mark.parametrize("z", [40.0, 1e3, 1e6])
def test_complements_keep_their_digits(expr, equal, z):
    value, truth = (taylor(compile_ball(e), {Z: z}, Z, 1, 128, anchor=True) for e in (expr, equal))
    assert all(v.rel_accuracy_bits() > 90 and v.overlaps(t) for v, t in zip(value, truth, strict=True))


def test_digits_are_certified():
    for z in (-40.0, 5e-324, 1e-9, 700.0, 1e5):
        value, slope = certified(compile_ball(1 / (1 + sp.exp(-Z)) - Y), {Z: z, Y: 0.5}, Z, 1)
        assert min(value.rel_accuracy_bits(), slope.rel_accuracy_bits()) >= 80


def test_what_cannot_be_told_from_zero_is_unreachable():
    difference = compile_ball(sp.Abs(sp.sin(Z) ** 2 + sp.cos(Z) ** 2 - 1))
    with pytest.raises(Unreachable):
        certified(difference, {Z: 0.7}, Z, 0)


@pytest.mark.parametrize("z", [0.5, 2.0, 1.125])
def test_roots_of_numbers_are_exact_beside_roots(z):
    """√2/(2√z) is 1, 1/2 and 2/3: |a − y| is at its kink there, which no number of digits would show."""
    rational = {0.5: sp.S.One, 2.0: sp.S.Half, 1.125: sp.Rational(2, 3)}[z]
    for root in (sp.sqrt(2) / (2 * sp.sqrt(Z)), 2 * sp.sqrt(2) * sp.sqrt(Z) * rational**2 / 2):
        with pytest.raises(AtKink):
            certified(compile_ball(sp.Abs(root - rational)), {Z: z}, Z, 0, side=0)
        assert certified(compile_ball(sp.Abs(root - rational)), {Z: z}, Z, 0, side=1)[0].is_zero()


def test_far_values_need_no_clamp():
    log_of_one_plus_exp = compose(compile_ball(sp.log(1 + A)), A, compile_ball(sp.exp(Z)))
    for z in (1e6, 1e300):
        assert certified(log_of_one_plus_exp, {Z: z}, Z, 0)[0].overlaps(arb(z))


@pytest.mark.parametrize("z", [20.0, 1e9, 1e300])
def test_signs_beyond_every_format_are_known(z):
    """y e^(e^z) − e^z and what else holds e^(e^z) is infinite in floats; e^(e^z) over itself is 1."""
    tower = sp.exp(sp.exp(Z))
    for expr, signs in (
        (Y * tower - sp.exp(Z), 1),
        (sp.exp(Z) - Y * tower**2, -1),
        (sp.log(tower) - tower, -1),
    ):
        found = certified(compile_ball(expr), {Z: z, Y: 0.5}, Z, 2)
        assert [float(value) for value in found] == [signs * float("inf")] * 3
    assert certified(compile_ball((Y * tower + 1) / tower), {Z: z, Y: 0.5}, Z, 0)[0].overlaps(arb(0.5))
    with pytest.raises(Unreachable):
        certified(compile_ball(sp.exp(tower)), {Z: 1e300}, Z, 0)


KINKED = {
    sp.Abs(Z - Y): (-1, 1),
    sp.Piecewise((Z, Z > 0), (0, True)): (0, 1),
    sp.Piecewise((0, Z <= 0), (Z, True)): (0, 1),
    sp.Piecewise((-Z * Y - Z, Z < 0), (3 * Z, True)): (-1, 3),
}


@pytest.mark.parametrize("expr", KINKED, ids=str)
def test_sides_of_a_kink(expr):
    ball, env = compile_ball(expr), {Z: 0.0, Y: 0.0}
    slopes = [certified(ball, env, Z, 1, side=side)[1] for side in (-1, 1)]
    assert tuple(map(float, slopes)) == KINKED[expr]
    with pytest.raises(AtKink):
        certified(ball, env, Z, 1, side=0)


def test_a_condition_on_the_target_is_no_kink():
    """Signs of slopes, by which roots are found, are asked for with side=0."""
    cases = compile_ball(sp.Piecewise((Z**3, sp.Eq(Y, 0)), (Z**3 + Y * sp.log(Y), Y < 1), (Z, True)))
    for y, slope in ((0.0, 12), (0.5, 12), (1.0, 1)):
        assert float(certified(cases, {Z: 2.0, Y: y}, Z, 1, side=0)[1]) == slope


def test_precision_is_put_back():
    before = flint.ctx.prec, flint.ctx.cap
    with pytest.raises(Unreachable):
        certified(compile_ball(sp.log(Z)), {Z: -1.0}, Z, 2)
    certified(compile_ball(sp.exp(Z)), {Z: 1e300}, Z, 2)
    assert (flint.ctx.prec, flint.ctx.cap) == before


def test_every_try_has_more_bits_or_an_anchor():
    assert list(balls.TRIES) == sorted(balls.TRIES, key=lambda row: row[0]) and balls.TRIES[-1][1]
