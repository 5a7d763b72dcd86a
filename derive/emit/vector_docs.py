"""The words of an emitted vector file: what it computes, for what arguments, how well, and whence."""

from textwrap import fill, indent

import sympy as sp

from derive.bounds import bound
from derive.emit.docstrings import ascii_only
from derive.emit.text import Readable
from derive.model import (
    Activation,
    Derivation,
    Loss,
    Name,
    OneHot,
    Pair,
    Parameter,
    Selection,
    Simplex,
    Subject,
    entries,
)
from derive.program.vector.chain import target_shape

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
NAN = "NaN in a row of an argument gives NaN in that row of the result."
KAPPA = "kappa is the condition number near a root and in soft targets, 0 elsewhere"


class _Words(Readable):
    """Formulas in ASCII, with indices in brackets and sums in words."""

    def _indexed(self, expr):
        return f"{expr.base.label}[{', '.join(map(str, expr.indices))}]"

    def _print_KroneckerDelta(self, expr):
        return f"delta({', '.join(map(str, expr.args[:2]))})"

    def _over(self, index):
        return f"sum over {index} of"

    def _print_Sum(self, expr):
        indices = ", ".join(str(index) for index, _, _ in expr.limits)
        return f"sum({self._print(expr.function)} over {indices})"

    def _closed(self, expr, closed, *, last=True):
        return self._print(expr) if isinstance(expr, sp.Sum) else super()._closed(expr, closed, last=last)


def words(expr: sp.Expr) -> str:
    """A formula in ASCII."""
    return ascii_only(_Words().doprint(expr))


def header(derivation: Derivation) -> str:
    """The text of the module's docstring."""
    subject = derivation.subject
    rows = [entry for entry in entries(subject) if entry]
    title = " and ".join(entry.title for entry in rows)
    lines = [f"{title[0].upper()}{title[1:]}: value and derivatives in NumPy, for any K.", ""]
    lines += [row for entry in rows for row in _formulas(entry)]
    notes = [fill(ascii_only(note), WIDTH) for note in _notes(derivation)]
    return "\n".join([*lines, "", "\n\n".join(notes)]) + "\n"


def _formulas(entry: Activation | Loss) -> list[str]:
    left = "a[j]" if isinstance(entry, Activation) else "L"
    rows = [_formula(left, words(entry.expr))]
    for row in (*entry.names, *entry.selections):
        rows.append(_formula(*_meaning(row)))
    return rows


def _meaning(row: Name | Selection) -> tuple[str, str]:
    if isinstance(row, Name):
        return str(row.symbol), f"{words(row.meaning)}: {row.says}"
    letter = getattr(row.symbol, "label", row.symbol)
    return str(letter), f"{row.says}, by {words(row.of)}; {row.ties}"


def _formula(left: str, right: str) -> str:
    return fill(f"{left} = {ascii_only(right)}", WIDTH, initial_indent="    ", subsequent_indent="        ")


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
    if derivation.conventions:
        notes.append(f"Conventions: {'; '.join(derivation.conventions)}.")
    sources = [f"{entry.title}: {entry.source}" for entry in entries(subject) if entry]
    return [*notes, NAN, f"Source: {'; '.join(sources)}."]


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
QUANTITY = {"loss": "loss", "value": "loss", "grad": "gradient", "hess": "hessian"}


def first_line(name: str, subject: Subject, blocks: int) -> str:
    """What a function returns."""
    n = f"{blocks if blocks > 1 else ''}K"
    shapes = {"n": f"(..., {n})", "nn": f"(..., {n}, {n})", "k": "(..., K)", "kn": f"(..., K, {n})"}
    jacobian = isinstance(subject, Activation) and name == "grad"
    return (JACOBIAN if jacobian else FIRST[name]).format(x=_first(subject), **shapes)


def details(name: str, subject: Subject, blocks: int) -> list[str]:
    """The lines of a function's docstring below its first."""
    found = [fill(row, WIDTH - 4, subsequent_indent="    ") for row in _details(name, subject, blocks)]
    return [indent(row, "    ") for row in found]


def _details(name: str, subject: Subject, blocks: int) -> list[str]:
    if name not in ("loss", "value"):
        rows = [f"Arguments as for {'value' if isinstance(subject, Activation) else 'loss'}."]
    else:
        rows = _arguments(subject, blocks)
    if name not in QUANTITY:
        return rows
    limit = bound(subject.name, QUANTITY[name])
    return [*rows, f"Declared accuracy: {limit} ulp * (1 + kappa) in float64; {KAPPA}."]


def _arguments(subject: Subject, blocks: int) -> list[str]:
    x, (_, los) = _first(subject), entries(subject)
    n = f"{blocks if blocks > 1 else ''}K"
    inside = f" in {ascii_only(str(los.prediction))}" if isinstance(subject, Loss) else ""
    rows = [f"{x}: shape (..., {n}){inside}."]
    kind = target_shape(subject)
    if los and kind != "none":
        shape = "(...)" if kind == "scalar" else "(..., K)"
        labels = ", or class indices of shape (...)" if isinstance(los.target, Simplex | OneHot) else ""
        rows.append(
            f"y: targets in {ascii_only(str(los.target))}, shape {shape}{labels}; ValueError outside."
        )
    return rows + [_parameter(p) for p in subject.parameters]


def _parameter(parameter: Parameter) -> str:
    each = ", or an array of one for each class" if parameter.per_class else ""
    return f"{parameter.name}: a number in {ascii_only(str(parameter.domain))}{each}."
