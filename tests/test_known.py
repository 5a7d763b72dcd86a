"""Values from outside: every entry has them where they show something, and they agree with its formula."""

import math
from dataclasses import replace

import pytest
import sympy as sp

from derive.accuracy.truth import derivatives, formula
from derive.catalogue import ACTIVATIONS, LOSSES
from derive.checks.known import LIMIT
from derive.model import ELEMENTWISE, A, Activation, Y, Z

ENTRIES = [entry for entry in (*ACTIVATIONS, *LOSSES) if entry.kind == ELEMENTWISE]


def off(entry, known):
    """The relative difference between a known value and the entry's plain formula."""
    at, y = (*known.at, 0.0)[:2]
    found = float(derivatives(formula(entry, dict(known.parameters)), at, y, 0, side=1)[0])
    return abs(found - known.value) / (abs(known.value) or 1.0)


def piece(entry, known):
    """Which branch of the entry's formula a known value lies on."""
    inputs = (Z,) if isinstance(entry, Activation) else (A, Y)
    values = {p.symbol: p.default for p in entry.parameters}
    values |= dict(zip(inputs, map(sp.Float, known.at), strict=True))
    conditions = [c.subs(values) for pw in entry.expr.atoms(sp.Piecewise) for _, c in pw.args]
    return conditions.index(True) if conditions else 0


def pieces(entry):
    """How many branches the entry's formula has."""
    return max([len(pw.args) for pw in entry.expr.atoms(sp.Piecewise)], default=1)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_known_values_agree_with_the_formula(entry):
    assert [known for known in entry.known if off(entry, known) > LIMIT] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_known_values_show_something(entry):
    assert all(known.origin and math.isfinite(known.value) for known in entry.known)
    assert all(known.at[0] not in (0.0, 1.0) for known in entry.known)
    plain = [known for known in entry.known if not known.parameters]
    assert {piece(entry, known) for known in plain} == set(range(pieces(entry)))
    named = {name for known in entry.known for name, _ in known.parameters}
    assert named == {p.name for p in entry.parameters}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_wrong_known_value_is_noticed(entry):
    first = entry.known[0]
    assert off(entry, replace(first, value=first.value + 1e-9)) > LIMIT
