"""Every formula renders unchanged in pdflatex, KaTeX, MathJax and on GitHub."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import derive
from tables import Text, derivation, formulas, fragments, label, rendered_blocks

RENDER = Path(__file__).parent / "render"

# Construct: who refuses it. KaTeX and MathJax (base and ams) are also run on every block; GitHub cannot be.
REFUSED = {
    r"\\operatorname\b": "GitHub",
    r"\\mbox\b": "GitHub, KaTeX",
    r"\\[hv]?phantom\b": "GitHub",
    r"\\begin\{(align|alignat|gather|multline|eqnarray|split|equation)\*?\}": "pdflatex inside a display",
    r"\\tag\b": "MathJax, amsmath",
    r"\\(label|ref|eqref|intertext)\b": "KaTeX",
    r"\\begin\{dcases\*?\}": "MathJax",
    r"\\(cancel|boldsymbol|bm|coloneqq|color)\b": "MathJax",
    r"\\(DeclareMathOperator|mathbbm|pdv)\b": "KaTeX",
    r"[^\x00-\x7f]": "pdflatex",
}

GOOD = r"""\begin{aligned}
\frac{\partial L}{\partial z}
 &= \frac{\partial L}{\partial a}\,\frac{\partial a}{\partial z} && \text{(1) chain rule} \\
 &= \left(\frac{1-y}{1-a}-\frac{y}{a}\right) a(1-a) && \text{(2) } \sigma^{\prime}=\sigma(1-\sigma) \\
 &= \boxed{a-y} && \text{(3) cancel}
\end{aligned}"""

# Planted defects, each with the checkers that must refuse it.
DEFECTS = {
    r"\frac{a": {"constructs", "pdflatex", "katex", "mathjax"},
    r"a}": {"constructs", "pdflatex", "katex", "mathjax"},
    r"\nosuchcommand": {"pdflatex", "katex", "mathjax"},
    r"\left( a": {"pdflatex", "katex", "mathjax"},
    r"\text{negative_slope}": {"pdflatex", "katex"},
    r"\operatorname{erf}(z)": {"constructs"},
    r"\phantom{a}": {"constructs"},
    r"\mbox{if}": {"constructs", "katex"},
    r"\cancel{a}": {"constructs", "pdflatex", "mathjax"},
    r"\boldsymbol{a}": {"constructs", "mathjax"},
    r"\begin{dcases} a \end{dcases}": {"constructs", "pdflatex", "mathjax"},
    r"\begin{aligned} a \tag{1} \end{aligned}": {"constructs", "pdflatex", "mathjax"},
    r"\begin{align*} a \end{align*}": {"constructs", "pdflatex"},
    "\N{GREEK SMALL LETTER SIGMA}(z)": {"constructs", "pdflatex"},
}


def require(present, tool):
    """Skip a test whose tool is missing; fail it where all tools are required (see .ci/run)."""
    if not present:
        stop = pytest.fail if os.environ.get("DERIVE_REQUIRE_TOOLS") == "1" else pytest.skip
        stop(f"{tool} is not installed; .ci/run installs it")


@pytest.fixture
def pdflatex(tmp_path):
    """A function that compiles a document and returns what is wrong with it, or ''."""
    require(shutil.which("pdflatex"), "pdflatex")

    def compile_document(document):
        source = tmp_path / "document.tex"
        source.write_text(document, encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name]
        done = subprocess.run(
            command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=300
        )
        return complaint(done.stdout.decode(errors="replace")) if done.returncode else ""

    return compile_document


@pytest.fixture
def renderer(tmp_path):
    """A function that renders texts with KaTeX and MathJax and returns the report of render.js."""
    require(shutil.which("node"), "node")
    require((RENDER / "node_modules" / "katex").is_dir(), "KaTeX")
    require((RENDER / "node_modules" / "mathjax-full").is_dir(), "MathJax")

    def render(texts):
        listed = tmp_path / "blocks.json"
        listed.write_text(json.dumps([{"name": text.name, "latex": text.latex} for text in texts]))
        command = ["node", RENDER / "render.js", listed]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert done.returncode == bool(report["errors"]), done.stderr
        return report

    return render


def complaint(log):
    """The first error of a pdflatex log, after the name of the text it met last."""
    before, mark, after = log.partition("\n!")
    names = re.findall("^Setting .*", before, re.MULTILINE)
    return "\n".join(names[-1:]) + mark + after if mark else log


def wrapper(texts):
    """One document that holds all texts; the log names each before it is set."""
    parts = [f"\\typeout{{\\detokenize{{Setting {text.name}}}}}\n{text.latex}\n\n" for text in texts]
    head = "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"
    return head + "".join(parts) + "\\end{document}\n"


def displayed(latex):
    """A formula between the delimiters of a display."""
    return f"\\[\n{latex}\n\\]"


def objections(latex):
    """What is refused in a piece of LaTeX, and by whom; empty where it is portable."""
    found = [f"{match[0]!r}: {who}" for rule, who in REFUSED.items() if (match := re.search(rule, latex))]
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", latex):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    return found + ["unbalanced braces"] * (depth != 0)


def test_all_fragments_compile_in_one_document(pdflatex):
    assert pdflatex(wrapper(fragments())) == ""


@pytest.mark.parametrize("names", derive.reference_pairs(), ids=label)
def test_standalone_document_compiles(names, pdflatex):
    assert pdflatex(derivation(names).latex(standalone=True)) == ""


@pytest.mark.parametrize("name", ("conv1d", "attention", "batch_norm", "swiglu_block"))
def test_documents_of_layers_compile(name, pdflatex):
    assert pdflatex(derive.derive(name).latex(standalone=True)) == ""


@pytest.mark.parametrize("ending", (True, False), ids=("document", "block"))
def test_the_note_of_a_network_compiles(ending, pdflatex):
    stages = "dense(6,16) layer_norm tanh dropout(rate=0.2) dense(16,8) silu dense(8,3) softmax"
    text = derive.network(stages, "cross_entropy").latex(standalone=ending)
    assert pdflatex(text if ending else wrapper([Text(name="network", latex=text)])) == ""


def test_all_blocks_compile_as_displays(pdflatex):
    texts = [Text(name=block.name, latex=displayed(block.latex)) for block in rendered_blocks()]
    assert pdflatex(wrapper(texts)) == ""


def test_all_blocks_render_in_katex_and_mathjax(renderer):
    blocks = rendered_blocks()
    assert renderer(blocks) == {"katex": len(blocks), "mathjax": len(blocks), "errors": []}


def test_nothing_holds_a_refused_construct():
    texts = (*fragments(), *rendered_blocks())
    assert {text.name: found for text in texts if (found := objections(text.latex))} == {}


def test_every_subject_has_formulas_without_delimiters():
    blocks = rendered_blocks()
    assert blocks and all(formulas(fragment.latex) for fragment in fragments())
    assert [block.name for block in blocks if re.search(r"(?<!\\)\\[\[\]]|\$\$", block.latex)] == []


def test_good_sample_is_accepted(pdflatex, renderer):
    assert objections(GOOD) == []
    assert pdflatex(wrapper([Text(name="good", latex=displayed(GOOD))])) == ""
    assert renderer([Text(name="good", latex=GOOD)]) == {"katex": 1, "mathjax": 1, "errors": []}


@pytest.mark.parametrize("latex", DEFECTS)
def test_constructs_refuse_exactly_the_planted_defects(latex):
    assert bool(objections(latex)) == ("constructs" in DEFECTS[latex])


@pytest.mark.parametrize("latex", DEFECTS)
def test_pdflatex_refuses_exactly_the_planted_defects(latex, pdflatex):
    document = wrapper([Text(name="bad", latex=displayed(latex))])
    assert bool(pdflatex(document)) == ("pdflatex" in DEFECTS[latex])


@pytest.mark.parametrize("latex", DEFECTS)
def test_katex_and_mathjax_refuse_exactly_the_planted_defects(latex, renderer):
    errors = renderer([Text(name="bad", latex=latex)])["errors"]
    assert {error["renderer"] for error in errors} == DEFECTS[latex] & {"katex", "mathjax"}
