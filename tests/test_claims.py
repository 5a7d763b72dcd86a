"""Every claim answers every kind of subject: outcome, reason, witness; prose typesets, figures draw."""

import json

import matplotlib.figure
import pytest
import sympy as sp

from derive import catalogue
from derive.api import Explained, derive
from derive.claims import CLAIMS, examine
from derive.emit.prose import latex_of_prose
from derive.model import NOT_APPLICABLE, PROVED, REFUTED, UNDECIDED, BadInput, Pair, entries
from derive.studies.claims import FIGURES
from tables import explained, label, sample

OUTCOMES = (PROVED, REFUTED, UNDECIDED, NOT_APPLICABLE)
SAMPLE = sample()


def findings(names):
    """Every finding about a subject, with the answer it stands in."""
    return [(answer, finding) for answer in explained(names).answers for finding in answer.findings]


def prose(answer):
    """Every sentence and every word of an answer that is typeset."""
    yield from (answer.title, answer.question)
    for finding in answer.findings:
        yield from (finding.says, finding.how)
        yield from (words for step in finding.steps for words in (step.rule, step.says))
    for table in answer.tables:
        yield from (table.title, *table.head)
        yield from (cell for row in table.rows for cell in row if isinstance(cell, str))


def test_claims_have_names_of_their_own():
    names = [claim.name for claim in CLAIMS]
    assert len(set(names)) == len(names) == len({claim.title for claim in CLAIMS})
    assert all(claim.question.endswith("?") for claim in CLAIMS)


def test_the_sample_holds_every_kind():
    subjects = [catalogue.subject(*names) for names in SAMPLE]
    assert {(type(s).__name__, s.kind) for s in subjects} == {
        (kind, over) for kind in ("Pair", "Activation", "Loss") for over in ("elementwise", "vector")
    }
    names = {e.name for s in subjects for e in entries(s) if e is not None}
    assert names & {a.name for a in catalogue.LINKS} and names & {los.name for los in catalogue.DEVIANCES}


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_every_finding_has_an_outcome_and_says_how(names):
    assert [answer.claim for answer in explained(names)] == [claim.name for claim in CLAIMS]
    for answer, finding in findings(names):
        where = f"{answer.claim}: {finding.name}"
        assert finding.outcome in OUTCOMES and finding.says and finding.how, where
        assert len(finding.how) > 3 and "?" not in finding.how, where
    for answer in explained(names):
        assert len({(f.name, f.says) for f in answer.findings}) == len(answer.findings), answer.claim


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_what_is_refuted_has_a_witness_or_steps(names):
    for answer, finding in findings(names):
        if finding.outcome == REFUTED:
            assert finding.witness is not None or finding.steps, f"{answer.claim}: {finding.name}"
        if finding.witness is not None:
            assert all(isinstance(name, str) for name, _ in finding.witness.at)
            assert finding.outcome == REFUTED
            assert not any(value.has(sp.Float) for _, value in finding.witness.at)
            assert not finding.witness.value.has(sp.Float)
        assert all(step.proof.holds for step in finding.steps)


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_all_prose_typesets(names):
    for answer in explained(names):
        for words in prose(answer):
            assert not set(words) & set("`$\\"), words
            latex_of_prose(words)
        assert all(len(finding.says) <= LONGEST for finding in answer.findings)


LONGEST = 220  # a sentence that a reader takes in


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_every_page_holds_every_finding(names):
    found = explained(names)
    pages = found.markdown(), found.latex(standalone=True), found.latex(), found.text()
    for answer in found:
        for page in pages:
            assert sum(page.count(f"{word.capitalize()}:") + page.count(f" {word}: ") for word in OUTCOMES)
        assert f"## {answer.title}\n" in pages[0]
    assert found.markdown().count("**Proved:**") == sum(f.outcome == PROVED for _, f in findings(names))


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_json_is_plain_and_stable(names):
    found = explained(names)
    once = json.dumps(found.json(), ensure_ascii=False)
    again = Explained(subject=found.subject, answers=examine(found.subject)).json()
    assert once == json.dumps(again, ensure_ascii=False)
    answers = json.loads(once)["answers"]
    assert [a["outcome"] for a in answers] == [answer.outcome for answer in found]
    assert all(len(a["findings"]) == len(answer.findings) for a, answer in zip(answers, found, strict=True))


def test_figures_are_named_in_the_table():
    for names in SAMPLE:
        named = {name for answer in explained(names) for name in answer.figures}
        assert named <= FIGURES.keys(), names
        if named:
            subject = explained(names).subject
            assert isinstance(subject, Pair)
            derive(subject.activation.name, subject.loss.name)  # its code is emitted


@pytest.mark.parametrize("names", [("sigmoid", "bce"), ("sigmoid", "half_squared_error")], ids=label)
def test_every_figure_draws(names):
    figures = explained(names).figures()
    assert figures and all(isinstance(drawn, matplotlib.figure.Figure) for drawn in figures.values())
    for name, drawn in figures.items():
        curves = [line for axes in drawn.axes for line in axes.lines if line.get_gid()]
        assert curves, f"{name} has no curve that a test can find"


def test_an_unknown_claim_is_bad_input():
    with pytest.raises(BadInput, match=r"unknown claim 'convex'. Try: .*convexity"):
        examine(catalogue.subject("sigmoid", "bce"), ("convex",))


def test_a_claim_is_asked_alone():
    (answer,) = derive("sigmoid", "bce").explain("convexity")
    assert answer.claim == "convexity" and answer == explained(("sigmoid", "bce"))["convexity"]
