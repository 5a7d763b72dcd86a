"""Densities, links and deviances: the values of libraries, the moments, the ranges."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
import sympy.stats as stats
from scipy import integrate, special

from density_rows import SCALAR, SETTINGS, named, settings
from derive import catalogue
from derive.catalogue.densities import DENSITIES
from derive.catalogue.deviances import DEVIANCES
from derive.catalogue.links import LINKS
from derive.claims.inside import of_loss
from derive.claims.likelihood import exact
from derive.claims.likelihood.family import variance_of
from derive.model import (
    AS,
    ELEMENTWISE,
    US,
    VS,
    YS,
    A,
    Activation,
    Finite,
    Y,
    Z,
)

ROWS = {row.name: row for row in DENSITIES}
FAMILIES = [row for row in SCALAR if row.family]
DECIMALS = 1e-12  # what a library's own rounding leaves


def log_p(row, known):
    """log p of a row at a known value, by the row's formula alone."""
    at = [sp.Float(v, 30) for v in known.at]
    mass = row.mass.xreplace(settings(row.nuisance, known.parameters))
    if row.kind == ELEMENTWISE:
        return float(sp.log(mass.subs({A: at[0], Y: at[1]})))
    return float(sp.log(at_three(mass, at)))


def at_three(mass, at):
    """A product over k at K = 3, the inputs stacked in front of the targets."""
    bases = [base for base in (AS, US, VS) if any(e.base == base for e in mass.atoms(sp.Indexed))] + [YS]
    chunks = {base: at[3 * n : 3 * n + 3] for n, base in enumerate(bases)}
    entry = replace(catalogue.loss("brier"), expr=mass.function, parameters=())
    (index,) = mass.variables
    factors = (replace(entry, expr=entry.expr.xreplace({index: sp.Integer(k)})) for k in (1, 2, 3))
    return sp.Mul(*(exact.value(factor, chunks) for factor in factors))


# The rows.


@pytest.mark.parametrize("row", DENSITIES, ids=named)
def test_a_density_has_the_values_of_libraries(row):
    assert row.known and all(known.origin for known in row.known)
    assert all(abs(log_p(row, known) - known.value) < DECIMALS for known in row.known)
    wrong = replace(row.known[0], value=row.known[0].value + 1e-6)
    assert abs(log_p(row, wrong) - wrong.value) > DECIMALS


@pytest.mark.parametrize("row", SCALAR, ids=named)
def test_parameters_and_pieces_show_in_known_values(row):
    assert {n for known in row.known for n, _ in known.parameters} == {p.name for p in row.nuisance}


def numbers(row):
    """p(y | a) in floats, nuisance parameters off their defaults."""
    expr = row.mass.xreplace({p.symbol: sp.Float(SETTINGS[p.name]) for p in row.nuisance})
    function = sp.lambdify((A, Y), expr, "math")

    def p(a, y):
        try:
            return function(a, y)
        except OverflowError:  # far out, of what it is divided by
            return 0.0

    return p


def moments(row, a, powers=(0, 1, 2)):
    """Total, mean and variance of a density, or the first of them, summed or integrated."""
    p = numbers(row)
    if row.discrete:
        ys = row.support.values if isinstance(row.support, Finite) else range(120)
        weights = [(y, p(a, y)) for y in ys]
        total = math.fsum(w for _, w in weights)
        mean = math.fsum(y * w for y, w in weights)
        return total, mean, math.fsum((y - mean) ** 2 * w for y, w in weights)
    low = float(row.support.lo)
    ends = (low, a, 4 * a, math.inf) if math.isfinite(low) else (low, a - 2, a, a + 2, math.inf)

    def over(power):
        return math.fsum(
            integrate.quad(lambda y: p(a, y) * (y - a) ** power, low, high)[0] for low, high in pairwise(ends)
        )

    found = tuple(map(over, powers))
    return (found[0], a + found[1], found[2]) if len(found) == 3 else found


def places(row):
    """Predictions within the domain of a density."""
    return (0.2, 0.7) if row.prediction.hi == 1 else (0.6, 2.0)


@pytest.mark.parametrize("row", SCALAR, ids=named)
def test_a_density_integrates_to_one(row):
    for a in places(row):
        assert abs(moments(row, a, (0,))[0] - 1) < 1e-7


@pytest.mark.parametrize("row", FAMILIES, ids=named)
def test_mean_and_variance_are_those_of_the_cumulant(row):
    varying = row.family.dispersion * variance_of(row)
    for a in places(row):
        _, mean, spread = moments(row, a)
        wanted = varying.xreplace({p.symbol: sp.Float(SETTINGS[p.name]) for p in row.nuisance})
        assert abs(mean - a) < 1e-6
        assert abs(spread - float(wanted.subs(A, a))) < 1e-5


k, lam = sp.symbols("k lambda", positive=True)
sigma, b, nu, alpha = sp.symbols("sigma b nu alpha", positive=True)
a, y = sp.symbols("a y", positive=True)
OF_SYMPY = {
    "gaussian": lambda: stats.density(stats.Normal("X", a, sigma))(y),
    "laplace": lambda: stats.density(stats.Laplace("X", a, b))(y),
    "gamma": lambda: stats.density(stats.Gamma("X", k, a / k))(y),
    "inverse_gaussian": lambda: stats.density(stats.GaussianInverse("X", a, lam))(y),
    "poisson": lambda: stats.density(stats.Poisson("X", a))(y),
    "student_t": lambda: stats.density(stats.StudentT("X", nu))(y - a),
    "negative_binomial": lambda: stats.density(stats.NegativeBinomial("X", 1 / alpha, 1 / (1 + alpha * a)))(
        y
    ),
}


@pytest.mark.parametrize("name", OF_SYMPY)
def test_a_density_is_that_of_sympy_stats(name):
    row, other = ROWS[name], OF_SYMPY[name]()
    ours = row.mass.subs({A: a, Y: y}).subs(sp.Symbol("s", positive=True), 1)
    at = {a: 1.75, y: 3, k: 2.5, lam: 1.7, sigma: 0.6, b: 0.7, nu: 3.5, alpha: 0.4}
    for shift in (0, 1, 2):
        here = {**at, a: at[a] + shift / 4, y: at[y] + shift}
        one, two = (sp.N(e.subs(here), 20) for e in (ours, other))
        assert abs(one - two) < 1e-15 * abs(two)


# Links and deviances.


def entry_value(entry, known):
    """The formula of an entry at a known value."""
    letters = (Z,) if isinstance(entry, Activation) else (A, Y)
    expr = entry.expr.xreplace(settings(entry.parameters, known.parameters))
    return float(expr.subs(dict(zip(letters, map(sp.Float, known.at), strict=True))))


@pytest.mark.parametrize("entry", (*LINKS, *DEVIANCES), ids=named)
def test_links_and_deviances_have_the_values_of_libraries(entry):
    assert entry.known and entry.source
    assert all(known.origin and known.at[0] not in (0, 1) for known in entry.known)
    assert {n for known in entry.known for n, _ in known.parameters} == {p.name for p in entry.parameters}
    for known in entry.known:
        assert abs(entry_value(entry, known) - known.value) < DECIMALS * max(1, abs(known.value))
    wrong = replace(entry.known[0], value=entry.known[0].value * (1 + 1e-6))
    assert abs(entry_value(entry, wrong) - wrong.value) > DECIMALS


@pytest.mark.parametrize("act", LINKS, ids=named)
def test_a_link_fills_its_range(act):
    low, high = (float(end) for end in (act.domain.lo, act.domain.hi))
    tail = np.geomspace(1e-4, 36, 4000)  # beyond it a response is 1 in floats, or has overflown
    z = tail if low == 0 else -tail if high == 0 else np.concatenate([-tail, tail])
    z = z[z < 1] if high == 1 else z
    function = sp.lambdify(Z, act.expr.xreplace(settings(act.parameters)), ["numpy", {"erf": special.erf}])
    found, middle = np.sort(function(z)), function(z[np.abs(z) < 3.6])
    bottom, top = float(act.range.lo), float(act.range.hi)
    assert (
        (middle > bottom).all() and (middle < top).all() and (found >= bottom).all() and (found <= top).all()
    )
    assert found[0] < (bottom + 0.2 if math.isfinite(bottom) else -3)
    assert found[-1] > (top - 0.2 if math.isfinite(top) else 3)


@pytest.mark.parametrize("los", DEVIANCES, ids=named)
def test_a_deviance_is_smallest_where_the_prediction_is_the_target(los):
    slope = of_loss(los).expr.diff(A)
    assert sp.simplify(slope.subs(A, Y)) == 0
    bend = slope.diff(A).subs(A, Y).xreplace(settings(los.parameters))
    assert all(bend.subs(Y, value) > 0 for value in (0.5, 1, 2.5))


def test_names_do_not_clash():
    for rows in catalogue.ROWS:
        spellings = [spelling for row in rows for spelling in (row.name, *row.aliases)]
        assert len(set(spellings)) == len(spellings)
    assert len(ROWS) == len(DENSITIES)
