"""A derivation, and what is made of it: pages, code, verdicts, figures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.api.executed import executed
from derive.api.explained import Explained
from derive.api.settled import settled
from derive.derivation import derive as derivation_of
from derive.model import ELEMENTWISE, Accuracy, BadInput, Derivation, Pair, Program, Step, Subject, Verdict

if TYPE_CHECKING:
    from derive.checks import Material
    from derive.program.vectors import VectorProgram


def derived(subject: Subject) -> "Derived":
    """The derivation of a subject; Unproved says which step could not be established."""
    with settled(subject):
        return Derived(derivation=derivation_of(subject))


@dataclass(frozen=True, kw_only=True, repr=False)
class Derived:
    """A derivation and what is made of it; each part is made when it is first asked for."""

    derivation: Derivation

    def __repr__(self) -> str:
        return f"<{self.name}: gradient {self.gradient}, {len(self.steps)} steps>"

    def _repr_latex_(self) -> str:
        return "\n".join(f"$$\n{body}\n$$" for body in self.blocks())

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def subject(self) -> Subject:
        """The pair, the activation or the loss."""
        return self.derivation.subject

    @property
    def name(self) -> str:
        """`activation+loss`, or the one name."""
        return self.subject.name

    @property
    def warning(self) -> str:
        """What a user should hear first; empty nearly always."""
        return self.subject.warning if isinstance(self.subject, Pair) else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The numbered steps, each with its rule, its sentence and its proof."""
        return self.derivation.steps

    @property
    def gradient(self) -> sp.Expr:
        """∂L/∂z in the reader's form; f′ of an activation, ∂L/∂a of a loss alone."""
        return self.derivation.gradient

    @property
    def hessian(self) -> sp.Expr:
        """∂²L/∂z² in the reader's form; f″ of an activation, ∂²L/∂a² of a loss alone."""
        return self.derivation.hessian

    @cached_property
    def program(self) -> "Program | VectorProgram":
        """The computer's form of the same functions."""
        if self.subject.kind == ELEMENTWISE:
            from derive.program import program as elementwise

            with settled(self.subject):
                return elementwise(self.derivation)
        from derive.program.vectors import program as vector

        return vector(self.derivation)

    def latex(self, standalone: bool = False) -> str:
        """The LaTeX block of the derivation, or a complete document."""
        from derive.emit import latex

        return latex.document(self.derivation) if standalone else latex.block(self.derivation)

    def blocks(self) -> tuple[str, ...]:
        """The bodies of the displayed formulas, without delimiters."""
        from derive.emit import latex

        return latex.blocks(self.derivation)

    def markdown(self, figure: str | None = None) -> str:
        """The page of the derivation, for GitHub; `figure` is the path of its figure."""
        from derive.emit import markdown

        return markdown.page(self.derivation, figure=figure)

    def text(self) -> str:
        """The steps for a terminal."""
        from derive.emit import text

        return "\n".join(text.lines(self.derivation))

    @property
    def declared(self) -> Subject:
        """The subject with the accuracy that was measured of it, where a user wrote it."""
        return self._declared.subject

    @property
    def accuracy(self) -> tuple[Accuracy, ...]:
        """What is measured of the code of a function that a user wrote; nothing of the catalogue's."""
        return self.declared.accuracy

    @cached_property
    def _declared(self) -> Derivation:
        """The derivation of a subject that knows what its code loses, where that is to be measured."""
        if not self.subject.own or self.subject.kind != ELEMENTWISE:
            return self.derivation
        from derive.checks.declaring import declare
        from derive.emit import code

        program = self.program
        with settled(self.subject):
            module = executed(code(self.derivation, program), self.name)
            return replace(self.derivation, subject=declare(self.subject, module))

    def code(self, target: str = "numpy") -> str:
        """One self-contained file of code for a target; it checks itself (`python FILE`)."""
        from derive.emit import code

        return code(self._declared, self.program, target=target)

    def sources(self, target: str, stem: str) -> dict[str, str]:
        """The files of code for a target that are named `stem`, by the ends of their names."""
        from derive.emit import files

        return files(self._declared, self.program, target, stem)

    @cached_property
    def module(self) -> Mapping[str, Any]:
        """The namespace of the executed NumPy code: its `loss`, `grad`, `hess` and so on."""
        return self.load("numpy")

    def load(self, target: str = "numpy") -> Mapping[str, Any]:
        """The functions of a target's code by their names, to be called on arrays; C is compiled first."""
        if target == "c":
            from derive.native import load

            return load(self.code(target), self.subject)
        return executed(self.code(target), self.name)

    def check(self, target: str = "numpy") -> tuple[Verdict, ...]:
        """The verdict of every check, of the code for a target."""
        from derive.checks import run

        return run(self.material(target))

    def material(self, target: str = "numpy") -> "Material":
        """What the checks of the code for a target look at."""
        from derive.checks import Material

        return Material(
            subject=self._declared.subject,
            derivation=self._declared,
            program=self.program,
            code=self.code(target),
            module=self.module if target == "numpy" else self.load(target),
            target=target,
        )

    def explain(self, *claims: str) -> "Explained":
        """What the claims of these names, or all of them, say about it."""
        from derive.claims import examine

        return Explained(subject=self.subject, answers=examine(self.subject, claims))

    def figure(self) -> Any:
        """A matplotlib figure of loss and gradient over z, for the hard targets."""
        from derive.studies.figure import figure

        if not isinstance(self.subject, Pair):
            raise BadInput(f"a figure shows a pair; {self.name!r} is one entry")
        return figure(self.subject, self.module)

    def files(self) -> dict[str, str]:
        """The pages of a pair in output/, by file name."""
        from derive.emit import latex, markdown
        from derive.emit.claims import latex as claims_latex
        from derive.emit.claims import markdown as claims_markdown
        from derive.studies.figure import svg

        why = self.explain()
        about = claims_markdown.summary(why.answers), claims_markdown.files(why.answers)
        page = markdown.page(self.derivation, figure="figure.svg", extra=about[0], beside=about[1])
        return {
            "README.md": page,
            "derivation.tex": latex.document(self.derivation, claims_latex.summary(why.answers)),
            "gradient.py": self.code(),
            "figure.svg": svg(self.figure()),
            **why.files(),
        }

    def json(self) -> dict[str, Any]:
        """All of it as plain data: expressions as SymPy text in z, a and y."""
        from derive.emit import data

        return data.derivation(self._declared)
