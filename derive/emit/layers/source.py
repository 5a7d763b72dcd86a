"""NumPy code of a layer: one self-contained file with its forward and its backward pass.

Public functions first, then the two passes in the lines of the program, the blocks they use, what stands
around them (shapes, dtypes, keywords), and the self-check.
"""

from derive.emit.docstrings import ascii_only
from derive.emit.formulas import used_blocks
from derive.emit.layers import fixed
from derive.emit.layers.docs import backward_words, forward_words, header, value_words
from derive.emit.layers.lines import Keyword, Layout, layout, passes
from derive.emit.layers.lowering import name_of
from derive.emit.layout import laid
from derive.emit.membership import ends
from derive.emit.vectors.together import filled
from derive.model import ROWS, Layer, LayerDerivation, Parameter
from derive.program.layers import INDICES, LayerProgram, selections, windows
from derive.rules.layers import base_of, indices_of

# Sizes at which a file checks itself; taps are no more than places.
CHECKED = (
    dict.fromkeys("NDKHTSFVCUR", 1),
    {"N": 3, "D": 2, "K": 4, "H": 5, "T": 3, "S": 4, "F": 2, "V": 5, "C": 2, "U": 6, "R": 3},
    {"N": 2, "D": 7, "K": 3, "H": 2, "T": 1, "S": 7, "F": 3, "V": 2, "C": 3, "U": 7, "R": 2},
)
SOFTMAX_KEYWORDS = (
    Keyword(
        name="mask",
        default="None",
        checked="mask",
        says="True where a query may look at a key, shape (..., T, S); one without any gives 0",
    ),
    Keyword(
        name="scale",
        default="None",
        checked="scale",
        says="what the scores are multiplied by; 1/sqrt(D) where it is None",
    ),
)
WINDOWS = (  # their keywords, the least that they may be, and what they are
    ("stride", 1, "places from one window to the next"),
    ("padding", 0, "zeros at both ends of the signal"),
    ("dilation", 1, "places from one tap to the next"),
)
WINDOW_KEYWORDS = tuple(
    Keyword(name=name, default=str(least), checked=f'_whole("{name}", {name}, {least})', says=says)
    for name, least, says in WINDOWS
)


def code(derivation: LayerDerivation, program: LayerProgram) -> str:
    """A Python file with the layer's value, its two passes and a self-check."""
    found = layout(program, _keywords(program))
    both = passes(found)
    parts = [*_public(derivation, found), both.forward, both.backward]
    parts += used_blocks("\n".join(parts))
    parts += [*_around(found), _axes(found), _self_check(found)]
    text = "\n\n\n".join(part.strip("\n") for part in parts)
    maths = "import math\n" if "math." in text else ""
    return f'"""{header(derivation, found)}"""\n\n{maths}import sys\n\nimport numpy as np\n\n\n{text}\n'


def _keywords(program: LayerProgram) -> tuple[Keyword, ...]:
    """The keywords of a layer: parameters, and what the kinds of its lines take."""
    kinds = {line.kind for line in program.forward}
    found = tuple(_keyword(p) for p in program.subject.parameters)
    found += SOFTMAX_KEYWORDS if "softmax" in kinds else ()
    return found + (WINDOW_KEYWORDS if "windows" in kinds else ())


def _keyword(parameter: Parameter) -> Keyword:
    name = parameter.name
    says = f"a number in {ascii_only(str(parameter.domain))}"
    return Keyword(name=name, default=str(float(parameter.default)), checked=f"_{name}({name})", says=says)


def _public(derivation: LayerDerivation, found: Layout) -> list[str]:
    given = "{" + ", ".join(f'"{name}": {name}' for name in found.arguments) + "}"
    run = f"_run({', '.join([given, *(k.checked for k in found.keywords)])})"
    passed = ", ".join([*found.arguments, *(f"{k.name}={k.name}" for k in found.keywords)])
    single = "[0]" if len(found.program.results) == 1 else ""
    signature = _signature(found)
    functions = [
        _function("value", signature, value_words(found), f"return forward({passed})[0]"),
        _function("forward", signature, forward_words(found), f"return {run}"),
        _function("backward", "g, saved", backward_words(found), f"return _back(g, saved){single}"),
    ]
    return [*functions, *_draws_mask(found.program.subject)]


def _draws_mask(layer: Layer) -> list[str]:
    """A function that draws the mask, where a constant is one: no selection, but a factor."""
    masks = [c for c in layer.constants if c.at not in selections(layer)]
    rates = layer.parameters
    return [filled(fixed.DRAW, rate=p.name, default=str(float(p.default))) for p in rates] if masks else []


def _signature(found: Layout) -> str:
    keywords = [f"{k.name}={k.default}" for k in found.keywords]
    return ", ".join([*found.arguments, *(["*", *keywords] if keywords else [])])


def _function(name: str, arguments: str, words: list[str], call: str) -> str:
    head = laid(f"def {name}({arguments})", ":")
    return "\n".join([*head, f'    """{words[0]}', *words[1:], '    """', *laid(f"    {call}", "")])


def _axes(found: Layout) -> str:
    """The table of the axes of all arguments, by the letters of their sizes."""
    rows = []
    for name, axes in found.axes.items():
        inside = ", ".join(f'"{axis}"' for axis in axes)
        rows.append(f'    "{name}": ({inside}{"," * (len(axes) == 1)}),')
    return "\n".join(
        ["# The letters of the sizes of each array; ... stands for any axes.", "_AXES = {", *rows, "}"]
    )


def _around(found: Layout) -> list[str]:
    """What stands around the passes: keywords, shapes and dtypes."""
    layer = found.program.subject
    return [*_run(found, layer), *_fitting(layer), *_checks(found)]


def _run(found: Layout, layer: Layer) -> list[str]:
    """The calls of the passes, and the arrays that they are handed."""
    count = len(layer.moving)
    every = len(found.arguments) == count
    moving = "" if every else f"[:{count}]"
    rows = indices_of(layer.output.at)[:1] and indices_of(layer.output.at)[0] in ROWS.indices
    words = {
        "rows": "rows" if rows else "_",
        "shape": "(*rows, *np.shape(found)[1:])" if rows else "np.shape(found)",
        "moving": moving,
        "all": "work" if every else f"[*work, *arrays[{count}:]]",
    }
    return [filled(part, **words) for part in (fixed.PASSES, fixed.DTYPES, fixed.TAKEN)]


def _fitting(layer: Layer) -> list[str]:
    """Whether shapes fit, and how results get theirs."""
    if layer.batched:
        return [fixed.LEADING, fixed.NEEDED, fixed.SUMMED]
    return [fixed.ROWS, fixed.NEEDED, fixed.SHAPED]


def _checks(found: Layout) -> list[str]:
    """The checks of keywords and tokens, and what moves entries."""
    kinds = {line.kind for line in found.program.forward}
    parts = [_parameter(p) for p in found.program.subject.parameters]
    tables = {
        "mean": fixed.MEAN,
        "softmax": fixed.SOFTMAX,
        "gather": fixed.TOKENS,
        "windows": fixed.WINDOWS,
    }
    parts += [part for kind, part in tables.items() if kind in kinds]
    return parts + ([fixed.SCALE] if found.program.scale is not None else [])


def _parameter(parameter: Parameter) -> str:
    """A check that a parameter is finite and in its domain."""
    domain = parameter.domain
    low, high = ends(domain)
    left = (low or "-np.inf", "<=" if domain.closed_lo and low else "<")
    right = ("<=" if domain.closed_hi and high else "<", high or "np.inf")
    inside = f"{left[0]} {left[1]} {parameter.name} {right[0]} {right[1]}"
    return filled(fixed.PARAMETER, name=parameter.name, inside=inside, domain=ascii_only(str(domain)))


def _self_check(found: Layout) -> str:
    """The differences by which a file checks itself."""
    letters = _letters(found.program)
    rows = [", ".join(f'"{n}": {sizes[n]}' for n in letters) for sizes in CHECKED]
    single = len(found.program.results) == 1
    words = {
        "sizes": "\n".join(f"    {{{row}}}," for row in rows),
        "letters": ", ".join(letters),
        "draws": "\n".join(_drawn(found)),
        "names": ", ".join(found.arguments) if len(found.arguments) > 1 else f"({found.arguments[0]},)",
        "slopes": "(backward(g, saved),)" if single else "backward(g, saved)",
    }
    return filled(fixed.SELF_CHECK, **words)


def _letters(program: LayerProgram) -> list[str]:
    """The letters of the sizes of what is given."""
    layer = program.subject
    given = [i for a in (*layer.moving, *layer.constants) for i in indices_of(a.at)]
    return [str(s) for s in dict.fromkeys(INDICES[i] for i in given) if str(s) in CHECKED[0]]


def _drawn(found: Layout) -> list[str]:
    """The lines that draw each array."""
    layer, lines = found.program.subject, []
    for array in (*layer.moving, *layer.constants):
        if array.at in windows(layer):
            continue
        name, sizes = name_of(base_of(array.at)), [str(INDICES[i]) for i in indices_of(array.at)]
        if array in layer.moving:
            drawn = f"rng.normal(size=({', '.join(sizes)}{',' * (len(sizes) == 1)}))"
        elif array.at in selections(layer):
            drawn = f"rng.integers({sizes[-1]}, size={sizes[0]})"
        else:
            drawn = f"rng.random(({', '.join(sizes)})) < 0.5"
        lines.append(f"    {name} = {drawn}")
    return lines
