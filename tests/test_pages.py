"""Every page of every subject holds every step, its sentence and its proof, and fits its line."""

import re
import shutil
import subprocess
from functools import cache

import pytest
import sympy as sp

from derive import heads
from derive.catalogue import subject
from derive.derivation import derive
from derive.emit import latex, markdown, text
from derive.emit.display import blocks, chains
from derive.emit.printer import latex_of
from derive.emit.shape import PARAMETERS
from derive.model import A, Y, Z
from latex_reader import read
from tables import label, subjects
from test_render import require

X = sp.Symbol("x", real=True)
AT = {A: 0.3, Y: 0.7, Z: 0.45, X: 1.5}
LETTERS = {str(s): value for s, value in AT.items()} | {p.latex.strip("\\"): 0.8 for p in PARAMETERS}
AT |= {p.symbol: 0.8 for p in PARAMETERS}
BEGIN, END = r"\begin{document}", r"\end{document}"
SUBJECTS = subjects()


@cache
def derived(names):
    """The derivation of a subject."""
    return derive(subject(*names))


def pieces(expr):
    """The formulas that an expression is made of, one a case, where the cases stand outermost."""
    values = [v for v, _ in expr.args] if isinstance(expr, sp.Piecewise) else [expr]
    return [v for v in values if not v.has(sp.Piecewise, sp.Indexed, sp.Sum, sp.MatrixSymbol, sp.Max, sp.Min)]


@pytest.mark.parametrize("names", SUBJECTS, ids=label)
def test_the_latex_of_every_step_means_its_expression(names):
    for step in derived(names).steps:
        for piece in pieces(step.expr):
            expected = float(heads.plain(piece).subs(AT))
            assert read(latex_of(piece), **LETTERS) == pytest.approx(expected, rel=1e-9), latex_of(piece)


@pytest.mark.parametrize("names", SUBJECTS, ids=label)
def test_every_page_holds_every_step(names):
    derivation = derived(names)
    count = len(derivation.steps)
    numbers = [str(n) for n in range(1, count + 1)]
    document, page = latex.document(derivation), markdown.page(derivation)
    assert sorted(re.findall(r"\\item\[\((\d+)\)\]", document), key=int) == numbers
    assert re.findall(r"^\((\d+)\)", page, re.MULTILINE) == numbers
    assert re.findall(r"^\( ?(\d+)\)", "\n".join(text.lines(derivation)), re.MULTILINE) == numbers
    boxed = "".join(blocks(derivation)).count(r"\boxed{")
    assert boxed == sum(step.result for step in derivation.steps) >= 1
    assert document.count(r"\known{") == count
    assert all(page.count(f"*{step.proof}*") for step in derivation.steps)


@pytest.mark.parametrize("names", SUBJECTS, ids=label)
def test_conventions_and_assumptions_stand_on_every_page(names):
    derivation = derived(names)
    remarks = len(derivation.conventions) + len(derivation.assumptions)
    rows = re.findall(r"^\| (?:convention|assumption) \|", markdown.page(derivation), re.MULTILINE)
    lines = [line for line in text.lines(derivation) if line.startswith(("convention: ", "assumption: "))]
    assert len(rows) == len(lines) == remarks
    assert all(latex.sentence(c) in latex.block(derivation) for c in derivation.conventions)


def test_no_line_of_any_document_is_too_long(tmp_path):
    require(shutil.which("pdflatex"), "pdflatex")
    pages = [(label(names), latex.document(derived(names))) for names in SUBJECTS]
    head = pages[0][1].partition(BEGIN)[0]
    bodies = [page.partition(BEGIN)[2].replace(END, "") for _, page in pages]
    marks = [rf"\newpage\typeout{{\detokenize{{Setting {name}}}}}" for name, _ in pages]
    text = "".join(mark + body for mark, body in zip(marks, bodies, strict=True))
    (tmp_path / "all.tex").write_text(head + BEGIN + text + END, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300)
    log = done.stdout.decode(errors="replace")
    assert log.count("Setting ") == len(pages)
    found = log.split("Setting ")[1:]
    assert [part.split()[0] for part in found if "Overfull" in part or "\n!" in part] == []


def test_a_chain_names_its_quantity_once():
    for group in chains(derived(("sigmoid", "bce"))):
        assert len({n.step.quantity for n in group}) == 1


def test_a_page_shows_its_figure_and_what_is_added():
    page = markdown.page(derived(("sigmoid", "bce")), figure="figure.svg", extra=("An added paragraph.",))
    assert "![Loss and gradient over z](figure.svg)" in page and "An added paragraph." in page
    assert all(f"]({file})" in page for file in ("derivation.tex", "gradient.py", "figure.svg"))
