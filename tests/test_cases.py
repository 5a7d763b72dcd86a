"""Kinks, jumps and restricted domains: rows of the catalogue, and planted ones whose cases are nested."""

from itertools import pairwise

import pytest
import sympy as sp
from sympy import Abs, Heaviside, Max, Min, Piecewise, Rational, S, Symbol, exp, log, sign

from derive import catalogue
from derive.checks.differences import DIFFERENCES
from derive.checks.kinks import KINKS
from derive.checks.table import Material
from derive.derivation import derive
from derive.derivation.conditions import disjoint, together
from derive.derivation.kinks import by_cases, chosen, slope
from derive.emit.elementwise_numpy import code
from derive.model import (
    ELEMENTWISE,
    POSITIVE,
    REALS,
    UNIT_OPEN,
    A,
    Activation,
    Interval,
    Pair,
    Parameter,
    Unproved,
    Y,
    Z,
)
from derive.program import program
from derive.proof import prove
from derive.proof.ends import all_settings, number, ordered, roots
from derive.proof.split import in_cell, pieces, point

LAMBDA = Parameter(
    symbol=Symbol("lambd", positive=True), default=Rational(1, 2), domain=POSITIVE, latex=r"\lambda"
)
LOW = Parameter(symbol=Symbol("low", real=True), default=S.NegativeOne, domain=REALS, latex="l")
HIGH = Parameter(symbol=Symbol("high", real=True), default=S.One, domain=Interval(lo=LOW.symbol), latex="u")
lambd, low, high = LAMBDA.symbol, LOW.symbol, HIGH.symbol


def planted(expr, *kinks, parameters=(), domain=REALS):
    """An activation that is in no catalogue."""
    return Activation(
        name="planted", title="planted", expr=expr, range=REALS, source="nowhere", known=(),
        kinks=tuple(map(S, kinks)), parameters=parameters, domain=domain,
    )  # fmt: skip


NESTED = {
    "min of max": planted(Z * Min(Max(0, Z + 3), 6) / 6, -3, 3),
    "sign of shrunk size": planted(sign(Z) * Max(Abs(Z) - lambd, 0), -lambd, lambd, parameters=(LAMBDA,)),
    "size in a condition": planted(
        Piecewise((Z, Abs(Z) > lambd), (0, True)), -lambd, lambd, parameters=(LAMBDA,)
    ),
    "square in a condition": planted(Piecewise((Z**2, Z**2 > 1), (1, True)), -1, 1),
    "clipped": planted(Max(low, Min(Z, high)), low, high, parameters=(LOW, HIGH)),
    "sum of cases": planted(Max(0, Z) + Min(0, exp(Z) - 1), 0),
    "jump": planted(Z * Heaviside(Z - 1, 1), 1),
    "cases within cases": planted(Max(Z, Min(Z / 2, Abs(Z) - 1)), -Rational(2, 3), -Rational(1, 2)),
    "on the positive numbers": planted(Max(Z, 1) * log(Z), 1, domain=POSITIVE),
    "on an interval": planted(Abs(Z - Rational(1, 2)) + Z, Rational(1, 2), domain=UNIT_OPEN),
}
BENT = [row for row in catalogue.ACTIVATIONS if row.kind == ELEMENTWISE and row.kinks]
ROWS = [*BENT, *NESTED.values()]


def name_of(value):
    return value.name if hasattr(value, "name") else ""


def material(subject):
    derivation = derive(subject)
    made = program(derivation)
    text, module = code(derivation, made), {"__name__": "planted"}
    exec(compile(text, "<planted>", "exec"), module)
    return Material(subject=subject, derivation=derivation, program=made, code=text, module=module)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_kinks_are_where_the_row_says_in_an_order_that_always_holds(row):
    ends = pieces(row.expr, row.parameters, row.domain).ends
    for values in all_settings(row.parameters, ends):
        at = [number(end, values) for end in ends]
        assert all(one < other for one, other in pairwise(at))
        assert set(at) == {number(kink, values) for kink in row.kinks}


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_cases_are_the_function(row):
    written = by_cases(row.expr, row.parameters, row.domain)
    proof = prove(written, row.expr, REALS, row.parameters, domain=row.domain)
    assert proof.proved
    assert not prove(written + 1, row.expr, REALS, row.parameters, domain=row.domain).holds
    assert not written.has(Max, Min, Heaviside)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_convention_at_every_kink(row):
    for order in (1, 2):
        smooth, kinks = slope(row.expr, order, row.parameters, row.domain)
        for kink in kinks:
            value = in_cell(smooth, point(kink.at, (smooth,), row.parameters))
            for setting in all_settings(row.parameters, (smooth, kink.at)):
                left, right, got = (number(e, setting) for e in (kink.left, kink.right, value))
                assert got in (left, right, 0) and abs(got) <= max(abs(left), abs(right))


JUMPING = ("size in a condition", "jump")


@pytest.mark.parametrize("name", NESTED)
def test_planted_rows_derive_and_agree_with_truth(name):
    made = material(NESTED[name])
    # On which side of an end that is no float a rounded product falls is open.
    for check in (DIFFERENCES,) if name == "cases within cases" else (KINKS, DIFFERENCES):
        verdict = check.run(made)
        assert verdict.passed, verdict
    assert any("planted jumps from" in words for words in made.derivation.conventions) == (name in JUMPING)


@pytest.mark.parametrize(
    "name", ["min of max", "sign of shrunk size", "jump", "clipped", "on the positive numbers"]
)
@pytest.mark.parametrize("loss", ["half_squared_error", "epsilon_insensitive"])
def test_cases_of_both_entries_meet(name, loss):
    made = material(Pair(activation=NESTED[name], loss=catalogue.loss(loss)))
    assert KINKS.run(made).passed


def test_a_wrong_split_is_refused():
    right = Piecewise((Z**2, Z**2 > 1), (1, True))
    assert prove(right, Piecewise((Z**2, (Z > 1) | (Z < -1)), (1, True))).proved
    assert not prove(right, Piecewise((Z**2, Z > 1), (1, True))).holds  # what a cut at 1 alone would miss
    assert not prove(right, Piecewise((Z**2, Z**2 > 2), (1, True))).holds


def test_points_count_where_only_they_differ():
    step, other = Piecewise((1, Z >= 0), (0, True)), Piecewise((1, Z > 0), (0, True))
    assert not prove(step, other).holds
    assert prove(step, other, at_points=False).proved
    assert not prove(sign(Z) ** 2, S.One).holds  # they differ at 0
    assert prove(sign(Z) ** 2, S.One, at_points=False).proved


def test_a_parameter_counts_where_its_kinks_meet():
    closed = Parameter(
        symbol=Symbol("lambd", nonnegative=True),
        default=S.One,
        latex="",
        domain=Interval(lo=S.Zero, closed_lo=True),
    )
    tail = Piecewise((1, closed.symbol < Z), (0, -closed.symbol <= Z), (1, True))
    never = Piecewise((1, closed.symbol < Z), (0, -closed.symbol < Z), (1, True))
    assert prove(tail, tail + 0 * Z, REALS, (closed,)).proved
    assert not prove(tail, never, REALS, (closed,)).holds


def test_what_is_not_found_exactly_is_refused():
    with pytest.raises(Unproved, match="not found exactly"):
        pieces(Piecewise((Z, Z + exp(Z) > 3), (0, True)))
    free = Parameter(symbol=Symbol("theta", real=True), default=S.One, domain=REALS, latex="")
    with pytest.raises(Unproved, match="depends on the parameters"):
        pieces(Max(0, Z) + Max(0, Z - free.symbol), (free,))


@pytest.mark.parametrize(
    ("w", "found"),
    [
        (Z - lambd, (lambd,)),
        (Z**2 - 4, (-2, 2)),
        (Z**2 + lambd, ()),
        (exp(Z) - 2, (log(2),)),
        (exp(Z) + 1, ()),
        (1 / Z - 1, (0, 1)),
        (Z**3, (0,)),
    ],
)
def test_zeros_and_poles_are_exact(w, found):
    assert set(roots(w)) == set(found)


def test_order_holds_for_all_admissible_parameters():
    assert ordered((high, low), (LOW, HIGH)) == (low, high)
    with pytest.raises(Unproved):
        ordered((low, S.Zero), (LOW, HIGH))


def test_smooth_sizes_stay():
    assert by_cases(Z / (1 + Abs(Z))) == Z / (1 + Abs(Z))
    assert by_cases(Abs(Z) * Z) == Abs(Z) * Z
    assert isinstance(by_cases(Abs(Z)), Piecewise)


@pytest.mark.parametrize(
    ("left", "right", "order", "value"),
    [(-1, 2, 1, 0), (1, 2, 1, 1), (-2, -1, 1, -1), (2, -2, 2, 0), (3, -2, 2, -2), (2, -3, 2, 2)],
)
def test_choice_between_two_limits(left, right, order, value):
    assert chosen(S(left), S(right), order, ()) == value


def test_conditions_in_few_words():
    assert together([Z > 0, Z > 1]) == (Z > 1)
    assert together([Z > 1, Z < 0]) == sp.false
    assert together([A >= Y, A <= Y]) == sp.Eq(A, Y)
    assert disjoint([A < Y, A > Y, sp.true]) == [A < Y, A > Y, sp.Eq(A, Y)]
    assert together([Z > 0, Abs(A - Y) < 1]) == sp.And(Z > 0, Abs(A - Y) < 1)
