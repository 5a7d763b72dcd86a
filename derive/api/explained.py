"""The answers of claims, and their pages."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from derive.model import Answer, Pair, Subject


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
        from derive.api.derived import derived
        from derive.studies.claims import comparison, figure

        names = [name for answer in self.answers for name in answer.figures if name not in without]
        if self.pairs:
            modules = [derived(pair).module for pair in self.pairs]
            return {name: comparison(name, self.pairs, modules) for name in names}
        if not names or not isinstance(self.subject, Pair):
            return {}
        module = derived(self.subject).module
        return {name: figure(name, self.subject, module) for name in names}
