"""The NumPy blocks agree with certified values of the heads they spell, over the whole float range."""

import numpy as np
import pytest
from flint import arb

from derive.balls import certified, compile_ball
from derive.emit import blocks
from derive.heads import HEADS
from derive.model import Z

ULP = 12  # of a block or of the square of a root
SPELLED = [head for head in HEADS if head.numpy.startswith("_")]
ROOTED = [head for head in HEADS if head.root]
RNG = np.random.default_rng(7)
POINTS = np.concatenate(
    [
        RNG.uniform(-10, 10, 300),
        RNG.uniform(-745, 745, 300),
        RNG.choice([-1, 1], 200) * 10 ** RNG.uniform(-307, 3, 200),
        [0.0, 1e16, -1e16, 1e308, -1e308, 36.7, -36.9, -37.1, 37.5, 5e-324],
    ]
)
NEAR_ROOT = {"log_softplus": (0.2, 0.9)}  # it is 0 at z = 0.541: beside a root every rounding grows

FAR = {"softplus_lag": 1e5}  # beyond, its meaning has no enclosure: e^(−z) leaves every number format


def function(template):
    """The block that a template of the table calls."""
    return getattr(blocks, template.split("(")[0])


def error(computed, truth):
    """|computed − truth| in ulp of the truth; None where that is no normal number."""
    near = float(truth.mid())
    if not 2.3e-308 < abs(near) < 1.79e308:
        return None
    return abs(float((arb(float(computed)) - truth) / arb(float(np.spacing(abs(near))))))


def worst(head, values):
    """The largest error of the values at POINTS."""
    ball = compile_ball(head.slope.__globals__[head.name](Z))
    low, high = NEAR_ROOT.get(head.name, (np.inf, np.inf))
    far = FAR.get(head.name, np.inf)
    kept = [(x, v) for x, v in zip(POINTS, values, strict=True) if not low < x < high and abs(x) < far]
    errors = [error(v, certified(ball, {Z: float(x)}, Z, 0)[0]) for x, v in kept]
    return max(e for e in errors if e is not None)


@pytest.mark.parametrize("head", SPELLED, ids=lambda head: head.name)
def test_block_is_accurate(head):
    with np.errstate(all="ignore"):
        values = function(head.numpy)(POINTS)
    assert worst(head, values) < ULP
    assert worst(head, values * (1 + 1e-14)) > ULP


@pytest.mark.parametrize("head", ROOTED, ids=lambda head: head.name)
def test_square_of_a_root_is_the_block(head):
    with np.errstate(all="ignore"):
        values = function(head.root)(POINTS) ** 2
    assert worst(head, values) < ULP


@pytest.mark.parametrize("rooted", [False, True])
@pytest.mark.parametrize("head", [h for h in HEADS if h.scaled[0]], ids=lambda head: head.name)
def test_rounding_of_a_scaled_argument_is_made_good(head, rooted):
    scale = 1.702
    ball = compile_ball(head.slope.__globals__[head.name](scale_symbol() * Z))
    near = POINTS[np.abs(POINTS) < 400]
    with np.errstate(all="ignore"):
        values = function(head.scaled[rooted])(scale, near) ** (2 if rooted else 1)
    truths = [certified(ball, {Z: float(x), scale_symbol(): scale}, Z, 0)[0] for x in near]
    errors = [error(v, t) for v, t in zip(values, truths, strict=True)]
    assert max(e for e in errors if e is not None) < ULP


def scale_symbol():
    """The symbol of a parameter."""
    from derive.catalogue.activations import BETA

    return BETA.symbol
