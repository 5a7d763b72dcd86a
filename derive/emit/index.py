"""The index of output/: one row a pair, with its formulas, for GitHub."""

from collections.abc import Iterable

from derive.emit.printer import latex_of
from derive.model import Derivation, Pair

HEAD = """\
# What the program makes

A folder a pair: the derivation as a page and as a LaTeX document, the code with its self-check, and a
figure of loss and gradient. Made by `derive build`; edits are lost.

$`z`$ is the pre-activation, $`a`$ the output, $`y`$ the target, $`L`$ the loss. A formula that is too
long for the table stands on its page.

| pair | also | gradient by $`z`$ | second derivative by $`z`$ |
|---|---|---|---|
"""
ALSO = (("LaTeX", "derivation.tex"), ("code", "gradient.py"), ("figure", "figure.svg"))
LONG = 150  # LaTeX longer than this widens the table beyond a screen


def page(rows: Iterable[str]) -> str:
    """The index, from its rows."""
    return HEAD + "".join(f"{row}\n" for row in rows)


def row(derivation: Derivation) -> str:
    """The row of a pair."""
    pair = derivation.subject
    assert isinstance(pair, Pair)
    name = f"[{pair.activation.name} + {pair.loss.name}]({pair.folder}/README.md)"
    links = ", ".join(f"[{text}]({pair.folder}/{file})" for text, file in ALSO)
    formulas = (_formula(latex_of(expr)) for expr in (derivation.gradient, derivation.hessian))
    return f"| {' | '.join((name, links, *formulas))} |"


def _formula(latex: str) -> str:
    """A formula for a cell: between $` and `$ no backslash is lost, and a bar does not end the cell."""
    return f"$`{latex.replace('|', chr(92) + '|')}`$" if len(latex) <= LONG else "…"
