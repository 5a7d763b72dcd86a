"""Declared bounds, the counting of defects against them, the dispatch levels, and `derive accuracy`."""

import json
from functools import cache, partial

import numpy as np
import pytest

from derive import bounds, catalogue
from derive.accuracy import report
from derive.accuracy.calls import answers, answers_here
from derive.accuracy.levels import levels, named
from derive.accuracy.measure import compare
from derive.accuracy.points import points
from derive.accuracy.survey import CLASSES, Wanted, survey
from derive.accuracy.tally import Look, errors, tally
from derive.accuracy.truth import formula, truth
from derive.api import derive
from derive.checks import Material, run
from derive.cli import main

PAIR = ("sigmoid", "bce")
HERE = levels()[-1:]  # the baseline, which every CPU has


@cache
def honest(*names):
    """A pair as the program makes it."""
    return derive(*names)


@cache
def sample(dtype="float64", quantity="gradient"):
    """The truth of the pair's gradient at a few hundred points, and what the emitted code gives there."""
    about = formula(catalogue.subject(*PAIR))
    true = truth(about, *points(about, dtype, 300, seed=1))
    return true, honest(*PAIR).module["grad"](true.z.astype(dtype), true.y.astype(dtype)).astype(float)


def measured(values, dtype="float64", **look):
    """What is counted of values of the gradient."""
    return compare(values, sample(dtype)[0], "gradient", dtype, Look(**look))


def places(dtype="float64", *, hard=True, above=1e-3):
    """Where the gradient is a normal number of moderate size, at hard or at soft targets."""
    true = sample(dtype)[0]
    size = abs(true.hi[1])
    return np.flatnonzero((size > above) & np.isfinite(size) & (np.isin(true.y, (0, 1)) == hard))


def planted(value, at, dtype="float64"):
    """The code's values with others in some places."""
    values = sample(dtype)[1].copy()
    values[at] = value
    return values


# --- what is counted ---


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_values_have_no_fault(dtype):
    row = measured(sample(dtype)[1], dtype)
    assert (row.faults, row.flushed) == (0, 0) and row.points == len(sample(dtype)[0].z)
    assert (
        0 < row.hard.score <= 4
        and 0 < row.soft.score <= 8
        and row.hard.points + row.soft.points == row.points
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("value", "counts"),
    [(np.nan, (3, 0, 0, 0)), (np.inf, (3, 0, 0, 0)), (0.0, (0, 0, 3, 0))],
    ids=["nan", "inf", "zero"],
)
def test_planted_defect_is_counted_as_what_it_is(value, counts, dtype):
    at = places(dtype)[:3]
    row = measured(planted(value, at, dtype), dtype)
    assert (row.bad, row.missed, row.spurious, row.flushed) == counts
    place = row.where
    true = sample(dtype)[0]
    assert (place.z[0], place.y[0]) in {(true.z[n], true.y[n]) for n in at}


@pytest.mark.parametrize(("dtype", "tiny", "huge"), [("float64", -720.0, 720.0), ("float32", -95.0, 95.0)])
def test_subnormal_that_is_flushed_and_overflow_that_is_missed(dtype, tiny, huge):
    about = formula(catalogue.subject("activation:exponential"))
    true = truth(about, np.array([tiny, huge, 1.0]), np.zeros(3))
    with np.errstate(over="ignore"):
        right = np.exp(true.z).astype(dtype).astype(float)
    for values, flushed, missed in (
        (right, 0, 0),
        ([0.0, *right[1:]], 1, 0),
        ([right[0], float(np.finfo(dtype).max), right[2]], 0, 1),
        ([right[0], -np.inf, right[2]], 0, 1),
    ):
        row = compare(np.array(values), true, "loss", dtype)
        assert (row.flushed, row.missed, row.bad, row.spurious) == (flushed, missed, 0, 0)


@pytest.mark.parametrize("hard", [True, False])
def test_ulps_at_hard_and_at_soft_targets_are_told_apart(hard):
    at = places(hard=hard, above=0.3)[5]
    near = sample()[1][at]
    row = measured(planted(near + 1000 * np.spacing(near), at))
    kinds = (row.hard, row.soft) if hard else (row.soft, row.hard)
    assert kinds[0].ulp > 999 and kinds[0].score > 99 and kinds[1].score < 9 and row.faults == 0
    assert kinds[0].worst[0].place.z == (sample()[0].z[at],)


def test_zeros_behind_a_greater_error_are_counted():
    hi = np.array([1e-300, 1.0, 1.0, 1.0])
    found = errors(np.array([1.0, 0, 0, 1.0]), hi, np.zeros(4), np.full(4, True), "float64")
    row = tally("loss", "float64", found, lambda n, enough: 0.0, lambda n: None, Look(shown=1))
    assert row.spurious == 2 and row.hard.score > 1e200


def test_points_shown_are_the_worst_in_order():
    at = places()[:4]
    values = sample()[1].copy()
    values[at] += np.spacing(values[at]) * [100, 400, 200, 300]
    worst = measured(values, shown=3).hard.worst
    assert [round(point.score, -2) for point in worst] == [400, 300, 200]
    assert [point.place.z[0] for point in worst] == [sample()[0].z[at[n]] for n in (1, 3, 2)]


def test_points_follow_from_the_seed():
    about = formula(catalogue.subject(*PAIR))
    one, same, other = (points(about, "float64", 900, seed) for seed in (5, 5, 6))
    assert np.array_equal(one, same) and not np.array_equal(one[0][:100], other[0][:100])
    with np.errstate(over="ignore"):
        beside = abs(1 / (1 + np.exp(-one[0])) - one[1]) < 4e-16
    assert (beside & (one[1] > 1e-3) & (one[1] < 1 - 1e-3)).sum() > 5 and len(one[0]) > 900


# --- bounds ---


def test_declared_bounds_are_those_of_legal_pairs_and_above_none():
    for name in bounds.table():
        catalogue.subject(name)
    for (name, quantity), bound in bounds.DECLARED.items():
        assert bound.largest < bounds.DEFAULT
        assert bounds.declared(name, quantity) == bound and bounds.bound(name, quantity) == bound.largest
        assert not any((name, quantity) == row[:2] for row in bounds.EXCEPTIONS)
    assert {"+".join(pair) for pair in catalogue.reference.MEASURED} <= set(bounds.table())


def test_check_holds_soft_and_hard_targets_to_their_own_bounds():
    """Six ulp are too many at hard targets, and not at soft ones; in float32 one is all that is allowed."""
    made = honest(*PAIR)
    grad = made.module["grad"]

    def off(z, y, ulp, hard, dtype):
        value = np.asarray(grad(z, y))
        wrong = (value.dtype == dtype) & (np.isin(y, (0, 1)) == hard) & (abs(value) > 1e-3)
        return np.where(wrong, value + ulp * np.spacing(value), value).astype(value.dtype)[()]

    for ulp, hard, dtype, failing in (
        (6, True, "float64", {"truth64"}),
        (6, False, "float64", set()),
        (12, False, "float64", {"truth64"}),
        (2, False, "float32", {"truth32"}),
    ):
        module = {**made.module, "grad": partial(off, ulp=ulp, hard=hard, dtype=dtype)}
        assert failed(made, module) == failing


def failed(made, module):
    """The checks against truth that fail with other functions."""
    looked_at = Material(
        subject=made.subject,
        derivation=made.derivation,
        program=made.program,
        code=made.code(),
        module=module,
    )
    return {verdict.check for verdict in run(looked_at, ("truth64", "truth32")) if not verdict.passed}


def test_loss_and_grad_of_vectors_is_held_to_the_bounds_too():
    made = honest("multi_rmse")
    both = made.module["loss_and_grad"]

    def off(a, y):
        loss, grad = both(a, y)
        return loss, grad * (1 + 2.0**-44) if grad.dtype == float else grad

    assert failed(made, made.module) == set()
    assert failed(made, {**made.module, "loss_and_grad": off}) == {"truth64"}


def test_docstring_declares_both_bounds():
    words = " ".join(honest(*PAIR).module["grad"].__doc__.split())
    assert (
        "accuracy: 4 ulp * (1 + kappa) at the targets 0, 1 and 8 at others, in float64, 1 in float32" in words
    )


# --- dispatch levels ---

NEW, OLD = ["X86_V3", "X86_V4", "AVX512_ICL"], ["SSE41", "FMA3", "AVX2", "AVX512F", "AVX512_SKX"]


@pytest.mark.parametrize(
    ("found", "missing", "present", "without"),
    [
        (NEW, [], [True, True, True], [(), ("X86_V4", "AVX512_ICL"), tuple(NEW)]),
        (OLD, ["AVX512_KNL"], [True, True, True], [(), ("AVX512F", "AVX512_SKX"), tuple(OLD)]),
        (NEW[:1], NEW[1:], [False, True, True], [(), (), ("X86_V3",)]),
        ([], NEW, [False, False, True], [(), (), ()]),
        (["ASIMDHP"], ["SVE"], [True, True], [(), ("ASIMDHP",)]),
        ([], [], [True], [()]),
    ],
)
def test_levels_follow_from_the_features(found, missing, present, without):
    levels = named(found, missing)
    assert [level.present for level in levels] == present and [level.without for level in levels] == without


ASK = """
import numpy as np
def found():
    return np.array(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []), dtype=str)
"""


def test_code_runs_at_the_level_it_is_asked_for():
    for level in levels():
        if level.present:
            ((features,),) = answers([("found", (), {})], level, code=ASK)
            assert not set(features.tolist()) & set(level.without)


def test_code_that_fails_says_why():
    with pytest.raises(RuntimeError, match="baseline: ZeroDivisionError"):
        answers([("f", (), {})], HERE[0], code="def f(): return 1 / 0")


# --- surveys ---


def test_defect_at_one_level_is_a_line_of_that_level():
    defect = "\n_right = grad\ndef grad(z, y):\n    return _right(z, y) * (1 + 1e-12)\n"
    made = honest(*PAIR)

    def answer(calls, level):
        return answers(calls, HERE[0], code=made.code() + defect * (level.name == "other"))

    other = type(HERE[0])(name="other", without=(), present=True)
    wanted = Wanted(points=60, levels=(*HERE, other), dtypes=("float64",))
    lines = survey(made.subject, answer, wanted)
    assert {(line.level, line.function) for line in lines if not line.ok} == {("other", "grad")}
    # The fused function does not have the defect, and is told apart by it.
    assert {(line.level, line.function) for line in lines if line.function == "loss_and_grad"} == {
        ("other", "loss_and_grad")
    }


@pytest.mark.parametrize("names", [PAIR, ("softplus",), ("huber",)], ids="+".join)
def test_survey_of_elementwise_subjects(names):
    made = honest(*names)
    wanted = Wanted(points=60, levels=HERE)
    lines = survey(made.subject, partial(answers_here, module=made.module), wanted)
    assert [line.measured.quantity for line in lines] == ["loss", "gradient", "hessian"] * 2
    assert all(line.ok for line in lines)
    text = report.page(lines, wanted)
    assert all(f"## {dtype}" in text for dtype in wanted.dtypes) and "All 6 lines" in text


def test_survey_of_vectors_covers_the_numbers_of_classes(monkeypatch):
    monkeypatch.setattr("derive.accuracy.survey._OF_MANY", 1)
    monkeypatch.setattr("derive.accuracy.survey.CLASSES", sizes := (1, 2, 100))
    made = honest("softmax", "cross_entropy")
    off = dict(made.module)
    off["grad"] = lambda z, y: made.module["grad"](z, y) * (1 + 2.0**-40 * (np.shape(z)[-1] == 2))
    wanted = Wanted(points=60, levels=HERE, dtypes=("float64",))
    lines = survey(made.subject, partial(answers_here, module=off), wanted)
    assert {line.classes for line in lines} == set(sizes)
    assert [(line.classes, line.function) for line in lines if not line.ok] == [(2, "grad")]
    assert {1, 2, 10, 1000} == set(CLASSES)


# --- the command ---


def command(capsys, *arguments):
    """(exit code, stdout, stderr) of derive accuracy."""
    code = main(["accuracy", *arguments])
    return (code, *capsys.readouterr())


def test_command_prints_writes_and_reports(capsys, tmp_path):
    page = tmp_path / "accuracy.md"
    given = (*PAIR, "--points", "60", "--level", "baseline", "--dtype", "float64", "--worst", "2")
    code, out, err = command(capsys, *given, "--json", "-", "--report", str(page))
    rows = json.loads(out)
    assert code == 0 and [row["function"] for row in rows] == ["loss", "grad", "hess"]
    assert all(row["ok"] and len(row["hard"]["worst"]) == 2 for row in rows)
    assert "0 beyond their bounds" in err and "hard: z=" in err
    assert "| sigmoid+bce |" in page.read_text() and "seed" in page.read_text()
    assert command(capsys, *given, "--json", "-")[1] == out  # reproducible by its seed
    assert command(capsys, *given, "--json", "-", "--seed", "7")[1] != out


def test_levels_that_the_cpu_lacks_are_named(capsys, monkeypatch):
    monkeypatch.setattr("derive.accuracy.levels.levels", lambda: named([], NEW))
    code, out, _ = command(capsys, "huber", "--points", "60", "--dtype", "float64")
    assert code == 0 and "lacks it: AVX-512, AVX2" in out and "float64  baseline" in out
    code, out, err = command(capsys, "huber", "--level", "avx2")
    assert (code, out) == (2, "") and "Try: baseline" in err


def test_command_fails_where_a_bound_is_missed(capsys, monkeypatch):
    monkeypatch.setattr(bounds, "DECLARED", {("sigmoid+bce", "hessian"): bounds.Bound(hard=1, soft=1)})
    code, out, _ = command(capsys, *PAIR, "--points", "300", "--level", "baseline", "--dtype", "float64")
    assert code == 1 and out.count("MISSED") == 1 and "1 beyond their bounds" in out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("sigmiod bce", "sigmoid"),
        ("sigmoid bce --all", "exclude each other"),
        ("sigmoid bce --points none", "no number of points"),
        ("sigmoid bce --points 0", "no number of points"),
        ("sigmoid bce --seed -1", "seed"),
        ("sigmoid bce --level AVX3", "no level 'AVX3'"),
        ("sigmoid bce --dtype float16", "float16"),
        ("sigmoid bce --target fortran", "fortran"),
        ("sigmoid bce --json /nowhere/x.json", "cannot write"),
        ("sigmoid bce --report /nowhere/x.md", "cannot write"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, arguments, hint):
    code, out, err = command(capsys, *arguments.split())
    assert code == 2 and out == "" and hint in err and len(err.strip().splitlines()) == 1
