"""Index expressions as NumPy text: the free index is the last axis, a sum is a total that keeps the axis.

What is neither a sum over an index nor a block is left to the elementwise spelling: a vector's component
is a name there.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, exp, log

from derive.emit.spelling import spell
from derive.model import LARGEST, J, K
from derive.program.vector.lines import name_of
from derive.rules.indexed import substitute

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
        number, body = _body(expr).as_coeff_Mul()
        if number == -1:
            return -_flat(Sum(body, (J, 1, K)), letters)
        body = _body(expr)
        return _symbol(f"{'_sum' if sign(body, letters.signs) else '_total'}({inner(body)})")
    if expr.is_Symbol:
        return _symbol(letters.size if expr == K else python_name(expr, letters.names))
    if block := _block(expr, letters.signs):
        call, arguments = block
        return _symbol(f"{call}({', '.join(map(inner, arguments))})")
    if not expr.args:
        return expr
    return expr.func(*[_flat(a, letters) for a in expr.args])


def _body(total: Sum) -> Expr:
    """The body of a sum, in the index J."""
    ((index, _, _),) = total.limits
    return substitute(total.function, index, J)


def _block(expr: Expr, signs: Mapping[str, int]) -> tuple[str, list[Expr]] | None:
    """The block that computes a product or a sum better than its operators, and its arguments."""
    if expr.is_Mul:
        return _product(expr) or _square(expr, signs)
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
        factors = [*_ordered(rest), *large]
        return "_times" if len(factors) == 2 else "_mul", factors
    powers = [f for f in expr.args if isinstance(f, exp)]
    if powers:
        rest = [g for f in expr.args if f not in powers for g in _repeated(f)]
        return "_exp_mul", [sp.Add(*[f.exp for f in powers]), *rest]
    return None


def _square(expr: sp.Mul, signs: Mapping[str, int]) -> tuple[str, list[Expr]] | None:
    """The square of what may be large, beside factors that may be 0: they come before it overflows."""
    large = [f for f in expr.args if f.is_Pow and f.exp == 2 and not sign(f.base, signs)]
    rest = sp.Mul(*[f for f in expr.args if f not in large])
    if len(large) != 1 or not any(isinstance(f, Indexed | sp.Add) for f in rest.args or (rest,)):
        return None
    return "_times", [rest * large[0].base, large[0].base]


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


def sign(expr: Expr, signs: Mapping[str, int]) -> int:
    """1 or -1 where an expression is nowhere negative or nowhere positive, as far as its form tells, or 0."""
    if isinstance(expr, Indexed):
        return signs.get(name_of(expr.base)) or _assumed(expr.base.label)
    if expr.is_Symbol and str(expr) in signs:
        return signs[str(expr)]
    if isinstance(expr, Sum):
        return sign(expr.function, signs)
    if expr.is_Mul:
        return math.prod(sign(a, signs) for a in expr.args)
    if expr.is_Pow:
        return 1 if expr.exp.is_even else int(sign(expr.base, signs) == 1)
    if expr.is_Add:
        found = {sign(a, signs) for a in expr.args}
        return found.pop() if len(found) == 1 else 0
    return _assumed(expr)


def _assumed(expr: Expr) -> int:
    return 1 if expr.is_nonnegative else -1 if expr.is_nonpositive else 0
