"""The benchmarks of speed: what is measured, held against the bars, printed, saved and drawn."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import bars, figure, measure, memory, report, speed, tables
from benchmarks.bars import BARS, NAIVE, NUMPY, Bar, outcomes
from benchmarks.cases import BINARY, DTYPES, cases, work
from benchmarks.emitted import without_target_check
from benchmarks.rows import OTHER, OURS, PROCESSOR, WALL, Row
from benchmarks.systems import SYSTEMS, System
from derive.rivals.turns import turns

ROOT = Path(__file__).parents[1]
QUICK = cases(quick=True)
ONCE = {"rounds": 1, "enough": 0.0}
TITLE = "sigmoid+bce 1e7"


def row(system, nanoseconds=None, **changed):
    """A row of that system, by default at a large case."""
    known = {"level": "AVX-512", "title": TITLE, "dtype": "float64", "kind": OTHER}
    times = {} if nanoseconds is None else {"low": nanoseconds, "high": 2 * nanoseconds, "cores": 0.5}
    return Row(**{**known, "system": system, "nanoseconds": nanoseconds, **times, **changed})


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: f"{bar.title}, {bar.system} / {bar.against}")
def test_bars_name_cases_and_systems_that_there_are(bar):
    assert bar.title in {case.title for case in cases()}
    assert {bar.system, bar.against} <= {system.name for system in SYSTEMS}


@pytest.mark.parametrize(
    ("dtype", "ratio", "verdict"),
    [
        ("float64", 0.49, "met"),
        ("float64", 0.51, "missed"),
        ("float32", 0.99, "met"),
        ("float32", 1.01, "missed"),
        ("float64", None, "not measured"),
    ],
)
def test_bars_are_held_in_float64_and_twice_as_high_in_float32(monkeypatch, dtype, ratio, verdict):
    monkeypatch.setattr(bars, "BARS", (Bar(title=TITLE, system=NUMPY, against=NAIVE, most=0.5),))
    other = [row(NAIVE, 1e9, dtype=dtype, level="AVX2")]  # of another level, which is no yardstick
    naive = [row(NAIVE, None if ratio is None else 20.0, dtype=dtype)]
    (found,) = outcomes([row(NUMPY, 20.0 * (ratio or 1), dtype=dtype), *naive, *other])
    assert found.verdict == verdict


@pytest.mark.parametrize("case", QUICK, ids=lambda case: f"{case.title} {case.dtype}")
def test_naive_and_emitted_code_agree_in_the_middle(case):
    at = work(case)
    assert at.z.dtype == at.y.dtype == case.dtype and at.z.shape == case.shape
    result = at.derived.module["loss_and_grad"](at.z, at.y)
    assert measure.disagreement(result, at) == ""


def test_disagreement_sees_a_planted_defect():
    at = work(QUICK[0])
    loss, grad = at.expected
    wrong = grad.copy()
    wrong[17] *= 1 + 1e-4
    for result in ((loss, wrong), (loss * 1.01, grad), (loss, grad[1:]), (loss.astype(np.float32), grad)):
        assert measure.disagreement(result, at)
    assert measure.disagreement((loss, grad), at) == ""


def test_rows_have_figures_reasons_or_defects():
    def lacking(at):
        raise measure.Missing("not installed")

    made = {
        "right": lambda at: lambda: at.expected,
        "wrong": lambda at: lambda: (at.expected[0] + 1, at.expected[1]),
        "lacking": lacking,
        "meaningless": lambda at: None,
    }
    systems = [System(name=name, make=make, kind=OURS) for name, make in made.items()]
    found = {r.system: r for r in measure.rows(QUICK[0], systems, "AVX2", **ONCE)}
    assert list(found) == ["right", "wrong", "lacking"]
    assert found["right"].nanoseconds > 0 and found["right"].low <= found["right"].high
    assert found["wrong"].wrong and "loss differs" in found["wrong"].missing
    assert found["lacking"].missing == "not installed" and not found["lacking"].wrong
    assert found["wrong"].nanoseconds is found["lacking"].nanoseconds is None


def test_two_threads_are_not_measured_by_processor_time():
    two = [System(name="two", make=lambda at: lambda: at.expected, threads=2)]
    (found,) = measure.rows(QUICK[0], two, "AVX2", clock=PROCESSOR, **ONCE)
    assert found.missing and found.nanoseconds is None


def test_every_call_has_its_turn_in_every_round():
    order = []
    calls = [lambda: order.append("a"), lambda: order.append("b")]
    before = [lambda: order.append("A"), lambda: order.append("B")]
    found = turns(calls, before=before, rounds=3, enough=0.0)
    assert "".join(order) == "AaBb" * 4  # the first to see how long they take
    assert [len(column) for column in found] == [3, 3]


@pytest.mark.skipif(not memory.RESET.exists(), reason="only Linux tells")
def test_memory_of_a_call_is_its_largest():
    # Bytes; Linux counts pages in batches, one for each thread, and Python may take an arena of 1 MiB.
    size, grain = 2**26, 2**20 + 2**20

    def passing():
        return np.ones(size // 8).sum()

    assert memory.held(passing) == pytest.approx(size, abs=grain)
    assert memory.held(lambda: np.ones(size // 8)) == pytest.approx(size, abs=grain)
    assert memory.held(lambda: None) < grain


def test_the_unchecked_code_lets_targets_pass_and_nothing_else_changes():
    at = work(QUICK[0])
    assert at.case.names == BINARY
    checked, unchecked = (f["loss_and_grad"] for f in (at.derived.module, without_target_check(at.derived)))
    for ours, theirs in zip(checked(at.z, at.y), unchecked(at.z, at.y), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="targets"):
        checked(at.z, at.y + 2)
    unchecked(at.z, at.y + 2)


ROWS = [
    row("memory limit", 1.5),
    row(NUMPY, 8.6, kind=OURS, memory=0.25),
    row(NAIVE, 21.5),
    row("scikit-learn", missing="not installed"),
    row("numexpr", missing="loss differs by 1e-2", wrong=True),
    row(NUMPY, 9.5, kind=OURS, title="sigmoid+bce 1e5"),
    row("JAX", 40.0, cores=1.9),
]


def test_tables_hold_times_ratios_memory_and_bars():
    times, held, met = tables.tables(ROWS)
    cells = {line[0]: line[1:] for line in times.rows}
    assert cells[NUMPY] == ("8.6 (0.40)", "9.5") and cells["numexpr"] == ("wrong", tables.NONE)
    assert "scikit-learn" not in cells
    assert held.rows == ((NUMPY, "0.25"),)
    assert (f"{NUMPY} / {NAIVE}", TITLE, "float64", "AVX-512", "0.40", "≤ 0.50", "met") in met.rows
    assert all(len(line) == len(table.header) for table in (times, held, met) for line in table.rows)


def test_page_names_what_is_absent_and_what_took_more_than_one_core():
    page = report.page(ROWS, {})
    for part in (
        "scikit-learn: not installed",
        "loss differs",
        "JAX, sigmoid+bce 1e7, float64: 1.9 cores",
        "2.00",
    ):
        assert part in page
    assert f"{NUMPY}, {TITLE}" not in page


def test_figure_shows_what_was_measured_and_comes_out_the_same():
    axes = figure.drawn(ROWS).axes[0]
    assert axes.get_title() == TITLE
    assert sorted(bar.get_width() for bar in axes.patches) == [8.6, 21.5, 40.0]
    assert [line.get_xdata()[0] for line in axes.lines] == [1.5]
    assert figure.svg(figure.drawn(ROWS)) == figure.svg(figure.drawn(ROWS))


def test_a_wrong_result_is_an_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(speed, "run", lambda name, level, arguments, *more: [] if more else ROWS)
    assert speed.main(["--only", "1e7"]) == 1
    monkeypatch.setattr(speed, "run", lambda name, level, arguments, *more: [] if more else ROWS[:3])
    assert speed.main(["--only", "1e7"]) == 0
    assert "8.6 (0.40)" in capsys.readouterr().out


def test_a_quick_run_writes_its_files(tmp_path):
    names = ("--json", "rows.json"), ("--report", "page.md"), ("--figure", "bars.svg")
    files = [part for option, name in names for part in (option, str(tmp_path / name))]
    done = started("--quick", "--only", "sigmoid", *files)
    assert done.returncode == 0, done.stderr
    rows = [Row(**found) for found in json.loads((tmp_path / "rows.json").read_text())["rows"]]
    assert {r.dtype for r in rows} == set(DTYPES) and {r.clock for r in rows} == {WALL}
    measured = {r.system for r in rows if r.nanoseconds is not None}
    assert {"memory limit", "derive, NumPy", NUMPY, NAIVE, "SymPy lambdify"} <= measured
    assert NUMPY in (tmp_path / "page.md").read_text()
    assert (tmp_path / "bars.svg").read_text().startswith("<?xml")


def test_a_file_that_cannot_be_written_is_named_before_the_work(tmp_path):
    done = started("--json", str(tmp_path / "nowhere" / "rows.json"))
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "nowhere" in done.stderr


def started(*arguments):
    """A finished run of the benchmarks in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.speed", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
