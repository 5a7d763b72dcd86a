"""Rows as other libraries have them: names, defaults, slopes at kinks; what a library has not is refused."""

import itertools

import pytest

from derive import catalogue
from derive.api import derived
from derive.asked import Asked
from derive.catalogue.like import ACTIVATIONS, LOSSES, VERSIONS, rows_like
from derive.cli import main
from derive.model import BadInput
from derive.subjects import subject

LIBRARIES = sorted(VERSIONS)


def like(library, *names):
    """What names mean to a library."""
    return subject(Asked(names=names, like=library))


@pytest.mark.parametrize("library", LIBRARIES)
def test_rows_are_rows_of_the_catalogue_with_admissible_defaults(library):
    for row in itertools.chain(*rows_like(library, catalogue.ROWS)):
        at = {p.symbol: p.default for p in row.parameters}
        for p in row.parameters:
            assert bool(p.domain.lo.subs(at) <= p.default) and bool(p.default <= p.domain.hi.subs(at))
    for table, of in ((ACTIVATIONS, catalogue.ACTIVATIONS), (LOSSES, catalogue.LOSSES)):
        assert {one.ours for one in table[library]} <= {row.name for row in of}
        for one in table[library]:
            (row,) = [row for row in of if row.name == one.ours]
            assert {name for name, _ in one.values} <= {p.name for p in row.parameters}


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_name_leads_to_its_row(library):
    activations, losses = rows_like(library, catalogue.ROWS)
    for noun, table in (("activation", activations), ("loss", losses)):
        for row in table:
            for name in row.aliases:
                assert like(library, f"{noun}:{name}") == row


@pytest.mark.parametrize(
    ("library", "names", "name", "values"),
    [
        ("keras", ("leaky_relu", "mse"), "leaky_relu+squared_error", [0.2]),
        ("keras", ("LeakyReLU",), "leaky_relu", [0.3]),
        ("torch", ("leaky_relu",), "leaky_relu", [0.01]),
        ("torch", ("HuberLoss",), "huber", [1]),
        ("lightgbm", ("huber",), "huber", [0.9]),
        ("lightgbm", ("fair",), "fair", [1]),
        ("jax", ("gelu",), "gelu_tanh", []),
        ("torch", ("nn.Sigmoid", "nn.BCELoss"), "sigmoid+bce", []),
        ("xgboost", ("identity", "binary:logistic"), "identity+bce_logits", []),
    ],
)
def test_a_library_has_its_own_defaults(library, names, name, values):
    found = like(library, *names)
    assert found.name == name and [float(p.default) for p in found.parameters] == values


def test_a_factor_makes_a_row_of_another_name():
    found, ours = like("xgboost", "reg:squaredlogerror"), catalogue.loss("msle")
    assert found.name == "xgboost_msle" and found.expr * 2 == ours.expr
    assert found.known[0].value * 2 == ours.known[0].value


@pytest.mark.parametrize(
    ("library", "name", "at", "slope"),
    [  # measured: torch and JAX in float64
        ("jax", "leaky_relu", 0.0, 1.0),
        ("torch", "leaky_relu", 0.0, 0.01),
        ("torch", "selu", 0.0, 1.7580993408473766),
        ("jax", "hard_tanh", -1.0, 1.0),
        ("torch", "hard_tanh", -1.0, 0.0),
    ],
)
def test_slopes_at_kinks_are_that_librarys(library, name, at, slope):
    found = derived(like(library, name))
    assert found.module["grad"](at) == pytest.approx(slope, rel=1e-15)
    assert all(verdict.passed for verdict in found.check())
    other = slope != derived(catalogue.subject(name)).module["grad"](at)
    assert any("as that library has it" in line for line in found.derivation.conventions) == other


def test_what_a_library_has_not_is_refused_with_its_nearest_names():
    with pytest.raises(BadInput, match=r"unknown name 'rrelu'\. Try: relu"):
        like("jax", "rrelu")
    with pytest.raises(BadInput, match=r"no rows are known as 'theano' has them\. Try: torch"):
        like("theano", "relu")


def test_the_command_line_takes_a_library(capsys):
    assert main(["export", "--like", "keras", "leaky_relu"]) == 0
    out = capsys.readouterr().out
    assert "negative_slope=0.2" in out and "Keras 3.15" in out
