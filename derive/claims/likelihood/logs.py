"""The logarithm of a density, term by term, and which of the terms the model can change."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Product, Sum, exp, log

from derive.model import AS, RS, US, VS, YS, A, Proof, Unproved, Y
from derive.proof import indexed, prove

PREDICTED, TARGETS = (A, AS, US, VS, RS), (Y, YS)


@dataclass(frozen=True, kw_only=True)
class Logarithm:
    """−log p = `kept` + `data` + `constant`: what has a in it, what has only y, what has neither."""

    kept: Expr
    data: Expr
    constant: Expr

    @property
    def whole(self) -> Expr:
        """All three."""
        return self.kept + self.data + self.constant


def has(expr: Expr, letters: tuple[Expr, ...]) -> bool:
    """Whether one of these letters, or a component of one, is in an expression."""
    bases = {e.base for e in expr.atoms(Indexed)}
    return any(m in bases if isinstance(m, IndexedBase) else expr.has(m) for m in letters)


def negative_log(mass: Expr) -> Logarithm:
    """−log of a density, sorted by what its terms depend on; that of a product is a sum."""
    if isinstance(mass, Product):
        one = negative_log(mass.function)
        kept, data, constant = (summed(part, mass) for part in (one.kept, one.data, one.constant))
        return Logarithm(kept=kept, data=data, constant=constant)
    terms = [negated(term) for term in log_terms(mass)]
    kept = [t for t in terms if has(t, PREDICTED)]
    data = [t for t in terms if not has(t, PREDICTED) and has(t, TARGETS)]
    rest = [t for t in terms if not has(t, (*PREDICTED, *TARGETS))]
    return Logarithm(kept=sp.Add(*kept), data=sp.Add(*data), constant=one_log(rest))


def negated(term: Expr) -> Expr:
    """−term, of cases each."""
    if isinstance(term, sp.Piecewise):
        return sp.Piecewise(*((-value, condition) for value, condition in term.args))
    return -term


def log_terms(mass: Expr) -> Iterator[Expr]:
    """The terms of log p, by factors, powers and exponentials."""
    if mass.is_Mul:
        for factor in mass.args:
            yield from log_terms(factor)
    elif isinstance(mass, exp):
        yield from sp.Add.make_args(mass.args[0])
    elif isinstance(mass, sp.Piecewise):
        yield sp.Piecewise(*((sp.Add(*log_terms(value)), condition) for value, condition in mass.args))
    elif mass.is_Pow and not mass.base.is_Number:
        yield sp.factor_terms(mass.exp) * log(mass.base)
    elif mass != 1:
        yield log(mass)


def summed(term: Expr, product: Product) -> Expr:
    """The sum over the indices of a product, a factor without them in front."""
    outside, inside = term.as_independent(*product.variables, as_Add=False)
    if inside == 1 or not inside.has(*product.variables):
        return term * sp.Mul(*(last - first + 1 for _, first, last in product.limits))
    return outside * Sum(inside, *product.limits)


def one_log(terms: list[Expr]) -> Expr:
    """The sum of the terms, the logarithms with numbers in front joined: ½ log 2 + log σ = ½ log 2σ²."""
    split = [term.as_coeff_Mul() for term in sp.Add.make_args(sp.Add(*terms))]
    sizes = [(size, rest) for size, rest in split if isinstance(rest, log)]
    parts = [(size, rest) for size, rest in split if not isinstance(rest, log)]
    if len(sizes) < 2:
        return sp.Add(*terms)
    unit = lcm(*(int(size.q) for size, _ in sizes))
    inside = sp.Mul(*(rest.args[0] ** (size * unit) for size, rest in sizes))
    return sp.Mul(sp.Rational(1, unit), log(inside)) + sp.Add(*(size * rest for size, rest in parts))


def log_proof(mass: Expr) -> Proof:
    """How the logarithm is known: p² = exp(2 log p) by normal form, factor by factor of a product."""
    if isinstance(mass, Product):
        return log_proof(mass.function)
    terms = sp.Add.make_args(negative_log(mass).whole)
    found, square = sp.Mul(*(exp(-2 * term) for term in terms)), mass**2
    if found == square:
        return indexed.NORMAL_FORM
    if square.has(sp.Piecewise):
        return prove(found, square, at_points=False)
    try:
        return indexed.prove(found, square)
    except Unproved:
        return Proof(method="none")
