"""What is said about a subject: answers, made of findings with outcome, steps and witness."""

from dataclasses import dataclass
from typing import Final, Literal

import sympy as sp

from derive.model.catalogued import Subject
from derive.model.derived import Quantity, Step

Outcome = Literal["proved", "refuted", "undecided", "not applicable"]
PROVED: Final = "proved"
REFUTED: Final = "refuted"
UNDECIDED: Final = "undecided"
NOT_APPLICABLE: Final = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The point that refutes a finding: exact values of letters, and what `quantity` is there, exactly."""

    at: tuple[tuple[str, sp.Expr], ...]
    quantity: Quantity
    value: sp.Expr


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One statement about a subject, with its outcome and `how` it is known, or why it is not.

    `name` stays the same from subject to subject ("convex in z"), `says` is the sentence a reader sees, its
    formulas in Unicode. `value` is the number that is found, where it is about one (a Lipschitz constant).
    """

    name: str
    says: str
    outcome: Outcome
    how: str
    steps: tuple[Step, ...] = ()
    witness: Witness | None = None
    value: sp.Expr | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows below a head; a cell is an expression, or prose with formulas in Unicode."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[sp.Expr | str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one claim says about a subject; the first finding is the claim itself.

    `figures` are the names of the figures that show it. A question that is about no entry has no subject.
    """

    claim: str
    title: str
    question: str
    subject: Subject | None
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome of the claim itself."""
        return self.findings[0].outcome
