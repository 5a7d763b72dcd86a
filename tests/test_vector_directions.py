"""The NumPy blocks of unit vectors, lengths and angles agree with exact arithmetic over all floats."""

import numpy as np
import pytest
from flint import arb

from derive.emit.vectors import blocks
from tests.vector_exact import SIZES, check_terms, exact, rows, slack, ulps, without
from tests.vector_exact import quiet as quiet


@pytest.mark.parametrize("classes", SIZES)
def test_unit_vector(classes):
    for x in rows(classes):
        if not x.any():
            continue
        a, n, e = blocks._unit(x)
        p, q = blocks._portions(x)
        squares = [exact(v) ** 2 for v in x]
        length = sum(squares, arb(0)).sqrt()
        assert ulps(a, [exact(v) / length for v in x]) < 4
        assert ulps(p, [v / length**2 for v in squares]) < 4
        assert ulps(q, [v / length**2 for v in without(squares)]) < 4
        assert ulps(np.ldexp(n, e), [length]) < 4
        assert ulps(blocks._norm(x), [length]) < 4
    assert np.isnan(blocks._unit(np.zeros(classes))[0]).all()
    assert blocks._norm(np.zeros(classes)) == 0


@pytest.mark.parametrize("classes", SIZES)
def test_ray(classes):
    for u, v in zip(rows(classes), rows(classes, seed=1), strict=True):
        x, a, n, e, s = blocks._ray(u, -v)
        s = float(np.max(s))
        # The difference is rounded once, over 4 where it overflows.
        y = [exact(k / 4 - j / 4 if s == 0.25 else k - j) / exact(s) for k, j in zip(u, v, strict=True)]
        length = sum((k**2 for k in y), arb(0)).sqrt()
        if length == 0:
            continue
        assert np.isfinite(x).all()
        assert ulps(a, [k / length for k in y]) < 4
        c, part, more = blocks._lengths(n, e, n, e - 3)
        assert np.max(c) in (1, 2.0**64)
        assert ulps(part, [length / exact(np.max(c))]) < 4
        assert more == np.ldexp(part, -3)


@pytest.mark.parametrize("classes", SIZES)
def test_difference_of_two_unit_vectors(classes):
    """In parts of the gap, however short, also where it lies along the vector."""
    for y, more in zip(rows(classes, limit=150), rows(classes, limit=100, seed=1), strict=True):
        for g in (more, more * 1e-120, y * 1e-9):
            v, u = list(map(exact, y)), [exact(k) + exact(j) for k, j in zip(y, g, strict=True)]
            n, m = (sum((k**2 for k in w), arb(0)).sqrt() for w in (v, u))
            if n == 0 or m == 0:
                continue
            true = [k / m - j / n for k, j in zip(u, v, strict=True)]
            a, b = (np.array([float((k / size).mid()) for k in w]) for w, size in ((u, m), (v, n)))
            found = blocks._parted(a, b, y, g)
            gap = sum((exact(k) ** 2 for k in g), arb(0)).sqrt() / n
            allowed = 1e-15 * gap if gap < 1 else arb(1e-15)
            assert all(abs(exact(k) - t) <= allowed + 5e-324 for k, t in zip(found, true, strict=True))


@pytest.mark.parametrize("classes", SIZES)
def test_unlike(classes):
    """Also where two vectors differ by a few ulp, and where they are parallel."""
    random = np.random.default_rng(classes)
    for u in rows(classes, limit=150):
        for v in (u * 2, u * (1 + random.integers(-3, 4, classes) * 1e-15), random.uniform(-1, 1, classes)):
            x, y = list(map(exact, u)), list(map(exact, v))
            squares = sum((k**2 for k in x), arb(0)) * sum((k**2 for k in y), arb(0))
            if squares == 0:
                continue
            cosine = sum((k * j for k, j in zip(x, y, strict=True)), arb(0)) / squares.sqrt()
            found = blocks._unlike(u, v)[0]
            assert abs(exact(found) - (1 - cosine)) <= 1e-14 * (1 - cosine) + 1e-60


@pytest.mark.parametrize("classes", SIZES)
def test_slope_of_a_unit_vector(classes):
    for x, w in zip(rows(classes), rows(classes, seed=1), strict=True):
        u, v = list(map(exact, x)), list(map(exact, w))
        cube = sum([k**2 for k in u], arb(0)).sqrt() ** 3
        for j, value in enumerate(blocks._across(x, w, 0.5)):
            others = [k for k in range(classes) if k != j]
            terms = [t / cube / 2 for k in others for t in (u[k] ** 2 * v[j], -u[j] * u[k] * v[k])]
            if float(slack(terms)) < 1.7e308:
                check_terms(value, terms)


@pytest.mark.parametrize("classes", SIZES)
def test_turn_of_a_unit_vector(classes):
    given = zip(rows(classes), rows(classes, seed=1), rows(classes, seed=2), strict=True)
    for x, w, v in (vectors for vectors in given if vectors[0].any()):
        truths, size = turned(x, w, v)
        for value, truth in zip(blocks._turned(x, w, v, 2.0), truths, strict=True):
            if float(size.mid()) < 1.7e308:
                assert abs(exact(value) - 2 * truth) <= size * 40 / 2**53 + exact(1e-322)


def turned(x, w, v):
    """Truth: the turn of a unit vector, and the size of the terms that it is made of."""
    x, w, v = ([exact(t) for t in vector] for vector in (x, w, v))
    length = dot(x, x).sqrt()
    a = [t / length for t in x]
    g, u = ([t - s * dot(a, one) for s, t in zip(a, one, strict=True)] for one in (w, v))
    along, crossed, other = dot(a, w), dot(u, w), dot(a, v)
    terms = zip(u, a, g, strict=True)
    truths = [-(p * along + q * crossed + r * other) / length**2 for p, q, r in terms]
    return truths, dot(w, w).sqrt() * dot(v, v).sqrt() / length**2


def dot(u, v):
    """The sum of products."""
    return sum((s * t for s, t in zip(u, v, strict=True)), arb(0))
