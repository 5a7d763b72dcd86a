"""What pairs lose is committed as it was measured, said in docstrings, and excuses nothing else."""

import json
import math
from dataclasses import replace

import numpy as np

import derive
from derive import bounds, catalogue
from derive.accuracy.truth import formula, truth
from derive.catalogue import measured
from derive.checks.declaring import scores, stretches
from derive.checks.edges import infinite
from derive.checks.truth import limits_of, outside_lost
from derive.cli import main
from derive.emit import docstrings
from derive.emit.docstrings import accuracy
from derive.model import ELEMENTWISE, Accuracy

LOST = Accuracy(quantity="gradient", ulp=math.inf, lost=((2.0, 3.0), (-math.inf, -5.0)), at=(("z", 2.5),))


def test_a_row_is_read_as_it_was_written():
    rows = [LOST, Accuracy(quantity="loss", ulp=64)]
    read = json.loads(json.dumps([measured.row_of(row) for row in rows]))
    assert [measured._read(row) for row in read] == rows


def test_the_file_names_legal_pairs_that_lose_something():
    legal = {"+".join(names) for names in catalogue.legal_pairs()}
    assert {*measured.lost(), *measured.met()} <= legal and not measured.met() & set(measured.lost())
    for name in measured.lost():
        rows = measured.measured(name)
        assert any(row.lost for row in rows) and catalogue.subject(name).accuracy == rows


def test_docstrings_say_it():
    for name in list(measured.lost())[:2]:
        assert "Measured accuracy: digits are lost for" in derive.derive(name).code()


def test_no_reference_pair_loses_anything():
    names = {"+".join(names) for names in (*catalogue.REFERENCE, *catalogue.MEASURED)}
    assert {n for n in names if catalogue.subject(n).kind == ELEMENTWISE} <= measured.met()


def test_only_where_digits_are_lost_are_points_left_out():
    pair = replace(catalogue.pair("sigmoid", "bce"), accuracy=(LOST,))
    true = truth(formula(pair), np.array([-9.0, -1.0, 2.5, 3.5]), np.array([1.0, 0.0, 1.0, 0.0]))
    assert outside_lost(true, pair, "gradient").z.tolist() == [-1.0, 3.5]
    assert outside_lost(true, pair, "gradient").hi.shape == (3, 2)
    assert outside_lost(true, pair, "loss") is true
    assert "Declared accuracy: 4 ulp" in accuracy(pair, "loss") and "lost for z in" in accuracy(
        pair, "gradient"
    )


def test_an_infinite_z_is_asked_for_where_digits_are_not_lost():
    pair, found = replace(catalogue.pair("sigmoid", "bce"), accuracy=(LOST,)), derive.derive("sigmoid", "bce")
    wrong = replace(found.material("numpy"), subject=pair, module={"grad": lambda z, y: z * 0})
    said = list(infinite(wrong, "gradient"))
    assert said and all(line.startswith("at z=inf") for line in said)


def test_what_e_to_the_a_makes_of_rounding_is_said_of_unbounded_rounded_outputs_alone():
    rises = {
        name: bounds.rise_of(catalogue.pair(name, "logistic"), "loss") for name in ("selu", "relu", "sin")
    }
    assert rises == {"selu": bounds.RISES["e^a"], "relu": None, "sin": None}
    assert bounds.rise_of(catalogue.pair("selu", "log_cosh"), "hessian") is bounds.RISES["sech²"]
    assert bounds.rise_of(catalogue.pair("selu", "log_cosh"), "gradient") is None
    assert bounds.declared(catalogue.pair("selu", "logistic"), "loss").largest == 1024
    assert bounds.declared(catalogue.pair("silu", "logistic"), "loss").largest == 128  # its own, measured


def test_elsewhere_the_bound_is_that_of_the_name():
    pair = replace(catalogue.pair("sigmoid", "bce"), accuracy=(LOST,))
    row = next(iter(derive.derive("sigmoid", "bce").check()))
    assert row.passed

    class Row:
        quantity, dtype = "gradient", "float64"
        hard = soft = type("Kind", (), {"score": 3.0})

    assert limits_of(pair, Row) == (3.0, 4)


def test_of_a_pair_that_was_not_measured_nothing_is_declared(monkeypatch):
    monkeypatch.setattr(measured, "is_measured", lambda name: False)
    monkeypatch.setattr(docstrings, "is_measured", lambda name: False)
    words = accuracy(catalogue.pair("sigmoid", "bce"), "loss")
    assert words.startswith("No accuracy is declared")


def test_stretches_end_at_the_next_other_points():
    z = np.arange(40.0)
    off = np.isin(z, (5, 6, 30, 39))
    assert stretches(z, off) == ((4.0, 7.0), (29.0, 31.0), (38.0, math.inf))
    several = np.array([1.0, 2.0, 2.0, 2.0, 3.0])  # good for another target is not good
    assert stretches(several, np.array([False, False, True, False, False])) == ((1.0, 3.0),)


def test_bad_input_is_one_line(capsys):
    assert main(["declare"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["declare", "nosuch+*"]) == 2


def test_a_root_of_one_target_excuses_no_other():
    # tanh(z) - 1/2 vanishes between these floats; at y = 0 an error of 1000 ulp is one.
    z = math.atanh(0.5) * (1 + 1e-9)
    made = derive.derive("tanh", "half_squared_error")
    true = truth(formula(made.subject), np.array([z, z]), np.array([0.5, 0.0]))

    def off(z, y):
        return made.module["grad"](z, y) * (1 + 1000 * 2.0**-52)

    beside, apart = scores({**made.module, "grad": off}, true, "gradient")
    assert beside < 1 and apart > 400
