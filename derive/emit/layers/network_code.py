"""NumPy code of a network: one self-contained file with forward, backward, loss and a training step.

The two passes are the lines of the layers' programs, one after the other; activations and the pair at the
end are the formulas of their own files, in the same stable blocks.
"""

import re
from collections.abc import Iterator

from derive.derivation import derive
from derive.derivation.layers.network import NetworkDerivation
from derive.emit.blocks import ROOMS
from derive.emit.docstrings import ascii_only
from derive.emit.formulas import formulas, used_blocks
from derive.emit.layers import network_fixed as fixed
from derive.emit.layers.fixed import MEAN
from derive.emit.layers.lowering import Spelling, lowered, name_of
from derive.emit.layers.network_words import BATCH_NORM, example_targets, header
from derive.emit.layout import laid
from derive.emit.membership import outside
from derive.emit.vectors import blocks, joint, small, supports
from derive.emit.vectors.code import core
from derive.emit.vectors.together import filled
from derive.model import (
    ELEMENTWISE,
    ROWS,
    Activation,
    Derivation,
    Network,
    OneHot,
    Pair,
    Parameter,
    Set,
    Simplex,
    Stage,
    Z,
)
from derive.program import program as elementwise_program
from derive.program.layers import Line, axis_of_mean, program
from derive.program.vectors import program as vector_program
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, cotangent, indices_of

BATCH_ROWS = """

    Batch norms take mean and variance of the rows in x: a row alone is not served.
    """
BLOCKS = (*ROOMS, blocks, supports, small, joint)
INDENT = "    "


def code(derivation: NetworkDerivation) -> str:
    """A Python file with the passes of a network, its loss, a training step and a self-check."""
    network = derivation.subject
    forward, backward = list(_forward(network)), list(_backward(network))
    saved = _saved(network, forward, backward)
    passes = _passes(network, forward, backward, saved)
    public = [_shapes(network), *passes, fixed.TAKEN, fixed.INITIAL]
    own = [*_activations(network), *_pair(derivation.pair, _width(network))]
    parts = [*public, *own, *used_blocks("\n".join([*public, *own]), BLOCKS), fixed.CHECKED]
    parts.append(filled(fixed.SELF_CHECK, targets=example_targets(network, _width(network))))
    text = "\n\n\n".join(part.strip("\n") for part in parts)
    math = "import math\n" if "math." in text else ""
    scipy = "from scipy import special\n" if "special." in text else ""
    return f'"""{header(derivation)}"""\n\n{math}import sys\n\nimport numpy as np\n{scipy}\n\n{text}\n'


# The two passes.


def _spelling(stage: Stage, network: Network) -> Spelling:
    """Parameters and widths by their numbers, the rows by what they are."""
    names = {p.symbol: repr(float(p.default)) for p in stage.layer.parameters}
    widths = {size: str(n) for size, n in network.sizes}
    return Spelling(parameters=names | widths | {ROWS.size: f"len({name_of(base_of(stage.input))})"})


def _line(line: Line, stage: Stage, network: Network) -> str:
    if line.kind == "mean" and line.of is not None:
        return f"{name_of(base_of(line.at))} = _mean({name_of(line.of)}, {axis_of_mean(line)})"
    found = lowered(line.meaning, indices_of(line.at), _spelling(stage, network))
    return f"{name_of(base_of(line.at))} = {found.text}"


def _forward(network: Network) -> Iterator[str]:
    for stage in network.stages:
        if isinstance(stage.entry, Activation):
            call = _called(f"_value_{stage.entry.name}", name_of(base_of(stage.input)), stage)
            yield f"{name_of(base_of(stage.output))} = {call}"
            continue
        for constant in stage.layer.constants:
            name, (rate,) = name_of(base_of(constant.at)), stage.layer.parameters
            yield f"{name} = _mask(rng, {name_of(base_of(stage.input))}, {float(rate.default)!r})"
        for line in program(stage.layer).forward:
            yield _line(line, stage, network)


def _called(function: str, argument: str, stage: Stage) -> str:
    values = [repr(float(p.default)) for p in stage.entry.parameters]
    return f"_in_float64({', '.join([function, argument, *values])})"


def _backward(network: Network) -> Iterator[str]:
    for stage in reversed(network.stages):
        bars = [name_of(cotangent(base_of(at))) for at in (stage.input, stage.output)]
        if isinstance(stage.entry, Activation):
            slope = _called(f"_slope_{stage.entry.name}", name_of(base_of(stage.input)), stage)
            yield f"{bars[0]} = {bars[1]} * {slope}"
            continue
        for line in program(network.behind(stage)).backward:
            yield _line(line, stage, network)


def _weights(network: Network) -> dict[str, tuple[int, ...]]:
    """The names of all weights with their shapes, in the order of the stages."""
    widths = dict(network.sizes)
    return {
        name_of(base_of(array.at)): tuple(widths[SIZES[i]] for i in indices_of(array.at))
        for array in network.weights
    }


def _words(lines: list[str]) -> set[str]:
    """The names that stand on the right of lines."""
    return {word for line in lines for word in re.findall(r"\b[A-Za-z_]\w*\b", line.partition(" = ")[2])}


def _saved(network: Network, forward: list[str], backward: list[str]) -> list[str]:
    """What the way back needs of the way forth, in its order."""
    known = ["x", *_weights(network), *(line.partition(" = ")[0] for line in forward)]
    return [name for name in dict.fromkeys(known) if name in _words(backward)]


def _passes(network: Network, forward: list[str], backward: list[str], saved: list[str]) -> list[str]:
    scores = name_of(base_of(network.scores))
    weights = list(_weights(network))
    draws = any("_mask(" in line for line in forward)
    results = ", ".join(f'"{name}": {name}_bar' for name in weights)
    kept = f"({', '.join(saved)}{',' * (len(saved) == 1)})"
    ways = {
        "rng": ", rng=None" if draws else "",
        "random": fixed.RANDOM if draws else "",
        "weights": ", ".join(weights),
        "scores": scores,
        "forward": _laid(forward),
        "kept": kept,
        "saved": ", ".join(saved) + "," * (len(saved) == 1),
        "backward": _laid(backward),
        "results": "\n".join(laid(f"{INDENT}return {{{results}}}", "")),
        "n": str(ROWS.size),
        "width": _width(network),
        "pass": ", rng" if draws else "",
        "batches": BATCH_ROWS if any(s.layer.name == BATCH_NORM for s in network.stages) else "",
    }
    masks = [fixed.MASK] if draws else []
    masks += [MEAN] if any("_mean(" in line for line in forward) else []
    return [filled(fixed.PASSES, **ways), *masks, filled(fixed.STEP, **ways)]


def _laid(lines: list[str]) -> str:
    return "\n".join(row for line in lines for row in laid(INDENT + line, ""))


def _width(network: Network) -> str:
    sizes = dict(network.sizes)
    return str(sizes[SIZES[indices_of(network.scores)[-1]]])


def _shapes(network: Network) -> str:
    rows = [f'{INDENT}"{name}": {shape},' for name, shape in _weights(network).items()]
    return "\n".join(["SHAPES = {", *rows, "}", f"FEATURES = {network.sizes[0][1]}"])


# Activations, and the pair at the end.


def _activations(network: Network) -> Iterator[str]:
    found = {s.entry.name: s.entry for s in network.stages if isinstance(s.entry, Activation)}
    for name, row in found.items():
        value, slope, *_ = formulas(row, elementwise_program(derive(row)))
        yield value.replace("def _value(", f"def _value_{name}(")
        yield slope.replace("def _grad(", f"def _slope_{name}(")
    if found:
        yield fixed.IN_FLOAT64


def _pair(derivation: Derivation, width: str) -> Iterator[str]:
    """The loss and its slope in rows, what the network predicts, and the check of targets."""
    pair = derivation.subject
    assert isinstance(pair, Pair)
    numbers = _numbers(pair.parameters)
    if pair.kind == ELEMENTWISE:
        loss, slope, *_ = formulas(pair, elementwise_program(derivation))
        yield loss.replace("def _loss(", "def _pair_loss(")
        yield slope.replace("def _grad(", "def _pair_slope(")
        yield filled(fixed.NUMBERS, numbers=numbers)
    else:
        yield core("loss_and_grad", pair, vector_program(derivation))
        yield filled(fixed.VECTORS, numbers=numbers)
    yield from _output(pair.activation)
    yield fixed.REAL
    yield _targets(pair.loss.target, width)


def _numbers(parameters: tuple[Parameter, ...]) -> str:
    """The defaults of parameters, as further arguments."""
    return "".join(f", {float(p.default)!r}" for p in parameters)


def _targets(domain: Set, width: str) -> str:
    """The check of targets."""
    if not isinstance(domain, Simplex | OneHot):
        ways = {"single": ", or (rows,)", "column": fixed.COLUMN} if width == "1" else {}
        ways = {"single": "", "column": ""} | ways
        return filled(
            fixed.TARGETS, width=width, outside=outside("y", domain), domain=ascii_only(str(domain)), **ways
        )
    hot = isinstance(domain, OneHot)
    ways = {"what": "One-hot rows" if hot else "Rows of probabilities", "last": str(int(width) - 1)}
    ways |= {"outside": "(y != 0) & (y != 1)" if hot else "y < 0"}
    ways |= {"domain": "one-hot rows" if hot else "nonnegative, and sum to 1 in each row"}
    return filled(fixed.LABELS, width=width, **ways)


def _output(act: Activation) -> Iterator[str]:
    """What the network predicts: the output of the last activation."""
    if act.expr == Z:
        yield filled(fixed.OUTPUT, call="z")
        return
    if act.kind == ELEMENTWISE:
        value, *_ = formulas(act, elementwise_program(derive(act)))
        yield value.replace("def _value(", "def _output_value(")
    else:
        yield core("value", act, vector_program(derive(act))).replace("def _value(", "def _output_value(")
    yield filled(fixed.OUTPUT, call=f"_output_value(z{_numbers(act.parameters)})")
