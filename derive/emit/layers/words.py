"""What pages of layers and networks say in words: arrays with their shapes, parameters, letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from derive.derivation.layers.quantities import latex
from derive.derivation.layers.quantities import text as entry_text
from derive.emit.latex import FORMULA
from derive.emit.markdown import CODE, markdown_of_prose
from derive.emit.places import set_of
from derive.emit.printer import latex_of
from derive.emit.prose import Write, escape, latex_of_prose
from derive.model import AXES, Array, Layer, LayerDerivation, Parameter, Step
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, capital, indices_of, of_output
from derive.rules.vectors import VectorForm

USUAL, DEFINITION, MATRIX = "normal form", "definition", "matrix notation"
LEGEND = f"Every step is proved by {USUAL}, for all sizes at once"
NOTATION = "{bar} is short for {slope}"
SHAPE = "∂L/∂{0} has the shape of {0}"
TWICE = "{} is the matrix of the {}, but where it ends a sum the number of {}"
BRIEF = 6  # digits


@dataclass(frozen=True, kw_only=True)
class Ink:
    """How a page writes formulas in LaTeX, sentences with formulas in Unicode, and code."""

    formula: Write
    prose: Write
    code: Write


def _typewriter(text: str) -> str:
    return rf"\texttt{{{escape(text)}}}"


TEX = Ink(formula=FORMULA, prose=latex_of_prose, code=_typewriter)
MARKDOWN = Ink(formula=CODE.format, prose=markdown_of_prose, code="`{}`".format)


def titled(layer: Layer) -> str:
    """The name of a layer in words."""
    return layer.title[0].upper() + layer.title[1:]


def legend(steps: Iterable[Step]) -> str:
    """How steps are proved."""
    marked = any(step.proof.method not in (USUAL, DEFINITION) for step in steps)
    return LEGEND + (", unless marked." if marked else ".")


def arrays(layer: Layer, ink: Ink) -> list[tuple[str, str]]:
    """Each array that is given: what it is, and its entry with its shape."""
    given = (*layer.inputs, *layer.weights, *layer.constants)
    return [(ink.prose(a.says), shaped(a, ink.formula)) for a in given]


def shaped(array: Array, formula: Write) -> str:
    """The entry of an array with its shape: (x_nd) ∈ ℝ^(N × D)."""
    sizes = r" \times ".join(latex_of(SIZES[i]) for i in indices_of(array.at))
    where = rf"\mathbb{{R}}^{{{sizes}}}" if sizes else r"\mathbb{R}"
    return formula(rf"\left({latex(array.at)}\right) \in {where}")


def upstream(layer: Layer, formula: Write) -> str:
    """What is handed to a layer from behind: g = ∂L/∂y."""
    output = layer.output.at
    base = of_output(base_of(output))
    g = latex(base[indices_of(output)] if indices_of(output) else base)
    slope = formula(rf"{g} = \frac{{\partial L}}{{\partial {latex(output)}}}")
    return f"{slope}, the derivative of the loss {formula('L')}, is handed back from what follows"


def counted(layer: Layer, formula: Write) -> str:
    """What the sizes count."""
    used = {i for v in layer.variables for i in v.meaning.free_symbols | set(indices_of(v.at))}
    sizes = {SIZES.get(i, i) for i in used} | {SIZES[i] for a in layer.moving for i in indices_of(a.at)}
    axes = [axis for axis in AXES if axis.size in sizes]
    return ", ".join(f"{formula(latex_of(axis.size))} {axis.says}" for axis in axes)


def parameter(p: Parameter, formula: Write) -> str:
    """Where a parameter lies, with its default."""
    place = formula(rf"{p.latex} \in {set_of(p.domain)}")
    return f"{place}, default {formula(value(p.default))}"


def value(number: Expr) -> str:
    """A number in LaTeX: 10^{-5}, 0.2, 1/3."""
    if number.is_Rational and number.p == 1 and number.q > 100 and set(str(number.q)[1:]) == {"0"}:
        return f"10^{{-{len(str(number.q)) - 1}}}"
    brief = f"{float(number):.{BRIEF}g}" if number.is_Rational else ""
    return brief if brief and "e" not in brief and sp.Rational(brief) == number else latex_of(number)


def bars(derivation: LayerDerivation, formula: Write) -> str:
    """What a bar means, where the steps use one."""
    seen = next((s for s in derivation.steps if r"\bar" in s.quantity.latex), None)
    if seen is None:
        return ""
    left, _, right = seen.quantity.latex.partition(" = ")
    return NOTATION.format(bar=formula(left), slope=formula(right)) + ", and so for other letters"


def remarks(steps: Sequence[Step]) -> list[str]:
    """What a page in matrix notation says once: the shape of a derivative, letters with two meanings."""
    by_array = [s.quantity.text for s in steps if s.rule == MATRIX and "∂L/∂" in s.quantity.text]
    letters = [text.partition("∂L/∂")[2] for text in by_array]
    letters.sort(key=lambda letter: (letter[0] != "W", not letter[0].isupper()))
    found = [f"{SHAPE.format(letters[0])}, and so for other arrays"] if letters else []
    return found + [TWICE.format(*row) for row in _twice(steps)]


def _twice(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """The capital letters that are both matrices and sizes, with their entries and what they count."""
    forms = [s.expr.expr for s in steps if isinstance(s.expr, VectorForm)]
    bases = {b for form in forms for b in form.atoms(sp.IndexedBase) if len(b.shape) == 2}
    matrices = {capital(b.label.name): b for b in bases}
    found = []
    for axis in AXES:
        if (base := matrices.get(axis.size.name)) is not None and _ends_a_sum(axis.size, steps):
            indices = tuple(next(a for a in AXES if a.size == size).indices[0] for size in base.shape)
            found.append((axis.size.name, entry_text(base[indices]), axis.says))
    return found


def _ends_a_sum(size: sp.Symbol, steps: Sequence[Step]) -> bool:
    exprs = [s.expr for s in steps if not isinstance(s.expr, VectorForm)]
    return any(size in limits for e in exprs for s in e.atoms(sp.Sum) for limits in s.limits)
