"""The functions that a derivation names without being about them, such as Φ and φ, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from derive.emit import shape
from derive.heads import HeadFunction, ndtr, npdf, sgn, sigmoid, softplus
from derive.model import VECTOR, Derivation, Step, Z, entries
from derive.rules.vectors.algebra import VectorForm

# In the order in which they are explained; tanh, exp and log need no words.
NAMED: tuple[type[HeadFunction], ...] = (sigmoid, softplus, ndtr, npdf, sgn)
# What stands for the argument, unless that is z throughout; t is a vector where there are any.
ANY, BESIDE_VECTORS = sp.symbols("t x", real=True)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`function` = `meaning`, which is also the slope of `slope_of`, where that is explained too."""

    function: HeadFunction
    meaning: sp.Expr
    slope_of: HeadFunction | None = None


def letters(derivation: Derivation) -> list[Letter]:
    """The named functions of all steps, but for the activation's own name."""
    act, _ = entries(derivation.subject)
    vector = derivation.subject.kind == VECTOR
    return letters_of(derivation.steps, own=act.latex if act else "", vector=vector)


def letters_of(steps: Sequence[Step], *, own: str = "", vector: bool = False) -> list[Letter]:
    """The named functions in steps, but for the one that is called `own`."""
    exprs = [s.expr.expr if isinstance(s.expr, VectorForm) else s.expr for s in steps]
    seen = {head for expr in exprs for head in _heads(expr)}
    used = [f for f in NAMED if f in map(type, seen) and f._row.latex != own]
    arguments = {head.args[0] for head in seen if type(head) in used}
    other = BESIDE_VECTORS if vector else ANY
    return [_letter(f, used, Z if arguments == {Z} else other) for f in used]


def _letter(function: type[HeadFunction], used: list[type[HeadFunction]], at: sp.Symbol) -> Letter:
    head, row = function(at), function._row
    meaning = row.meaning(at)
    if isinstance(meaning, sp.sign):
        meaning = meaning.rewrite(sp.Piecewise)
    if meaning.is_Add:  # SymPy multiplies numbers out: (1 + erf)/2 is 1/2 + erf/2 to it
        meaning = shape.product(*(part for part in meaning.as_content_primitive() if part != 1))
    slope_of = next((g(at) for g in used if g._row.slope(at) == head), None)
    return Letter(function=head, meaning=meaning, slope_of=slope_of)


def _heads(expr: sp.Basic) -> set[HeadFunction]:
    """The heads in what a reader sees of an expression."""
    found: set[HeadFunction] = set()
    for head in expr.atoms(HeadFunction):
        seen = shape.unfold(head)
        found |= {head} if seen is head else _heads(seen)
    return found
