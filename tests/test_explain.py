"""derive explain: what it prints and writes, and what it refuses; the library's door to the same."""

import json
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

import derive
from derive import catalogue
from derive.cli import explain, main, verdicts
from derive.emit.claims import matrix
from derive.model import PROVED, REFUTED, UNDECIDED, VECTOR
from drawn import drawn_curves, drawn_marks
from tables import explained
from test_render import require


@pytest.fixture(autouse=True)
def hearing():
    """What the command does about interrupts ends with the test."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capsys):
    """A function from a line of arguments to (exit code, stdout, stderr)."""

    def call(line):
        code = main(line.split())
        return (code, *capsys.readouterr())

    return call


PAIR = "sigmoid half_squared_error"


def test_the_terminal_has_the_verdicts_first_and_then_every_claim(run):
    code, out, err = run(f"explain {PAIR}")
    assert (code, err) == (0, "")
    head, *parts = re.split(r"^── (.*?) ─+$", out, flags=re.MULTILINE)
    answers = explained(tuple(PAIR.split())).answers
    assert parts[::2] == [answer.title for answer in answers]
    for answer in answers:
        assert re.search(rf"^. {answer.claim} +{answer.outcome} ", head, re.MULTILINE)
    assert max(map(len, head.splitlines())) <= 100


def test_one_claim_alone_has_no_list_of_verdicts(run):
    code, out, _ = run(f"explain {PAIR} --claim convexity")
    assert code == 0 and out.count("── ") == 1 and "refuted: " in out and "-3/256 < 0" in out
    assert run(f"explain {PAIR} --claim cost --claim convexity --claim cost")[1].count("── ") == 2


def test_a_refuted_claim_is_done(run):
    assert run("explain silu half_squared_error --claim convexity")[0] == 0


def test_json_is_that_of_the_library(run):
    found = json.loads(run(f"explain {PAIR} --json")[1])
    assert found == json.loads(json.dumps(explained(tuple(PAIR.split())).json()))
    assert (found["subject"], found["activation"]) == ("sigmoid+half_squared_error", "sigmoid")


def test_links_are_explained_and_a_warning_is_said_first(run):
    assert run("explain probit bce --claim convexity")[0] == 0
    code, out, err = run("explain sigmoid logistic --claim convexity")
    assert code == 0 and "link applied twice" in err and "link applied" not in out


def test_a_document_is_written_with_its_figures(run, tmp_path):
    require(shutil.which("pdflatex"), "pdflatex")
    code, out, err = run(f"explain {PAIR} --standalone -o {tmp_path}/why.tex --figures {tmp_path}")
    assert (code, out) == (0, "") and "figures" in err
    pictures = {path.stem for path in tmp_path.glob("why_*.svg")}
    assert pictures == {path.stem for path in tmp_path.glob("why_*.pdf")}
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "why.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0 and b"Overfull" not in done.stdout
    log = done.stdout.replace(b"\n", b"")  # which breaks its lines anywhere
    assert all(f"{name}.pdf".encode() in log for name in pictures)


@pytest.mark.parametrize(
    ("line", "hints"),
    [
        ("", ["what is to be explained", "sigmoid bce"]),
        ("sigmiod bce", ["'sigmiod'", "sigmoid"]),
        ("identity bce", ["(0, 1)", "sigmoid"]),
        (f"{PAIR} --claim convex", ["unknown claim 'convex'", "convexity"]),
        (f"{PAIR} --json --latex", ["--json", "--latex"]),
        (f"{PAIR} --json --standalone", ["--standalone"]),
        (f"{PAIR} -o nowhere/why.tex", ["no folder"]),
        (f"{PAIR} --compare bce", ["--compare"]),
        ("sigmoid --compare bce", ["two losses"]),
        ("sigmoid --compare bce bce", ["each once"]),
        ("sigmoid --compare bce cross_entropy", ["cross_entropy"]),
        ("--matrix sigmoid bce", ["--matrix"]),
        ("--matrix --latex", ["--matrix"]),
        ("--matrix -o nowhere/verdicts.svg", ["no folder"]),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_try(run, line, hints):
    code, out, err = run(f"explain {line}")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert all(hint in err for hint in hints), err


def test_the_help_names_every_claim():
    from derive.claims import CLAIMS

    (named,) = re.findall(r"^claims: (.*)$", explain.EXAMPLES, re.MULTILINE)
    assert named.split(", ") == [claim.name for claim in CLAIMS]


@pytest.mark.parametrize("line", ["explain --help", "latex sigmoid bce"])
def test_no_other_command_waits_for_claims(line):
    code = (
        "import sys; from derive.cli import main; "
        f"main({line.split()!r}); loaded = 'derive.claims' in sys.modules, 'sympy' in sys.modules; "
        "print(*loaded, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stderr.split() == ["False", str("latex" in line)]


# The matrix.


@pytest.fixture
def few(monkeypatch):
    """The catalogue as five pairs."""
    found = (
        ("sigmoid", "half_squared_error"),
        ("sigmoid", "bce"),
        ("identity", "huber"),
        ("probit", "bce"),
        ("softmax", "cross_entropy"),
    )
    monkeypatch.setattr(verdicts, "every", lambda: found)
    return found


def test_the_matrix_is_of_what_is_looked_up():
    every = verdicts.every()
    assert {*catalogue.REFERENCE, *catalogue.MEASURED} < set(every)
    vectors = {names for names in derive.legal_pairs() if catalogue.pair(*names).kind == VECTOR}
    assert vectors < set(every)
    assert all(catalogue.pair(*names) for names in every)


def test_the_matrix_says_what_the_claims_say(run, few):
    code, out, _ = run("explain --matrix --json -j 1")
    rows = json.loads(out)
    assert code == 0 and [(row["activation"], row["loss"]) for row in rows] == list(few)
    for row, names in zip(rows, few, strict=True):
        assert all(row[answer.claim] == answer.outcome for answer in explained(names))


def test_the_matrix_as_a_page_counts_and_links(run, few):
    code, out, _ = run("explain --matrix --markdown -j 1")
    assert code == 0 and f"{len(few)} pairs." in out
    assert "[sigmoid+bce](sigmoid_bce/why.md)" in out and "| probit+bce |" in out
    assert re.search(r"^\| convexity \| \d \| \d \| \d \| \d \|$", out, re.MULTILINE)


def test_the_matrix_as_a_figure_has_a_colour_for_every_verdict(run, few, tmp_path):
    code, out, err = run(f"explain --matrix -j 1 -o {tmp_path}/verdicts.svg")
    assert (code, out) == (0, "") and f"{len(few)} pairs" in err
    marks = drawn_marks((tmp_path / "verdicts.svg").read_text())
    kinds = {names: catalogue.subject(*names).kind for names in few}
    for outcome in (PROVED, REFUTED, UNDECIDED):
        for kind in set(kinds.values()):
            there = [n for n in few if kinds[n] == kind and explained(n)["convexity"].outcome == outcome]
            assert len(marks.get(f"convexity-{outcome}-{kind}", ())) == len(there)


def test_a_claim_that_fails_is_named_and_the_others_go_on(run, few, monkeypatch):
    def fail(subject):
        if subject.name == "sigmoid+bce":
            raise RuntimeError("planted")

    from derive.claims import CLAIMS, Claim

    broken = Claim(name="broken", title="Broken", question="Is it?", examine=lambda s: fail(s) or right(s))
    right = CLAIMS[0].examine
    monkeypatch.setattr("derive.claims.CLAIMS", (broken,))
    code, out, err = run("explain --matrix --json -j 1")
    assert code == 1 and "sigmoid+bce: RuntimeError: planted" in err and len(json.loads(out)) == len(few) - 1


def test_verdicts_that_are_undecided_are_listed():
    row = matrix.Verdicts(activation="a", loss="b", kind="elementwise", outcomes=(("convexity", UNDECIDED),))
    assert "- `convexity`: a+b" in matrix.page([row], [("convexity", "Is it?")])


# The library.


def test_answers_are_found_by_name_and_place():
    found = explained(("sigmoid", "bce"))
    assert found[0] == found.answers[0] and found["convexity"].claim == "convexity"
    assert len(found) == len(list(found)) and "convexity: proved" in repr(found)
    assert derive.explain("sigmoid", "bce", claims=("convexity",)).answers == (found["convexity"],)
    with pytest.raises(derive.BadInput, match="unknown claim"):
        derive.explain("sigmoid", "bce", claims=("beauty",))


def test_a_comparison_sets_losses_side_by_side():
    found = derive.compare("sigmoid", ("half_squared_error", "bce"))
    assert found.subject is None and len(found) == 1 and found.answers[0].tables
    page = found.markdown()
    assert page.startswith("# ") and all(f"why_{name}.svg" in page for name in found.answers[0].figures)


def test_files_of_a_pair_hold_its_figures():
    files = explained(("sigmoid", "bce")).files()
    names = [name for answer in explained(("sigmoid", "bce")) for name in answer.figures]
    assert files.keys() == {"why.md", "why.tex", "why.json", *(f"why_{name}.svg" for name in names)}
    for name in names:
        assert f"(why_{name}.svg)" in files["why.md"]
        curves = drawn_curves(files[f"why_{name}.svg"], any_name=True)
        assert curves and all(np.isfinite(points).all() for points in curves.values())
