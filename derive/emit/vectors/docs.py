"""The words of an emitted vector file: what it computes, for what arguments, how well, and whence."""

from collections.abc import Mapping
from math import isfinite
from textwrap import fill, indent

import sympy as sp

from derive.bounds import reach
from derive.catalogue import undeclared
from derive.emit.docstrings import accuracy, ascii_only
from derive.emit.text import Readable
from derive.model import (
    REALS,
    VECTOR,
    Activation,
    Derivation,
    Interval,
    LogSimplex,
    Loss,
    Name,
    Nonzero,
    OneHot,
    Pair,
    Parameter,
    Selection,
    Set,
    Simplex,
    Subject,
    entries,
)
from derive.program.vectors.chain import target_shape

WIDTH = 84
SHAPES = (
    "Components count from 1 in the formulas and from 0 in the arrays, whose last axis (or that named "
    "axis) holds them; other axes are broadcast. Results have the dtype of {x} where that is float16, "
    "float32 or float64, else float64; the work is done in float64 and rounded once."
)
STACKED = (
    "{x} holds {m} vectors of K components one after the other ({letters}), or is a tuple of {m} "
    "arrays; slopes are then a tuple too."
)
SAID = ("indices count", "the other mixed")  # with the shapes, and by the formulas of hess
NAN = (
    "NaN in a row of an argument gives NaN in that row of the result. Where components of {x} are "
    "infinite, results are their limits, and NaN where they have none."
)
LARGE = "Nothing is promised where an output or a target exceeds a quarter of the largest float."


class Words(Readable):
    """Formulas in ASCII: indices in brackets, sums in words, letters by their `names` in the code."""

    def __init__(self, names: Mapping[sp.Symbol, str]):
        super().__init__()
        self.names = names

    def _indexed(self, expr):
        name = self.names.get(expr.base.label, expr.base.label)
        return f"{name}[{', '.join(map(str, expr.indices))}]"

    def _print_Symbol(self, expr):
        return self.names.get(expr, str(expr))

    def _print_KroneckerDelta(self, expr):
        return f"delta({', '.join(map(str, expr.args[:2]))})"

    def _over(self, index):
        return f"sum over {index} of"

    def _print_Sum(self, expr):
        indices = ", ".join(str(index) for index, _, _ in expr.limits)
        return f"sum({self._print(expr.function)} over {indices})"

    def _closed(self, expr, closed, *, last=True):
        return self._print(expr) if isinstance(expr, sp.Sum) else super()._closed(expr, closed, last=last)


def words(expr: sp.Expr, subject: Subject) -> str:
    """A formula in ASCII."""
    rows = [p for entry in entries(subject) if entry for p in entry.parameters]
    names = {p.symbol.label if p.per_class else p.symbol: p.name for p in rows}
    return ascii_only(Words(names).doprint(expr))


def header(derivation: Derivation) -> str:
    """The text of the module's docstring."""
    subject = derivation.subject
    rows = [entry for entry in entries(subject) if entry]
    title = " and ".join(entry.title for entry in rows)
    first = f"{title[0].upper()}{title[1:]}: value and derivatives in NumPy, for any K."
    lines = [fill(first, WIDTH), ""]
    lines += _letters(derivation)
    notes = [fill(ascii_only(note), WIDTH) for note in _notes(derivation)]
    return "\n".join([*lines, "", "\n\n".join(notes)]) + "\n"


def _letters(derivation: Derivation) -> list[str]:
    """What each letter means: output, loss, names, selections, and letters of the derivatives."""
    subject = derivation.subject
    given: list[Name | Selection] = []
    for entry in entries(subject):
        given += [*entry.names, *entry.selections] if entry else []
    rows = {str(getattr(row.symbol, "label", row.symbol)): row for row in given}
    found = []
    for step in derivation.steps:
        kind, _, letter = step.quantity.name.partition(" ")
        if step.rule != "definition":
            continue
        if kind in ("name", "selection") and letter in rows:
            found.append(_formula(*_meaning(rows[letter], subject)))
        elif not isinstance(step.expr, sp.Piecewise):
            found.append(_formula(_left(step.quantity.text), words(step.expr, subject)))
    return found


def _left(text: str) -> str:
    """The letter of a quantity with its indices in brackets: p_j is p[j]."""
    letter, _, indices = text.partition("_")
    if indices in ("i", "j", "k", "ij", "jk", "ik"):
        return f"{letter}[{', '.join(indices)}]"
    return text


def _meaning(row: Name | Selection, subject: Subject) -> tuple[str, str]:
    if isinstance(row, Name):
        return str(row.symbol), f"{words(row.meaning, subject)}, {row.says}"
    letter, of = getattr(row.symbol, "label", row.symbol), words(row.of, subject)
    if row.rule == "positive":
        return _with_indices(row), f"1 where {of} > 0, else 0"
    if row.rule == "largest":
        return str(letter), f"the j of the largest {of}"
    (threshold,) = next(e.names for e in entries(subject) if e and row in e.selections)
    return f"{letter}[j]", f"1 where {of} > {threshold.symbol}, else 0"


def _with_indices(row: Selection) -> str:
    if isinstance(row.symbol, sp.Symbol):
        return str(row.symbol)
    return f"{row.symbol.label}[{'i, j' if len(row.symbol.shape) == 2 else 'j'}]"


def _formula(left: str, right: str) -> str:
    text = ascii_only(f"{left} = {right}")
    return fill(text, WIDTH, initial_indent="    ", subsequent_indent="        ", break_on_hyphens=False)


def _first(subject: Subject) -> str:
    return "a" if isinstance(subject, Loss) else "z"


def _notes(derivation: Derivation) -> list[str]:
    subject = derivation.subject
    x = _first(subject)
    notes = [f"Note: {subject.warning}"] if isinstance(subject, Pair) and subject.warning else []
    notes.append(SHAPES.format(x=x))
    inputs = [i for entry in entries(subject) if entry for i in entry.inputs]
    if inputs:
        letters = ", ".join(f"{i.base.label}: {i.says}" for i in inputs)
        notes.append(STACKED.format(x=x, m=len(inputs), letters=letters))
    if conventions := [c for c in derivation.conventions if not c.startswith(SAID)]:
        notes.append(f"Conventions: {'; '.join(conventions)}.")
    if isinstance(subject, Pair) and subject.activation.kind == VECTOR and _unbounded(subject.activation):
        notes.append(LARGE)
    sources = [f"{entry.title}: {entry.source}" for entry in entries(subject) if entry]
    return [*notes, NAN.format(x=x), f"Source: {'; '.join(sources)}."]


def _unbounded(act: Activation) -> bool:
    """Whether outputs may exceed the largest float."""
    return act.range in (REALS, LogSimplex())


FIRST = {
    "value": "Return the output, shape {k}.",
    "grad": "Return the gradient of the loss in {x}, shape {n}.",
    "loss": "Return the loss of each row, shape (...).",
    "loss_and_grad": "Return (loss, grad); out, a tuple of two arrays, receives them where given.",
    "hess": "Return the matrix of second derivatives in {x}, shape {nn}.",
    "hvp": "Return the Hessian times t, shape {n}, without the Hessian.",
    "vjp": "Return sum_k g[k] da[k]/d{x}[j], shape {n}, without the Jacobian.",
    "jvp": "Return sum_k da[j]/d{x}[k] t[k], shape {k}, without the Jacobian.",
}
JACOBIAN = "Return the Jacobian da[k]/d{x}[j], shape {kn}."
DIRECTIONS = {"vjp": "g: shape (..., K)", "jvp": "t: shape (..., {n})", "hvp": "t: shape (..., {n})"}
QUANTITY = {"loss": "loss", "value": "loss", "grad": "gradient", "hess": "hessian"}


def first_line(name: str, subject: Subject, blocks: int) -> str:
    """What a function returns."""
    n = _width(blocks)
    shapes = {"n": f"(..., {n})", "nn": f"(..., {n}, {n})", "k": "(..., K)", "kn": f"(..., K, {n})"}
    jacobian = isinstance(subject, Activation) and name == "grad"
    return (JACOBIAN if jacobian else FIRST[name]).format(x=_first(subject), **shapes)


def _width(blocks: int) -> str:
    return f"{blocks}K" if blocks > 1 else "K"


def details(name: str, derivation: Derivation, blocks: int) -> list[str]:
    """The lines of a function's docstring below its first."""
    subject = derivation.subject
    found = [fill(row, WIDTH - 4, subsequent_indent="    ") for row in _details(name, subject, blocks)]
    shown = _shown(name, derivation)
    return [indent(row, "    ") for row in ([*shown, "", *found] if shown else found)]


def _shown(name: str, derivation: Derivation) -> list[str]:
    """The formulas of what a function returns, from the derivation."""
    subject, x = derivation.subject, _first(derivation.subject)
    bases = [i.base.label for entry in entries(subject) if entry for i in entry.inputs] or [x]
    if name in ("loss", "value"):
        symbol = "L" if name == "loss" else "output"
        steps = [s for s in derivation.steps if s.quantity.name == symbol and s.rule == "definition"][:1]
        return [_formula(_left(s.quantity.text), words(s.expr, subject)) for s in steps]
    if name == "grad":
        above = "da[k]" if isinstance(subject, Activation) else "dL"
        slopes = zip(bases, _many(derivation.gradient), strict=True)
        return [_formula(f"{above}/d{base}[j]", words(slope, subject)) for base, slope in slopes]
    if name == "hess":
        rows = zip(bases, map(_many, _many(derivation.hessian)), strict=True)
        cells = [(one, two, cell) for one, row in rows for two, cell in zip(bases, row, strict=True)]
        return [_formula(f"d2L/d{one}[i]d{two}[j]", words(cell, subject)) for one, two, cell in cells]
    return []


def _many(exprs) -> tuple:
    return tuple(exprs) if isinstance(exprs, tuple | list) else (exprs,)


def _details(name: str, subject: Subject, blocks: int) -> list[str]:
    if name not in ("loss", "value"):
        extra = f"; {DIRECTIONS[name].format(n=_width(blocks))}" if name in DIRECTIONS else ""
        extra += "; after an error out may hold anything" if name == "loss_and_grad" else ""
        rows = [f"Arguments as for {'value' if isinstance(subject, Activation) else 'loss'}{extra}."]
    else:
        rows = _arguments(subject, blocks)
    if name not in QUANTITY:
        return rows
    return [*rows, _accuracy(subject, QUANTITY[name])]


def _accuracy(subject: Subject, quantity: str) -> str:
    if isinstance(subject, Pair) and (why := undeclared(subject.activation, subject.loss)):
        return f"No accuracy is declared: {why}."
    most = reach(subject.name)
    return accuracy(subject, quantity, f" where no output exceeds {most:g}" if isfinite(most) else "")


def _arguments(subject: Subject, blocks: int) -> list[str]:
    x, (_, los) = _first(subject), entries(subject)
    n = _width(blocks)
    inside = _inside(subject.prediction) if isinstance(subject, Loss) else ""
    parts = f", or a tuple of {blocks} arrays (..., K)" if blocks > 1 else ""
    rows = [f"{x}: shape (..., {n}){parts}{inside}."]
    kind = target_shape(subject)
    if los and kind != "none":
        shape = "(...)" if kind == "scalar" else "(..., K)"
        labels = ", or class indices of shape (...)" if isinstance(los.target, Simplex | OneHot) else ""
        kinds = "real targets" if los.target == REALS else f"targets in {ascii_only(str(los.target))}"
        rows.append(f"y: {kinds}, shape {shape}{labels}; ValueError outside.")
    return rows + [_parameter(p) for p in subject.parameters]


def _inside(prediction: Set) -> str:
    """What the predictions of a loss must be, and what is not asked of them."""
    if isinstance(prediction, Simplex):
        return ", no component below 0 (NaN in such a row); their sum may differ from 1"
    if isinstance(prediction, LogSimplex):
        return ", no component above 0 (NaN in such a row); sum(exp(a)) may differ from 1"
    outside = "; NaN outside" if isinstance(prediction, Interval) else ""
    if isinstance(prediction, Nonzero):
        return ", no vector 0 (NaN in such a row)"
    return "" if prediction == Interval() else f" in {ascii_only(str(prediction))}{outside}"


def _parameter(parameter: Parameter) -> str:
    each = ", or an array of one for each class" if parameter.per_class else ""
    domain = ascii_only(str(parameter.domain))
    return f"{parameter.name}: a number in {domain}{each}, by default {float(parameter.default)}."
