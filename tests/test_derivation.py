"""Derivations end in the form a person wants, by proved steps; wrong steps and code forms are refused."""

from dataclasses import replace

import pytest
import sympy as sp

from derive.catalogue import pair
from derive.derivation import derive, elementwise, quantities, slopes
from derive.model import ELEMENTWISE, A, Unproved, Y, Z
from derive.program import QUANTITIES, forms, program
from derive.program.candidates import BY_NAME
from tables import derivation, label, subjects

ELEMENTWISE_SUBJECTS = [names for names in subjects() if derivation(names).subject.kind == ELEMENTWISE]

# (activation, loss, gradient, second derivative, a rule that the steps must show)
WORKED = [
    ("sigmoid", "bce", A - Y, A * (1 - A), "cancel"),
    ("exponential", "poisson", A - Y, A, "cancel"),
    ("sigmoid", "half_squared_error", (A - Y) * A * (1 - A),
     A * (1 - A) * (A * (1 - A) + (A - Y) * (1 - 2 * A)), "write in a"),
    ("tanh", "half_squared_error", (A - Y) * (1 - A**2),
     (1 - A**2) * (1 - A**2 - 2 * A * (A - Y)), "write in a"),
    ("identity", "half_squared_error", A - Y, sp.S.One, "chain rule"),
    ("sigmoid", "poisson", (A - Y) * (1 - A), None, "cancel"),
    ("relu", "half_squared_error", sp.Piecewise((A - Y, Z > 0), (0, True)),
     sp.Piecewise((1, Z > 0), (0, True)), "by cases"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "los", "gradient", "hessian", "rule"), WORKED)
def test_worked_examples_end_as_a_person_writes_them(act, los, gradient, hessian, rule):
    found = derive(pair(act, los))
    assert found.gradient == gradient
    assert hessian is None or sp.expand(found.hessian - hessian) == 0 or found.hessian == hessian
    assert rule in [step.rule for step in found.steps]


@pytest.mark.parametrize("names", ELEMENTWISE_SUBJECTS, ids=label)
def test_steps_and_code_forms_are_all_proved(names):
    made = derivation(names)
    assert all(step.proof.holds for step in made.steps) and made.steps
    assert all(proof.holds for _, proof in made.program.proofs) and len(made.program.proofs) == 6
    assert any(step.result for step in made.steps)


@pytest.mark.parametrize("names", [n for n in ELEMENTWISE_SUBJECTS if len(n) == 2], ids=label)
def test_a_pair_has_all_the_parts_of_a_derivation(names):
    quantities = [step.quantity.name for step in derivation(names).steps]
    assert {"dL/da", "da/dz", "dL/dz", "d2L/dz2", "dL/dw", "dL/db"} <= set(quantities)
    assert sorted(quantities, key=quantities.index) == quantities  # each in one run


def test_a_wrong_step_is_refused(monkeypatch):
    right = slopes.in_output
    monkeypatch.setattr(slopes, "in_output", lambda expr, f: right(expr, f) + A / 10**9)
    with pytest.raises(Unproved, match="could be neither proved nor sampled"):
        derive(pair("sigmoid", "bce"))


@pytest.mark.parametrize(
    "where",
    [sp.Gt(Z, 8), sp.And(sp.Gt(Z, 1), sp.Lt(Z, sp.Rational(1001, 1000))), sp.Eq(Z, 0)],
    ids=["far", "thin", "point"],
)
def test_a_result_that_is_wrong_somewhere_only_is_refused(where, monkeypatch):
    right = elementwise.finished
    planted = sp.Piecewise((7, where), (0, True))

    def wrong(*given):
        rule, says, expr = right(*given)
        return rule, says, expr + planted

    monkeypatch.setattr(elementwise, "finished", wrong)
    with pytest.raises(Unproved):
        derive(pair("tanh", "half_squared_error"))


def test_a_wrong_product_of_names_is_refused(monkeypatch):
    monkeypatch.setattr(quantities, "CHAIN_RULE", quantities.L1 + quantities.A1)
    with pytest.raises(Unproved, match="chain rule"):
        derive(pair("sigmoid", "bce"))


def test_a_wrong_second_derivative_is_refused(monkeypatch):
    right = elementwise.loss_slope
    wrong = {1: sp.S.Zero, 2: A}
    monkeypatch.setattr(elementwise, "loss_slope", lambda los, order: right(los, order) + wrong[order])
    with pytest.raises(Unproved):
        derive(pair("tanh", "half_squared_error"))


@pytest.mark.parametrize("form", range(3), ids=["loss", "gradient", "hessian"])
def test_a_wrong_code_form_is_refused(form, monkeypatch):
    found = list(forms(pair("sigmoid", "bce")))
    found[form] += sp.Rational(1, 10**12)
    monkeypatch.setattr("derive.program._forms", lambda subject: tuple(found))
    with pytest.raises(Unproved, match="could not be proved"):
        program(derive(pair("sigmoid", "bce")))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_wrong_way_to_write_sums_is_refused(name, monkeypatch):
    row = BY_NAME[name]
    wrong = lambda *given: row.apply(*given) + sp.exp(-sp.Abs(Z)) / 10**12  # noqa: E731
    monkeypatch.setitem(BY_NAME, name, replace(row, apply=wrong))
    with pytest.raises(Unproved, match="straight line"):
        program(derive(pair("sigmoid", "half_squared_error")), dict.fromkeys(QUANTITIES, name))
