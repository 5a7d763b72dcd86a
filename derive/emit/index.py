"""The index of output/: one row a pair, with its formulas, for GitHub."""

from collections.abc import Iterable

from derive.emit.printer import latex_of
from derive.model import Derivation, LayerDerivation, Network, Pair
from derive.rules.vectors import VectorForm

INTRODUCTION = """\
# What the program makes

A folder a pair: the derivation as a page and as a LaTeX document, the code with its self-check, a figure
of loss and gradient, and why: the questions behind the pair with their verdicts, proofs and pictures.
Made by `derive build`; edits are lost.

$`z`$ is the pre-activation, $`a`$ the output, $`y`$ the target, $`L`$ the loss. Formulas hold
under the assumptions that their pages state.
"""
HEAD = """
| pair | also | gradient by $`z`$ | second derivative by $`z`$ |
|---|---|---|---|
"""
ALSO = (("LaTeX", "derivation.tex"), ("code", "gradient.py"), ("figure", "figure.svg"), ("why", "why.md"))
# What `make studies` puts beside the folders of the pairs.
STUDIES = (
    ("verdicts.md", "the verdicts over pairs that are looked up, in one figure and pair by pair"),
    ("compare_sigmoid/README.md", "half the squared error and cross-entropy side by side, behind a sigmoid"),
)
LAYERS_HEAD = """
Layers, from the derivative by the output back to inputs and weights:

| layer | also | gradients |
|---|---|---|
"""
LAYERS_ALSO = (("LaTeX", "derivation.tex"), ("code", "layer.py"))
NETWORK = """
A network, one note and one file: [{text}](network/README.md), [LaTeX](network/derivation.tex),
[code](network/network.py).
"""
LONG = 150  # LaTeX longer than this widens the table beyond a screen


def page(
    rows: Iterable[str], studies: Iterable[str] = (), layers: Iterable[str] = (), network: str = ""
) -> str:
    """The index, from its rows; `studies` are those of STUDIES that lie there, `network` that of its page."""
    found = set(studies)
    others = [f"- [{file}]({file}): {words}\n" for file, words in STUDIES if file in found]
    also = "\nBesides:\n\n" + "".join(others) if others else ""
    pairs = HEAD + "".join(f"{row}\n" for row in rows)
    below = LAYERS_HEAD + "".join(f"{row}\n" for row in layers) if layers else ""
    return INTRODUCTION + also + pairs + below + network


def row(derivation: Derivation) -> str:
    """The row of a pair."""
    pair = derivation.subject
    assert isinstance(pair, Pair)
    name = f"[{pair.activation.name} + {pair.loss.name}]({pair.folder}/README.md)"
    links = ", ".join(f"[{text}]({pair.folder}/{file})" for text, file in ALSO)
    results = {step.quantity.name: latex_of(step.expr) for step in derivation.steps if step.result}
    cells = (
        _cell(results.get(quantity, ""), f"{pair.folder}/README.md") for quantity in ("dL/dz", "d2L/dz2")
    )
    return f"| {' | '.join((name, links, *cells))} |"


def layer_row(derivation: LayerDerivation) -> str:
    """The row of a layer, its gradients in matrix notation where they have one."""
    layer = derivation.subject
    links = ", ".join(f"[{text}]({layer.folder}/{file})" for text, file in LAYERS_ALSO)
    last = {s.quantity.latex: s.expr for s in derivation.steps if s.result}
    matrices = [n for n in last if isinstance(last[n], VectorForm)]
    shown = [f"$`{n} = {latex_of(last[n])}`$" for n in (matrices or last)]
    return f"| [{layer.name}]({layer.folder}/README.md) | {links} | {', '.join(shown)} |"


def network_line(network: Network) -> str:
    """Where the pages of the network lie."""
    return NETWORK.format(text=network.text)


def _cell(latex: str, page: str) -> str:
    """A formula: between $` and `$ no backslash is lost, and a bar does not end the cell; or where it is.

    A pair of stacked inputs has several gradients.
    """
    short = 0 < len(latex) <= LONG
    return f"$`{latex.replace('|', chr(92) + '|')}`$" if short else f"[on its page]({page})"
