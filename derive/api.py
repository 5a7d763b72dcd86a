"""The library's door: everything about a pair, an activation or a loss, from one object.

>>> from derive import derive
>>> pair = derive("sigmoid", "bce")
>>> pair.gradient
a - y
>>> print(pair.code())                # NumPy: loss, grad, hess, loss_and_grad
>>> all(verdict.passed for verdict in pair.check())
True
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive import catalogue
from derive.derivation import derive as derivation_of
from derive.model import ELEMENTWISE, Answer, BadInput, Derivation, Pair, Program, Step, Subject, Verdict

if TYPE_CHECKING:
    from derive.claims.reading.given import Number
    from derive.matched import Matched
    from derive.program.vectors import VectorProgram

__all__ = [
    "Derived",
    "Explained",
    "compare",
    "derive",
    "explain",
    "legal_pairs",
    "match",
    "read",
    "ready",
    "reference_pairs",
    "single_names",
]


def derive(*names: str) -> "Derived":
    """The derivation of a pair ("sigmoid", "bce"), or of an activation or a loss alone ("gelu").

    BadInput says what is unknown or does not fit; Unproved, which step could not be established.
    """
    return Derived(derivation=derivation_of(catalogue.subject(*names)))


def explain(*names: str, claims: Sequence[str] = ()) -> "Explained":
    """What the claims of these names, or all of them, say about a pair or about one entry alone.

    BadInput as for `derive`, and for an unknown claim.
    """
    from derive.claims import examine

    subject = catalogue.subject(*names)
    return Explained(subject=subject, answers=examine(subject, tuple(claims)))


def compare(activation: str, losses: Sequence[str]) -> "Explained":
    """Several losses of one activation side by side: which of them learn where it saturates."""
    from derive.claims.saturation import side_by_side

    pairs = tuple(catalogue.pair(activation, loss) for loss in losses)
    if len(pairs) < 2 or len(set(pairs)) < len(pairs):
        raise BadInput("a comparison needs two losses or more, each once. Try: half_squared_error bce")
    answer = side_by_side(pairs[0].activation, tuple(pair.loss for pair in pairs))
    return Explained(subject=None, answers=(answer,), pairs=pairs)


def read(
    cross_entropy: "Number",
    classes: "Number",
    accuracy: "Number | None" = None,
    base_rates: "Sequence[Number] | None" = None,
    unit: str = "nats",
) -> "Explained":
    """What a model's cross-entropy says about it; BadInput where no model has these numbers together."""
    from derive.claims.reading import read as answer

    found = answer(cross_entropy, classes, accuracy, base_rates, unit)
    return Explained(subject=None, answers=(found,))


def legal_pairs() -> tuple[tuple[str, str], ...]:
    """The names (activation, loss) of every legal pair."""
    return catalogue.legal_pairs()


def reference_pairs() -> tuple[tuple[str, str], ...]:
    """The names (activation, loss) of the pairs whose pages lie in output/."""
    return catalogue.REFERENCE


def single_names() -> tuple[str, ...]:
    """The names of every activation and every loss."""
    return (*(row.name for row in catalogue.ACTIVATIONS), *(row.name for row in catalogue.LOSSES))


def ready(target: str) -> None:
    """Raise BadInput where there is no such target, or its code cannot be run here."""
    from derive.emit import target_of

    if target_of(target).name == "c":
        from derive.native import compiler

        compiler()
    if target == "numba" and find_spec("numba") is None:
        raise BadInput("target 'numba' needs Numba: pip install 'derive-gradients[numba]'")


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

    def code(self, target: str = "numpy") -> str:
        """One self-contained file of code for a target; it checks itself (`python FILE`)."""
        from derive.emit import code

        return code(self.derivation, self.program, target=target)

    def sources(self, target: str, stem: str) -> dict[str, str]:
        """The files of code for a target that are named `stem`, by the ends of their names."""
        from derive.emit import files

        return files(self.derivation, self.program, target, stem)

    @cached_property
    def module(self) -> Mapping[str, Any]:
        """The namespace of the executed NumPy code: its `loss`, `grad`, `hess` and so on."""
        return self.load("numpy")

    def load(self, target: str = "numpy") -> Mapping[str, Any]:
        """The functions of a target's code by their names, to be called on arrays; C is compiled first."""
        if target == "c":
            from derive.native import load

            return load(self.code(target), self.subject)
        namespace: dict[str, Any] = {"__name__": self.name}
        exec(compile(self.code(target), f"<{self.name}>", "exec"), namespace)
        return namespace

    def check(self, target: str = "numpy") -> tuple[Verdict, ...]:
        """The verdict of every check, of the code for a target."""
        from derive.checks import Material, run

        return run(
            Material(
                subject=self.subject,
                derivation=self.derivation,
                program=self.program,
                code=self.code(target),
                module=self.module if target == "numpy" else self.load(target),
                target=target,
            )
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

        return data.derivation(self.derivation)


@dataclass(frozen=True, kw_only=True, repr=False)
class Explained:
    """The answers of claims, one after the other, and their pages; `pairs` are those of a comparison."""

    subject: Subject | None
    answers: tuple[Answer, ...]
    pairs: tuple[Pair, ...] = ()

    def __repr__(self) -> str:
        found = ", ".join(f"{answer.claim}: {answer.outcome}" for answer in self.answers)
        return f"<{self.subject.name if self.subject else self.answers[0].title}: {found}>"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, claim: int | str) -> Answer:
        """The answer of a claim, by its name or its place."""
        if isinstance(claim, int):
            return self.answers[claim]
        return next(answer for answer in self.answers if answer.claim == claim)

    def text(self) -> str:
        """The verdicts, then every claim with its steps, for a terminal."""
        from derive.emit.claims import text

        return "\n".join(text.lines(self.subject, self.answers))

    def latex(self, standalone: bool = False, folder: str = "") -> str:
        """The LaTeX block of the answers, or a complete document, its figures `why_NAME.pdf` in a folder."""
        from derive.emit.claims import latex

        if self.pairs:
            return latex.comparison(self.pairs, self.answers[0], standalone, folder)
        if standalone:
            return latex.document(self.subject, self.answers, folder)
        return latex.block(self.subject, self.answers)

    def markdown(self, folder: str | None = "") -> str:
        """The page of the answers, for GitHub; its figures are `why_NAME.svg` beside it, or in a folder.

        None leaves them out.
        """
        from derive.emit.claims import markdown

        if self.pairs:
            return markdown.comparison(self.pairs, self.answers[0], folder)
        return markdown.page(self.subject, self.answers, folder)

    def json(self) -> dict[str, Any]:
        """All of it as plain data."""
        from derive.emit.claims import data

        return data.explained(self.subject, self.answers)

    def files(self) -> dict[str, str]:
        """The page, the document, the data and the figures, by file name."""
        from derive.emit.claims.page import FIGURE
        from derive.studies.figure import svg

        data = json.dumps(self.json(), indent=2, ensure_ascii=False)
        texts = {"why.md": self.markdown(), "why.tex": self.latex(standalone=True), "why.json": f"{data}\n"}
        return texts | {FIGURE.format(name): svg(drawn) for name, drawn in self.figures().items()}

    def figures(self, without: Sequence[str] = ()) -> dict[str, Any]:
        """The matplotlib figures of the answers by name, drawn from emitted code, `without` some."""
        from derive.studies.claims import comparison, figure

        names = [name for answer in self.answers for name in answer.figures if name not in without]
        if self.pairs:
            modules = [derive(p.activation.name, p.loss.name).module for p in self.pairs]
            return {name: comparison(name, self.pairs, modules) for name in names}
        if not names or not isinstance(self.subject, Pair):
            return {}
        module = derive(self.subject.activation.name, self.subject.loss.name).module
        return {name: figure(name, self.subject, module) for name in names}


def match(activation: str, where: str = "") -> "Matched":
    """The loss that an activation asks for: by name, or an expression in z, for z as `where` says.

    >>> match("atan(z)").loss
    -y*z + z*atan(z) - log(z**2 + 1)/2
    """
    from derive.matched import match as matched

    return matched(activation, where)
