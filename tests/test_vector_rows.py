"""The rows over vectors: values from outside, and names, selections and letters that fit together."""

import math
from dataclasses import replace

import flint
import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.accuracy.vectors.formula import formula, meanings
from derive.accuracy.vectors.rows import Row
from derive.accuracy.vectors.run import forward
from derive.accuracy.vectors.tape import tape
from derive.accuracy.vectors.truth import plain_run, truth
from derive.checks.known import LIMIT
from derive.checks.vectors.known import parted
from derive.model import (
    AS,
    I_,
    VECTOR,
    YS,
    ZS,
    Activation,
    J,
    K,
    LogSimplex,
    Loss,
    M,
    N,
    Simplex,
    Sphere,
    Y,
)
from derive.proof.indexed import vanishes

ROWS = [row for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES) if row.kind == VECTOR]
NAMED = [(row, name) for row in ROWS for name in row.names if name.relation is not None]
SIZES = (1, 2, 3, 7)


def row_id(value):
    """The name of a row, or the letter of a name."""
    return getattr(value, "name", None) or str(value.symbol)


def at(entry, known):
    """A known value's inputs, targets and parameters."""
    sample = parted(entry, known)
    y = np.empty(0) if sample.y is None else np.asarray(sample.y)
    return Row(x=sample.x, y=y, parameters=known.parameters)


def off(entry, known):
    """The relative difference between a known value and the entry's plain formula."""
    found = float(truth(entry, "loss", at(entry, known))[-1].mid())
    return abs(found - known.value) / (abs(known.value) or 1.0)


def selected(entry, known):
    """For each selection the set of what it is at a known value: 0 and 1, or the index."""
    with flint.ctx.workprec(256):
        run = plain_run(formula(entry), at(entry, known))
    return {letter: {int(float(v)) for v in np.ravel(found)} for letter, found in run.held.items()}


@pytest.mark.parametrize("entry", ROWS, ids=row_id)
def test_known_values_agree_with_the_formula(entry):
    assert [known for known in entry.known if off(entry, known) > LIMIT] == []


@pytest.mark.parametrize("entry", ROWS, ids=row_id)
def test_known_values_show_something(entry):
    for known in entry.known:
        assert known.origin and math.isfinite(known.value)
        assert not set(at(entry, known).x) & {0.0, 1.0}
    named = {name for known in entry.known for name, _ in known.parameters}
    assert named == {p.name for p in entry.parameters}


@pytest.mark.parametrize("entry", [row for row in ROWS if row.selections], ids=row_id)
def test_known_values_lie_on_every_side_of_a_selection(entry):
    plain = [selected(entry, known) for known in entry.known if not known.parameters]
    for selection in entry.selections:
        assert len(set().union(*(found[selection.symbol] for found in plain))) >= 2


@pytest.mark.parametrize("entry", ROWS, ids=row_id)
def test_wrong_known_value_is_noticed(entry):
    first = entry.known[0]
    assert off(entry, replace(first, value=first.value + 1e-9)) > LIMIT


@pytest.mark.parametrize("entry", ROWS, ids=row_id)
def test_every_letter_has_one_meaning(entry):
    inputs = [i.base for i in entry.inputs] or [ZS if isinstance(entry, Activation) else AS]
    own = [*inputs, *(d.symbol for d in (*entry.parameters, *entry.names, *entry.selections))]
    assert len({str(letter) for letter in own}) == len(own)
    assert set(own) <= letters(entry) <= {*own, YS, Y}


def letters(entry):
    """The letters in an entry's formula and in what its names and selections mean."""
    exprs = [entry.expr, *(n.meaning for n in entry.names), *(s.of for s in entry.selections)]
    exprs += [n.relation for n in entry.names if n.relation is not None]
    bases = {base for expr in exprs for base in expr.atoms(sp.IndexedBase)}
    labels = {base.label for base in bases}
    symbols = {s for expr in exprs for s in expr.atoms(sp.Symbol)} - labels - {K, I_, J, N, M}
    return bases | symbols


def test_entries_of_a_pair_share_no_letter_but_a_and_y():
    for names in catalogue.legal_pairs():
        pair = catalogue.pair(*names)
        if pair.kind != VECTOR:
            continue
        own = [
            {str(d.symbol) for d in (*e.names, *e.selections, *e.parameters)}
            for e in (pair.activation, pair.loss)
        ]
        assert not own[0] & own[1], pair.name
        labels = [p.name for p in pair.parameters]
        assert len(set(labels)) == len(labels), pair.name


def drawn(entry, size, seed=3):
    """A row for an entry with inputs of order 1, inside its domain."""
    random = np.random.default_rng(seed)
    x = random.uniform(0.1, 0.9, size * (len(entry.inputs) or 1))
    if isinstance(entry, Loss) and isinstance(entry.prediction, Simplex | LogSimplex):
        x = x / x.sum()
        x = np.log(x) if isinstance(entry.prediction, LogSimplex) else x
    y = np.eye(size)[-1] if formula(entry).target == YS else np.array(1.0)
    return Row(x=x, y=y if isinstance(entry, Loss) and formula(entry).target is not None else np.empty(0))


@pytest.mark.parametrize(("entry", "name"), NAMED, ids=row_id)
@pytest.mark.parametrize("size", SIZES)
def test_relation_is_zero_at_the_meaning_and_determines_it(entry, name, size):
    about, row = formula(entry), drawn(entry, size)
    with flint.ctx.workprec(256):
        given = plain_run(about, row).given
        for of, zero in ((name.relation, True), (name.relation.diff(name.symbol), False)):
            value = forward(tape(of, meanings(entry)), given, {K: size}).value.ravel()[0]
            assert bool(value.contains(0)) == zero and float(value.rad()) < 1e-50


@pytest.mark.parametrize(("entry", "name"), NAMED, ids=row_id)
def test_relation_is_zero_at_the_meaning_for_every_size(entry, name):
    assert vanishes(name.relation.xreplace({name.symbol: name.meaning}), selections=entry.selections)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("act", [row for row in ROWS if isinstance(row, Activation)], ids=row_id)
def test_range_encloses_the_values(act, size):
    random = np.random.default_rng(size)
    x = random.uniform(-3, 3, size * (len(act.inputs) or 1))
    a = np.array([float(v) for v in truth(act, "loss", Row(x=x, y=np.empty(0)))])
    if isinstance(act.range, Simplex):
        assert abs(a.sum() - 1) < 1e-14 and a.min() >= 0 and (act.range.closed or a.min() > 0)
    elif isinstance(act.range, LogSimplex):
        assert abs(np.exp(a).sum() - 1) < 1e-14
    elif isinstance(act.range, Sphere):
        assert abs((a**2).sum() - 1) < 1e-14
    else:
        assert np.isfinite(a).all() and act.range == catalogue.activation("identity").range


def test_supports_leave_components_out():
    for name in ("sparsemax", "entmax15"):
        a = truth(catalogue.activation(name), "loss", Row(x=np.array([0.25, -2.0, 0.75]), y=np.empty(0)))
        assert [bool(v == 0) for v in a] == [False, True, False]
