"""A layer's derivation, and what is made of it: pages, code, verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.api.executed import executed
from derive.derivation.layers import derive_layer
from derive.model import BadInput, Layer, LayerDerivation, Step, Verdict

if TYPE_CHECKING:
    from derive.program.layers import LayerProgram

NUMPY = "numpy"


def derived_layer(layer: Layer) -> "DerivedLayer":
    """The derivation of a layer; Unproved says which step could not be established."""
    return DerivedLayer(derivation=derive_layer(layer))


@dataclass(frozen=True, kw_only=True, repr=False)
class DerivedLayer:
    """The derivation of a layer and what is made of it; each part is made when it is first asked for."""

    derivation: LayerDerivation

    warning = ""
    accuracy = ()

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.steps)} steps>"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def subject(self) -> Layer:
        """The row of the catalogue, with its parameters."""
        return self.derivation.subject

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.subject.name

    @property
    def steps(self) -> tuple[Step, ...]:
        """The numbered steps, each with its rule, its sentence and its proof."""
        return self.derivation.steps

    @property
    def gradient(self) -> tuple[sp.Expr, ...]:
        """The derivatives of the loss by inputs and weights, in index notation."""
        return self.derivation.gradient

    @cached_property
    def program(self) -> "LayerProgram":
        """The computer's form of the way there and back."""
        from derive.program.layers import program

        return program(self.subject)

    def latex(self, standalone: bool = False) -> str:
        """The LaTeX block of the derivation, or a complete document."""
        from derive.emit.layers import pages

        return pages.document(self.derivation) if standalone else pages.block(self.derivation)

    def markdown(self) -> str:
        """The page of the derivation, for GitHub."""
        from derive.emit.layers import pages

        return pages.page(self.derivation)

    def text(self) -> str:
        """The steps for a terminal."""
        from derive.emit.layers import pages

        return "\n".join(pages.lines(self.derivation))

    def code(self, target: str = NUMPY) -> str:
        """One self-contained file of NumPy code; it checks itself (`python FILE`)."""
        from derive.emit.layers import code

        if target != NUMPY:
            raise BadInput(f"target {target!r} is for elementwise functions, not for {self.name}. Try: numpy")
        return code(self.derivation, self.program)

    def files(self) -> dict[str, str]:
        """The pages of a layer in output/, by file name."""
        return {
            "README.md": self.markdown(),
            "derivation.tex": self.latex(standalone=True),
            "layer.py": self.code(),
        }

    def sources(self, target: str, stem: str) -> dict[str, str]:
        """The one file of code, by the end of its name."""
        return {".py": self.code(target)}

    @cached_property
    def module(self) -> Mapping[str, Any]:
        """The namespace of the executed code: its `forward`, `backward` and so on."""
        return executed(self.code(), self.name)

    def json(self) -> dict[str, Any]:
        """All of it as plain data: expressions as SymPy text in index notation."""
        from derive.emit import data

        return data.layer_derivation(self.derivation)

    def check(self, target: str = NUMPY) -> tuple[Verdict, ...]:
        """The verdict of every check."""
        from derive.checks.layers import Material, run

        return run(
            Material(
                derivation=self.derivation, program=self.program, code=self.code(target), module=self.module
            )
        )
