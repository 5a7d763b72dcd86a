"""output/ holds what the program makes: text byte for byte, figures by their plotted data."""

import re
from pathlib import Path

import numpy as np
import pytest

import derive
from derive.emit import index
from drawn import drawn_curves
from tables import derivation, pairs

OUTPUT = Path(__file__).parents[1] / "output"
FIGURE = "figure.svg"
# In the units of the drawing, of which the figure is 576 wide: a tenth of what an eye tells apart, and
# far above what another version of NumPy's functions moves a point.
SAME_POINT = 0.01

# What `make accuracy`, `make rivals` and `make bench` write: figures of one machine, which are not compared.
MEASURED = ("accuracy.md", "compare.md", "errors.svg", "speed.md", "speed.json", "speed.svg")

AGAIN = "run `derive build` and commit the difference with its cause"


def committed(folder):
    """File name → bytes of everything in a folder."""
    return {path.name: path.read_bytes() for path in (OUTPUT / folder).iterdir()}


def same_curves(one, other):
    """Whether two figures plot the same points."""
    ours, theirs = drawn_curves(one), drawn_curves(other)
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
    assert same_curves(found.pop(FIGURE).decode(), made.pop(FIGURE)), AGAIN
    for name, text in made.items():
        assert found[name] == text.encode(), f"{name}: {AGAIN}"


def test_index_is_what_the_program_makes():
    rows = [index.row(derivation(names).derivation) for names in derive.reference_pairs()]
    assert (OUTPUT / "README.md").read_bytes() == index.page(rows).encode(), AGAIN


@pytest.mark.parametrize("names", pairs(), ids="-".join)
def test_a_row_of_the_index_has_its_four_cells(names):
    row = index.row(derivation(names).derivation)
    assert len(re.findall(r"(?<!\\)\|", row)) == 1 + index.HEAD.splitlines()[-1].count("---")
    assert row.count("$`") == row.count("`$") <= 2


def test_nothing_else_lies_there():
    folders = {derivation(names).subject.folder for names in derive.reference_pairs()}
    assert {path.name for path in OUTPUT.iterdir()} == {"README.md", *folders, *MEASURED}


def test_what_was_measured_is_found_from_the_readme():
    text = (OUTPUT.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in MEASURED if f"output/{name}" not in text] == ["speed.json"]


def test_a_moved_curve_is_noticed():
    svg = derivation(("sigmoid", "bce")).files()[FIGURE]
    x, y = next(iter(drawn_curves(svg).values()))[0]
    moved = svg.replace(f"M {x!s} {y!s}", f"M {x!s} {y + 0.1!s}")
    assert svg != moved
    assert same_curves(svg, svg) and not same_curves(svg, moved) and not same_curves(svg, "<svg/>")
