"""Products and sums of data that their operators would spoil, as calls of the blocks that do not.

A factor that is exactly 0 (a target, an indicator, a direction) switches its product off, whatever the
others are; what is divided by K is divided before it is summed, and what decays comes as two roots.
"""

from collections.abc import Mapping

import sympy as sp
from sympy import Expr, Indexed, Sum, exp, log

from derive.emit.vectors.signs import sign
from derive.heads import HeadFunction, head_row
from derive.model import HV, YS, J, K, Y
from derive.program.vectors.lines import name_of
from derive.rules.floats import Root
from derive.rules.indexed import substitute

_SWITCHES = (HV.label,)  # the letter of indicators, of one condition or of one for each component
_over, _gated = sp.Function("_over"), sp.Function("_gated")


def block(expr: Expr, signs: Mapping[str, int]) -> tuple[str, list[Expr]] | None:
    """The block that computes a product or a sum better than its operators, and its arguments."""
    if expr.is_Mul:
        return (
            _divided(expr)
            or _switched(expr)
            or _between_roots(expr)
            or _product(expr)
            or _square(expr, signs)
        )
    if expr.is_Add and sum(map(_is_large, expr.args)) > 1:
        return "_combined", [sp.Tuple(*_factors(t)) for t in sorted(expr.args, key=negative)]
    if expr.is_Add and len(expr.args) > 2 and all(_is_term(t) for t in expr.args):
        return "_add", sorted(expr.args, key=negative)
    if expr.is_Pow and not expr.exp.is_Number:
        return "np.power", list(expr.args)
    if expr.is_Pow and expr.exp == sp.S.Half and isinstance(expr.base, Sum):
        body = in_j(expr.base)
        return ("_norm", [body.base]) if body.is_Pow and body.exp == 2 else None
    if isinstance(expr, sp.core.function.AppliedUndef):
        return expr.func.__name__, list(expr.args)
    return None


def in_j(total: Sum) -> Expr:
    """The body of a sum, in the index J."""
    ((index, _, _),) = total.limits
    return substitute(total.function, index, J)


def negative(term: Expr) -> bool:
    """Whether a term is written with a minus."""
    return bool(term.as_coeff_Mul()[0].is_negative)


def arranged(expr: Expr) -> Expr:
    """An expression with its means and its decaying products in a form that keeps its digits."""
    return rooted(halved(shares(expr)))


def halved(expr: Expr) -> Expr:
    """An expression with a number below 1 taken into a sum of squares, which may overflow before it."""
    return expr.replace(_is_part_of_squares, lambda e: Sum(e.args[0] * e.args[1].function, *e.args[1].limits))


def _is_part_of_squares(expr: Expr) -> bool:
    if not (expr.is_Mul and len(expr.args) == 2 and isinstance(expr.args[1], Sum)):
        return False
    number, square = expr.args[0], expr.args[1].function
    return bool(number.is_Rational and abs(number) < 1 and square.is_Pow and square.exp == 2)


def shares(expr: Expr) -> Expr:
    """An expression with every c/K of a sum taken into its terms: their mean may not overflow as they do."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    expr = expr.func(*[shares(a) for a in expr.args])
    if not expr.is_Mul or 1 / K not in expr.args:
        return expr
    if negative(expr):
        return -shares(-expr)
    plain = [f for f in expr.args if f.is_number or f == 1 / K]
    rest = [f for f in expr.args if f not in plain]
    share = sp.Mul(*plain)
    sums = [f for f in rest if isinstance(f, Sum)]
    if sums:
        total, *others = sums
        body = shares(share * in_j(total))
        return sp.Mul(Sum(body, (J, 1, K)), *others, *[f for f in rest if f not in sums])
    if len(rest) == 1 and rest[0].is_Add and any(map(_may_overflow, rest[0].atoms(Sum))):
        return sp.Add(*[shares(share * t) for t in rest[0].args])
    return expr


def _may_overflow(total: Sum) -> bool:
    """Whether a sum is of more than indicators and targets."""
    return not all(_is_switch(f) or is_label(f) or f.is_number for f in sp.Mul.make_args(in_j(total)))


def rooted(expr: Expr) -> Expr:
    """An expression with the decaying heads that stand beside data as squares of their roots."""
    if not expr.args or isinstance(expr, Indexed):
        return expr
    expr = expr.func(*[rooted(a) for a in expr.args])
    if not expr.is_Mul or not any(map(_is_data, expr.args)):
        return expr
    return sp.Mul(
        *[Root(f) ** 2 if isinstance(f, HeadFunction) and head_row(f).root else f for f in expr.args]
    )


def corrected(expr: Expr) -> tuple[str, list[Expr]] | None:
    """The template of a head that makes the rounding of its argument good, c x or x - y, and c, x or x, y."""
    rooted = isinstance(expr, Root)
    if not isinstance(expr, Root | HeadFunction):
        return None
    head = expr.args[0] if rooted else expr
    row, w = head_row(head), head.args[0]
    bare = all(isinstance(e if isinstance(e, Indexed) else -e, Indexed) for e in w.args)
    if row.between and not rooted and w.is_Add and len(w.args) == 2 and bare:
        (less,) = [e for e in w.args if negative(e)] or [None]
        return None if less is None else (row.between, [w - less, -less])
    scale, rest = w.as_independent(Indexed, as_Add=False)
    if row.scaled[rooted] and isinstance(rest, Indexed) and scale.is_Symbol:
        return row.scaled[rooted], [scale, rest]
    return None


def _is_data(factor: Expr) -> bool:
    """Whether a factor is, or has as a term, a component of any size: an input."""
    return any(
        isinstance(f, Indexed) and f.base != YS and name_of(f.base)[0] not in "tgp" and not _is_root(f)
        for term in sp.Add.make_args(factor)
        for f in sp.Mul.make_args(term)
    )


def _is_large(term: Expr) -> bool:
    """Whether a term is a product that may overflow with the other sign than another."""
    roots = any(f.is_Pow and f.exp == 2 and _is_root(f.base) for f in term.args)
    large = [f for f in term.args if _is_data(f)]
    return (
        term.is_Mul
        and roots
        and len(large) > 1
        and not any(isinstance(f, exp | log | Sum) for f in term.args)
    )


def _factors(term: Expr) -> list[Expr]:
    """The factors of a term, with one root of a square in front and one at the end."""
    factors = sp.Mul.make_args(term)
    roots = [f.base for f in factors if f.is_Pow and f.exp == 2 and _is_root(f.base)]
    rest = [g for f in factors if not (f.is_Pow and f.base in roots) for g in _repeated(f)]
    rest = _ordered(rest) if any(not f.is_number for f in rest) else rest
    return [*roots, *rest, *roots]


def _divided(expr: sp.Mul) -> tuple[str, list[Expr]] | None:
    """What is divided by components that may be 0 where it is 0 itself."""
    below = [f for f in expr.args if f.is_Pow and isinstance(f.base, Indexed) and f.exp.is_negative]
    above = sp.Mul(*[f for f in expr.args if f not in below])
    if not below or above.is_number:
        return None
    *most, last = [f.base for f in below for _ in range(int(-f.exp))]
    for component in most:
        above = _over(above, component)
    return "_over", [above, last]


def _switched(expr: sp.Mul) -> tuple[str, list[Expr]] | None:
    """What an indicator switches on and off, which may be infinite where it is off."""
    switches = [f for f in expr.args if _is_switch(f)]
    if any(isinstance(f, Sum) and f.has(*_SWITCHES) and _may_overflow(f) for f in expr.args):
        switches = [f for f in expr.args if _is_switch(f) or is_label(f)]
    limited = [f for f in expr.args if f not in switches and (f.is_number or f in (K, 1 / K) or is_label(f))]
    rest = [g for f in expr.args if f not in switches and f not in limited for g in _repeated(f)]
    if not switches or not rest:
        return None
    *most, last = rest
    product = sp.Mul(*switches, *limited)
    for factor in most:
        product = _gated(product, factor)
    return "_gated", [product, last]


def _is_switch(factor: Expr) -> bool:
    letter = factor.base.label if isinstance(factor, Indexed) else factor
    return letter in _SWITCHES


def _between_roots(expr: sp.Mul) -> tuple[str, list[Expr]] | None:
    """What decays, as two roots, beside data whose product may overflow."""
    roots = [f for f in expr.args if f.is_Pow and f.exp == 2 and _is_root(f.base)]
    rest = [f for f in expr.args if f not in roots]
    data = [f for f in rest if _is_data(f)]
    if len(roots) != 1 or len(data) < 2:
        return None
    return "_mul", [roots[0].base, *_ordered(rest), roots[0].base]


def is_label(factor: Expr) -> bool:
    """Whether a factor is a target or what it lacks to 1."""
    return (
        not factor.is_number
        and (isinstance(factor, Indexed) or factor.is_Add or factor == Y)
        and (factor.free_symbols - {J} <= {*YS.free_symbols, YS[J], Y, K})
    )


def _is_term(term: Expr) -> bool:
    """Whether a term is a letter, a number or a sum, with a sign: data that may cancel exactly."""
    number, rest = term.as_coeff_Mul()
    return (abs(number) == 1 and (isinstance(rest, Indexed | Sum) or rest.is_Symbol)) or rest == 1


def _product(expr: sp.Mul) -> tuple[str, list[Expr]] | None:
    """Products in which a factor may be infinite where another is 0, or overflow where another is small."""
    powers = [f for f in expr.args if isinstance(f, exp)]
    if powers:
        rest = [g for f in expr.args if f not in powers for g in _repeated(f)]
        return "_exp_mul", [sp.Add(*[f.exp for f in powers]), *rest]
    large = [f for f in expr.args if _unbounded(f)]
    rest = [f for f in expr.args if f not in large]
    if large and any(not f.is_number for f in rest):
        factors = [*_ordered(rest), *large]
        return "_gated" if len(factors) == 2 else "_mul", factors
    return None


def _square(expr: sp.Mul, signs: Mapping[str, int]) -> tuple[str, list[Expr]] | None:
    """The square of what may be large, beside factors that may be 0: they come before it overflows."""
    large = [f for f in expr.args if f.is_Pow and f.exp == 2 and not sign(f.base, signs)]
    large = [
        f for f in large if not (f.base.is_Symbol or isinstance(f.base, Indexed)) or not _is_root(f.base)
    ]
    rest = sp.Mul(*[f for f in expr.args if f not in large])
    if len(large) != 1 or not any(isinstance(f, Indexed | sp.Add) for f in rest.args or (rest,)):
        return None
    return "_gated", [rest * large[0].base, large[0].base]


def _is_root(letter: Expr) -> bool:
    return (letter.is_Symbol or isinstance(letter, Indexed)) and str(letter).startswith("q")


def _ordered(factors: list[Expr]) -> list[Expr]:
    """Numbers joined with the first other factor."""
    number = sp.Mul(*[f for f in factors if f.is_number])
    first, *rest = [f for f in factors if not f.is_number]
    return [number * first, *rest]


def _unbounded(factor: Expr) -> bool:
    """Whether a factor is, or has as a term, what may be infinite: a logarithm, a gap, a letter of such."""
    return any(
        isinstance(e, log) or _has_no_end(e)
        for term in sp.Add.make_args(factor)
        for e in sp.Mul.make_args(term)
    )


def _has_no_end(e: Expr) -> bool:
    letter = e.base.label if isinstance(e, Indexed) else e
    if e.is_Pow and (not e.exp.is_number or (e.exp.is_negative and isinstance(e.base, Indexed))):
        return True
    return letter.is_Symbol and (letter.is_finite is None or str(letter).startswith(("half", "gap")))


def may_be_infinite(expr: Expr) -> bool:
    """Whether the value of an expression may be infinite although its letters are not."""
    inside = [a for a in sp.Mul.make_args(expr) if a.is_Add] if expr.is_Mul else [expr]
    return _unbounded(expr) or any(
        _unbounded(f) or (f.is_Pow and f.exp.is_negative and isinstance(f.base, Indexed))
        for part in inside
        for term in sp.Add.make_args(part)
        for f in sp.Mul.make_args(term)
    )


def may_overflow(expr: Expr) -> bool:
    """Whether an expression is, or has as a term, a product of inputs of any size."""
    terms = [sp.Mul.make_args(term) for term in sp.Add.make_args(expr)]
    return any(sum(map(_is_input, factors)) > 1 for factors in terms)


def _is_input(factor: Expr) -> bool:
    return isinstance(factor, Indexed) and name_of(factor.base) in ("u", "v")


def _repeated(factor: Expr) -> list[Expr]:
    base, power = factor.as_base_exp()
    return [base] * int(power) if power.is_Integer and power > 0 else [factor]
