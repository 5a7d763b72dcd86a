"""The index of output/: one row a pair, with its formulas, for GitHub."""

from collections.abc import Iterable

from derive.emit.printer import latex_of
from derive.model import Derivation, Pair

HEAD = """\
# What the program makes

A folder a pair: the derivation as a page and as a LaTeX document, the code with its self-check, and a
figure of loss and gradient. Made by `derive build`; edits are lost.

$`z`$ is the pre-activation, $`a`$ the output, $`y`$ the target, $`L`$ the loss. Where there is an
ellipsis the formula has cases or is long: it stands on the page.

| activation | loss | pages | gradient in $`z`$ | second derivative in $`z`$ |
|---|---|---|---|---|
"""
PAGES = (
    ("page", "README.md"),
    ("LaTeX", "derivation.tex"),
    ("code", "gradient.py"),
    ("figure", "figure.svg"),
)
LONG = 90  # LaTeX longer than this widens the table beyond a screen


def page(rows: Iterable[str]) -> str:
    """The index, from its rows."""
    return HEAD + "".join(f"{row}\n" for row in rows)


def row(derivation: Derivation) -> str:
    """The row of a pair."""
    pair = derivation.subject
    assert isinstance(pair, Pair)
    links = " ".join(f"[{text}]({pair.folder}/{name})" for text, name in PAGES)
    formulas = (_formula(latex_of(expr)) for expr in (derivation.gradient, derivation.hessian))
    return f"| {' | '.join((pair.activation.title, pair.loss.title, links, *formulas))} |"


def _formula(latex: str) -> str:
    """A formula for a cell: between $` and `$ no backslash is lost, and a bar does not end the cell."""
    if len(latex) > LONG or "cases" in latex:
        return "…"
    return f"$`{latex.replace('|', chr(92) + '|')}`$"
