"""The catalogue: legality is computed, names unique, ranges enclose, rows are short, kinks have values."""

import ast
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

import derive
from derive import catalogue
from derive.checks.settings import settings as checked
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NONNEGATIVE,
    REALS,
    UNIT_CLOSED,
    UNIT_OPEN,
    VECTOR,
    A,
    BadInput,
    Finite,
    Interval,
    LogSimplex,
    Nonzero,
    OneHot,
    Simplex,
    Sphere,
    Y,
    Z,
)
from derive.rules.raised import lowered_powers, raised
from derive.rules.stable import recognise

ENTRIES = (*catalogue.ACTIVATIONS, *catalogue.LOSSES)
ACTIVATIONS = [act for act in catalogue.ACTIVATIONS if act.kind == ELEMENTWISE]
LOSSES = [los for los in catalogue.LOSSES if los.kind == ELEMENTWISE]
ROW_LINES = 10


def named(entry):
    """The name of a row."""
    return entry.name


def defaults(entry):
    """The default parameters as numbers to substitute."""
    return {p.symbol: p.default for p in entry.parameters}


@pytest.mark.parametrize("rows", [catalogue.ACTIVATIONS, catalogue.LOSSES], ids=["activations", "losses"])
def test_names_and_aliases_are_unique_within_a_kind(rows):
    spellings = [spelling for row in rows for spelling in (row.name, *row.aliases)]
    assert sorted(set(spellings)) == sorted(spellings)


def test_aliases_lead_to_their_rows():
    for find, rows in ((catalogue.activation, catalogue.ACTIVATIONS), (catalogue.loss, catalogue.LOSSES)):
        assert all(find(alias) is row for row in rows for alias in (row.name, *row.aliases))


ROOMS = ("activations", "rectifiers", "links", "losses", "margins", "probabilities", "deviances")


@pytest.mark.parametrize("file", ROOMS)
def test_a_row_is_at_most_ten_lines(file):
    tree = ast.parse(Path(catalogue.__file__).with_name(f"{file}.py").read_text(encoding="utf-8"))
    (table,) = [node.value for node in tree.body if isinstance(node, ast.AnnAssign)]
    assert all(row.end_lineno - row.lineno + 1 <= ROW_LINES for row in table.elts)


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_every_row_has_a_source_and_known_values(entry):
    assert entry.source and entry.known and all(known.origin for known in entry.known)
    assert any(known.parameters for known in entry.known) == bool(entry.parameters)


def settings(entry):
    """The defaults, and other admissible values where there are parameters."""
    return [
        {p.symbol: sp.Rational(dict(given).get(p.name, p.default)) for p in entry.parameters}
        for given in checked(entry)
    ]


NARROW = [sp.Rational(n, 8) for n in range(-40, 41)]
WIDE = [sign * sp.Integer(2) ** n for n in range(-40, 11, 2) for sign in (-1, 1)]


def values(act, setting, grid):
    """The values of an activation, to 100 digits, on what its domain leaves of a grid."""
    inside = [z for z in grid if act.domain.lo < z < act.domain.hi]
    return [act.expr.subs(setting).subs(Z, z).evalf(100) for z in inside]


@pytest.mark.parametrize("act", ACTIVATIONS, ids=named)
def test_range_encloses_the_values(act):
    for setting in settings(act):
        near, far = (values(act, setting, grid) for grid in (NARROW, WIDE))
        if isinstance(act.range, Finite):
            assert set(map(int, near + far)) == set(act.range.values)
            continue
        low, high = (end.subs(setting) for end in (act.range.lo, act.range.hi))
        assert all(low <= value <= high for value in near + far)
        assert act.range.closed_lo or min(near) > low
        assert act.range.closed_hi or max(near) < high


@pytest.mark.parametrize("act", [a for a in ACTIVATIONS if not a.range_is_enclosure], ids=named)
def test_range_is_filled(act):
    """A range that is no mere enclosure is approached at both ends."""
    for setting in settings(act):
        found = values(act, setting, NARROW + WIDE)
        ends = act.range.values if isinstance(act.range, Finite) else (act.range.lo, act.range.hi)
        for end, extreme in zip(ends, (min(found), max(found)), strict=True):
            limit = sp.sympify(end).subs(setting).evalf()
            assert abs(extreme) > 1 if limit.is_infinite else abs(limit - extreme) < sp.Rational(3, 10)


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        (Interval(), Interval(), True),
        (Interval(), Finite(values=(-1, 1)), True),
        (Interval(lo=sp.S.Zero), Interval(lo=sp.S.Zero, closed_lo=True), False),
        (Interval(lo=sp.S.Zero, closed_lo=True), Interval(lo=sp.S.Zero), True),
        (Interval(lo=sp.S.Zero, hi=sp.S.One), Interval(lo=sp.S.Zero), False),
        (Interval(lo=sp.S.Zero), Finite(values=(0, 1)), False),
        (Interval(lo=sp.S.NegativeOne), Interval(lo=-sp.Symbol("alpha", positive=True)), False),
        (Interval(), Simplex(), True),
        (Simplex(), Simplex(closed=False), True),
        (Simplex(closed=False), Simplex(), False),
        (Simplex(), OneHot(), True),
        (Simplex(closed=False), OneHot(), False),
        (OneHot(), Simplex(), False),
        (UNIT_CLOSED, Simplex(), True),
        (UNIT_OPEN, Simplex(closed=False), False),  # one component alone is 1
        (Interval(lo=sp.S.Zero), Simplex(closed=False), True),
        (Interval(lo=sp.S.Zero), Simplex(), False),
        (LogSimplex(), LogSimplex(), True),
        (Simplex(), LogSimplex(), False),
        (Interval(hi=sp.S.Zero, closed_hi=True), LogSimplex(), True),
        (Interval(hi=sp.S.Zero), LogSimplex(), False),  # log 1, for one component alone
        (Nonzero(), LogSimplex(), False),
        (Nonzero(), Sphere(), True),
        (Nonzero(), Simplex(), True),
        (Nonzero(), REALS, False),
        (REALS, Nonzero(), True),
        (Interval(lo=sp.S.NegativeOne, hi=sp.S.One, closed_lo=True, closed_hi=True), Sphere(), True),
        (NONNEGATIVE, Sphere(), False),
        (UNIT_CLOSED, OneHot(), True),
    ],
)
def test_inclusion_of_sets(outer, inner, inside):
    assert catalogue.contains(outer, inner) == inside


def at_defaults(domain, entry):
    """A set with the default parameters for its ends."""
    if not isinstance(domain, Interval):
        return domain
    given = defaults(entry)
    return replace(domain, lo=domain.lo.subs(given), hi=domain.hi.subs(given))


def test_pairs_are_legal_exactly_where_range_and_kind_fit():
    legal = set(derive.legal_pairs())
    for act, los in itertools.product(catalogue.ACTIVATIONS, catalogue.LOSSES):
        kinds = {(ELEMENTWISE, ELEMENTWISE): True, (VECTOR, VECTOR): True}
        kinds |= {(VECTOR, ELEMENTWISE): los.sums, (ELEMENTWISE, VECTOR): act.name == "identity"}
        fits = kinds[act.kind, los.kind] and catalogue.contains(
            at_defaults(los.prediction, los), at_defaults(act.range, act)
        )
        vectors = VECTOR == act.kind == los.kind
        twice = vectors and act.squashes and los.reads == "raw score"
        decided = vectors and act.inputs and los.selections
        assert ((act.name, los.name) in legal) == bool(fits and not (los.inputs or twice or decided))


LEGAL = (
    "softmax+cross_entropy",
    "softmax+squared_error",  # summed over the components
    "softmax+cosine_similarity",
    "sparsemax+brier",
    "log_softmax+nll",
    "l2_normalize+cosine_similarity",
    "identity+sparsemax_loss",
    "swiglu+multi_rmse",
)
ILLEGAL = (
    "sparsemax+cross_entropy",  # a component can be 0
    "log_softmax+cross_entropy",
    "softmax+nll",
    "softmax+absolute_error",  # no sum over components is meant
    "identity+cosine_similarity",  # the vector can be 0
    "swiglu+cosine_similarity",
    "sigmoid+cross_entropy",  # the components need not sum to 1
    "relu+multi_rmse",
    "identity+triplet",  # reads three vectors
)


@pytest.mark.parametrize("name", LEGAL)
def test_these_are_pairs(name):
    assert catalogue.subject(name).name == name


@pytest.mark.parametrize("name", ILLEGAL)
def test_these_are_no_pairs(name):
    with pytest.raises(BadInput, match=r"Try: "):
        catalogue.subject(name)


def test_refusal_names_both_sets_and_what_to_try():
    with pytest.raises(BadInput) as refused:
        catalogue.pair("identity", "bce")
    assert str(refused.value) == (
        "loss 'bce' needs predictions in (0, 1); activation 'identity' gives (-∞, ∞). "
        "Try: sigmoid, probit, cloglog, loglog, cauchit, half_logit_sigmoid, logc"
    )


def test_unknown_names_bring_the_nearest():
    with pytest.raises(BadInput, match=r"unknown activation 'sigmod'\. Try: sigmoid"):
        catalogue.activation("sigmod")


def test_a_squashing_activation_before_a_raw_score_is_named_and_no_reference():
    for names in derive.legal_pairs():
        pair = catalogue.pair(*names)
        assert bool(pair.warning) == (pair.activation.squashes and pair.loss.reads == "raw score")
        assert not (pair.warning and names in derive.reference_pairs())
    assert catalogue.pair("sigmoid", "logistic").warning == (
        "link applied twice: did you mean identity + logistic?"
    )


@pytest.mark.parametrize("los", [los for los in LOSSES if los.kinks], ids=named)
def test_the_branch_at_a_kink_has_the_smaller_derivative(los):
    near = sp.Rational(1, 10**15)
    values = defaults(los)
    targets = los.target.values if isinstance(los.target, Finite) else (sp.Rational(1, 4),)
    for kink, y, order in itertools.product(los.kinks, targets, (1, 2)):
        (at,) = sp.solve(kink.subs(values).subs(Y, y), A)
        slope = lowered_powers(raised(recognise(los.expr)).diff(A, order)).subs(values).subs(Y, y)
        left, value, right = (plain(slope.subs(A, at + side)) for side in (-near, 0, near))
        tie = abs(left + right) <= abs(left) / 10**6  # of curvatures with opposite signs
        least = 0 if left * right < 0 and (order == 1 or tie) else min(left, right, key=abs)
        assert abs(value - least) < 1e-6


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("identity", "triplet"), "reads 3 vectors, and stands alone. Try: triplet"),
        (("tanh", "multi_margin"), "reads vectors; activation 'tanh' gives numbers. Try: tanh"),
        (("softmax", "huber"), "is not summed over vectors; activation 'softmax' gives vectors"),
    ],
)
def test_a_misfit_says_why(names, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        catalogue.pair(*names)
