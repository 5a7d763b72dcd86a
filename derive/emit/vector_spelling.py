"""Index expressions as NumPy text: the free index is the last axis, a sum is a total that keeps the axis.

What is neither a sum over an index nor a block is left to the elementwise spelling: a vector's component
is a name there.
"""

import re
from collections.abc import Mapping

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, exp, log

from derive.emit.spelling import spell
from derive.model import LARGEST, J, K
from derive.program.vector.lines import name_of
from derive.rules.indexed import substitute

Names = Mapping[str, str]  # of letters, where the code has other names for them


def text(expr: Expr, names: Names, size: str) -> str:
    """NumPy text of an index expression in J; `size` is the text of K."""
    spelled = spell(_flat(expr, names, size))
    return re.sub(r"\)\*\*", ") ** ", spelled)


def python_name(symbol: sp.Symbol | sp.IndexedBase, names: Names) -> str:
    """The name of a letter in the code."""
    letter = name_of(symbol)
    return names.get(letter, "k" if symbol == LARGEST else letter)


def _symbol(words: str) -> sp.Symbol:
    return sp.Symbol(words, real=True)


def _flat(expr: Expr, names: Names, size: str) -> Expr:
    """The expression with everything that has an index called by a name or by the text of a block."""

    def inner(e: Expr) -> str:
        return text(e, names, size)

    if isinstance(expr, Indexed):
        name = python_name(expr.base, names)
        return _symbol(f"_at({name}, k)" if LARGEST in expr.indices else name)
    if isinstance(expr, KroneckerDelta):
        return _symbol("_hot(k, {})".format(size.split(".")[0]))
    if isinstance(expr, Sum):
        return _symbol(f"_total({inner(_body(expr))})")
    if expr.is_Symbol:
        return _symbol(size if expr == K else python_name(expr, names))
    if block := _block(expr):
        call, arguments = block
        return _symbol(f"{call}({', '.join(map(inner, arguments))})")
    if not expr.args:
        return expr
    return expr.func(*[_flat(a, names, size) for a in expr.args])


def _body(total: Sum) -> Expr:
    """The body of a sum, in the index J."""
    ((index, _, _),) = total.limits
    return substitute(total.function, index, J)


def _block(expr: Expr) -> tuple[str, list[Expr]] | None:
    """The block that computes a product or a sum better than its operators, and its arguments."""
    if expr.is_Mul:
        return _product(expr)
    if expr.is_Add and len(expr.args) > 2 and all(_is_term(t) for t in expr.args):
        return "_add", sorted(expr.args, key=_negative)
    if expr.is_Pow and not expr.exp.is_Number:
        return "np.power", list(expr.args)
    if expr.is_Pow and expr.exp == sp.S.Half and isinstance(expr.base, Sum):
        body = _body(expr.base)
        return ("_norm", [body.base]) if body.is_Pow and body.exp == 2 else None
    return None


def _negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _is_term(term: Expr) -> bool:
    """Whether a term is a letter, a number or a sum, with a sign: data that may cancel exactly."""
    number, rest = term.as_coeff_Mul()
    return (abs(number) == 1 and (isinstance(rest, Indexed | Sum) or rest.is_Symbol)) or rest == 1


def _product(expr: sp.Mul) -> tuple[str, list[Expr]] | None:
    """Products in which a factor may be infinite where another is 0, or overflow where another is small."""
    large = [f for f in expr.args if _unbounded(f)]
    rest = [f for f in expr.args if f not in large]
    if large and any(not f.is_number for f in rest):
        return "_mul", [*_ordered(rest), *large]
    powers = [f for f in expr.args if isinstance(f, exp)]
    if powers:
        rest = [g for f in expr.args if f not in powers for g in _repeated(f)]
        return "_exp_mul", [sp.Add(*[f.exp for f in powers]), *rest]
    return None


def _ordered(factors: list[Expr]) -> list[Expr]:
    """Numbers joined with the first other factor."""
    number = sp.Mul(*[f for f in factors if f.is_number])
    first, *rest = [f for f in factors if not f.is_number]
    return [number * first, *rest]


def _unbounded(factor: Expr) -> bool:
    """Whether a factor is, or has as a term, what may be infinite: a logarithm, a gap."""
    return any(
        isinstance(e, log) or (isinstance(e, Indexed) and name_of(e.base).startswith(("half", "gap")))
        for term in sp.Add.make_args(factor)
        for e in sp.Mul.make_args(term)
    )


def _repeated(factor: Expr) -> list[Expr]:
    base, power = factor.as_base_exp()
    return [base] * int(power) if power.is_Integer and power > 0 else [factor]
