"""The loss that an activation asks for, of the catalogue or of one's own: what is found, and its code."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from derive import catalogue, emit
from derive.accuracy.quadrature import measured
from derive.asked import Asked
from derive.balls import Unreachable
from derive.claims.claim import Claim, answer
from derive.claims.matching import CLAIM, about
from derive.claims.matching.matched import Matching, matching
from derive.claims.matching.named import named
from derive.derivation import derive
from derive.model import ELEMENTWISE, VECTOR, A, Activation, Answer, BadInput, Unproved
from derive.program import program
from derive.subjects import activation


@dataclass(frozen=True, kw_only=True, repr=False)
class Matched:
    """An activation, its matching loss where it is elementwise, and the answer about it."""

    activation: Activation
    made: Matching | None
    answer: Answer

    def __repr__(self) -> str:
        return f"<matching loss of {self.activation.title}: {self.answer.outcome}>"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def loss(self) -> sp.Expr | None:
        """F(z) − y z; None of a vector activation."""
        return self.made.loss if self.made else None

    def text(self) -> str:
        """All of it for a terminal."""
        from derive.emit.claims import text

        return "\n".join(text.lines(self.activation, [self.answer]))

    def latex(self, standalone: bool = False) -> str:
        """All of it as LaTeX, for an article or as a document."""
        from derive.emit.claims import latex

        return (latex.document if standalone else latex.block)(self.activation, [self.answer])

    def markdown(self) -> str:
        """All of it as Markdown, for GitHub."""
        from derive.emit.claims import markdown

        return markdown.page(self.activation, [self.answer])

    def json(self) -> dict[str, Any]:
        """All of it as plain data."""
        from derive.emit.claims import data

        return data.explained(self.activation, [self.answer])

    @cached_property
    def _code(self) -> str:
        return code(self)

    def code(self) -> str:
        """One NumPy file: loss, gradient and second derivative, which checks itself (`python FILE`)."""
        return self._code


def match(asked: Asked) -> Matched:
    """The matching loss of an activation: of the catalogue, or of a user's own.

    BadInput says what cannot be read, or where it is not defined.
    """
    act = activation(asked)
    if act.kind != ELEMENTWISE:
        return Matched(activation=act, made=None, answer=answer(CLAIM, act))
    made = matching(act, thorough=act.own)
    claim = Claim(name=CLAIM.name, title=CLAIM.title, question=CLAIM.question, examine=lambda _: about(made))
    return Matched(activation=act, made=made, answer=answer(claim, act))


def _emitted(act: str, los: str) -> bool:
    """Whether the catalogue emits code for a pair."""
    return (act, los) in catalogue.legal_pairs()


def _pair_code(act: str, los: str) -> str:
    """The code of a pair of the catalogue."""
    derivation = derive(catalogue.pair(act, los))
    if derivation.subject.kind == VECTOR:
        from derive.program.vectors import program as vector  # its tensors are slow to import

        return emit.code(derivation, vector(derivation))
    return emit.code(derivation, program(derivation))


def code(found: Matched) -> str:
    """The code of a matching loss: that of the catalogue's pair where it is one, else made for it."""
    act, made = found.activation, found.made
    if made is None:
        return _vector_code(act)
    called = named(act)
    if called and called.map == A and called.scale == 1 and _emitted(act.name, called.loss.name):
        return _pair_code(act.name, called.loss.name)
    from derive.emit.matching import code as text

    try:
        return text(measured(made))
    except (Unproved, Unreachable, TypeError, KeyError) as error:
        raise BadInput(f"no stable code is known for {act.title}: {error}") from error


def _vector_code(act: Activation) -> str:
    """The code of the catalogue's pair that a vector activation makes with its matching loss."""
    from derive.claims.matching.vectors import fitting_loss  # its tensors are slow to import

    found = fitting_loss(act)
    if found is None or found[1] != 1 or not _emitted(act.name, found[0].name):
        raise BadInput(f"no code is emitted for the matching loss of {act.name!r}. Try: an elementwise one")
    return _pair_code(act.name, found[0].name)
