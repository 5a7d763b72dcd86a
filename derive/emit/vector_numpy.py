"""NumPy code of vector subjects: one self-contained file for any number of classes.

The formulas in the docstrings, the known values and the declared accuracy come from the derivation,
the catalogue and `derive.bounds`; the stable text itself stands in `vector_text`.
"""

from textwrap import fill

import sympy as sp

from derive.bounds import bound
from derive.emit import vector_text as text
from derive.emit.text import Readable
from derive.model import Activation, Derivation, Known, Loss, Pair, Subject

WIDTH = 88  # black's
BLOCKS = {
    "pair": (text.ARRAYS, text.WEIGHTS, text.TARGETS, text.JACOBIAN, text.PAIR),
    "softmax": (text.ARRAYS, text.WEIGHTS, text.JACOBIAN, text.SOFTMAX),
    "cross_entropy": (text.ARRAYS, text.TARGETS, text.CROSS_ENTROPY),
}
RANGE = {"pair": "logits in [-3, 3]", "softmax": "logits in [-3, 3]", "cross_entropy": "a in [0.2, 0.8]"}

SHAPES = (
    "Components count from 1 in the formulas and from 0 in the arrays, whose last axis holds the K "
    "classes; other axes are broadcast. Results have the dtype of {x} where that is float16, float32 or "
    "float64, else float64; the work is done in float64."
)
LOGITS = (
    "A logit of -inf is a masked class: its probability is 0. One logit of +inf takes the limit; several "
    "of them, -inf in all, or NaN give NaN in that row."
)
MASKED = "A target above 0 at a masked class costs +inf."
TARGETS = (
    "Targets outside the simplex raise ValueError (their sum may miss 1 by 8 * K * eps of their dtype); "
    "NaN in a target gives NaN in that row."
)
PREDICTIONS = (
    "The components of a are taken as independent, and need not sum to 1. a < 0 gives NaN; where y is 0, "
    "a does not matter; a = 0 under a target above 0 gives the limit."
)
KAPPA = "kappa, in the declared accuracy, is the condition number of the result in the soft targets: "
KAPPA += "the sum of |y[k] * (slope in y[k]) / result| over the k where 0 < y[k] < 1."
CONVENTIONS = {
    "pair": (LOGITS, MASKED, TARGETS, KAPPA),
    "softmax": (LOGITS,),
    "cross_entropy": (PREDICTIONS, TARGETS, KAPPA),
}


def code(derivation: Derivation) -> str:
    """A Python file with the function, its derivatives and a self-check."""
    kind = _kind(derivation.subject)
    check = (text.FORMULA[kind], text.KNOWN, text.SLOPES, text.CHECK[kind], text.MAIN)
    body = "\n\n\n".join(block.strip("\n") for block in (*BLOCKS[kind], *check))
    whole = f"{_header(derivation, kind)}\n\nimport numpy as np\n\n{body}\n"
    for name, value in _fields(derivation, kind).items():
        whole = whole.replace(f"@{name}@", value)
    return whole


def _kind(subject: Subject) -> str:
    if isinstance(subject, Pair):
        return "pair"
    return "cross_entropy" if isinstance(subject, Loss) else "softmax"


def _entries(subject: Subject) -> tuple:
    return (subject.activation, subject.loss) if isinstance(subject, Pair) else (subject,)


def _header(derivation: Derivation, kind: str) -> str:
    """The docstring of the module: title, formulas, shapes, conventions, references."""
    entries = _entries(derivation.subject)
    title = " and ".join(entry.title for entry in entries)
    formulas = "\n".join(f"    {left} = {right}" for left, right in _formulas(derivation, kind))
    shapes = SHAPES.format(x="a" if kind == "cross_entropy" else "z")
    paragraphs = [fill(p, WIDTH) for p in (shapes, " ".join(CONVENTIONS[kind]))]
    references = "\n".join(fill(f"Reference for {entry.title}: {entry.source}.", WIDTH) for entry in entries)
    head = f"{title[0].upper()}{title[1:]} for vectors of K classes."
    return '"""' + "\n\n".join([head, formulas, *paragraphs, references]) + '\n"""'


def _formulas(derivation: Derivation, kind: str) -> list[tuple[str, str]]:
    """Left and right sides of the definitions and of the derivatives that the file computes."""
    definitions = [(s.quantity.name, _text(s.expr)) for s in derivation.steps if s.rule == "definition"]
    sides = [("p[j]" if name == "p" else name, text) for name, text in definitions]
    results = (_text(derivation.gradient), _text(derivation.hessian))
    return [*sides, *zip(LEFT[kind], results, strict=False)]


LEFT = {
    "pair": ("dL/dz[j]", "d2L/dz[i]dz[j]"),
    "softmax": ("dp[k]/dz[j]",),
    "cross_entropy": ("dL/da[k]", "d2L/da[j]da[k]"),
}


class _Words(Readable):
    """Formulas in ASCII, with indices in brackets and sums in words."""

    def _indexed(self, expr):
        return f"{expr.base.label}[{', '.join(map(str, expr.indices))}]"

    def _print_KroneckerDelta(self, expr):
        return f"delta({', '.join(map(str, expr.args[:2]))})"

    def _over(self, index):
        return f"sum over {index} of"

    def _print_Sum(self, expr):
        return f"({super()._print_Sum(expr)})"

    def _closed(self, expr, closed, *, last=True):
        return self._print(expr) if isinstance(expr, sp.Sum) else super()._closed(expr, closed, last=last)


def _text(expr: sp.Expr) -> str:
    return _Words().doprint(expr)


def _fields(derivation: Derivation, kind: str) -> dict[str, str]:
    """What stands for the marks in the text."""
    known = _entries(derivation.subject)[-1].known
    meaning = [s.expr for s in derivation.steps if s.rule == "definition"][-1]
    origins = dict.fromkeys(k.origin for k in known)
    soft = "" if isinstance(derivation.subject, Activation) else " * (1 + kappa)"
    accuracy = {
        f"accuracy {quantity}": f"<= {bound(derivation.subject.name, quantity)} ulp{soft}."
        for quantity in ("loss", "gradient", "hessian")
    }
    accuracy["ulp product"] = str(bound(derivation.subject.name, "hessian"))
    return accuracy | {
        "loss": _text(meaning),
        "value": _text(meaning),
        "gradient": _text(derivation.gradient),
        "hessian": _text(derivation.hessian),
        "range": RANGE[kind],
        "origins": "; ".join(origins),
        "known": "\n".join(_known(k, kind) for k in known),
    }


def _known(known: Known, kind: str) -> str:
    """A row of the table of known values: logits, then targets where there are any, then the value."""
    if kind == "softmax":
        return f"    ({known.at}, {known.value!r}),"
    half = len(known.at) // 2
    return f"    ({known.at[:half]}, {known.at[half:]}, {known.value!r}),"
