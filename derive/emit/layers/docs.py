"""The words of an emitted layer: what it computes, of which shapes, in which dtype, how well, and whence."""

from textwrap import fill, indent

import sympy as sp

from derive.bounds import LAYER
from derive.emit.docstrings import ascii_only
from derive.emit.layers.lines import ROWS_IN_FRONT, Layout, axes_of
from derive.emit.layers.lowering import name_of
from derive.emit.vectors.docs import Words
from derive.model import Array, At, Layer, LayerDerivation
from derive.program.layers import INDICES, selections
from derive.rules.layers import base_of, indices_of

WIDTH = 84
ROWS = "Rows may have any number of axes in front, (...); they are taken as one and given back."
FRONT = (
    "All arrays may have axes in front, (...), which are broadcast; a gradient is summed over those along "
    "which its array was repeated."
)
DTYPE = (
    "Results have the dtype of the arrays, the widest of them, where all are float16, float32 or float64, "
    "else float64; the work is done in it, for float16 in float32. Arguments are not changed; what forward "
    "keeps may be the arguments themselves, so they must stay as they are until backward has run."
)
COUNTED = (
    "Indices count from 1 in the formulas and from 0 in the arrays; g is the derivative of a loss L by "
    "{output}, {bar} that by {of}."
)
SELECTION = "{letter} stands for {says}; no such array is formed."
SOFTMAX = (
    "Of the softmax the largest exponent of each row is taken out. A score that is masked counts as -inf; "
    "where all are, the softmax is 0, and so are the gradients. What is masked counts with the factor 0, "
    "which hides no NaN and no infinity: that of a value is in the output, that of a key in gradients."
)
SCORES = (
    "Scores above the largest float, 1.8e308 in float64 and 3.4e38 in float32, overflow, and their rows are "
    "NaN; those of entries up to 1e150, or 1e18, do not."
)
CENTRED = (
    "{letter} is kept within the entries that it is the mean of: where these are equal, they are centred to "
    "exactly 0, however small epsilon is; below 1e-38, though, it is none beside float32."
)
ACCURACY = (
    f"Accuracy: output and gradients are within {LAYER} ulp * (1 + kappa) of the largest component of each "
    "array, in float64 and float32, as measured at sizes up to 7; kappa says how far that moves, in ulp, "
    "where inputs, or the terms that a gradient is the sum of, move by one."
)
SQUARES = "Squares overflow: inputs beyond 1e150 in float64, or 1e18 in float32, are not served."


def words(expr: sp.Basic, found: Layout) -> str:
    """A formula in ASCII."""
    return ascii_only(_Words(dict(found.by.parameters)).doprint(expr))


class _Words(Words):
    """Letters as the code has them."""

    def _indexed(self, expr):
        return f"{name_of(expr.base)}[{', '.join(map(str, expr.indices))}]"

    def _print_Symbol(self, expr):
        return self.names.get(expr, name_of(expr))


def formula(at: At, meaning: sp.Basic, names: dict[sp.Symbol, str]) -> str:
    """A definition in ASCII: z2[n, k] = sum(a1[n, h]*w2[k, h] over h) + b2[k]."""
    return f"{_left(at)} = {ascii_only(_Words(names).doprint(meaning))}"


def header(derivation: LayerDerivation, found: Layout) -> str:
    """The text of the module's docstring."""
    layer = found.program.subject
    title = f"{layer.title[0].upper()}{layer.title[1:]}: output and gradients in NumPy, for any sizes."
    forward = [_formula(_left(v.at), v.meaning, found) for v in layer.variables]
    said = "\n\n".join(fill(ascii_only(note), WIDTH) for note in _notes(found))
    return "\n".join([fill(title, WIDTH), "", *forward, "", *_slopes(derivation, found), "", said]) + "\n"


def _notes(found: Layout) -> list[str]:
    """What the formulas leave open: indices, selections, shapes, dtypes, overflow, accuracy, the source."""
    layer, program = found.program.subject, found.program
    first = program.results[0]
    of = layer.moving[0].at
    notes = [COUNTED.format(output=_letter(layer.output.at), bar=_letter(first), of=_letter(of))]
    given = [c for c in layer.constants if c.at in selections(layer)]
    notes += [SELECTION.format(letter=_left(c.at), says=c.says) for c in given]
    notes += [SOFTMAX, SCORES] if any(line.kind == "softmax" for line in program.forward) else []
    has_rows = any(ROWS_IN_FRONT in axes for axes in found.axes.values())
    means = [line.at for line in program.forward if line.kind == "mean"]
    notes += [CENTRED.format(letter=_letter(at)) for at in means]
    notes += [FRONT] if layer.batched else [ROWS] if has_rows else []
    notes += [DTYPE, *overflow(layer), ACCURACY]
    notes += [f"Conventions: {'; '.join(layer.notes)}."] if layer.notes else []
    return [*notes, f"Source: {layer.source}."]


def _letter(at: At) -> str:
    return name_of(base_of(at))


def overflow(layer: Layer) -> list[str]:
    """From where squares of the inputs overflow, where they are taken."""
    powers = [power for v in layer.variables for power in v.meaning.atoms(sp.Pow)]
    return [SQUARES] if any(p.exp == 2 and p.base.has(sp.Indexed) for p in powers) else []


def _slopes(derivation: LayerDerivation, found: Layout) -> list[str]:
    """The formulas of the backward pass."""
    return [_formula(_left(line.at), line.meaning, found) for line in found.program.backward]


def _left(at: At) -> str:
    """An entry, or the derivative by it: x_bar[n, d] is dL/dx[n, d]."""
    indices = f"[{', '.join(map(str, indices_of(at)))}]" if indices_of(at) else ""
    return name_of(base_of(at)) + indices


def _formula(left: str, meaning: sp.Basic, found: Layout) -> str:
    text = fill(
        f"{left} = {words(meaning, found)}", WIDTH - 4, subsequent_indent="    ", break_on_hyphens=False
    )
    return indent(text, "    ")


def shape(axes: tuple[str, ...]) -> str:
    """A shape as text."""
    return f"({', '.join(axes)}{',' * (axes not in ((), (ROWS_IN_FRONT,)) and len(axes) == 1)})"


def _output(found: Layout) -> str:
    at = found.program.subject.output.at
    return f"{name_of(base_of(at))}, shape {shape(axes_of(found.program, at))}"


def _arguments(found: Layout) -> list[str]:
    layer = found.program.subject
    rows = {name_of(base_of(a.at)): a for a in (*layer.moving, *layer.constants)}
    lines = [f"{name}: {_says(rows[name], found)}, shape {shape(axes)}." for name, axes in found.axes.items()]
    return [*lines, *(f"{k.name}: {k.says}." for k in found.keywords)]


def _says(array: Array, found: Layout) -> str:
    """What an array is; of tokens, which the formulas have as 0s and 1s, how they are given."""
    if array.at not in selections(found.program.subject):
        return array.says
    return f"{array.says.partition(',')[0]}, integers in 0..{INDICES[indices_of(array.at)[-1]]} - 1"


def _filled(lines: list[str]) -> list[str]:
    """Lines of a function's docstring below its first."""
    texts = [fill(ascii_only(words), WIDTH - 4, subsequent_indent="    ") for words in lines]
    return [indent(text, "    ") for text in texts]


def value_words(found: Layout) -> list[str]:
    """The docstring of `value`."""
    return [f"Return the output {_output(found)}.", "", *_filled(["Arguments as for forward."])]


def forward_words(found: Layout) -> list[str]:
    """The docstring of `forward`."""
    output = name_of(base_of(found.program.subject.output.at))
    first = f"Return ({output}, saved): the output, and what backward needs."
    kept = [f"The output is {_output(found)}."]
    return [first, "", *_filled([*_arguments(found), *kept])]


def backward_words(found: Layout) -> list[str]:
    """The docstring of `backward`."""
    names = [name_of(base_of(a.at)) for a in found.program.subject.moving]
    every = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    output = name_of(base_of(found.program.subject.output.at))
    first = f"Return the derivative{'s' * (len(names) > 1)} of a loss by {every}."
    return [
        first,
        "",
        *_filled([f"g: the derivative by the output {output}, in its shape.", "saved: from forward."]),
    ]
