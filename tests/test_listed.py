"""The page of all pairs says what the catalogue holds and what was measured, and nothing else."""

import re

import pytest

from derive import catalogue, listed
from derive.cli import main
from derive.emit.guards import condition_said
from derive.listed import LOST, MARKS, MET, OPEN, UNPROVED, conditional, page, pairs
from derive.studies.pairs import figure


@pytest.fixture
def rows(monkeypatch):
    """The pairs, of which one meets the bar and one loses digits."""
    monkeypatch.setattr(listed, "met", lambda: {"tanh+huber"})
    monkeypatch.setattr(listed, "lost", lambda: {"gelu+huber": []})
    monkeypatch.setattr(listed, "unproved", lambda: {"sin+lq"})
    return pairs()


def test_every_legal_pair_is_there_with_its_state(rows):
    assert [(row.activation, row.loss) for row in rows] == list(catalogue.legal_pairs())
    states = {(row.activation, row.loss): row.state for row in rows if row.state != OPEN}
    assert states == {("tanh", "huber"): MET, ("gelu", "huber"): LOST, ("sin", "lq"): UNPROVED}
    for row in rows:
        pair = catalogue.pair(row.activation, row.loss)
        assert row.twice == bool(pair.warning) and row.condition == condition_said(pair)


def test_the_page_has_a_mark_for_every_pair(rows):
    text = page(rows)
    for state, mark in MARKS.items():
        assert len(re.findall(f"\N{NO-BREAK SPACE}{mark}", text)) == sum(row.state == state for row in rows)
    assert text.count("**") == 2 * (sum(row.canonical for row in rows) + 1)
    assert all(f"| {name} |" in text and said in text for name, said, _ in conditional())


def test_the_picture_has_a_cell_for_every_pair_of_numbers(rows):
    drawn = {line.get_gid(): len(line.get_xdata()) for line in figure(rows).axes[0].lines}
    some = [row for row in rows if row.kind == "elementwise"]
    assert sum(drawn[state] for state in MARKS) == len(some)
    assert drawn["canonical"] == sum(row.canonical for row in some)
    assert drawn["twice"] == sum(row.twice for row in some)


def test_lists_take_patterns(capsys):
    assert main(["list", "pairs", "probit+*"]) == 0
    out = capsys.readouterr().out
    assert out.count("probit") == sum(act == "probit" for act, _ in catalogue.legal_pairs())
    assert main(["list", "activations", "swish"]) == 0 and "silu" in capsys.readouterr().out
    assert main(["list", "losses", "--table"]) == 2
