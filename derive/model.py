"""The nouns of the program: frozen records without behaviour beyond look-ups.

Expressions are SymPy's, in the symbols that mean the same everywhere: Z (pre-activation), A (output),
Y (target). Nothing here computes.
"""

from dataclasses import dataclass
from typing import Final, Literal

import sympy as sp

Z, A, Y = sp.symbols("z a y", real=True)

# Vectors of symbolic size K, in index notation: components are counted from 1.
K = sp.Symbol("K", integer=True, positive=True)
I_, J, N = sp.symbols("i j k", integer=True)
ZS, AS, YS = (sp.IndexedBase(sp.Symbol(name, real=True), shape=(K,)) for name in "zay")
PS = sp.IndexedBase(sp.Symbol("p", positive=True), shape=(K,))  # probabilities
# The weights of a layer z_j = Σ_d w_jd x_d + b_j, with x of symbolic size.
DIM = sp.Symbol("D", integer=True, positive=True)
M, D = sp.symbols("m d", integer=True)
XS = sp.IndexedBase(sp.Symbol("x", real=True), shape=(DIM,))
BS = sp.IndexedBase(sp.Symbol("b", real=True), shape=(K,))
WS = sp.IndexedBase(sp.Symbol("w", real=True), shape=(K, DIM))
# Two or three vectors of K components, stacked one after the other in an input.
US, VS, RS = (sp.IndexedBase(sp.Symbol(name, real=True), shape=(K,)) for name in "uvr")
LS = sp.IndexedBase(sp.Symbol("l", negative=True), shape=(K,))  # log-probabilities
# One number for each class: its weight c_k, the level q_k of its quantile.
CS = sp.IndexedBase(sp.Symbol("c", positive=True), shape=(K,))
QS = sp.IndexedBase(sp.Symbol("q", positive=True), shape=(K,))
# What is locally constant: a set by its indicator (s_k in activations, h_k in losses), pairs by h_ik,
# the index of a largest term.
SS = sp.IndexedBase(sp.Symbol("s", nonnegative=True), shape=(K,))
HV = sp.IndexedBase(sp.Symbol("h", nonnegative=True), shape=(K,))
HS = sp.IndexedBase(sp.Symbol("h", nonnegative=True), shape=(K, K))
LARGEST = sp.Symbol("k*", integer=True)
# A direction, in products of Jacobian or Hessian with a vector.
TS = sp.IndexedBase(sp.Symbol("t", real=True), shape=(K,))

ELEMENTWISE: Final = "elementwise"
VECTOR: Final = "vector"
Kind = Literal["elementwise", "vector"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A real interval with open or closed ends."""

    lo: sp.Expr = -sp.oo
    hi: sp.Expr = sp.oo
    closed_lo: bool = False
    closed_hi: bool = False

    def __str__(self) -> str:
        lo = "-∞" if self.lo == -sp.oo else str(self.lo)
        hi = "∞" if self.hi == sp.oo else str(self.hi)
        return f"{'[' if self.closed_lo else '('}{lo}, {hi}{']' if self.closed_hi else ')'}"


@dataclass(frozen=True, kw_only=True)
class Finite:
    """A finite set of numbers, such as the labels −1 and 1."""

    values: tuple[int, ...]

    def __str__(self) -> str:
        return "{" + ", ".join(map(str, self.values)) + "}"


@dataclass(frozen=True, kw_only=True)
class Simplex:
    """Vectors of K nonnegative components with sum 1; the interior where `closed` is false."""

    closed: bool = True

    def __str__(self) -> str:
        return "the simplex" if self.closed else "the interior of the simplex"


@dataclass(frozen=True, kw_only=True)
class OneHot:
    """Vectors of K components of which one is 1 and the others are 0."""

    def __str__(self) -> str:
        return "the one-hot vectors"


@dataclass(frozen=True, kw_only=True)
class LogSimplex:
    """Logarithms of the vectors in the interior of the simplex."""

    def __str__(self) -> str:
        return "the logarithms of the interior of the simplex"


@dataclass(frozen=True, kw_only=True)
class Sphere:
    """Vectors of length 1."""

    def __str__(self) -> str:
        return "the unit sphere"


@dataclass(frozen=True, kw_only=True)
class Nonzero:
    """Vectors of which not all components are 0."""

    def __str__(self) -> str:
        return "the vectors other than 0"


# An interval or a finite set holds each component, where vectors are meant.
Set = Interval | Finite | Simplex | OneHot | LogSimplex | Sphere | Nonzero

REALS = Interval()
POSITIVE = Interval(lo=sp.S.Zero)
NONNEGATIVE = Interval(lo=sp.S.Zero, closed_lo=True)
UNIT_OPEN = Interval(lo=sp.S.Zero, hi=sp.S.One)
UNIT_CLOSED = Interval(lo=sp.S.Zero, hi=sp.S.One, closed_lo=True, closed_hi=True)


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
class Activation:
    """a = f(z). `range` encloses a for every real z and every admissible parameter.

    It is the very range, unless `range_is_enclosure`: then the values fill a part of it.
    `squashes` says that a link is inside: in front of a loss that reads a raw score it is one too many.
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


@dataclass(frozen=True, kw_only=True)
class Loss:
    """L(a, y) for predictions a in `prediction` and targets y in `target`.

    `reads` says what the prediction is; `hard` lists the targets at which no digit may be lost to
    the target; the loss has its kinks where an expression of `kinks` is zero. A vector loss without y
    has no target; one with the scalar y has one target a row. Behind a vector activation an elementwise
    loss that `sums` is the sum over the components.
    """

    name: str
    expr: sp.Expr
    prediction: Set
    target: Set
    source: str
    known: tuple[Known, ...]
    title: str
    reads: Literal["mean", "probability", "log-probability", "raw score"]
    hard: tuple[int, ...]
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    kinks: tuple[sp.Expr, ...] = ()
    kind: Kind = ELEMENTWISE
    inputs: tuple[Input, ...] = ()
    names: tuple[Name, ...] = ()
    selections: tuple[Selection, ...] = ()
    sums: bool = False


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An activation and a loss whose composition L(f(z), y) is defined everywhere."""

    activation: Activation
    loss: Loss
    warning: str = ""

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
        """Those of the activation, then those of the loss."""
        return self.activation.parameters + self.loss.parameters


Subject = Pair | Activation | Loss


def entries(subject: Subject) -> tuple[Activation | None, Loss | None]:
    """The activation and the loss of a subject; None for the one it lacks."""
    if isinstance(subject, Pair):
        return subject.activation, subject.loss
    return (subject, None) if isinstance(subject, Activation) else (None, subject)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How an equality is known: 'normal form', 'derivative and one point', 'sampled' or 'none'.

    A 'definition' says what its left side means: it holds, and there is nothing to prove.
    """

    method: Literal["definition", "normal form", "derivative and one point", "sampled", "none"]
    points: int = 0

    @property
    def proved(self) -> bool:
        """Whether the method is a proof."""
        return self.method in ("normal form", "derivative and one point")

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
    """`quantity` = `expr`, by a named rule, with the sentence a reader sees.

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
