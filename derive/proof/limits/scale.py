"""The scale on which functions are compared for x → ∞: monomials x^p (log x)^q e^(Σ c·m), m monomials.

Any two are in order: a difference of exponents outweighs every power, a power every logarithm.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import count

import sympy as sp

from derive.proof.normal import is_zero
from derive.proof.quotient import expression, lowest

Term = tuple[sp.Expr, "Monomial"]


class Unsettled(Exception):
    """What decides is not known: the sign of a coefficient, or a term beyond those computed."""


class OpenSign(Unsettled):
    """A coefficient whose sign its parameters decide; more terms will not help."""


@dataclass(frozen=True, eq=False)
class Monomial:
    """x^power · (log x)^logs · e^(Σ c·m) over the (c, m) of `growth`, each m unbounded and above log x.

    Equal ones are the same object, made by `monomial`: its `number` puts growth in one order.
    """

    growth: tuple[Term, ...]
    power: sp.Expr
    logs: sp.Expr
    number: int = field(default_factory=count().__next__)

    def __mul__(self, other: "Monomial") -> "Monomial":
        return _product(self, other)

    def __pow__(self, exponent: sp.Expr) -> "Monomial":
        growth = gathered((sp.expand(c * exponent), m) for c, m in self.growth)
        return monomial(growth, sp.expand(self.power * exponent), sp.expand(self.logs * exponent))

    def written(self, x: sp.Expr) -> sp.Expr:
        """The monomial as an expression."""
        exponent = sp.Add(*(c * m.written(x) for c, m in self.growth))
        return sp.exp(exponent) * x**self.power * sp.log(x) ** self.logs


@cache
def _made(growth: tuple[Term, ...], power: sp.Expr, logs: sp.Expr) -> Monomial:
    return Monomial(growth, power, logs)


def monomial(
    growth: tuple[Term, ...] = (), power: sp.Expr = sp.S.Zero, logs: sp.Expr = sp.S.Zero
) -> Monomial:
    """The one monomial of these parts."""
    return _made(growth, power, logs)


@lru_cache(maxsize=1 << 14)
def _product(one: Monomial, other: Monomial) -> Monomial:
    growth = one.growth + other.growth
    return monomial(
        gathered(growth) if one.growth and other.growth else growth,
        added(one.power, other.power),
        added(one.logs, other.logs),
    )


def added(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """A sum of coefficients, in one form where it is 0."""
    total = one + other
    if total.is_Rational:
        return total
    return sp.S.Zero if vanishes(total) else _short(total)


@lru_cache(maxsize=4096)
def _short(number: sp.Expr) -> sp.Expr:
    """A sum in parameters as one fraction in lowest terms, so that it does not grow from sum to sum."""
    if not (number.is_Add and number.free_symbols):
        return number
    kept = {e: sp.Dummy(f"k{n}") for n, e in enumerate(sorted(_opaque(number), key=sp.default_sort_key))}
    written = number.xreplace(kept)
    names = {str(s): s for s in written.free_symbols}
    try:
        top, bottom = lowest(written)
    except TypeError:
        return number
    back = {name: e for e, name in kept.items()}
    return (expression(top, names) / expression(bottom, names)).xreplace(back)


def _opaque(number: sp.Expr) -> set[sp.Expr]:
    """The parts that are no rational expression of symbols: π, roots, functions."""
    if number.is_Symbol or number.is_Rational:
        return set()
    if number.is_Add or number.is_Mul:
        return {part for a in number.args for part in _opaque(a)}
    return _opaque(number.base) if number.is_Pow and number.exp.is_Integer else {number}


@lru_cache(maxsize=4096)
def vanishes(number: sp.Expr) -> bool:
    """Whether a coefficient is 0, whatever its parameters are."""
    if number.is_Rational or number.is_Symbol:
        return number == 0
    try:
        return is_zero(number)
    except TypeError:
        return bool(sp.expand(number) == 0)


def gathered(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms with those of one monomial added, and without those that are 0."""
    found: dict[Monomial, sp.Expr] = {}
    for number, monomial in terms:
        found[monomial] = added(found[monomial], number) if monomial in found else number
    kept = [(c, m) for m, c in found.items() if c != 0]
    return tuple(kept) if len(kept) < 2 else tuple(sorted(kept, key=lambda term: term[1].number))


@lru_cache(maxsize=4096)
def sign(number: sp.Expr) -> int:
    """−1, 0 or 1, for all admissible parameters; Unsettled where that is not known."""
    for form in (number, sp.factor(number)):
        if form.is_zero or form.is_positive or form.is_negative:
            return 0 if form.is_zero else 1 if form.is_positive else -1
    raise OpenSign(f"the sign of {number} is not known")


@lru_cache(maxsize=1 << 14)
def size(monomial: Monomial) -> int:
    """1 where the monomial tends to ∞, −1 where it tends to 0, 0 where it is 1."""
    if monomial.growth:
        return sign(dominant(monomial.growth)[0])
    return sign(monomial.power) or sign(monomial.logs)


@lru_cache(maxsize=1 << 14)
def compared(one: Monomial, other: Monomial) -> int:
    """1 where the first outgrows the second, −1 where the second does, 0 where they are the same."""
    return 0 if one == other else size(one * other**sp.S.NegativeOne)


def dominant(terms: Iterable[Term]) -> Term:
    """The term that outgrows the others."""
    every = tuple(terms)
    for term in every:
        if all(other is term or outgrows(term[1], other[1]) for other in every):
            return term
    raise Unsettled("no term outgrows the others")


def outgrows(one: Monomial, other: Monomial) -> bool:
    """Whether the first is known to outgrow the second."""
    try:
        return compared(one, other) > 0
    except Unsettled:
        return False


ONE = monomial()
X = monomial(power=sp.S.One)
LOG_X = monomial(logs=sp.S.One)
