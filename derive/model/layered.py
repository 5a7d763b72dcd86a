"""Layers: arrays over named axes, and the variables that lead from the inputs to the output."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final, TypeAlias

import sympy as sp

from derive.model.catalogued import Activation, Pair, Parameter
from derive.model.derived import Step

LAYER: Final = "layer"

At: TypeAlias = sp.Indexed | sp.Symbol  # an entry of an array by its own indices, or a number


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What some indices count: `size` of them; the first index is the usual one, primes come last."""

    size: sp.Symbol
    indices: tuple[sp.Symbol, ...]
    says: str


def _axis(size: str, indices: str, says: str) -> Axis:
    """An axis; its indices are no others, even where they have the name of one of a vector."""
    first, *_ = names = indices.split()
    names += [first + "'" * primes for primes in (1, 2, 3)]
    found = tuple(sp.symbols(names, integer=True, positive=True))
    return Axis(size=sp.Symbol(size, integer=True, positive=True), indices=found, says=says)


ROWS = _axis("N", "n m", "rows")
FEATURES = _axis("D", "d e", "features")
OUTPUTS = _axis("K", "k l", "outputs")
HIDDEN = _axis("H", "h", "hidden units")
QUERIES = _axis("T", "i", "queries")
KEYS = _axis("S", "j r", "keys")
VALUES = _axis("F", "f", "components of a value")
TOKENS = _axis("V", "v", "tokens")
CHANNELS = _axis("C", "c", "channels")
PLACES = _axis("U", "u", "places of the input")
TAPS = _axis("R", "s", "taps of the kernel")
STEPS = _axis("P", "t", "places of the output")
# The widths between the layers of a network: H, then these.
LEVELS = tuple(_axis(f"H{n}", f"h{n}", f"hidden units, {n}") for n in range(2, 65))
AXES: tuple[Axis, ...] = (
    ROWS, FEATURES, OUTPUTS, HIDDEN, QUERIES, KEYS, VALUES, TOKENS, CHANNELS, PLACES, TAPS, STEPS, *LEVELS,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Array:
    """What a layer is given: an entry with its indices, such as x[n, d], and what it is in words."""

    at: At
    says: str


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A step on the way to the output: an entry by its indices, and what it means in what stands before it.

    The derivative of the loss by it has a letter of its own in the result, unless the derivation goes
    `through` it.
    """

    at: At
    meaning: sp.Expr
    says: str
    through: bool = False


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A sum that has another, shorter form: `before` = `after`; where it has a letter of its own, `at`."""

    before: sp.Expr
    after: sp.Expr
    says: str
    at: At | None = None


@dataclass(frozen=True, kw_only=True)
class Example:
    """The last entry of the output from outside, for arrays of these sizes that are filled by `pattern`."""

    sizes: tuple[tuple[sp.Symbol, int], ...]
    value: float
    origin: str
    parameters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer: arrays in, variables, the last of which is the output; everything else follows.

    Gradients are derived in `inputs` and `weights`, none in `constants` (a mask, the tokens). `batched`:
    arrays may have further axes in front, along which nothing is summed.
    """

    name: str
    title: str
    variables: tuple[Variable, ...]
    inputs: tuple[Array, ...]
    source: str
    known: tuple[Example, ...]
    weights: tuple[Array, ...] = ()
    constants: tuple[Array, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    identities: tuple[Identity, ...] = ()
    aliases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    batched: bool = False

    kind: ClassVar = LAYER

    @property
    def folder(self) -> str:
        """The name of its folder in output/."""
        return f"layer_{self.name}"

    @property
    def output(self) -> Variable:
        """What the layer gives."""
        return self.variables[-1]

    @property
    def moving(self) -> tuple[Array, ...]:
        """The arrays that have a gradient."""
        return (*self.inputs, *self.weights)


@dataclass(frozen=True, kw_only=True)
class LayerDerivation:
    """The reader's end of a layer: steps, and the derivatives by inputs and weights that they end in."""

    subject: Layer
    steps: tuple[Step, ...]
    gradient: tuple[sp.Expr, ...]
    conventions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One link of a network: an entry of the catalogue, and its row in the letters of the network.

    `text` is as somebody wrote it. An activation of one number has a row, too: its formula in each entry.
    """

    number: int
    text: str
    entry: Layer | Activation
    layer: Layer

    @property
    def input(self) -> At:
        """What it reads."""
        return self.layer.inputs[0].at

    @property
    def output(self) -> At:
        """What it gives."""
        return self.layer.output.at


@dataclass(frozen=True, kw_only=True)
class Network:
    """A chain of stages, and the pair of output activation and loss behind them.

    `sizes` are the widths by their letters. The loss is the mean over the rows of that of each row, which for
    a loss of numbers is the sum over the outputs.
    """

    stages: tuple[Stage, ...]
    pair: Pair
    sizes: tuple[tuple[sp.Symbol, int], ...]
    scores: At  # what the pair reads

    @property
    def folder(self) -> str:
        """The name of the folder in output/ of the one network that lies there."""
        return self.name

    def behind(self, stage: Stage) -> Layer:
        """The row of a stage on the way back: what the first one reads are data, and have no derivative."""
        return replace(stage.layer, inputs=()) if stage is self.stages[0] else stage.layer

    @property
    def weights(self) -> tuple[Array, ...]:
        """The arrays that a training changes, in the order of the stages."""
        return tuple(array for stage in self.stages for array in stage.layer.weights)

    @property
    def name(self) -> str:
        """What it is called in a table."""
        return "network"

    @property
    def text(self) -> str:
        """The network as one writes it down."""
        return " ".join([*(s.text for s in self.stages), self.pair.name.replace("+", " ")])
