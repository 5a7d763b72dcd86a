"""What somebody typed: activations and losses with their parts, and the pairs they make."""

from dataclasses import dataclass
from typing import Final, Literal

import sympy as sp

from derive.model.domains import REALS, Interval, Set

ELEMENTWISE: Final = "elementwise"
VECTOR: Final = "vector"
Kind = Literal["elementwise", "vector"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A named number of an entry, with its default and the interval it may lie in.

    Where the symbol is an IndexedBase, there is one number for each class; the default is that of all.
    """

    symbol: sp.Symbol | sp.IndexedBase
    default: sp.Rational
    domain: Interval
    latex: str
    label: str = ""

    @property
    def name(self) -> str:
        """The name of the keyword in code."""
        return self.label or str(self.symbol)

    @property
    def per_class(self) -> bool:
        """Whether there is one number for each class."""
        return isinstance(self.symbol, sp.IndexedBase)


@dataclass(frozen=True, kw_only=True)
class Input:
    """One of the vectors that an entry reads, stacked in this order: its letter and what it is."""

    base: sp.IndexedBase
    says: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A set or an index in a formula that stays the same nearby, where it is unique.

    "positive": the indicator of those j (or i, j) where `of` is greater than 0. "largest": the j at
    which `of` is largest, the lowest of them at a tie. "support": the indicator of those j where
    x_j = `of` exceeds the τ with Σ_k max(x_k − τ, 0)^power = 1.
    """

    symbol: sp.IndexedBase | sp.Symbol
    rule: Literal["positive", "largest", "support"]
    of: sp.Expr
    says: str
    ties: str
    power: int = 1


@dataclass(frozen=True, kw_only=True)
class Name:
    """A scalar of a formula with a letter of its own: `meaning` is explicit.

    `relation`, where given, is an expression that is 0 and determines it: slopes come from there.
    """

    symbol: sp.Symbol
    meaning: sp.Expr
    says: str
    relation: sp.Expr | None = None
    latex: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A value from outside: at (z) or (a, y), with parameters, and where it was read.

    Of a vector entry `at` holds all inputs, stacked, then the targets where there are any; the value of
    a vector activation is the last component.
    """

    at: tuple[float, ...]
    value: float
    origin: str
    parameters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """How far the code of a quantity was measured to be off: `ulp`·(1 + κ) at most.

    It is infinite where a value is wrong in kind: NaN, infinite or 0. `lost` are the stretches of z (or of a,
    for a loss alone) where it is off by more than the default bound, for targets from the first to the last
    of `targets`; `at` is the worst point, letters with their numbers. All are empty where nothing is lost.
    """

    quantity: str
    ulp: float
    lost: tuple[tuple[float, float], ...] = ()
    targets: tuple[float, ...] = ()
    at: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Activation:
    """a = f(z). `range` encloses a for every real z and every admissible parameter.

    It is the very range, unless `range_is_enclosure`: then the values fill a part of it.
    `squashes` says that a link is inside: in front of a loss that reads a raw score it is one too many.
    `at_kinks` are slopes at kinks (place, slope) that are not those of the convention.
    One that a user wrote is `own`: what was `inferred` of it is said, and its accuracy measured.
    """

    name: str
    expr: sp.Expr
    range: Set
    source: str
    known: tuple[Known, ...]
    title: str
    latex: str = ""
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    kinks: tuple[sp.Expr, ...] = ()
    kind: Kind = ELEMENTWISE
    squashes: bool = False
    range_is_enclosure: bool = False
    inputs: tuple[Input, ...] = ()
    names: tuple[Name, ...] = ()
    selections: tuple[Selection, ...] = ()
    domain: Set = REALS
    at_kinks: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    own: bool = False
    inferred: tuple[str, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Loss:
    """L(a, y) for predictions a in `prediction` and targets y in `target`.

    `reads` says what the prediction is; `hard` lists the targets at which no digit may be lost to
    the target; the loss has its kinks where an expression of `kinks` is zero. A vector loss without y
    has no target; one with the scalar y has one target a row. Behind a vector activation an elementwise
    loss that `sums` is the sum over the components. `own` and `inferred` as of an activation.
    """

    name: str
    expr: sp.Expr
    prediction: Set
    target: Set
    source: str
    known: tuple[Known, ...]
    title: str
    reads: Literal["mean", "mean of log y", "probability", "log-probability", "raw score"]
    hard: tuple[int, ...]
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    kinks: tuple[sp.Expr, ...] = ()
    kind: Kind = ELEMENTWISE
    inputs: tuple[Input, ...] = ()
    names: tuple[Name, ...] = ()
    selections: tuple[Selection, ...] = ()
    sums: bool = False
    own: bool = False
    inferred: tuple[str, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An activation and a loss whose composition L(f(z), y) is defined everywhere.

    `condition` is a relation in the parameters: elsewhere outputs are no predictions. True nearly always.
    """

    activation: Activation
    loss: Loss
    warning: str = ""
    condition: sp.Basic = sp.true
    accuracy: tuple[Accuracy, ...] = ()

    @property
    def name(self) -> str:
        """`activation+loss`."""
        return f"{self.activation.name}+{self.loss.name}"

    @property
    def folder(self) -> str:
        """The name of its folder in output/."""
        return f"{self.activation.name}_{self.loss.name}"

    @property
    def kind(self) -> Kind:
        """A vector pair where one of both is a vector entry."""
        kinds = {self.activation.kind, self.loss.kind}
        return VECTOR if VECTOR in kinds else ELEMENTWISE

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the activation, then those of the loss; one that both have is one."""
        return tuple(dict.fromkeys(self.activation.parameters + self.loss.parameters))

    @property
    def own(self) -> bool:
        """Whether a user wrote one of both."""
        return self.activation.own or self.loss.own


Subject = Pair | Activation | Loss


def entries(subject: Subject) -> tuple[Activation | None, Loss | None]:
    """The activation and the loss of a subject; None for the one it lacks."""
    if isinstance(subject, Pair):
        return subject.activation, subject.loss
    return (subject, None) if isinstance(subject, Activation) else (None, subject)


def waves(subject: Subject) -> bool:
    """Whether a sine or a cosine is part of the formula: anything else is monotone from some z on (Hardy)."""
    return any(entry.expr.has(sp.sin, sp.cos) for entry in entries(subject) if entry)


def domain_of(subject: Subject) -> Set:
    """Where the first argument of a subject lies: z, or the prediction of a loss alone."""
    act, los = entries(subject)
    if act is not None:
        return act.domain
    return los.prediction if los is not None else REALS
