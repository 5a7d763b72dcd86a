"""The search over forms: each committed choice exists, is proved and keeps to its bounds; defects do not."""

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from derive import catalogue
from derive.accuracy.points import SEED
from derive.cli import main
from derive.derivation import derive
from derive.emit.spelling import spell
from derive.heads import sigmoid, softplus, tanh
from derive.model import Finite, Interval, Proof, Unproved, Y, Z
from derive.program import QUANTITIES, choices, program, unproved
from derive.program.candidates import BY_NAME, DEFAULT, TREATMENTS, Setting
from derive.proof import prove
from derive.rules.branchless import Spelling, by_side, over_decay, selected
from derive.search import merged, search
from derive.search.candidate import ground, measured
from derive.search.choice import best, cost_of, groups_of

SMALL = 60
QUOTIENTS = (
    sigmoid(Z) - Y,
    (1 - Y) * sigmoid(Z) - Y * sigmoid(-Z),
    tanh(Z) - Y,
    tanh(Z / 2) - Y,
    Y * softplus(-Z) + (1 - Y) * softplus(Z),
    sigmoid(Z) ** 2 - sigmoid(-Z) * Y,
)
SPELLINGS = [
    Spelling(expm1=expm1, halved=halved, halves=halves)
    for expm1 in (True, False)
    for halved in (True, False)
    for halves in (True, False)
]
COMMITTED = sorted(choices.committed())
SAMPLE = ("sigmoid+bce", "exponential+poisson", "tanh+squared_error", "softplus+huber")


def subject(name):
    """The pair of a row of the committed file."""
    return catalogue.subject(*name.split("+"))


@pytest.mark.parametrize("expr", QUOTIENTS, ids=str)
def test_a_quotient_is_another_spelling_of_the_sum(expr):
    for how in SPELLINGS:
        found = over_decay(expr, how)
        assert found != expr
        assert prove(expr, by_side(found)).proved


@pytest.mark.parametrize("expr", QUOTIENTS, ids=str)
def test_a_wrong_quotient_is_not_proved(expr):
    found = by_side(over_decay(expr, Spelling()))
    side = next(iter(found.atoms(sp.Piecewise)))
    wrong = found.xreplace({side: sp.Piecewise((side.args[0][0], sp.true))})  # right of 0 only
    assert not prove(expr, wrong).holds


def test_what_is_no_such_sum_stays():
    for expr in (
        sigmoid(Z),
        sigmoid(Z) - sigmoid(2 * Z),
        sigmoid(3 * Z) - Y,
        Z * sigmoid(Z) - Y,
        sp.exp(Z) - Y,
    ):
        assert over_decay(expr, Spelling()) == expr
    for expr in (sp.exp(Z), Z - Y, sp.exp(Z) * Z - Y):
        assert selected(expr) == expr


def test_a_factor_selects_the_exact_spelling():
    assert prove(by_side(selected(sp.exp(Z) - Y)), sp.exp(Z) - Y).proved
    assert "+ (_step(z + 0.7) - y)" in spell(selected(sp.exp(Z) - Y))  # summed first: 1 − 1 is exact


def test_treatments_have_names_of_their_own():
    assert len(BY_NAME) == len(TREATMENTS)
    assert TREATMENTS[0].name == DEFAULT


def test_large_targets_are_not_doubled():
    """(1 − 2y)t overflows where y is huge: a target without bound is halved."""
    for target, bounded in (
        (Interval(), False),
        (Interval(lo=sp.S.Zero, hi=sp.S.One), True),
        (Finite(values=(-1, 1)), True),
    ):
        assert Setting(parameters=(), target=target, hard=()).bounded == bounded
    module = built("sigmoid+squared_error", {"gradient": "decay"})
    assert np.isfinite(module["grad"](-800.0, 1.7e308)) and np.isfinite(module["grad"](0.0, 1e308))


def built(name, choice):
    """The namespace of the emitted code with the candidates named."""
    from derive.emit import code

    namespace = {"__name__": name}
    derivation = derive(subject(name))
    exec(code(derivation, program(derivation, choice)), namespace)
    return namespace


def test_nothing_is_lost_near_zero():
    """At y = 1/2 and tiny z, (1 − y)σ(z) − yσ(−z) is 0; the chosen form has every digit."""
    chosen, default = (built("sigmoid+bce", c)["grad"](1e-20, 0.5) for c in ({}, {"gradient": DEFAULT}))
    assert abs(chosen - 2.5e-21) < 1e-36
    assert default == 0
    assert choices.chosen("sigmoid+bce")["gradient"] != DEFAULT


def test_every_choice_is_a_candidate():
    forms = {row["form"] for rows in choices.committed().values() for row in rows.values()}
    assert forms <= set(BY_NAME)
    assert len(forms) > 2  # it makes a difference


def test_every_pair_that_people_look_up_has_a_choice():
    pairs = [catalogue.subject(*pair) for pair in (*catalogue.REFERENCE, *catalogue.MEASURED)]
    assert [pair.name for pair in pairs if pair.kind == "elementwise" and pair.name not in COMMITTED] == []
    assert all(tuple(row) == QUANTITIES for row in choices.committed().values())


@pytest.mark.parametrize("name", SAMPLE)
def test_a_choice_is_proved_and_keeps_to_its_bounds(name):
    """What was committed is measured and priced again; the seed and the costs are fixed."""
    rows, derivation = choices.committed()[name], derive(subject(name))
    forms = {quantity: (row["form"],) for quantity, row in rows.items()}
    again = measured(derivation, ground(subject(name), SMALL, SEED), forms)
    assert len(again) == len(QUANTITIES)
    for part in again:
        assert part.proof.holds
        assert part.fits
    groups = [tuple(part for part in again if part.quantity in group) for group in groups_of(subject(name))]
    for group in groups:
        assert round(cost_of(subject(name), group), 2) <= rows[group[0].quantity]["cost"], "search again"


@pytest.fixture(scope="module")
def found():
    return search(derive(subject("sigmoid+bce")), SMALL)


def test_what_is_faulty_unproved_or_dear_is_not_chosen(found):
    group = [one for one in found.scored if len(one.parts) == 2]
    chosen = best(group)

    def spoiled(**changes):
        parts = tuple(replace(part, **changes) for part in chosen.parts)
        return [replace(chosen, parts=parts) if one is chosen else one for one in group]

    bad = replace(chosen.parts[0].measured, bad=1)
    far = replace(chosen.parts[0].bound, hard=0.1)
    assert best(spoiled(proof=Proof(method="none"))) in group[:0] + [
        one for one in group if one is not chosen
    ]
    assert best(spoiled(measured=bad)).parts[0].measured.bad == 0
    assert best(spoiled(bound=far)).parts[0].form != chosen.parts[0].form or best(spoiled(bound=far)).fits
    assert best(spoiled(lost=1)).lost == 0
    assert (
        best([replace(chosen, cost=chosen.cost * 2), *(one for one in group if one is not chosen)]).cost
        < chosen.cost * 2
    )


def test_default_where_nothing_fits(found):
    group = [replace(one, refused=True) for one in found.scored if len(one.parts) == 2]
    assert {part.form for part in best(group).parts} == {DEFAULT}


def test_shared_steps_cost_once(found):
    group = next(
        one for one in found.scored if len(one.parts) == 2 and {p.form for p in one.parts} == {"decay"}
    )
    alone = [cost_of(subject("sigmoid+bce"), (part,)) for part in group.parts]
    assert group.cost < sum(alone)


def test_an_unknown_choice_is_refused():
    with pytest.raises(Unproved, match="no form is called 'nonsense'"):
        unproved(subject("sigmoid+bce"), {"loss": "nonsense"})


def test_the_choice_is_described():
    text = choices.described("sigmoid+bce")
    assert all(quantity in text for quantity in QUANTITIES) and "ns by the table" in text
    assert choices.described("nothing") == ""


def test_command_writes_what_it_has_chosen(tmp_path, monkeypatch, capsys):
    file = tmp_path / "choices.json"
    monkeypatch.setattr(choices, "FILE", file)
    choices.committed.cache_clear()
    try:
        run = ["search", "exponential", "poisson", "--points", "30", "-j", "1"]
        assert main([*run, "--dry-run"]) == 0
        assert not file.exists() and "plain" in capsys.readouterr().out
        assert main(run) == 0
        assert list(json.loads(file.read_text(encoding="utf-8"))) == ["exponential+poisson"]
    finally:
        choices.committed.cache_clear()


@pytest.mark.parametrize(
    "arguments",
    [
        ["softmax", "cross_entropy"],
        ["sigmoid", "bce", "--all"],
        ["nonsense"],
        ["sigmoid", "bce", "--points", "x"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line(arguments, capsys):
    assert main(["search", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_rows_of_other_subjects_stay():
    assert merged({"b": 1, "a": 2}, {"b": 3}) == {"a": 2, "b": 3}
