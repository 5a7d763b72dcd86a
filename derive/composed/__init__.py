"""Networks as one writes them, "dense(4,8) tanh dense(8,3) softmax" and a loss, as chains of stages.

Widths are checked where they meet. The last activation and the loss are a pair; where the last stage is a
layer, the loss reads its output itself. An activation and the loss may be expressions, or of a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import sympy as sp

from derive import catalogue
from derive.asked import IN_EXPRESSIONS, Asked, Given
from derive.catalogue.names import NEAR, near, seek, shortened
from derive.composed.heeded import Heeded
from derive.composed.words import EXAMPLE, Word, words
from derive.derivation.layers.renamed import elementwise, renamed
from derive.model import (
    ELEMENTWISE,
    FEATURES,
    HIDDEN,
    LAYER,
    LEVELS,
    OUTPUTS,
    REALS,
    ROWS,
    VECTOR,
    Activation,
    At,
    Axis,
    BadInput,
    Layer,
    Network,
    Pair,
    Stage,
)
from derive.program.vectors.chain import target_shape
from derive.subjects import activation, layer, subject

__all__ = ["network", "words"]

NOTHING: Final = Asked(names=())
WIDEST: Final = 10**6
# Layers that a chain can hold, with the axes whose widths stand in brackets, in their order.
SIZED: Final[dict[str, tuple[Axis, ...]]] = {
    "dense": (FEATURES, OUTPUTS),
    "swiglu_block": (FEATURES, HIDDEN),
    "layer_norm": (),
    "rms_norm": (),
    "batch_norm": (),
    "dropout": (),
}


@dataclass(kw_only=True)
class _Chain:
    """What is composed so far: the stages, the axis and the width of what the next one reads."""

    heeded: Heeded
    stages: list[Stage] = field(default_factory=list)
    axis: Axis = FEATURES
    width: int | None = None
    sizes: dict[sp.Symbol, int] = field(default_factory=dict)
    free: list[Axis] = field(default_factory=lambda: [HIDDEN, *LEVELS])

    @property
    def output(self) -> At:
        if self.stages:
            return self.stages[-1].output
        base = sp.IndexedBase(sp.Symbol("x", real=True), shape=(ROWS.size, FEATURES.size))
        return base[ROWS.indices[0], FEATURES.indices[0]]

    @property
    def number(self) -> int:
        return self.stages[-1].number if self.stages else 0


def network(given: Given | Sequence[Given], loss: Given, said: Asked = NOTHING) -> Network:
    """The network of a text, or of a list, with a loss; BadInput says what does not fit.

    `said` are the numbers, conditions, functions and the library that are given beside them.
    """
    found, heeded = words(given), Heeded(asked=said)
    pair, rest = _ended(found, loss, heeded)
    chain = _Chain(heeded=heeded)
    for n, word in enumerate(rest):
        _add(chain, word, last=not any(w.name == "dense" for w in rest[n + 1 :]))
    if not any(isinstance(s.entry, Layer) for s in chain.stages):
        raise BadInput(f"a network needs a layer in front of its output. {EXAMPLE}")
    _served(pair.activation, chain)
    heeded.all_of_it()
    sizes = tuple((size, n) for size, n in chain.sizes.items())
    return Network(stages=tuple(chain.stages), pair=pair, sizes=sizes, scores=chain.output)


def _ended(found: tuple[Word, ...], loss: Given, heeded: Heeded) -> tuple[Pair, tuple[Word, ...]]:
    """The pair at the end of a chain, and the words in front of it."""
    last = found[-1]
    if catalogue.layer(last.name):
        return _pair(heeded.of("identity", loss)), found
    _is_known(last, heeded.rows[0])
    return _pair(heeded.of(last.given, loss, bound=last.parameters)), found[:-1]


def _is_known(word: Word, rows: Sequence[Activation]) -> None:
    """Refuse a name that is neither a layer nor an activation, and numbers that no activation takes."""
    if word.numbers:
        raise BadInput(f"{word.name} takes parameters by their names, such as alpha=0.5")
    if word.text in IN_EXPRESSIONS:
        says = f"{word.text!r} stands alone: an expression has spaces in brackets only"
        raise BadInput(f"{says}. Try: dense(4,8) (z * tanh(z)) dense(8,1)")
    if word.name and seek(word.name, rows, "activation") is None:
        tries = near(word.name, rows, NEAR, list(SIZED)) or ("derive list activations",)
        says = f"{shortened(word.name)!r} is no layer of a chain, and no activation"
        raise BadInput(f"{says}. Try: {', '.join(tries)}")


def _pair(asked: Asked) -> Pair:
    made = subject(asked)
    assert isinstance(made, Pair)
    stacked = made.loss.inputs or made.activation.inputs
    if stacked or (made.kind == VECTOR and target_shape(made) != "vector"):
        raise BadInput(f"{made.name} has no target for each output. Try: cross_entropy_logits")
    return made


def _add(chain: _Chain, word: Word, last: bool) -> None:
    row = catalogue.layer(word.name)
    if row is not None:
        _add_layer(chain, word, row, last)
        return
    _add_activation(chain, word)


def _add_activation(chain: _Chain, word: Word) -> None:
    made = _told_apart(_activation(word, chain.heeded), chain)
    _served(made, chain)
    taken = not chain.stages or isinstance(chain.stages[-1].entry, Activation)
    number = chain.number + taken
    row = elementwise(made, number, chain.output)
    chain.stages.append(Stage(number=number, text=word.text, entry=made, layer=row))


def _told_apart(made: Activation, chain: _Chain) -> Activation:
    """An activation by a name that no other has: expressions have none of their own."""
    there = {stage.entry.name: replace(stage.entry, parameters=()) for stage in chain.stages}
    names = (made.name, *(f"{made.name}_{n}" for n in range(2, len(chain.stages) + 2)))
    alike = (replace(made, name=name, parameters=()) for name in names)
    return replace(made, name=next(row.name for row in alike if there.get(row.name, row) == row))


def _served(row: Activation, chain: _Chain) -> None:
    """Refuse an activation whose domain does not hold what stands in front of it."""
    before = chain.stages[-1].entry if chain.stages else None
    gives = before.range if isinstance(before, Activation) else REALS
    if row.domain != REALS and not catalogue.contains(row.domain, gives):
        raise BadInput(f"{row.name} takes {row.domain}, but what stands before it gives {gives}")


def _activation(word: Word, heeded: Heeded) -> Activation:
    rows = heeded.rows[0]
    _is_known(word, rows)
    found = activation(heeded.of(word.given, bound=word.parameters))
    if found.kind != ELEMENTWISE:
        raise BadInput(f"{word.name} acts on whole rows, and stands at the end only. {EXAMPLE}")
    return found


def _add_layer(chain: _Chain, word: Word, row: Layer, last: bool) -> None:
    if row.name not in SIZED:
        raise BadInput(f"{row.name} cannot stand in a chain, which has: {', '.join(SIZED)}, and activations")
    named = SIZED[row.name]
    widths = _widths(word, row, named)
    _meets(chain, word, widths)
    axes = {FEATURES: chain.axis}
    for axis, width in list(zip(named, widths, strict=True))[1:]:
        new = OUTPUTS if axis == OUTPUTS and last else chain.free.pop(0)
        axes[axis] = new
        chain.sizes[new.size] = width
    made = renamed(_with(row, word), chain.number + 1, chain.output, axes)
    chain.stages.append(Stage(number=chain.number + 1, text=word.text, entry=row, layer=made))
    if OUTPUTS in axes:
        chain.axis, chain.width = axes[OUTPUTS], widths[1]


def _widths(word: Word, row: Layer, named: tuple[Axis, ...]) -> tuple[int, ...]:
    wanted = ", ".join(axis.says for axis in named)
    if len(word.numbers) != len(named):
        needs = f"needs {len(named)} widths, {wanted}" if named else _takes(row)
        raise BadInput(f"{row.name} {needs}; given: {word.text}. {EXAMPLE}")
    found = []
    for text in word.numbers:
        if (
            not (text.isascii() and text.isdecimal())
            or not 1 <= len(text) <= 7
            or not 1 <= int(text) <= WIDEST
        ):
            raise BadInput(
                f"width {shortened(text)!r} in {shortened(word.text)} is no whole number from 1 to {WIDEST}"
            )
        found.append(int(text))
    return tuple(found)


def _takes(row: Layer) -> str:
    """What may stand in the brackets of a layer without widths."""
    names = [f"{p.name}={float(p.default):g}" for p in row.parameters]
    return f"takes no widths, but {', '.join(names)}" if names else "takes no widths"


def _meets(chain: _Chain, word: Word, widths: tuple[int, ...]) -> None:
    """Note the width of what is read; refuse one that is unknown, or not that of what stands in front."""
    if chain.width is None and not widths:
        raise BadInput(f"{word.text} has no width of its own; a layer that has one comes first. {EXAMPLE}")
    if not widths:
        return
    if chain.width is not None and widths[0] != chain.width:
        raise BadInput(
            f"{word.text} reads {widths[0]} numbers, but what stands before it gives {chain.width}"
        )
    chain.width = widths[0]
    chain.sizes.setdefault(chain.axis.size, widths[0])


def _with(row: Layer, word: Word) -> Layer:
    """The row with the numbers of its parameters that are given; BadInput where one is not allowed."""
    found = layer(Asked(names=(f"{LAYER}:{row.name}",), parameters=word.parameters))
    assert found is not None
    return found
