"""Rules for the forms a person wants: slopes written in a, in σ and 1 − σ, signs and factors in order."""

import sympy as sp

from derive.heads import logistic, plain, sigmoid
from derive.model import A, Set, Y, Z
from derive.rules import W, identity, rewrite
from derive.rules.stable import tidy

# Operations and functions up to which a formula is factored: beyond them that may take minutes.
_LONGEST, _HEADS = 160, 4

READER = (identity("sigmoid slope", "σ′ = σ(1 − σ)", logistic(W), sigmoid(W) * (1 - sigmoid(W))),)


def polished(expr: sp.Expr, target: Set) -> sp.Expr:
    """A derivative in the reader's heads, with common factors in front."""
    return facing_up(rewrite(tidy(expr, target), READER))


def in_output(expr: sp.Expr, f: sp.Expr) -> sp.Expr:
    """A slope with z eliminated in favour of a = f(z), where f is a Möbius function of one e^(cz).

    Where it is not, a product z·h(z) that is f itself is still written a; so is e^(−e^z) in a linear f.
    """
    if found := _mobius(plain(f)):
        rate, of_a = found
        written = sp.cancel(sp.together(_powers(plain(expr), rate).subs(_E, of_a)))
        if not written.has(Z):
            return facing_up(sp.factor_terms(sp.expand(written)))
    if nested := _nested(f):
        return facing_up(expr.subs(*nested))
    return expr.subs(f, A) if f.is_Mul else expr


def _nested(f: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """The exponential of an exponential that f is linear in, and what it is in a."""
    number, rest = f.as_coeff_Add()
    factor, tower = rest.as_coeff_Mul()
    if isinstance(tower, sp.exp) and tower.args[0].has(sp.exp):
        return tower, (A - number) / factor
    return None


_E = sp.Symbol("E", positive=True)


def _mobius(f: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(cz, e^(cz) written in a) for a = f of degree one in e^(cz)."""
    arguments = sorted({e.args[0] for e in f.atoms(sp.exp)}, key=str)
    if not arguments or any(sp.cancel(w / arguments[0]) not in (-1, 1) for w in arguments):
        return None
    for rate in (arguments[0], 2 * arguments[0]):
        top, bottom = sp.fraction(sp.cancel(sp.together(_powers(f, rate))))
        equation = top - A * bottom
        if not equation.has(Z) and equation.is_polynomial(_E) and sp.degree(equation, _E) == 1:
            poly = sp.Poly(equation, _E)
            return rate, -poly.nth(0) / poly.nth(1)
    return None


def _powers(expr: sp.Expr, rate: sp.Expr) -> sp.Expr:
    """`expr` with every e^(c·rate) written E^c."""
    return expr.replace(lambda e: isinstance(e, sp.exp), lambda e: _E ** sp.cancel(e.args[0] / rate))


def common_denominator(expr: sp.Expr) -> sp.Expr:
    """A sum of fractions over one factored denominator."""
    return facing_up(sp.factor(expr))


def factored(expr: sp.Expr) -> sp.Expr:
    """The factors of a formula; of one that nobody takes in at once, only what all its terms share."""
    short = sp.count_ops(expr) <= _LONGEST and len(expr.atoms(sp.Function)) <= _HEADS
    return sp.factor(expr) if short else sp.factor_terms(expr)


def facing_up(expr: sp.Expr) -> sp.Expr:
    """`expr` with its factors written a − y rather than −(y − a), and 1 − a rather than −(a − 1)."""
    if not expr.args:
        return expr
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*((facing_up(e), c) for e, c in expr.args))
    args = [facing_up(a) for a in expr.args]
    if not expr.is_Mul:
        return expr if tuple(args) == expr.args else expr.func(*args)
    sign, turned = sp.S.One, []
    for factor in args:
        base, power = factor.as_base_exp() if not isinstance(factor, sp.exp) else (factor, sp.S.One)
        flip = base.is_Add and power.is_Integer and _backward(base)
        turned.append((-base) ** power if flip else factor)
        sign *= (-1) ** power if flip else 1
    return whole(sign, *turned)


def whole(*factors: sp.Expr) -> sp.Expr:
    """The product, with a number not multiplied into a sum: 2(a − y)."""
    product = sp.Mul(*factors)
    if not product.is_Add:
        return product
    number, sums = sp.Mul(*(f for f in factors if f.is_number)), sp.Mul(
        *(f for f in factors if not f.is_number)
    )
    return sums if number == 1 else sp.Mul(number, sums, evaluate=False)


def shown_alike(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two expressions have the same terms and factors, whatever the brackets around products."""
    return _shape(one) == _shape(other)


def _shape(expr: sp.Basic):
    if isinstance(expr, sp.Mul):
        factors = list(_flat(expr))
        number = sp.Mul(*(f for f in factors if f.is_number))
        return ("product", number, tuple(sorted(str(_shape(f)) for f in factors if not f.is_number)))
    if isinstance(expr, sp.Add):
        return ("sum", tuple(sorted(str(_shape(t)) for t in expr.args)))
    return expr if not expr.args else (type(expr).__name__, tuple(_shape(a) for a in expr.args))


def _flat(expr: sp.Expr):
    for factor in expr.args:
        yield from _flat(factor) if isinstance(factor, sp.Mul) else (factor,)


def grouped(expr: sp.Expr) -> sp.Expr:
    """`expr` with what can be factored in a sum beside its number: 2 + z(1 − 2σ)."""
    if not expr.args:
        return expr
    expr = expr.func(*(grouped(a) for a in expr.args))
    number, rest = expr.as_coeff_Add()
    return number + factored(rest) if expr.is_Add and number != 0 and rest.is_Add else expr


def _backward(total: sp.Expr) -> bool:
    """Whether a sum reads better with opposite signs: y with a plus beside a, or a number with a minus."""
    if total.has(Y):
        return bool(total.coeff(Y).is_positive) and (total - total.coeff(Y) * Y).could_extract_minus_sign()
    return bool(total.as_coeff_Add()[0].is_negative)
