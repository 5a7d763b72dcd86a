"""A network's derivation, and what is made of it: one note, one file of code, verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy as sp

from derive.api.executed import executed
from derive.asked import Asked, Given, Number, asked_for
from derive.catalogue.names import shortened
from derive.composed import network as composed
from derive.derivation.layers.network import NetworkDerivation, derive_network
from derive.model import Activation, BadInput, Loss, Network, Step, Verdict


def network(
    stages: Given | Sequence[Given],
    loss: Given,
    params: Mapping[str, Number] | None = None,
    functions: str | Path = "",
    where: str | Sequence[str] = (),
) -> "DerivedNetwork":
    """The derivation of a network: a chain of layers and activations, and a loss behind them.

    >>> network("dense(4,8) tanh dense(8,3) softmax", "cross_entropy").name
    'dense(4, 8) tanh dense(8, 3) softmax cross_entropy'

    A list of stages will do, too. An activation and the loss may be expressions or entries, with what is
    said beside them as for `derive`: network("dense(4,8) z*sigmoid(beta*z) dense(8,1)", "(a - y)**2",
    params={"beta": 1.702}). BadInput says what is unknown or does not fit.
    """
    return of(stages, loss, asked_for((), params, functions, where))


def of(stages: Given | Sequence[Given], loss: Given, said: Asked) -> "DerivedNetwork":
    """The derivation of a network, with what is said beside its stages and its loss."""
    for item in (*(stages if isinstance(stages, list | tuple) else (stages,)), loss):
        if not isinstance(item, str | sp.Expr | Activation | Loss):
            raise BadInput(f"a network is a text, or a list of texts, not {shortened(repr(item))}")
    return DerivedNetwork(derivation=derive_network(composed(stages, loss, said)))


@dataclass(frozen=True, kw_only=True, repr=False)
class DerivedNetwork:
    """The derivation of a network and what is made of it; each part is made when it is first asked for."""

    derivation: NetworkDerivation

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.steps)} steps>"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def subject(self) -> Network:
        """The stages, the pair behind them, the widths."""
        return self.derivation.subject

    @property
    def name(self) -> str:
        """The network as one writes it down."""
        return self.subject.text

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in the order of reading: forwards, the loss, back through the stages."""
        from derive.emit.layers.network_pages import steps

        return steps(self.derivation)

    def latex(self, standalone: bool = False) -> str:
        """The LaTeX block of the derivation, or the complete note."""
        from derive.emit.layers import network_pages as pages

        return pages.document(self.derivation) if standalone else pages.block(self.derivation)

    def markdown(self) -> str:
        """The note as a page, for GitHub."""
        from derive.emit.layers.network_pages import page

        return page(self.derivation)

    def text(self) -> str:
        """The steps for a terminal."""
        from derive.emit.layers.network_pages import lines

        return "\n".join(lines(self.derivation))

    def code(self) -> str:
        """One self-contained file of NumPy code; it checks itself (`python FILE`)."""
        from derive.emit.layers.network_code import code

        return code(self.derivation)

    def json(self) -> dict[str, Any]:
        """All of it as plain data: expressions as SymPy text in index notation."""
        from derive.emit import data

        shapes = {"sizes": {str(size): n for size, n in self.subject.sizes}}
        return {"network": self.subject.text, **shapes, "steps": [data.step(s) for s in self.steps]}

    def files(self) -> dict[str, str]:
        """The pages of a network in output/, by file name."""
        return {
            "README.md": self.markdown(),
            "derivation.tex": self.latex(standalone=True),
            "network.py": self.code(),
        }

    @cached_property
    def module(self) -> Mapping[str, Any]:
        """The namespace of the executed code: `forward`, `backward`, `loss_and_grad`, `step` and so on."""
        return executed(self.code(), "network")

    def check(self) -> tuple[Verdict, ...]:
        """The verdict of every check."""
        from derive.checks.layers.network import run

        return run(self.derivation, self.code(), self.module)
