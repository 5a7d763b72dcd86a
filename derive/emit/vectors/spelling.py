"""Index expressions as NumPy text: the free index is the last axis, a sum is a total that keeps the axis.

What is neither a sum over an index nor a block is left to the elementwise spelling: a vector's component
is a name there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum

from derive.emit.spelling import spell
from derive.emit.vectors.products import block, corrected, in_j
from derive.emit.vectors.signs import sign
from derive.model import LARGEST, J, K
from derive.program.vectors.lines import name_of

Names = Mapping[str, str]  # of letters, where the code has other names for them


@dataclass(frozen=True, kw_only=True)
class Letters:
    """How letters are written: their other names, the text of K, and the signs of some: 1, or -1."""

    names: Names
    size: str
    signs: Mapping[str, int]


def text(expr: Expr, letters: Letters) -> str:
    """NumPy text of an index expression in J."""
    spelled = spell(_flat(expr, letters))
    return re.sub(r"\)\*\*", ") ** ", spelled)


def python_name(symbol: sp.Symbol | sp.IndexedBase, names: Names) -> str:
    """The name of a letter in the code."""
    letter = name_of(symbol)
    return names.get(letter, "k" if symbol == LARGEST else letter)


def _symbol(words: str) -> sp.Symbol:
    return sp.Symbol(words, real=True)


def _flat(expr: Expr, letters: Letters) -> Expr:
    """The expression with everything that has an index called by a name or by the text of a block."""

    def inner(e: Expr) -> str:
        return text(e, letters)

    if isinstance(expr, Indexed):
        name = python_name(expr.base, letters.names)
        return _symbol(f"_at({name}, k)" if LARGEST in expr.indices else name)
    if isinstance(expr, KroneckerDelta):
        return _symbol("_hot(k, {})".format(letters.size.split(".")[0]))
    if isinstance(expr, Sum):
        # Nothing cancels among terms of one sign: NumPy's sum by pairs keeps its digits.
        number, body = in_j(expr).as_coeff_Mul()
        if number == -1:
            return -_flat(Sum(body, (J, 1, K)), letters)
        body = in_j(expr)
        return _symbol(f"{'_sum' if sign(body, letters.signs) else '_total'}({inner(body)})")
    if isinstance(expr, sp.Tuple):
        return _symbol(f"({', '.join(map(inner, expr))}{',' if len(expr) == 1 else ''})")
    if expr.is_Symbol:
        return _symbol(letters.size if expr == K else python_name(expr, letters.names))
    if found := block(expr, letters.signs):
        call, arguments = found
        return _symbol(f"{call}({', '.join(map(inner, arguments))})")
    if found := corrected(expr):
        template, arguments = found
        return _symbol(template.format(*map(inner, arguments)))
    if not expr.args:
        return expr
    return expr.func(*[_flat(a, letters) for a in expr.args])
