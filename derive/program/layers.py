"""Layer → LayerProgram: its variables forwards, its derivatives from the output back, as lines of arrays.

Every line keeps the form that the derivation gives it, but for a mean by which something is centred, which
is kept within what it is the mean of, for a softmax, whose largest exponent is taken out, and for sums with
the 0s and 1s of a selection, which are moves: no array of 0s and 1s is formed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import sympy as sp
from sympy import Expr, Indexed, Sum

from derive.derivation.layers import Derivative
from derive.derivation.layers.steps import finished
from derive.model import AXES, ROWS, At, Layer
from derive.rules.indexed import substitute
from derive.rules.layers import base_of, cotangent, entry, indices_of, of_output

Letter: TypeAlias = sp.IndexedBase | sp.Symbol
Kind = Literal["", "mean", "softmax", "gather", "scatter", "windows", "overlap"]
SIZES = frozenset(axis.size for axis in AXES)
INDICES = {index: axis.size for axis in AXES for index in axis.indices}
LETTERS = "stqjefh"  # for sums that have no letter of their own


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry and what it means, in what stands before it; `kind` says what computes it, if not the formula.

    A mean is of what is centred by it, a softmax is along the last axis of `of`. Of a selection o_nv of
    tokens, "gather" takes rows of `of`, "scatter" adds rows of it where they were taken; of windows ω_tsu,
    "windows" takes what each tap meets, "overlap" adds it where it was taken.
    """

    at: At
    meaning: Expr
    kind: Kind = ""
    of: Letter | None = None


@dataclass(frozen=True, kw_only=True)
class LayerProgram:
    """The lines that lead to the output, those that lead back from g, and the arrays that these need again.

    `results` are the derivatives by inputs and weights, in their order; `scale` is the size whose inverse
    root scales what a softmax is taken of, where there is one.
    """

    subject: Layer
    forward: tuple[Line, ...]
    backward: tuple[Line, ...]
    results: tuple[At, ...]
    saved: tuple[Letter, ...]
    scale: sp.Symbol | None = None


def program(layer: Layer) -> LayerProgram:
    """The program of a layer."""
    forward = tuple(_forward(layer))
    backward = tuple(_backward(layer))
    return LayerProgram(
        subject=layer,
        forward=forward,
        backward=backward,
        results=tuple(entry(cotangent(base_of(a.at)), indices_of(a.at)) for a in layer.moving),
        saved=tuple(_saved(layer, backward)),
        scale=_scale(forward),
    )


def entries_of(layer: Layer) -> tuple[At, ...]:
    """The entries of all that a layer is given, then those of its variables."""
    given = (*layer.inputs, *layer.weights, *layer.constants)
    return (*(array.at for array in given), *(variable.at for variable in layer.variables))


def _forward(layer: Layer) -> Iterator[Line]:
    for variable in layer.variables:
        of = _centred_by(layer, variable.at, variable.meaning)
        if of is not None:
            yield Line(at=variable.at, meaning=variable.meaning, kind="mean", of=of)
        else:
            yield _line(layer, variable.at, variable.meaning)


def _centred_by(layer: Layer, at: At, meaning: Expr) -> Letter | None:
    """The array x of a mean μ, if a variable is x − μ: that has to be 0 where all of x is equal."""
    entries = [factor.function for factor in sp.Mul.make_args(meaning) if isinstance(factor, Sum)]
    centred = any(v.meaning + at in entries for v in layer.variables)
    return entries[0].base if centred else None


def axis_of_mean(line: Line) -> int:
    """The axis that a mean is along, the last as -1."""
    (total,) = line.meaning.atoms(Sum)
    place = total.function.indices.index(total.variables[0])
    return place if place < len(total.function.indices) - 1 else -1


def _backward(layer: Layer) -> list[Line]:
    """The derivatives, each after the sums with a letter that it is the first to use."""
    given: set[At] = set()
    found: list[Line] = []
    taken = {str(base_of(at)) for at in (*entries_of(layer), *(i.at for i in layer.identities if i.at))}
    for derivative in (d for d in finished(layer) if not d.through):
        for identity in layer.identities:
            if identity.at is not None and _uses(derivative, identity.at) and identity.at not in given:
                given.add(identity.at)
                found.append(_line(layer, identity.at, identity.after))
        lines: list[Line] = []
        meaning = _named(derivative.expr, lines, taken)
        found += [*lines, _line(layer, derivative.bar, meaning)]
    return _shared(found, taken)


def _shared(lines: list[Line], taken: set[str]) -> list[Line]:
    """The lines, with a letter of its own for each value of a function that several use."""
    calls = [call for line in lines for call in line.meaning.atoms(sp.Function)]
    for call in sorted({c for c in calls if calls.count(c) > 1}, key=str):
        first = next(n for n, line in enumerate(lines) if line.meaning.has(call))
        new: list[Line] = []
        letter = {call: _letter(call, new, taken)}
        rest = [replace(line, meaning=line.meaning.xreplace(letter)) for line in lines[first:]]
        lines = [*lines[:first], *new, *rest]
    return lines


def _named(expr: Expr, lines: list[Line], taken: set[str], top: bool = True) -> Expr:
    """An expression whose sums within products of arrays have lines, and letters, of their own."""
    if expr.is_Add:
        return sp.Add(*[_named(term, lines, taken, top) for term in expr.args])
    totals = [f for f in sp.Mul.make_args(expr) if isinstance(f, Sum)]
    if not totals:
        return expr.func(*[_named(a, lines, taken, False) for a in expr.args]) if expr.has(Sum) else expr
    rest = expr / sp.Mul(*totals)
    if top and not rest.has(Indexed):
        return expr
    for total in totals:
        mean = sp.Mul(*[1 / size for _, _, size in total.limits])
        divided = mean in sp.Mul.make_args(rest)
        rest = (rest / mean if divided else rest) * _letter(total * mean if divided else total, lines, taken)
    return rest


def _letter(part: Expr, lines: list[Line], taken: set[str]) -> At:
    """The entry of a new line."""
    letter = next(c for c in LETTERS if c not in taken)
    taken.add(letter)
    free = tuple(i for i in INDICES if i in part.free_symbols)
    base = sp.IndexedBase(sp.Symbol(letter, real=True), shape=tuple(INDICES[i] for i in free))
    lines.append(Line(at=entry(base, free), meaning=part))
    return lines[-1].at


def _uses(derivative: Derivative, at: At) -> bool:
    return derivative.expr.has(base_of(at))


def _line(layer: Layer, at: At, meaning: Expr) -> Line:
    """A line, recognised where a softmax or a selection is what it computes."""
    if (of := _softmax_of(at, meaning)) is not None:
        return Line(at=at, meaning=meaning, kind="softmax", of=of)
    for constant in layer.constants:
        chosen = constant.at.indices[-1]
        if _is_selection(layer, base_of(constant.at)) and meaning.has(base_of(constant.at)):
            of = next(e.base for e in meaning.atoms(Indexed) if e.base != base_of(constant.at))
            forth = chosen not in indices_of(at)
            return Line(at=at, meaning=meaning, kind=_moves(constant.at)[0 if forth else 1], of=of)
    return Line(at=at, meaning=meaning)


def _moves(constant: At) -> tuple[Kind, Kind]:
    """Forth and back along a selection: one for each row is given as tokens, others by their windows."""
    return ("gather", "scatter") if indices_of(constant)[0] in ROWS.indices else ("windows", "overlap")


def _is_selection(layer: Layer, base: Letter) -> bool:
    """Whether a constant is summed over: it picks the one entry where it is 1."""
    sums = [total for v in layer.variables for total in v.meaning.atoms(Sum)]
    return any(total.function.has(base) for total in sums)


def selections(layer: Layer) -> tuple[At, ...]:
    """The constants that pick entries."""
    return tuple(c.at for c in layer.constants if _is_selection(layer, base_of(c.at)))


def windows(layer: Layer) -> tuple[At, ...]:
    """The selections that are the same for all rows: given by keywords, not as arrays."""
    return tuple(at for at in selections(layer) if indices_of(at)[0] not in ROWS.indices)


def _softmax_of(at: At, meaning: Expr) -> Letter | None:
    """The array s of exp(s_ij) / Σ_r exp(s_ir), if that is what a formula is."""
    above, below = meaning.as_numer_denom()
    if not (isinstance(above, sp.exp) and isinstance(above.exp, Indexed) and isinstance(below, Sum)):
        return None
    (index, _, _), last = below.limits[0], above.exp.indices[-1]
    same = substitute(below.function, index, last) == above and above.exp.indices == indices_of(at)
    return above.exp.base if same else None


def _saved(layer: Layer, backward: Iterable[Line]) -> Iterator[Letter]:
    """The arrays that the way back needs of the way forth, in the order in which they are known."""
    needed = {e.base for line in backward for e in line.meaning.atoms(Indexed)}
    for at in entries_of(layer):
        if base_of(at) in needed and at not in windows(layer):
            yield base_of(at)


def _scale(lines: Iterable[Line]) -> sp.Symbol | None:
    """The size D of a factor 1/√D in a line."""
    for line in lines:
        for power in line.meaning.atoms(sp.Pow):
            if power.base in SIZES and power.exp == -sp.S.Half:
                return power.base
    return None


def gradient_of(layer: Layer) -> At:
    """The derivative by the output, which a backward pass is handed."""
    output = layer.output.at
    return entry(of_output(base_of(output)), indices_of(output))
