"""Exact numbers for the tests of NumPy blocks: balls of floats, errors in ulp, vectors to try."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq

BITS = 2400  # sums and products of a few floats are exact
SIZES = (1, 2, 3, 10)
SPECIAL = np.array([0.0, 5e-324, 1e-300, 1e-17, 0.5, 1.0, 40.0, 709.3, 745.1, 1000.3, 1e16, 1.7e308])


@pytest.fixture(autouse=True)
def quiet():
    """Flags are silenced, and balls are exact enough."""
    before, ctx.prec = ctx.prec, BITS
    with np.errstate(all="ignore"):
        yield
    ctx.prec = before


def exact(x):
    """A float or a fraction as a ball."""
    x = Fraction(x) if isinstance(x, Fraction) else Fraction(float(x))
    return arb(fmpq(x.numerator, x.denominator))


def ulps(computed, truths):
    """The largest error in ulp of the truth; a NaN or a wrong infinity counts as infinitely far."""
    return max(ulp(c, t) for c, t in zip(np.ravel(computed), truths, strict=True))


def ulp(computed, truth):
    near = float(truth.mid())
    if not np.isfinite([computed, near]).all():
        return 0.0 if computed == near else np.inf
    return abs(float((exact(computed) - truth) / exact(np.spacing(abs(near)))))


def rows(classes, number=60, limit=308, seed=0):
    """Vectors: moderate, over the whole range, special, large with near ties, and of one sign."""
    rng = np.random.default_rng([seed, classes])
    for _ in range(number // 5):
        yield rng.uniform(-10, 10, classes)
        yield rng.choice([-1, 1], classes) * 10 ** rng.uniform(-limit, limit, classes)
        yield rng.choice([-1, 1], classes) * np.minimum(rng.choice(SPECIAL, classes), 10.0**limit)
        yield rng.choice([0, 40, -700, -730, -745], classes) + rng.uniform(-1, 1, classes)
        yield 1e10 * rng.uniform(-1, 1) + rng.uniform(-5, 5, classes)


def without(terms):
    """Truth: the sum of all terms but one, for each."""
    zero = 0 * terms[0]
    return [sum(terms[:j] + terms[j + 1 :], zero) for j in range(len(terms))]


def slack(terms):
    """The sum of the sizes of terms: what rounding is measured by where they may cancel."""
    return sum(map(abs, terms), arb(0))


def check_terms(computed, terms, limit=20, lost=0):
    """The computed sum is off by a few roundings of its terms; where they have one sign, of the sum."""
    truth = sum(terms, arb(0))
    if np.isinf(float(truth.mid())):
        assert computed == float(truth.mid())
        return
    off = abs(exact(computed) - truth)
    assert off <= slack(terms) * limit / 2**53 + exact(limit * 5e-324) + lost
