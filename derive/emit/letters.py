"""The functions that a derivation names without being about them, such as Φ and φ, and what they mean."""

from dataclasses import dataclass

import sympy as sp

from derive.emit import shape
from derive.heads import HeadFunction, ndtr, npdf, sgn, sigmoid, softplus
from derive.model import Derivation, Z, entries

# In the order in which they are explained; tanh, exp and log need no words.
NAMED: tuple[type[HeadFunction], ...] = (sigmoid, softplus, ndtr, npdf, sgn)
ANY = sp.Symbol("t", real=True)  # stands for the argument, unless that is z throughout


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`function` = `meaning`, which is also the slope of `slope_of`, where that is explained too."""

    function: HeadFunction
    meaning: sp.Expr
    slope_of: HeadFunction | None = None


def letters(derivation: Derivation) -> list[Letter]:
    """The named functions of all steps, but for the activation's own name."""
    act, _ = entries(derivation.subject)
    seen = {head for step in derivation.steps for head in _heads(step.expr)}
    used = [f for f in NAMED if any(isinstance(h, f) for h in seen) and not (act and act.latex == f._row.latex)]
    at = {head.args[0] for head in seen if isinstance(head, tuple(used))} if used else set()
    argument = Z if at == {Z} else ANY
    return [_letter(f, [g for g in used if g is not f], argument) for f in used]


def _letter(function: type[HeadFunction], others: list[type[HeadFunction]], at: sp.Symbol) -> Letter:
    head, row = function(at), function._row
    meaning = row.meaning(at)
    if isinstance(meaning, sp.sign):
        meaning = meaning.rewrite(sp.Piecewise)
    if meaning.is_Add:  # SymPy multiplies numbers out: (1 + erf)/2 is 1/2 + erf/2 to it
        meaning = shape.product(*(part for part in meaning.as_content_primitive() if part != 1))
    slope_of = next((g(at) for g in others if g._row.slope(at) == head), None)
    return Letter(function=head, meaning=meaning, slope_of=slope_of)


def _heads(expr: sp.Basic) -> set[HeadFunction]:
    """The heads in what a reader sees of an expression."""
    found = set()
    for head in expr.atoms(HeadFunction):
        seen = shape.unfold(head)
        found |= {head} if seen is head else _heads(seen)
    return found
