"""The loss that an activation asks for, of the catalogue or of one's own: what is found, and its code."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from derive import catalogue, emit
from derive.accuracy.quadrature import measured
from derive.balls import Unreachable
from derive.catalogue.names import seek
from derive.claims.claim import Claim, answer
from derive.claims.matching import CLAIM, about
from derive.claims.matching.matched import Matching, matching, rate
from derive.claims.matching.named import named
from derive.proof.pieces import Piece, joined, pieces
from derive.derivation import derive
from derive.expression import read, read_interval
from derive.model import (
    ELEMENTWISE,
    PROVED,
    REALS,
    VECTOR,
    A,
    Activation,
    Answer,
    BadInput,
    Interval,
    Unproved,
    Z,
)
from derive.program import program
from derive.proof.defined import defined
from derive.proof.signs import nonnegative

OWN = "your function"
BOUNDS = (0, -1), (1,)  # that a function of one's own is looked at for


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


def match(text: str, where: str = "") -> Matched:
    """The matching loss of an activation: a name of the catalogue, or an expression in z such as `z*tanh(z)`.

    `where` restricts z, as in "z>0". BadInput says what cannot be read, or where it is not defined.
    """
    named = text.replace(":", "", 1).isidentifier()  # also with a kind in front
    row = seek(text, catalogue.ACTIVATIONS, "activation") if named else None
    if row is not None and where:
        raise BadInput(f"--where is for an expression; {row.name!r} has its own domain. Try: without it")
    act = row or _own(text, where)
    if act.kind != ELEMENTWISE:
        return Matched(activation=act, made=None, answer=answer(CLAIM, act))
    made = matching(act) if row else matching(act, thorough=True)
    claim = Claim(name=CLAIM.name, title=CLAIM.title, question=CLAIM.question, examine=lambda _: about(made))
    return Matched(activation=act, made=made, answer=answer(claim, act))


def _own(text: str, where: str) -> Activation:
    """An activation that a user wrote."""
    if text.isidentifier() and text not in ("z", "pi", "e"):
        raise BadInput(f"{catalogue.unknown_activation(text)}, or an expression in z")
    found = read(text)
    domain = read_interval(where) if where else REALS
    defined(found.needs, domain)
    try:
        cut = pieces(found.expr, domain)
    except TypeError as error:
        raise BadInput(f"expression {text!r}: {error}. Try: conditions that are linear in z") from error
    return Activation(
        name="f",
        title=OWN,
        expr=joined(cut),
        range=_range(cut),
        range_is_enclosure=True,
        domain=domain,
        kinks=tuple(piece.low for piece in cut[1:]),
        source="as given",
        known=(),
    )


def _range(cut: tuple[Piece, ...]) -> Interval:
    """An interval that is shown to hold the values: of simple ends, or the whole line."""
    above = [sp.Integer(b) for b in BOUNDS[0] if all(_positive(p.expr - b, p.domain) for p in cut)][:1]
    below = [sp.Integer(b) for b in BOUNDS[1] if all(_positive(b - p.expr, p.domain) for p in cut)][:1]
    return Interval(lo=above[0] if above else -sp.oo, hi=below[0] if below else sp.oo)


def _positive(expr: sp.Expr, domain: Interval) -> bool:
    unit = rate(expr) if domain == REALS else 1  # in units of z in which rates are whole numbers
    return nonnegative(expr.subs(Z, Z / unit), {Z: domain}, strictly=True).outcome == PROVED


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
