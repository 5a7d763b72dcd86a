"""Runs over many pairs: what is remembered, what is done again, what a report says."""

import ast
import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest

from derive import catalogue, store
from derive.accuracy import kept as kept_room
from derive.accuracy.kept import keep, kept, shrink
from derive.accuracy.truth import formula, truth
from derive.asked import Asked, is_pattern
from derive.cli import check, main
from derive.model import BadInput, Verdict
from derive.runs import one
from derive.runs.chosen import fitting
from derive.runs.one import Late, Order, Ran, ran, recall, remember, within
from derive.runs.report import Report, counted, markdown, stages, worst

PAIR = Asked(names=("tanh", "squared_error"))
FORMULA = formula(catalogue.pair("tanh", "squared_error"))
GOOD = Verdict(pair="a+b", check="truth64", passed=True, worst=3.0, limit=64)
BAD = Verdict(pair="c+d", check="truth64", passed=False, worst=float("inf"), limit=64, where="z=40")


@pytest.fixture
def order(tmp_path):
    """What is to be done with each pair, with a memory of its own."""
    return Order(points=450, memory=tmp_path / "check", truths=tmp_path / "truth")


def test_what_came_of_a_pair_comes_back_until_something_changes(order, monkeypatch):
    assert recall(PAIR, order) is None
    found = ran(PAIR, order)
    assert found.passed and found.proved > 5 and recall(PAIR, order) == found
    assert recall(Asked(names=("tanh", "huber")), order) is None
    assert recall(PAIR, replace(order, points=451)) is None
    monkeypatch.setattr(store, "fingerprint", lambda purpose: "another")
    one._key.cache_clear()
    assert recall(PAIR, order) is None
    one._key.cache_clear()


def test_a_damaged_memory_is_as_good_as_none(order):
    remember(PAIR, order, Ran(verdicts=(GOOD,)))
    (file,) = order.memory.iterdir()
    for damage in ("", "{", "[]", '{"key": 1}', json.dumps({"key": one.key(PAIR, order)})):
        file.write_text(damage)
        assert recall(PAIR, order) is None


def test_stages_are_timed_and_name_every_check(order):
    found = ran(PAIR, order)
    assert [stage for stage, _ in found.seconds][:3] == list(one.STAGES)
    assert [v.check for v in found.verdicts] == [stage for stage, _ in found.seconds][3:]
    assert all(seconds >= 0 for _, seconds in found.seconds)


def test_what_cannot_be_made_or_takes_too_long_is_a_failure_that_names_the_pair(order, monkeypatch):
    (verdict,) = ran(Asked(names=("tanh", "bce")), order).verdicts
    assert not verdict.passed and verdict.pair == "tanh+bce" and "needs predictions" in verdict.where
    monkeypatch.setattr(one, "SECONDS", 0.05)
    monkeypatch.setattr(one, "_checked", lambda item, order: time.sleep(5))
    (verdict,) = ran(PAIR, order).verdicts
    assert not verdict.passed and "longer than 0.05 seconds" in verdict.where
    assert recall(PAIR, order) is None  # it is tried again


def test_nothing_is_late_after_its_time():
    with within(0.05):
        pass
    time.sleep(0.1)
    with pytest.raises(Late), within(0.05):
        time.sleep(1)


def test_a_truth_comes_back_with_its_kappas(tmp_path):
    first = kept(tmp_path, FORMULA, "float64", 60)
    first.kappas["gradient", 3] = 0.25
    keep(tmp_path, first, "float64", 60, known=0)
    again, made = kept(tmp_path, FORMULA, "float64", 60), kept(None, FORMULA, "float64", 60)
    assert again.kappas == {("gradient", 3): 0.25}
    for name in ("z", "y", "hi"):
        assert np.array_equal(getattr(again, name), getattr(made, name), equal_nan=True)
    off = np.abs(again.lo - made.lo) / np.spacing(np.abs(made.hi))
    assert np.nanmax(off) < 2.0**-24 and np.any(again.lo != 0)


def test_a_truth_is_made_again_where_it_depends_on_what_changed(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(kept_room, "truth", lambda *given: made.append(1) or truth(*given))
    wordy = replace(FORMULA.subject.activation, title="another", source="elsewhere")
    steep = replace(FORMULA.subject.activation, expr=FORMULA.subject.activation.expr * 2)
    subjects = [replace(FORMULA.subject, activation=act) for act in (wordy, steep)]
    for about, times in ((FORMULA, 1), (FORMULA, 1), (formula(subjects[0]), 1), (formula(subjects[1]), 2)):
        kept(tmp_path, about, "float64", 60)
        assert len(made) == times


def test_a_damaged_truth_is_made_again(tmp_path):
    kept(tmp_path, FORMULA, "float64", 60)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for damage in (b"", whole[: len(whole) // 2], b"PK" + whole):
        file.write_bytes(damage)
        assert len(kept(tmp_path, FORMULA, "float64", 60).z) > 60
        assert file.read_bytes() == whole


def test_truths_rest_on_the_sources_they_are_made_of():
    """What points, truth and kappa import belongs to the key, but for blocks, which no entry has."""
    wanted, seen = {"accuracy/kept.py", "accuracy/kappa.py"}, set()
    while new := wanted - seen:
        for name in new:
            seen.add(name)
            tree = ast.parse((store.PACKAGE / name).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("derive."):
                    base = store.PACKAGE / node.module.removeprefix("derive.").replace(".", "/")
                    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
                    wanted.add(file.relative_to(store.PACKAGE).as_posix())
    apart = {name for name in seen if not name.startswith(store.TRUTHS.within)}
    assert {name.split("/")[0] for name in apart} <= {"heads", "store.py"}


def test_a_folder_of_truths_stays_below_its_limit(tmp_path):
    for n in range(4):
        (tmp_path / f"{n}.npz").write_bytes(bytes(100))
        os.utime(tmp_path / f"{n}.npz", (n, n))
    shrink(tmp_path, limit=250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.npz", "3.npz"]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("probit+*",), True),
        (("*", "bce"), True),
        (("*+bce",), True),
        (("soft*+hu?er",), True),
        (("sigmoid+bce",), False),
        (("z*sigmoid(z)", "bce"), False),
        (("z+2*a",), False),
        (("gelu",), False),
    ],
)
def test_patterns_are_told_from_names_and_expressions(names, pattern):
    assert is_pattern(names) == pattern


def test_a_pattern_gives_the_legal_pairs_that_fit():
    legal = catalogue.legal_pairs()
    assert fitting(("probit+*",)) == tuple(p for p in legal if p[0] == "probit")
    assert fitting(("*", "bce")) == tuple(p for p in legal if p[1] == "bce")
    with pytest.raises(BadInput, match="no legal pair fits"):
        fitting(("tanh+bc?",))


def test_a_second_run_checks_nothing_again_and_fresh_forgets(capsys, monkeypatch, tmp_path):
    done = []

    def outcome(item, order):
        done.append(item)
        remember(item, order, Ran(verdicts=(GOOD,)))
        return Ran(verdicts=(GOOD,))

    monkeypatch.setattr(check, "outcome_of", outcome)
    monkeypatch.chdir(tmp_path)
    pairs = len(fitting(("tanh+*error",)))
    for options, times in (((), pairs), ((), pairs), (("--fresh",), 2 * pairs)):
        assert main(["check", "tanh+*error", "-j", "1", *options]) == 0
        assert len(done) == times
    assert f"{pairs} from earlier runs" in capsys.readouterr().out


def test_a_report_counts_and_ranks():
    good = Ran(verdicts=(GOOD,), seconds=(("emit", 1.0), ("truth64", 2.0)), proved=7, sampled=1)
    report = Report(found={"a+b": good, "c+d": Ran(verdicts=(BAD,))}, reused=1, seconds=5)
    assert counted(report) == "2 checks over 2 subjects: 1 passed, 1 failed (1 from earlier runs, 5 s)"
    assert [row[0] for row in worst(report, "truth64")[1]] == ["c+d", "a+b"]
    assert stages(report)[1][-1] == ["all", "1", "3.000", "3.000", "3.000", "a+b"]
    page = markdown(report, 2000)
    assert "FAILED c+d, truth64" in page and "7 steps and forms are proved, 1 are checked at points" in page
