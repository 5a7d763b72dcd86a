"""output/ holds what the program makes: text byte for byte, figures by their plotted data."""

import re
from pathlib import Path

import numpy as np
import pytest

import derive
from derive import catalogue, listed
from derive.claims import CLAIMS
from derive.cli.build import NETWORK, built, layered
from derive.cli.verdicts import every, verdicts_of
from derive.emit import index
from derive.emit.claims import matrix
from derive.emit.claims.text import MARKS
from derive.studies.claims.matrix import figure
from derive.studies.figure import svg
from derive.studies.pairs import figure as pairs_figure
from drawn import drawn_curves, drawn_marks
from tables import derivation, pairs

OUTPUT = Path(__file__).parents[1] / "output"
FIGURE = "figure.svg"
# In the units of the drawing, of which the figure is 576 wide: a tenth of what an eye tells apart, and
# far above what another version of NumPy's functions moves a point.
SAME_POINT = 0.01

# What `make accuracy`, `rivals`, `bench`, `training`, `checked` and `growth` write: figures of one machine,
# which are not compared.
MEASURED = (
    *("accuracy.md", "compare.md", "errors.svg", "speed.md", "speed.json", "speed.svg", "training.md"),
    *("checked.md", "stages.md", "stages.svg"),
)
# What `make studies` writes beside the pairs; a training of many steps ends a little differently elsewhere.
COMPARED = ("sigmoid", ("half_squared_error", "bce"))
COMPARISON = "compare_sigmoid"
PAIRS = ("pairs.md", "pairs.svg")
VERDICTS = ("verdicts.md", "verdicts.svg")
TRAINED = "digits"

EACH = 40  # of the pairs of the matrix, every so many is examined again
LINE = re.compile(r"^\| \[?(\w+)\+(\w+)(?:\]\((\w+)/why\.md\))? \| (.*) \|$", re.MULTILINE)

AGAIN = "run `derive build` and commit the difference with its cause"
AGAIN_STUDIES = "run `make studies` and commit the difference with its cause"


def committed(folder):
    """File name → bytes of everything in a folder."""
    return {path.name: path.read_bytes() for path in (OUTPUT / folder).iterdir()}


def same_curves(one, other):
    """Whether two figures plot the same points."""
    ours, theirs = ({**drawn_curves(svg, any_name=True), **drawn_marks(svg)} for svg in (one, other))
    same = [
        points.shape == theirs[name].shape and np.abs(points - theirs[name]).max() <= SAME_POINT
        for name, points in ours.items()
        if name in theirs
    ]
    return bool(ours) and ours.keys() == theirs.keys() and all(same)


@pytest.mark.parametrize("names", derive.reference_pairs(), ids="-".join)
def test_pages_are_what_the_program_makes(names):
    derived = derivation(names)
    made, found = derived.files(), committed(derived.subject.folder)
    assert found.keys() == made.keys(), AGAIN
    for name in [name for name in made if name.endswith(".svg")]:
        assert same_curves(found.pop(name).decode(), made.pop(name)), f"{name}: {AGAIN}"
    for name, text in made.items():
        assert found[name] == text.encode(), f"{name}: {AGAIN}"


@pytest.mark.parametrize("item", layered(), ids=str)
def test_pages_of_layers_are_what_the_program_makes(item):
    made = derive.network(*item) if item == NETWORK else derive.derive(*item.names)
    found = committed(made.subject.folder)
    assert {name: text.decode() for name, text in found.items()} == made.files(), AGAIN


def test_index_is_what_the_program_makes():
    rows = [index.row(derivation(names).derivation) for names in derive.reference_pairs()]
    layers = [index.layer_row(derive.derive(name).derivation) for name in derive.layer_names()]
    net = index.network_line(derive.network(*NETWORK).subject)
    page = index.page(rows, [file for file, _ in index.STUDIES], layers, net)
    assert (OUTPUT / "README.md").read_bytes() == page.encode(), AGAIN


def test_a_comparison_is_what_the_program_makes():
    made = derive.compare(*COMPARED)
    found = committed(COMPARISON)
    assert found.pop("README.md").decode() == made.markdown(), AGAIN_STUDIES
    figures = {f"why_{name}.svg": drawn for name, drawn in made.figures(without=[TRAINED]).items()}
    assert found.keys() == {*figures, f"why_{TRAINED}.svg"}, AGAIN_STUDIES
    for name, drawn in figures.items():
        assert same_curves(found[name].decode(), svg(drawn)), f"{name}: {AGAIN_STUDIES}"


def verdicts():
    """The verdicts in the committed page, one a pair; none where there is no page."""
    outcomes = {mark: outcome for outcome, mark in MARKS.items()}
    if not (OUTPUT / VERDICTS[0]).exists():
        return []
    page = (OUTPUT / VERDICTS[0]).read_text(encoding="utf-8")
    (head,) = re.findall(r"^\| pair \| (.*) \|$", page, re.MULTILINE)
    return [
        matrix.Verdicts(
            activation=activation,
            loss=loss,
            kind=catalogue.pair(activation, loss).kind,
            outcomes=tuple(zip(head.split(" | "), map(outcomes.get, cells.split(" | ")), strict=True)),
            folder=folder,
        )
        for activation, loss, folder, cells in LINE.findall(page)
    ]


def test_the_table_of_pairs_is_what_the_program_makes():
    rows = listed.pairs()
    page, picture = ((OUTPUT / name).read_text(encoding="utf-8") for name in PAIRS)
    assert page == listed.page(rows), AGAIN_STUDIES
    assert same_curves(picture, svg(pairs_figure(rows))), AGAIN_STUDIES


def test_verdicts_are_of_every_pair_and_drawn():
    rows = verdicts()
    assert tuple((row.activation, row.loss) for row in rows) == every(), AGAIN_STUDIES
    asked = [(claim.name, claim.question) for claim in CLAIMS]
    page, picture = (OUTPUT / name for name in VERDICTS)
    assert page.read_text(encoding="utf-8") == matrix.page(rows, asked), AGAIN_STUDIES
    assert same_curves(picture.read_text(), svg(figure(rows))), AGAIN_STUDIES


@pytest.mark.parametrize("row", verdicts()[::EACH], ids=lambda row: row.name)
def test_verdicts_are_what_the_claims_say(row):
    assert verdicts_of((row.activation, row.loss)) == row, AGAIN_STUDIES


@pytest.mark.parametrize("names", pairs(), ids="-".join)
def test_a_row_of_the_index_has_its_four_cells(names):
    row = index.row(derivation(names).derivation)
    assert len(re.findall(r"(?<!\\)\|", row)) == 1 + index.HEAD.splitlines()[-1].count("---")
    assert row.count("$`") == row.count("`$") <= 2


def test_nothing_else_lies_there():
    folders = {derivation(names).subject.folder for names in derive.reference_pairs()}
    folders |= {built(item).folder for item in layered()}
    others = {"README.md", COMPARISON, *PAIRS, *VERDICTS, *MEASURED}
    assert {path.name for path in OUTPUT.iterdir()} == folders | others


def test_what_was_measured_is_found_from_the_readme():
    text = (OUTPUT.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in MEASURED if f"output/{name}" not in text] == ["speed.json"]


def test_a_moved_curve_is_noticed():
    svg = derivation(("sigmoid", "bce")).files()[FIGURE]
    x, y = next(iter(drawn_curves(svg).values()))[0]
    moved = svg.replace(f"M {x!s} {y!s}", f"M {x!s} {y + 0.1!s}")
    assert svg != moved
    assert same_curves(svg, svg) and not same_curves(svg, moved) and not same_curves(svg, "<svg/>")
