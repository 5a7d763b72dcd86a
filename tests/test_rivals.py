"""Other systems beside ours: they agree in the middle of the range; what they lose beyond is counted."""

import json
import signal
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from derive import catalogue
from derive.accuracy.measure import compare as compare_points
from derive.accuracy.tally import Look
from derive.accuracy.truth import QUANTITIES, formula, truth
from derive.catalogue.reference import MEASURED
from derive.cli import main
from derive.cli.compare import report
from derive.model import ELEMENTWISE, VECTOR
from derive.rivals import EXTRA, RIVALS, in_jax, in_torch, installed, lambdified, met, textbook
from derive.rivals.clock import inputs
from derive.rivals.draws import drawn
from derive.rivals.emitted import rivalry as ours
from derive.rivals.rival import Rival
from derive.rivals.side_by_side import Plan, compared
from derive.rivals.tables import as_data, cell, markdown, rows
from derive.studies import compare
from derive.studies.errors import error_panels
from tables import derivation

MIDDLE = 1e-9  # relative to 1 + |value|: the naive forms cancel, so no nearer
BCE = ("sigmoid", "bce")
ALWAYS = tuple(row for row in RIVALS if not row.packages)
QUICK = Plan(points=90, size=0, classes=3)
MORE = (
    ("identity", "huber"),
    ("identity", "hinge"),
    ("log_softmax", "nll"),
    ("identity", "cross_entropy_logits"),
)
PAIRS = {names: catalogue.pair(*names) for names in (*MEASURED, *MORE)}


# The import of PyTorch uses what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")


@pytest.fixture(autouse=True)
def hearing():
    """What the command does about interrupts ends with the test."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def middle(pair, hard):
    """Inputs of moderate size, and targets: hard ones, or of vectors those that are drawn."""
    if hard or pair.kind == ELEMENTWISE:
        return inputs(pair, "float64", 15, 3, seed=3)
    row = drawn(pair, np.random.default_rng(3), (5, 3))
    return row.x, row.y


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_every_system_agrees_in_the_middle(names):
    found = derivation(names)
    mine = ours(found.module)
    for rivalry in met(found.derivation).present:
        z, y = middle(PAIRS[names], rivalry.hard_only)
        both = dict(zip(QUANTITIES, rivalry.loss_and_grad(z, y), strict=False))
        given = {
            "loss and gradient " + name: (value, mine.quantities[name](z, y)) for name, value in both.items()
        }
        given |= {q: (f(z, y), mine.quantities[q](z, y)) for q, f in rivalry.quantities.items()}
        for what, (theirs, expected) in given.items():
            assert theirs.shape == expected.shape, (rivalry.name, what)
            error = np.abs(theirs - expected) / (1 + np.abs(expected))
            assert error.max() < MIDDLE, (rivalry.name, what)


@pytest.mark.parametrize("names", [BCE, ("softmax", "cross_entropy")], ids="-".join)
def test_one_row_is_a_row_of_many(names):
    z, y = middle(PAIRS[names], hard=True)
    for rivalry in met(derivation(names).derivation).present:
        first = rivalry.gradient(z[:1], y[:1])
        assert np.allclose(rivalry.gradient(z, y)[:1], first, rtol=1e-12)
        assert rivalry.bind is not None and rivalry.bind(z, y)() is not None


@pytest.mark.parametrize("names", [("gelu", "squared_error"), ("elu", "huber"), BCE], ids="-".join)
@pytest.mark.parametrize(
    ("package", "module", "made"), [("torch", "torch_rows", in_torch), ("optax", "jax_rows", in_jax)]
)
def test_an_entry_without_a_row_is_written_out(package, module, made, names, monkeypatch):
    pytest.importorskip(package)
    table = import_module(f"derive.rivals.{module}")
    for name in ("ACTIVATIONS", "LOSSES", "PAIRS"):
        monkeypatch.setattr(table, name, {})
    derived = derivation(names)
    z, y = middle(derived.subject, hard=True)
    theirs, mine = made.rivalry(derived.derivation).gradient(z, y), derived.module["grad"](z, y)
    assert np.abs(theirs - mine).max() < MIDDLE


def test_lambdify_and_textbook_are_there_for_every_elementwise_pair_of_the_table():
    for names in MEASURED:
        one = derivation(names).derivation
        assert textbook.rivalry(one) and lambdified.rivalry(one)


def side_by_side(derived, rivals):
    """A quick comparison."""
    return compared(derived.subject, derived.module, QUICK, met(derived.derivation, rivals))


def counted(rivalry, z, y, quantity="gradient"):
    """What is counted of a system at these points of sigmoid + bce."""
    true = truth(formula(catalogue.pair(*BCE)), np.array(z), np.array(y))
    values = rivalry.quantities[quantity](true.z, true.y)
    return compare_points(values, true, quantity, "float64", Look(most=100))


def test_textbook_loses_the_tail_that_the_emitted_code_keeps():
    derived = derivation(BCE)
    lost = counted(textbook.rivalry(derived.derivation), [40.0], [1.0])
    assert (lost.bad, lost.spurious) == (0, 1)
    assert counted(textbook.rivalry(derived.derivation), [40.0], [1.0], "hessian").spurious == 1
    kept = counted(ours(derived.module), [40.0], [1.0])
    assert (kept.faults, kept.worst < 4) == (0, True)


def test_lambdify_overflows_where_the_loss_is_finite():
    lost = counted(lambdified.rivalry(derivation(BCE).derivation), [800.0, 1.0], [0.0, 0.0], "loss")
    assert (lost.bad, lost.points) == (1, 2)


def planted(**changes):
    """A row that makes our own code with some functions replaced."""
    return Rival(
        name="planted", make=lambda _: replace(ours(derivation(BCE).module), name="planted", **changes)
    )


@pytest.mark.parametrize(
    ("defect", "what"),
    [
        (lambda z, y: np.full_like(z, np.nan), "bad"),
        (lambda z, y: np.where(z > 700, 0.0, 1.0), "spurious"),
        (lambda z, y: np.ones_like(z), "ulp"),
    ],
)
def test_a_planted_defect_stands_in_its_column(defect, what):
    derived = derivation(BCE)
    found = side_by_side(derived, (planted(gradient=defect),))
    lines = {(line.system, line.measured.quantity): line for line in found.lines}
    assert list(found.systems) == ["derive", "planted"] and len(lines) == 6
    bad = lines["planted", "gradient"]
    got = {"bad": bad.measured.bad, "spurious": bad.measured.spurious, "ulp": bad.ulp > 1e6}
    assert got[what] and lines["derive", "gradient"].measured.faults == 0
    assert lines["planted", "loss"].measured == lines["derive", "loss"].measured


def test_vectors_are_compared_at_the_same_rows():
    names = ("softmax", "cross_entropy")
    derived = derivation(names)
    found = side_by_side(derived, ALWAYS)
    points = {line.measured.quantity: set() for line in found.lines}
    for line in found.lines:
        points[line.measured.quantity].add(line.measured.points)
    assert all(len(sizes) == 1 for sizes in points.values())
    faults = {(line.system, line.measured.quantity): line.measured.faults for line in found.lines}
    assert not any(faults["derive", quantity] for quantity in QUANTITIES)
    assert faults["textbook", "gradient"]  # exp overflows without a shift


ABSENT = Rival(name="Nobody", make=lambda _: None, packages=("no_such_package_anywhere",))
LACKING = Rival(name="Somebody", make=lambda _: None)


def test_who_is_absent_is_named_with_the_extra():
    derived = derivation(BCE)
    found = side_by_side(derived, (ABSENT, LACKING))
    assert not installed(ABSENT) and (found.missing, found.without) == (("Nobody",), ("Somebody",))
    text = report(found)
    assert f"not installed: Nobody. Try: {EXTRA}" in text and "no counterpart in: Somebody" in text


def test_tables_say_what_was_measured():
    derived = derivation(BCE)
    found = side_by_side(derived, ALWAYS)
    text = markdown([found], ALWAYS)
    data = as_data(found)
    for line, row, entry in zip(found.lines, rows(found), data["lines"], strict=True):
        assert cell(line.measured) in text and row[1] == line.system == entry["system"]
        assert entry["spurious_zeros"] == line.measured.spurious and entry["bad"] == line.measured.bad
    assert json.loads(json.dumps(data)) == data and "numpy" in text


def test_figure_shows_where_the_textbook_form_loses_all_digits():
    derived = derivation(BCE)
    everyone = (ours(derived.module), textbook.rivalry(derived.derivation))
    zero, one = error_panels(derived.subject, everyone, QUICK, "gradient")
    mine, other = one.curves
    assert [curve.system for curve in zero.curves] == ["derive", "textbook"]
    assert mine.zeros.size == mine.bad.size == 0 and np.nanmax(mine.ulp) < 4
    assert other.zeros.size and other.zeros.min() > 36 and other.ulp[other.z > 40].min() > 1e15
    assert np.nanmax(other.ulp[other.z < 0]) < 4
    drawn_twice = [
        compare.svg(compare.figure(derived.subject, (zero, one), "gradient", "float64")) for _ in "ab"
    ]
    assert drawn_twice[0] == drawn_twice[1] and 'id="textbook-1-zeros"' in drawn_twice[0]


def test_figure_marks_what_is_bad_and_of_vectors_shows_three_targets():
    derived = derivation(BCE)
    nan = planted(gradient=lambda z, y: np.where(z > 5, np.nan, z)).make(None)
    panel, _ = error_panels(derived.subject, (nan,), QUICK, "gradient")
    assert panel.curves[0].bad.min() > 4 and np.isnan(panel.curves[0].ulp[-1])
    vectors = derivation(("softmax", "cross_entropy"))
    panels = error_panels(vectors.subject, (ours(vectors.module),), QUICK, "gradient")
    assert vectors.subject.kind == VECTOR and len(panels) == 3
    assert all(np.nanmax(curve.ulp) < 8 and not curve.zeros.size for p in panels for curve in p.curves)


@pytest.mark.parametrize(
    "arguments",
    [
        "compare",
        "compare sigmoid",
        "compare sigmoid bcee",
        "compare --table sigmoid bce",
        "compare --table --figure x.svg",
        "compare sigmoid bce --points 0",
        "compare softmax cross_entropy --classes 1",
        "compare sigmoid bce --dtype float16",
        "compare sigmoid bce --figure /no/such/folder/x.svg",
    ],
)
def test_bad_input_is_one_line(capsys, arguments):
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and err.startswith("derive: ")


def test_command_prints_the_table_and_writes_files(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("derive.rivals.RIVALS", (*ALWAYS, ABSENT))
    file, drawing = tmp_path / "a.json", tmp_path / "a.svg"
    arguments = f"compare sigmoid bce --points 90 --size 1000 --json {file} --figure {drawing}"
    assert main(arguments.split()) == 0
    out, err = capsys.readouterr()
    assert err == "" and "ns an element" in out and "textbook" in out and EXTRA in out
    data = json.loads(file.read_text(encoding="utf-8"))
    assert set(data["nanoseconds"]) == {"derive", "SymPy lambdify", "textbook"}
    assert all(ns > 0 for ns in data["nanoseconds"].values()) and drawing.read_text().startswith("<?xml")


def test_table_of_many_pairs_has_a_row_for_each(capsys, monkeypatch):
    monkeypatch.setattr("derive.rivals.RIVALS", (*ALWAYS, ABSENT))
    monkeypatch.setattr("derive.catalogue.reference.MEASURED", (BCE, ("identity", "logistic")))
    assert main(["compare", "--table", "--points", "60", "--jobs", "1"]) == 0
    out, err = capsys.readouterr()
    assert EXTRA in err and out.count("| sigmoid+bce |") == out.count("| identity+logistic |") == 3
