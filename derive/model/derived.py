"""What comes out: derivations and their steps, programs, proofs, verdicts, and what stops them."""

from dataclasses import dataclass
from typing import Literal

import sympy as sp

from derive.model.catalogued import Subject


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How a step is known: an equality by 'normal form', 'derivative and one point', 'sampled' or 'none'.

    A 'definition' says what its left side means: it holds, and there is nothing to prove. An inequality is
    known by 'normal form' (all terms have one sign), 'real arithmetic' (z3, of polynomials), 'ball
    arithmetic' (certified enclosures on intervals, a stated bound beyond them) or a 'rule' that the step
    names; a limit by 'leading terms'.
    """

    method: Literal[
        "definition",
        "normal form",
        "derivative and one point",
        "sampled",
        "none",
        "real arithmetic",
        "ball arithmetic",
        "rule",
        "leading terms",
    ]
    points: int = 0

    @property
    def proved(self) -> bool:
        """Whether the method is a proof."""
        return self.method not in ("definition", "sampled", "none")

    @property
    def holds(self) -> bool:
        """Whether anything speaks for the equality."""
        return self.method != "none"

    def __str__(self) -> str:
        if self.method == "sampled":
            return f"checked at {self.points} points"
        if self.method == "definition":
            return "by definition"
        return f"proved: {self.method}" if self.proved else "not proved"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What a step is about, such as ∂L/∂z: its name, its LaTeX and its text for a terminal."""

    name: str
    latex: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """`quantity` = `expr`, by a named rule, with the sentence a reader sees; or another `relation` of both.

    `shown` is the LaTeX of the right side where it is not the printer's own (a product of named
    derivatives). A step that is a `result` is boxed.
    """

    quantity: Quantity
    rule: str
    says: str
    expr: sp.Expr
    proof: Proof
    shown: str = ""
    result: bool = False
    relation: Literal["=", "≤", "≥", "<", ">", "→", "∼"] = "="


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """The reader's end: steps, the gradient and the second derivative they end in, conventions.

    For an activation alone `gradient` is f′ and `hessian` f″; for a loss alone they are the
    derivatives in a.
    """

    subject: Subject
    steps: tuple[Step, ...]
    gradient: sp.Expr
    hessian: sp.Expr
    conventions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Body:
    """A straight-line program: names given one after the other, then the value in these names."""

    names: tuple[tuple[sp.Symbol, sp.Expr], ...]
    value: sp.Expr


@dataclass(frozen=True, kw_only=True)
class Program:
    """The computer's end: forms of the same functions, in heads, that keep their digits.

    `bodies` holds the three forms as straight-line programs, with the order of operations fixed;
    `proofs` how each form and each body is known to equal the reader's.
    """

    subject: Subject
    loss: sp.Expr
    gradient: sp.Expr
    hessian: sp.Expr
    bodies: tuple[Body, Body, Body]
    proofs: tuple[tuple[str, Proof], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One row of the table of checks: `worst` is what was measured, `limit` what is allowed."""

    pair: str
    check: str
    passed: bool
    worst: float
    limit: float
    where: str = ""


class BadInput(ValueError):
    """What a user gave cannot be used; the message is the one line they see (exit code 2)."""


class Unproved(Exception):
    """A step could be neither proved nor sampled (exit code 1)."""
