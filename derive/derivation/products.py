"""The reader's arithmetic: products as inserted, cancelled and collected."""

import sympy as sp

from derive.derivation.pieces import fold
from derive.model import A, Parameter, Z
from derive.rules.reader import common_denominator, facing_up, shown_alike, whole

Line = tuple[str, str, sp.Expr]


def product(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """The two factors side by side, as inserted."""
    if other == 1:
        return one
    return other if one == 1 else sp.Mul(one, other, evaluate=False)


def square(a1: sp.Expr) -> sp.Expr:
    """a1², not evaluated, so that a reader sees the square."""
    return a1 if a1 == 1 else sp.Pow(a1, 2, evaluate=False)


def has_fraction(expr: sp.Expr) -> bool:
    """Whether the output stands in a denominator."""
    return not isinstance(expr, sp.Piecewise) and sp.fraction(sp.together(expr))[1].has(A)


def finished(l1: sp.Expr, a1: sp.Expr, inserted: sp.Expr, parameters: tuple[Parameter, ...] = ()) -> Line:
    """The last line of a gradient: rule, sentence and the product as a person wants it."""
    if has_fraction(l1):
        done = common_denominator(sp.Mul(l1, a1))
        before, after = sp.fraction(l1)[1], sp.fraction(done)[1]
        if before != after:
            return (
                "cancel",
                "The slope of the activation cancels the denominator of the slope of the loss.",
                done,
            )
        return "result", "Collect the factors.", done
    done = l1 if a1 == 1 else fold(whole, l1, a1, parameters=parameters)
    if done.has(sp.Piecewise) and not shown_alike(done, inserted):
        return "by cases", "Multiply in every case.", done
    if shown_alike(done, inserted):
        return "insert", "Insert both slopes.", done
    return "result", "Collect the factors.", done


def collected(
    l1: sp.Expr, l2: sp.Expr, a1: sp.Expr, a2: sp.Expr, parameters: tuple[Parameter, ...] = ()
) -> sp.Expr:
    """L″a′² + L′a″ with a′ taken out where a″ contains it; by cases where there are cases."""
    return fold(_collect, l1, l2, a1, a2, parameters=parameters)


def _collect(l1: sp.Expr, l2: sp.Expr, a1: sp.Expr, a2: sp.Expr) -> sp.Expr:
    if l1 * a2 == 0 or l2 * a1 == 0:
        return facing_up(l2 * a1**2 + whole(l1, a2))
    ratio = sp.cancel(a2 / a1) if not a1.has(Z) else None
    if ratio is None or sp.fraction(ratio)[1].has(A):
        return sp.Add(product(l2, square(a1)), whole(l1, a2))
    inner = sp.Add(whole(l2, a1), whole(l1, facing_up(sp.factor_terms(ratio))))
    if has_fraction(l1):
        return common_denominator(sp.together(inner * a1))
    number, inner = inner.as_content_primitive()
    return sp.Mul(number, a1, sp.Add(*(t for part in inner.args for t in sp.Add.make_args(part))))
