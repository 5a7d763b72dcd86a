"""Values from outside: every entry has them where they show something, and they agree with its formula."""

import math
from dataclasses import replace

import pytest
import sympy as sp

from derive.accuracy.truth import derivatives, formula
from derive.catalogue import ACTIVATIONS, LOSSES
from derive.checks.known import LIMIT
from derive.model import ELEMENTWISE, A, Activation, Finite, Interval, Loss, Y, Z

ENTRIES = [entry for entry in (*ACTIVATIONS, *LOSSES) if entry.kind == ELEMENTWISE]


def off(entry, known):
    """The relative difference between a known value and the entry's plain formula."""
    at, y = (*known.at, 0.0)[:2]
    found = float(derivatives(formula(entry, dict(known.parameters)), at, y, 0, side=1)[0])
    return abs(found - known.value) / (abs(known.value) or 1.0)


GRID = [sign * sp.Rational(n, 7) for n in (1, 3, 5, 9, 11, 16, 24, 48) for sign in (1, -1)]


def branches(entry, at, parameters=()):
    """Of every Piecewise in the entry's formula, the branch that holds at a point."""
    values = {p.symbol: p.default for p in entry.parameters}
    values |= {p.symbol: dict(parameters)[p.name] for p in entry.parameters if p.name in dict(parameters)}
    inputs = (Z,) if isinstance(entry, Activation) else (A, Y)
    values |= dict(zip(inputs, map(sp.Rational, at), strict=True))
    found = ((pw, [c.subs(values) for _, c in pw.args]) for pw in entry.expr.atoms(sp.Piecewise))
    return {(pw, holds.index(True)) for pw, holds in found}


def anywhere(entry):
    """The branches that hold somewhere off the kinks, where a and y differ."""
    places = [(z,) for z in GRID if inside(entry, z)]
    if isinstance(entry, Loss):
        targets = entry.target.values if isinstance(entry.target, Finite) else ("-3/5", "2/5", 4)
        places = [(a, y) for (a,) in places for y in targets]
    return {branch for at in places for branch in branches(entry, at)}


def inside(entry, z):
    """Whether a number may be the first argument of an entry."""
    domain = entry.domain if isinstance(entry, Activation) else entry.prediction
    return not isinstance(domain, Interval) or domain.lo < z < domain.hi


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_known_values_agree_with_the_formula(entry):
    assert [known for known in entry.known if off(entry, known) > LIMIT] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_known_values_show_something(entry):
    assert all(known.origin and math.isfinite(known.value) for known in entry.known)
    assert all(known.at[0] not in (0.0, 1.0) for known in entry.known)
    shown = {branch for known in entry.known for branch in branches(entry, known.at, known.parameters)}
    assert anywhere(entry) <= shown
    named = {name for known in entry.known for name, _ in known.parameters}
    assert named == {p.name for p in entry.parameters}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_wrong_known_value_is_noticed(entry):
    first = entry.known[0]
    assert off(entry, replace(first, value=first.value + 1e-9)) > LIMIT
