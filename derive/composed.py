"""Networks as one writes them, "dense(4,8) tanh dense(8,3) softmax" and a loss, as chains of stages.

Widths are checked where they meet. The last activation and the loss are a pair of the catalogue; where the
last stage is a layer, the loss reads its output itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import sympy as sp

from derive import catalogue
from derive.asked import Asked
from derive.catalogue.names import NEAR, near, shortened
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
from derive.subjects import layer, subject

WORD: Final = re.compile(r"\s*(?:[,>|→-]*\s*)([A-Za-z_][\w:]*)\s*(?:\(([^()]*)\))?")
EXAMPLE: Final = 'Try: "dense(4,8) tanh dense(8,3) softmax" cross_entropy'
LONGEST: Final = 4000  # characters
MOST: Final = 1 + len(LEVELS)  # stages, each of which may need an axis of its own
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


@dataclass(frozen=True, kw_only=True)
class Word:
    """A name with what stands in brackets behind it."""

    text: str
    name: str
    numbers: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(kw_only=True)
class _Chain:
    """What is composed so far: the stages, the axis and the width of what the next one reads."""

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


def network(given: str | Sequence[str], loss: str) -> Network:
    """The network of a text, or of a list of texts, with a loss; BadInput says what does not fit."""
    found = words(given if isinstance(given, str) else " ".join(given))
    pair, rest = _ended(found, loss)
    chain = _Chain()
    for n, word in enumerate(rest):
        _add(chain, word, last=not any(w.name == "dense" for w in rest[n + 1 :]))
    if not any(isinstance(s.entry, Layer) for s in chain.stages):
        raise BadInput(f"a network needs a layer in front of its output. {EXAMPLE}")
    _served(pair.activation, chain)
    sizes = tuple((size, n) for size, n in chain.sizes.items())
    return Network(stages=tuple(chain.stages), pair=pair, sizes=sizes, scores=chain.output)


def words(text: str) -> tuple[Word, ...]:
    """The names of a text with what stands in their brackets; BadInput points at what is neither."""
    if len(text) > LONGEST:
        raise BadInput(f"a network of {len(text)} characters is longer than {LONGEST}")
    found, at = [], 0
    while text[at:].strip():
        match = WORD.match(text, at)
        if match is None:
            raise BadInput(f"{shortened(text[at:].strip())!r} is no name of a layer or activation. {EXAMPLE}")
        found.append(_word(match))
        at = match.end()
    if not found or len(found) > MOST:
        raise BadInput(f"a network has 1 to {MOST} stages, not {len(found)}. {EXAMPLE}")
    return tuple(found)


def _word(match: re.Match[str]) -> Word:
    name, inside = match[1], match[2] or ""
    parts = [part.strip() for part in inside.split(",") if part.strip()]
    bound = tuple(tuple(half.strip() for half in part.split("=", 1)) for part in parts if "=" in part)
    text = f"{name.lower()}({', '.join(parts)})" if parts else name.lower()
    plain = tuple(part for part in parts if "=" not in part)
    return Word(text=text, name=name.lower(), numbers=plain, parameters=bound)  # type: ignore[arg-type]


def _ended(found: tuple[Word, ...], loss: str) -> tuple[Pair, tuple[Word, ...]]:
    """The pair at the end of a chain, and the words in front of it."""
    last = found[-1]
    if catalogue.layer(last.name):
        return _pair("identity", last, loss), found
    if last.numbers:
        raise BadInput(f"{last.name} takes parameters by their names, such as alpha=0.5")
    if not any(last.name in (row.name, *row.aliases) for row in catalogue.ACTIVATIONS):
        raise BadInput(_unknown(last.name, catalogue.ACTIVATIONS))
    return _pair(last.name, last, loss), found[:-1]


def _unknown(name: str, rows: Sequence[Activation]) -> str:
    """What is said of a name that is neither a layer nor an activation."""
    tries = near(name, rows, NEAR, list(SIZED)) or ("derive list activations",)
    return f"{shortened(name)!r} is no layer of a chain, and no activation. Try: {', '.join(tries)}"


def _pair(activation: str, last: Word, loss: str) -> Pair:
    parameters = () if catalogue.layer(last.name) else last.parameters
    made = subject(Asked(names=(activation, loss), parameters=parameters))
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
    made = _activation(word)
    _served(made, chain)
    taken = not chain.stages or isinstance(chain.stages[-1].entry, Activation)
    number = chain.number + taken
    row = elementwise(made, number, chain.output)
    chain.stages.append(Stage(number=number, text=word.text, entry=made, layer=row))


def _served(row: Activation, chain: "_Chain") -> None:
    """Refuse an activation whose domain does not hold what stands in front of it."""
    before = chain.stages[-1].entry if chain.stages else None
    gives = before.range if isinstance(before, Activation) else REALS
    if row.domain != REALS and not catalogue.contains(row.domain, gives):
        raise BadInput(f"{row.name} takes {row.domain}, but what stands before it gives {gives}")


def _activation(word: Word) -> Activation:
    if word.numbers:
        raise BadInput(f"{word.name} takes parameters by their names, such as alpha=0.5")
    rows = [row for row in catalogue.ACTIVATIONS if row.kind == ELEMENTWISE]
    if any(word.name in (row.name, *row.aliases) for row in catalogue.ACTIVATIONS if row not in rows):
        raise BadInput(f"{word.name} acts on whole rows, and stands at the end only. {EXAMPLE}")
    if not any(word.name in (row.name, *row.aliases) for row in rows):
        raise BadInput(_unknown(word.name, rows))
    found = subject(Asked(names=(f"activation:{word.name}",), parameters=word.parameters))
    assert isinstance(found, Activation)
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
