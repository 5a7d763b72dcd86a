"""Every page of every subject holds every step, its sentence and its proof, and fits its line."""

import re
import shutil
import subprocess

import pytest
import sympy as sp

import tables
from derive import heads
from derive.catalogue import subject
from derive.emit import data, index, latex, markdown, text
from derive.emit.display import WIDE, blocks, chain, chains
from derive.emit.letters import letters
from derive.emit.printer import latex_of
from derive.emit.shape import PARAMETERS
from derive.model import A, Interval, Y, Z, domain_of
from derive.rules.vectors import VectorForm
from latex_reader import read
from tables import explained, label, sample, subjects
from test_render import require

X = sp.Symbol("x", real=True)
AT = {A: 0.3, Y: 0.7, Z: 0.45, X: 1.5}
LETTERS = {str(s): value for s, value in AT.items()} | {
    p.latex.strip("\\"): 0.8 for p in PARAMETERS if not p.per_class
}
AT |= {p.symbol: 0.8 for p in PARAMETERS if not p.per_class}
BEGIN, END = r"\begin{document}", r"\end{document}"
SUBJECTS = subjects()


def derived(names):
    """The derivation of a subject."""
    return tables.derivation(names).derivation


def pieces(expr):
    """The formulas that an expression is made of, one a case, where the cases stand outermost."""
    if isinstance(expr, VectorForm):
        return []  # read back in test_vector_notation.py
    values = [v for v, _ in expr.args] if isinstance(expr, sp.Piecewise) else [expr]
    shown = [v for v in values if v.free_symbols <= AT.keys()]
    return [v for v in shown if not v.has(sp.Piecewise, sp.Indexed, sp.Sum, sp.Max, sp.Min)]


# Answers with a line that is too long for the page, yet.
LONG_ANSWERS = {"selu-poisson_log"}
# Open: a letter that two entries share is {s}_L in one of them, which the tests' reader does not know; a line
# that is too long.
UNREAD, LONG = {("selu", "laplace_nll")}, {"soft_shrink-smooth_l1"}


@pytest.mark.parametrize("names", [names for names in SUBJECTS if names not in UNREAD], ids=label)
def test_the_latex_of_every_step_means_its_expression(names):
    derivation = derived(names)
    below = isinstance(domain := domain_of(derivation.subject), Interval) and domain.hi == 0
    turn = {Z: -AT[Z]} if below else {}
    letters_ = LETTERS | {str(s): v for s, v in turn.items()}
    for step in derivation.steps:
        for piece in pieces(step.expr):
            expected = float(heads.plain(piece).subs(AT | turn))
            assert read(latex_of(piece), **letters_) == pytest.approx(expected, rel=1e-9), latex_of(piece)


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
    assert document.count(r"\known{") == sum(step.proof.method != latex.USUAL for step in derivation.steps)
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
    assert too_long(head, dict(zip([name for name, _ in pages], bodies, strict=True)), tmp_path) == LONG


def too_long(head, bodies, folder):
    """The names of the bodies of documents in which a line is too long, or that cannot be set."""
    marks = {name: rf"\newpage\typeout{{\detokenize{{Setting {name}}}}}" for name in bodies}
    text = "".join(marks[name] + body for name, body in bodies.items())
    (folder / "all.tex").write_text(head + BEGIN + text + END, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300)
    log = done.stdout.decode(errors="replace")
    assert log.count("Setting ") == len(bodies)
    found = log.split("Setting ")[1:]
    return {part.split()[0] for part in found if "Overfull" in part or "\n!" in part}


def test_no_line_of_any_answer_is_too_long(tmp_path):
    require(shutil.which("pdflatex"), "pdflatex")
    pages = [(label(names), explained(names).latex(standalone=True)) for names in sample()]
    head = pages[0][1].partition(BEGIN)[0]
    bodies = [page.partition(BEGIN)[2].replace(END, "") for _, page in pages]
    assert (
        too_long(head, dict(zip([name for name, _ in pages], bodies, strict=True)), tmp_path) == LONG_ANSWERS
    )


@pytest.mark.parametrize("names", [("sigmoid", "bce"), ("softmax", "cross_entropy")], ids=label)
def test_every_quantity_is_named_once(names):
    quantities = dict.fromkeys(step.quantity for step in derived(names).steps)
    lefts = re.findall(
        r"^(\S.*?) &= ", "\n".join(chain(g, WIDE) for g in chains(derived(names))), re.MULTILINE
    )
    assert lefts == [quantity.latex for quantity in quantities]


def test_both_slopes_in_the_layer_stand_in_one_display():
    last = blocks(derived(("sigmoid", "bce")))[-1]
    assert r"\partial w}" in last and r"\partial b}" in last


def test_definitions_are_no_proofs():
    pair = derived(("softmax", "cross_entropy"))
    count = len(pair.steps) - 2
    assert f"{count} of {count} steps are proved; 2 more are definitions" in latex.document(pair)
    assert markdown.page(pair).count("*by definition*") == 2
    assert markdown.page(pair).index("(1) definition") < markdown.page(pair).index("## Derivation")


LETTERS_OF = {  # whose page must explain what
    ("gelu",): [r"\Phi(z)", r"\varphi(z)"],
    ("silu", "huber"): [r"\sigma(t)", r"\mathrm{sgn}(t)"],
    ("identity", "logistic"): [r"\sigma(t)"],
    ("sigmoid", "bce"): [],
    ("softplus",): [r"\sigma(z)"],
}


@pytest.mark.parametrize("names", LETTERS_OF, ids=label)
def test_letters_are_explained_wherever_they_are_used(names):
    derivation = derived(names)
    assert [latex_of(letter.function) for letter in letters(derivation)] == LETTERS_OF[names]
    for found in (latex.block(derivation), latex.document(derivation), markdown.page(derivation)):
        assert all(f"\n{name} &= " in found for name in LETTERS_OF[names])
    assert any(line.startswith("where ") for line in text.lines(derivation)) == bool(LETTERS_OF[names])


def test_a_letter_means_its_head():
    for letter in (one for names in LETTERS_OF for one in letters(derived(names))):
        for at in (-1.5, 0.25):
            meant = letter.meaning.subs(dict.fromkeys(letter.meaning.free_symbols, at))
            assert float(meant) == pytest.approx(float(heads.plain(letter.function.func(sp.Float(at)))))
    line = "where Φ(z) = (1 + erf(z/sqrt(2)))/2 and φ(z) = exp(-z**2/2)/sqrt(2*pi) = Φ′(z)"
    assert line in text.lines(derived(("gelu",)))


def test_ranges_say_how_much_is_known():
    ranges = {name: text.output(subject(name)) for name in ("gelu", "silu", "tanh", "softmax")}
    assert ranges == {
        "gelu": "within (-17/100, ∞)",
        "silu": "[-W(1/e)/β, ∞), W: Lambert W",
        "tanh": "(-1, 1)",
        "softmax": "the interior of the simplex",
    }
    assert r"output within $(-\frac{17}{100}, \infty)$" in latex.document(derived(("gelu",)))
    assert "Lambert's function $`W`$" in markdown.page(derived(("silu",)))


def test_the_index_shows_the_last_results_or_where_they_are():
    row = index.row(derived(("softmax", "cross_entropy")))
    assert row.endswith(r"| $`p_{j} - y_{j}`$ | $`p_{i}(\delta_{ij} - p_{j})`$ |")
    assert index.row(derived(("silu", "squared_error"))).endswith(
        "| [on its page](silu_squared_error/README.md) |"
    )


def test_a_fragment_leaves_no_blank_behind(tmp_path):
    """What follows \\input begins as far left as a paragraph that follows nothing."""
    require(shutil.which("pdflatex"), "pdflatex")
    require(shutil.which("pdftotext"), "pdftotext")
    (tmp_path / "part.tex").write_text(latex.block(derived(("gelu",))), encoding="utf-8")
    body = "\\input{part}\nFOLLOWING text\n\nPLAIN text\n"
    source = rf"\documentclass{{article}}\usepackage{{amsmath}}{BEGIN}" + body + END
    (tmp_path / "whole.tex").write_text(source, encoding="utf-8")
    for command in (["pdflatex", "-interaction=batchmode", "whole.tex"], ["pdftotext", "-bbox", "whole.pdf"]):
        subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    places = re.findall(r'xMin="(\S+)".*>(?:FOLLOWING|PLAIN)<', (tmp_path / "whole.html").read_text())
    assert len(places) == 2 and places[0] == places[1]


def test_a_page_shows_its_figure_and_what_is_added():
    page = markdown.page(derived(("sigmoid", "bce")), figure="figure.svg", extra=("An added paragraph.",))
    assert "![Loss and gradient over z](figure.svg)" in page and "An added paragraph." in page
    assert all(f"]({file})" in page for file in ("derivation.tex", "gradient.py", "figure.svg"))


def test_data_says_for_which_sizes_a_step_is_proved():
    steps = data.derivation(derived(("softmax", "cross_entropy")))["steps"]
    assert {row.get("for") for row in steps} == {None, "every K", "K = 2"}
    assert all(("for" in row) == row["proof"].startswith("proved") for row in steps)
    (vector,) = [row for row in steps if row["quantity"] == "∇_z L"]
    assert vector["expr"] == "p[j] - y[j]" and vector["latex"] == r"\nabla_{z} L = p - y"


def test_data_of_stacked_inputs_and_of_what_is_locally_constant():
    found = data.derivation(derived(("triplet",)))
    assert len(found["gradient"]) == 3 and [len(row) for row in found["hessian"]] == [3, 3, 3]
    assert [row["letter"] for row in found["names"]] == ["d_p", "d_n"]
    (chosen,) = data.derivation(derived(("crammer_singer",)))["selections"]
    assert chosen["letter"] == "k_star" and chosen["rule"] == "largest" and chosen["ties"]
