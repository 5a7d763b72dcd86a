"""A layer's program as two functions: what they are handed, their lines, and what the first keeps."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from derive.emit.layers.lowering import Spelling, lowered, name_of, statements
from derive.emit.layout import laid
from derive.model import ROWS, At
from derive.program.layers import (
    INDICES,
    LayerProgram,
    Line,
    axis_of_mean,
    entries_of,
    gradient_of,
    selections,
    windows,
)
from derive.rules.layers import base_of, indices_of

ROWS_IN_FRONT = "..."
MOVES = {
    "mean": "_mean({of}, {axis})",
    "softmax": "_softmax({of}, mask)",
    "gather": "{of}[{by}]",
    "scatter": "_scattered({of}, {by}, {size})",
    "windows": "_windows({of}, {taps}, stride, padding, dilation)",
    "overlap": "_overlapped({of}, {size}, stride, padding, dilation)",
}
WORD = re.compile(r"(?<![.\w])[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Keyword:
    """A keyword of the public functions: its default, the text that checks it, and what it is."""

    name: str
    default: str
    checked: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A program with the names and axes of what its functions take: arrays, then keywords."""

    program: LayerProgram
    axes: dict[str, tuple[str, ...]]
    keywords: tuple[Keyword, ...]
    by: Spelling

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arrays that are handed to the forward pass."""
        return tuple(self.axes)


@dataclass(frozen=True, kw_only=True)
class Passes:
    """The text of both passes."""

    forward: str
    backward: str


def layout(program: LayerProgram, keywords: tuple[Keyword, ...]) -> Layout:
    """The names and axes of a program's arguments."""
    layer = program.subject
    given = [array.at for array in (*layer.moving, *layer.constants) if array.at not in windows(layer)]
    parameters = {p.symbol: p.name for p in layer.parameters}
    calls = [line.at for line in program.backward if isinstance(line.meaning, sp.Function)]
    bounded = frozenset(name_of(base_of(at)) for at in calls)
    return Layout(
        program=program,
        axes={name_of(base_of(at)): axes_of(program, at) for at in given},
        keywords=keywords,
        by=Spelling(parameters=parameters, batched=layer.batched, scale=program.scale, bounded=bounded),
    )


def axes_of(program: LayerProgram, at: At) -> tuple[str, ...]:
    """The axes of an array by the letters of their sizes; ... stands for those in front, or for rows."""
    sizes = [ROWS_IN_FRONT if i in ROWS.indices else str(INDICES[i]) for i in handed(program, at)]
    return (*([ROWS_IN_FRONT] if program.subject.batched else []), *sizes)


def handed(program: LayerProgram, at: At) -> tuple:
    """The indices of an array as it is handed over: of tokens, that of the row alone."""
    return indices_of(at)[:-1] if at in selections(program.subject) else indices_of(at)


def passes(found: Layout) -> Passes:
    """The two functions."""
    program = found.program
    back = [row for line in program.backward for row in _statements(line, found)]
    saved = [name_of(base) for base in program.saved]
    gradient = name_of(base_of(gradient_of(program.subject)))
    scope = {gradient: indices_of(gradient_of(program.subject)), **_axes_of_saved(program)}
    sizes = _sizes(back, scope, found)
    words = _words([*back, *sizes])
    kept = [*saved, *(n for n in (*_names(found), *_letters(found)) if n in words and n not in _left(sizes))]
    results = ", ".join(name_of(base_of(at)) for at in program.results)
    return Passes(
        forward=_forward(found, kept),
        backward=_function(
            f"_backward({', '.join([gradient, *kept])})",
            "The slopes in inputs and weights.",
            [*sizes, *back, f"return ({results},)" if len(program.results) == 1 else f"return {results}"],
        ),
    )


def _forward(found: Layout, kept: list[str]) -> str:
    """The forward pass, which gives the output and what is kept."""
    program, layer = found.program, found.program.subject
    lines = [*_checks(found), *(row for line in program.forward for row in _statements(line, found))]
    given = (*layer.moving, *layer.constants)
    scope = {name_of(base_of(a.at)): handed(program, a.at) for a in given if a.at not in windows(layer)}
    output = name_of(base_of(layer.output.at))
    end = f"return {output}, ({', '.join(kept)}{',' * (len(kept) == 1)})"
    sizes = _sizes([*lines, end], scope, found)
    head = f"_forward({', '.join([*found.arguments, *_names(found)])})"
    return _function(head, "The output, and what _backward needs.", [*sizes, *lines, end])


def _function(head: str, says: str, body: Iterable[str]) -> str:
    rows = [row for line in body for row in laid(f"    {line}", "")]
    return "\n".join([*laid(f"def {head}", ":"), f'    """{says}"""', *rows])


def _names(found: Layout) -> list[str]:
    return [k.name for k in found.keywords]


def _letters(found: Layout) -> list[str]:
    """The letters of all sizes."""
    return [str(size) for size in dict.fromkeys(INDICES.values())]


def _axes_of_saved(program: LayerProgram) -> dict[str, tuple]:
    rows = {base_of(at): handed(program, at) for at in entries_of(program.subject)}
    return {name_of(base): rows[base] for base in program.saved}


def _checks(found: Layout) -> list[str]:
    """What is settled of the arguments before the lines."""
    program = found.program
    lines = []
    if program.scale is not None:
        lines.append(f"scale = _scale(scale, {program.scale})")
    for at in selections(program.subject):
        if at not in windows(program.subject):
            name = name_of(base_of(at))
            lines.append(f'{name} = _tokens("{name}", {name}, {INDICES[indices_of(at)[-1]]})')
    return lines


def _statements(line: Line, found: Layout) -> list[str]:
    """A line as statements."""
    axes, name = indices_of(line.at), name_of(base_of(line.at))
    if line.kind:
        return [f"{name} = {_move(line, found)}"]
    value = lowered(line.meaning, axes, found.by)
    if axes and not value.axes:
        sizes = ", ".join(str(INDICES[i]) for i in axes)
        return [f"{name} = np.full({sizes if len(axes) == 1 else f'({sizes})'}, {value.text})"]
    if value.given and line.at in found.program.results:
        return [f"{name} = {value.text}.copy()"]  # a result of its own, which may be written to
    return statements(name, line.meaning, axes, found.by)


def _move(line: Line, found: Layout) -> str:
    """The call that stands for a mean, a softmax, or sums with a selection."""
    layer = found.program.subject
    at = next((s for s in selections(layer) if line.meaning.has(base_of(s))), None)
    words = {"of": name_of(line.of), "axis": str(axis_of_mean(line)) if line.kind == "mean" else ""}
    if at is not None:
        words |= {
            "by": name_of(base_of(at)),
            "size": str(INDICES[at.indices[-1]]),
            "taps": str(INDICES[at.indices[-2]]),
        }
    return MOVES[line.kind].format(**words)


def _sizes(lines: Iterable[str], scope: Mapping[str, tuple], found: Layout) -> list[str]:
    """The statements that read the sizes of some lines off the arrays in scope, as far as these have them."""
    words, rows = _words(lines), []
    for letter in _letters(found):
        places = [
            (name, n - len(axes) * found.by.batched)
            for name, axes in scope.items()
            for n, i in enumerate(axes)
            if str(INDICES[i]) == letter
        ]
        if letter in words and places:
            rows.append("{} = {}.shape[{}]".format(letter, *places[0]))
    return rows


def _left(lines: Iterable[str]) -> set[str]:
    return {line.split(" = ")[0] for line in lines}


def _words(lines: Iterable[str]) -> set[str]:
    return {word for line in lines for word in WORD.findall(line)}
