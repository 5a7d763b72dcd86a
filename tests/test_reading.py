"""What is said of a model whose cross-entropy is known: sentences, outcomes, refusals, forms, the figure."""

import json
import math
import re
import shlex

import numpy as np
import pytest
import sympy as sp

import derive
from derive.balls import Unreachable
from derive.claims.reading import exact, given, read, reading
from derive.claims.reading.confidence import NAMES
from derive.cli import main
from derive.emit.claims import data, latex, markdown, text
from derive.model import NOT_APPLICABLE, PROVED, REFUTED, UNDECIDED, BadInput
from derive.studies.claims import reading as drawing
from derive.studies.figure import svg
from random_models import CLASSES, both, calibrated, named

R = sp.Rational
ANSWER = read("0.4", 10, "0.65", ["0.1"] * 10)


# What is said.


def test_a_worked_example():
    answer = read("0.4", 10)
    says = {finding.name: finding.says for finding in answer.findings}
    assert "0.4 nats against log(K) = 2.303 nats" in says["better than the uniform guess"]
    assert "0.6703" in says["geometric mean"] and "1.492" in says["geometric mean"]
    assert "42.29%" in says["guaranteed accuracy"] and "57.71%" in says["guaranteed accuracy"]
    assert "71.14% to 93.16%" in says["accuracy if calibrated"]
    assert named(answer, "guaranteed accuracy").value == 1 - R(2, 5) / sp.log(2)
    assert named(answer, "better than the uniform guess").value == sp.log(10) - R(2, 5)
    assert [row[1] for row in answer.tables[1].rows] == ["57.71%", "24.86%", "17.38%", "8.686%", "5.791%"]


CONSTANT, COMMONEST = "better than any constant prediction", "better than the commonest class"
OUTCOMES = {
    ("0.4", 10, "0.65"): {"calibrated": REFUTED, "over-confident": PROVED, "one confidence for all": REFUTED},
    ("0.4", 10, "0.9"): {"calibrated": UNDECIDED, "over-confident": UNDECIDED},
    ("0.4", 10, "0.97"): {"calibrated": REFUTED, "one confidence for all": PROVED},
    ("3", 10, "0.1"): {"better than the uniform guess": REFUTED, "guaranteed accuracy": REFUTED},
    ("2.4", 10): {"accuracy if calibrated": REFUTED},
    ("0", 10): {"accuracy from the cross-entropy": PROVED},
    ("0.1", 10, 1): {"cross-entropy from the accuracy": PROVED, "over-confident": REFUTED},
    ("0.4", 2, None, ("0.3",)): {CONSTANT: PROVED, COMMONEST: UNDECIDED},
    ("0.4", 2): {COMMONEST: NOT_APPLICABLE, "among the likeliest": NOT_APPLICABLE},
    ("0.4", 2, None, ("0.1",)): {CONSTANT: REFUTED, "information about the class": REFUTED},
    ("0.2", 2, None, ("0.3",)): {COMMONEST: PROVED},
    ("0.2", 2, "0.9", ("0.1",)): {COMMONEST: REFUTED},
    ("0.2", 2, "0.91", ("0.1",)): {COMMONEST: PROVED},
    ("0.2", 2, None, ("1",)): {COMMONEST: REFUTED},
    ("0.4", 2, None, ("0",)): {CONSTANT: REFUTED},
    ("1", 2, None, None, "bits"): {"better than the uniform guess": REFUTED, "guaranteed accuracy": REFUTED},
    ("0.5", 2, "0.75", None, "bits"): {"calibrated": REFUTED},
    ("0.5", 2, "0.5", None, "bits"): {"over-confident": PROVED},
}  # fmt: skip


@pytest.mark.parametrize("numbers", OUTCOMES, ids=str)
def test_outcomes(numbers):
    answer = read(*numbers)
    assert {name: named(answer, name).outcome for name in OUTCOMES[numbers]} == OUTCOMES[numbers]


def test_every_step_is_established_and_every_finding_is_there():
    names = {finding.name for finding in ANSWER.findings}
    for numbers in OUTCOMES:
        answer = read(*numbers)
        assert {finding.name for finding in answer.findings} == names and answer.subject is None
        for finding in answer.findings:
            assert finding.steps or finding.outcome != PROVED or finding.name in NAMED_ALONE, finding.name
            assert all(s.proof.proved or s.proof.method == "definition" for s in finding.steps)
            assert finding.outcome != UNDECIDED or finding.name in {*dict(NAMES), COMMONEST}


# Their proof is a sentence, in the case where the accuracy or the cross-entropy settles all.
NAMED_ALONE = {"accuracy from the cross-entropy", "the errors' part", "calibrated", "over-confident"}


def test_bits_say_the_same_as_nats():
    nats, bits = given("0.5", 4, "0.9"), given("0.5", 4, "0.9", unit="bits")
    assert bits.cross_entropy == sp.log(2) / 2 and nats.cross_entropy == R(1, 2)
    assert bits.amount(sp.log(4)) == "2 bits" and nats.amount(sp.log(4)) == "1.386 nats"
    assert named(reading(bits), "guaranteed accuracy").value == R(1, 2)


WRITTEN = (("0.4", "2/5"), (0.4, "2/5"), (np.float64(0.1), "1/10"), ("1/3", "1/3"), (".5", "1/2"))
WRITTEN += (("5e-1", "1/2"), ("+2.", "2"), (3, "3"), (R(2, 7), "2/7"), (" 1 ", "1"))


def test_numbers_are_read_as_they_are_written():
    for value, meant in ((value, R(number)) for value, number in WRITTEN):
        assert given(value, 50).cross_entropy == meant
    assert given("0.4", 3, None, ["0.333333", "0.333333", "0.333333"]).rates == (R(1, 3),) * 3
    assert given("0.4", 2, None, ["0.2"]).rates == (R(1, 5), R(4, 5))


@pytest.mark.parametrize(
    ("number", "toward", "text"),
    [
        (1 - R(2, 5) / sp.log(2), exact.DOWN, "0.4229"),
        (R(2, 5) / sp.log(2), exact.UP, "0.5771"),
        (R(2, 5) / sp.log(2), exact.DOWN, "0.5770"),
        (R(1, 2), exact.NEAREST, "0.5"),
        (R(1, 3), exact.UP, "0.3334"),
        (sp.exp(-1000), exact.NEAREST, "5.076·10^(−435)"),
        (R(1, 10**9), exact.NEAREST, "1·10^(−9)"),
        (sp.Integer(0), exact.NEAREST, "0"),
        (-sp.log(2), exact.NEAREST, "−0.6931"),
        (sp.Integer(1200), exact.NEAREST, "1200"),
    ],
)  # fmt: skip
def test_numerals_are_rounded_to_the_safe_side(number, toward, text):
    assert exact.numeral(number, toward) == text


def test_signs_are_certain():
    assert exact.sign(sp.log(8) - 3 * sp.log(2)) == 0 == exact.sign(sp.log(6) - sp.log(2) - sp.log(3))
    assert exact.sign(sp.log(2) - R("0.69314718055994530941723212145817656807550013")) == 1
    with pytest.raises(Unreachable):
        exact.sign(sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1 + sp.exp(-(10**5)))


# Refusals.

BAD = [
    ("--cross-entropy -0.1 --classes 10", "at least 0"),
    ("--cross-entropy nan --classes 10", "'nan'"),
    ("--cross-entropy inf --classes 10", "infinite"),
    ("--cross-entropy 1e999 --classes 10", "infinite"),
    ("--cross-entropy 1e9 --classes 10", "'1e9'"),
    ("--cross-entropy '' --classes 10", "at least 0"),
    ("--cross-entropy 0x10 --classes 10", "'0x10'"),
    ("--cross-entropy 1_0 --classes 10", "'1_0'"),
    ("--cross-entropy 1/0 --classes 10", "'1/0'"),
    ("--cross-entropy ٣ --classes 10", "'٣'"),
    ("--cross-entropy 'os.getcwd()' --classes 10", "os.getcwd"),
    (f"--cross-entropy {'9' * 300} --classes 10", "…"),
    ("--cross-entropy -inf --classes 10", "--cross-entropy"),
    ("--cross-entropy 0.4", "--classes"),
    ("--classes 10", "--cross-entropy"),
    ("--cross-entropy 0.4 --classes 1", "at least 2"),
    ("--cross-entropy 0.4 --classes 2.5", "whole"),
    ("--cross-entropy 0.4 --classes ten", "'ten'"),
    ("--cross-entropy 0.4 --classes -3", "'-3'"),
    ("--cross-entropy 0.4 --classes 10 --accuracy 1.5", "from 0 to 1"),
    ("--cross-entropy 0.4 --classes 10 --accuracy 90", "Try: 0.9"),
    ("--cross-entropy 0.4 --classes 10 --accuracy -0.5", "from 0 to 1"),
    ("--cross-entropy 0.4 --classes 10 --accuracy nan", "'nan'"),
    ("--cross-entropy 0.05 --classes 10 --accuracy 0.1", "log 2"),
    ("--cross-entropy 0.4 --classes 10 --accuracy 0.4229", "at least 0.42292198"),
    ("--cross-entropy 0 --classes 10 --accuracy 0.999", "log 2"),
    ("--cross-entropy 2.4 --classes 10 --accuracy 1", "below 1"),
    ("--cross-entropy 1 --classes 2 --accuracy 1 --unit bits", "log K = 1 bits"),
    ("--cross-entropy 0.4 --classes 3 --base-rate 0.5 0.5", "3 classes have 3 base rates, not 2"),
    ("--cross-entropy 0.4 --classes 3 --base-rate 0.5", "not 1"),
    ("--cross-entropy 0.4 --classes 2 --base-rate 0.5 0.6", "they sum to 1.1"),
    ("--cross-entropy 0.4 --classes 2 --base-rate 1.5 -0.5", "'1.5'"),
    ("--cross-entropy 0.4 --classes 2 --base-rate nan", "'nan'"),
    ("--cross-entropy 0.4 --classes 2 --base-rate 0.5,", "''"),
    ("--cross-entropy 0.4 --classes 3 --base-rate 0.333 0.333 0.333", "1e-6"),
    ("--cross-entropy 0.4 --classes 10 --unit trits", "'trits'"),
    ("--cross-entropy 0.4 --classes 10 --json --latex", "--latex"),
    ("--cross-entropy 0.4 --classes 10 --json --standalone", "--standalone"),
    ("--cross-entropy 0.4 --classes 10 --figure nowhere/x.svg", "nowhere"),
    ("--cross-entropy 0.4 --classes 10 -o nowhere/x", "nowhere"),
    ("--cross-entropy 0.4 --classes 10 -o x.svg --figure x.svg", "both"),
    ("--cross-entropy 0.4 --classes 10 --figure ''", "empty path"),
    ("--cross 0.4 --classes 10", "--cross-entropy"),
]


@pytest.mark.parametrize(("arguments", "hint"), BAD)
def test_bad_input_is_one_line_and_code_2(capsys, monkeypatch, tmp_path, arguments, hint):
    monkeypatch.chdir(tmp_path)
    code = main(["read", *shlex.split(arguments)])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("derive: ") and hint in err and len(err) < 400, err
    assert list(tmp_path.iterdir()) == []


def test_impossible_combinations_are_refused_and_only_those():
    for cost, accuracy, classes in both(possible=False):
        with pytest.raises(BadInput, match="impossible together"):
            given(cost, classes, accuracy)
    for cost, accuracy, classes in both():
        given(cost, classes, accuracy)
    assert given("0.5", 2, "0.5", unit="bits").accuracy == R(1, 2)  # exactly at the bound
    with pytest.raises(BadInput):
        given("0.5", 2, "0.49999999999999999999", unit="bits")


@pytest.mark.parametrize(
    "value", [True, None, float("nan"), float("-inf"), [], object()], ids=lambda value: type(value).__name__
)
def test_what_is_no_number_is_refused(value):
    with pytest.raises(BadInput):
        given(value, 3)


# Forms.


@pytest.fixture
def run(capsys):
    """A function from arguments to what is printed."""

    def call(*arguments):
        assert main(["read", "--cross-entropy", "0.4", "--classes", "10", *arguments]) == 0
        return capsys.readouterr().out

    return call


def test_the_terminal_shows_all(run):
    out = " ".join(run("--accuracy", "0.9").split())
    for finding in read("0.4", 10, "0.9").findings:
        assert " ".join(finding.says[1:].split()) in out and " ".join(finding.how[1:].split()) in out


def test_the_library_says_the_same(run):
    assert derive.read(0.4, 10, 0.9).text() + "\n" == run("--accuracy", "0.9")


def test_json_holds_what_is_said(run):
    found = json.loads(run("--json", "--base-rate", "0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1", "0.1"))["answers"][
        0
    ]
    assert found["claim"] == "reading" and len(found["findings"]) == len(ANSWER.findings)
    value = next(f["value"] for f in found["findings"] if f["name"] == "guaranteed accuracy")
    assert sp.sympify(value) == 1 - R(2, 5) / sp.log(2)


def test_latex_and_markdown_hold_no_raw_sign(run):
    for numbers in list(OUTCOMES)[::3]:
        answer = read(*numbers)
        document = latex.document(None, (answer,))
        assert document.isascii() and document.count(r"\begin{") == document.count(r"\end{")
        page = markdown.page(None, (answer,))
        formulas = re.findall(r"\$`([^`]*)`\$|```math\n(.*?)```", page, re.DOTALL)
        assert all("".join(found).isascii() for found in formulas)
        assert text.lines(None, (answer,)) and json.dumps(data.answer(answer))
    assert run("--latex") + run("--latex", "--standalone") + run("--markdown")


# The figure.


def test_the_figure_shows_what_is_said(tmp_path, run):
    file = tmp_path / "plane.svg"
    run("--accuracy", "0.9", "--figure", str(file))
    content = file.read_text(encoding="utf-8")
    for name in ("impossible", "bound", "calibrated", "uniform", "possible", "model"):
        assert f'id="{name}"' in content
    assert content == svg(drawing.figure(given("0.4", 10, "0.9")))


def drawn(known):
    """The lines of a figure by their names."""
    (axes,) = drawing.figure(known).axes
    return {artist.get_gid(): artist for artist in axes.get_children() if artist.get_gid()}


def test_the_figure_has_its_lines_where_they_belong():
    shown = drawn(given("0.4", 10, "0.9", ["0.1"] * 10))
    assert np.allclose(shown["bound"].get_xydata(), [[0, math.log(2)], [1, 0]])
    assert np.allclose(shown["possible"].get_xydata(), [[1 - 0.4 / math.log(2), 0.4], [1, 0.4]])
    assert np.allclose(shown["model"].get_xydata(), [[0.9, 0.4]])
    assert np.allclose(shown["uniform"].get_ydata(), math.log(10))
    assert np.allclose(shown["base-rates"].get_ydata(), math.log(10))
    shown = drawn(given("0.4", 10, unit="bits"))
    assert np.allclose(shown["bound"].get_xydata(), [[0, 1], [1, 0]]) and "model" not in shown
    assert np.allclose(shown["guaranteed"].get_xydata(), [[0.6, 0.4]])
    assert "excluded" in drawn(given("3", 10)) and "excluded" not in shown


@pytest.mark.parametrize("classes", CLASSES)
def test_random_models_lie_in_the_figures_regions(classes):
    region = drawn(given("0.4", classes))["calibrated"].get_path()
    cost, accuracy = calibrated(classes, 11)
    inside = region.contains_points(np.column_stack([accuracy, cost]), radius=2e-3)
    inside |= region.contains_points(np.column_stack([accuracy, cost]), radius=-2e-3)
    assert inside.mean() > 0.999


@pytest.mark.parametrize(
    "numbers",
    [
        ("1e-300", 10),
        ("0.4", 10, "0.99999999999999999999"),
        ("50", "1e39", "1e-38"),
        ("0", 2, 1, ["1"]),
        ("9999", 2),
    ],
    ids=str,
)
def test_extremes_are_read_and_drawn(numbers):
    known = given(*numbers)
    assert reading(known).findings and svg(drawing.figure(known))
