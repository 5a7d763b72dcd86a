"""Vectors and matrices as readers write them, `p ⊙ (p − y)`, `diag(p) − p pᵀ`, in any alphabet.

Within a function, a fraction or a power a number is that of each component; elsewhere it is a multiple of 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp
from sympy import Expr

from derive.emit import shape
from derive.model import CS, QS, YS
from derive.rules.layers import capital, is_derivative
from derive.rules.vectors.algebra import (
    VectorForm,
    applied,
    around,
    diagonal,
    is_matrix,
    is_vector,
    outer,
    total,
    turned,
    unit,
)


@dataclass(frozen=True, kw_only=True)
class Signs:
    """How an alphabet writes what only vectors have; `{}` stand for the parts."""

    ones: str
    unit: str
    identity: str
    diagonal: str
    top: str
    square: str
    norm: str
    times: str
    power: str
    space: str
    tight: bool


class VectorNotation:
    """The methods by which a printer writes a VectorForm; `signs` are its alphabet."""

    signs: Signs
    _print: Callable[..., str]

    _enclosed: Callable[[str, Expr], str]
    _fraction: Callable[[str, str], str]
    _marked: Callable[[str], str]  # a letter that gets one more superscript

    def _print_VectorForm(self, form: VectorForm) -> str:
        expr = form.expr
        if len(form.indices) == 1 and not is_vector(expr) and expr != 0:
            return self._multiple(expr, self.signs.ones)
        return self._linear(expr)

    def _linear(self, expr: Expr) -> str:
        """An expression where a scalar term is a multiple of 1."""
        return self._vector_sum(expr) if expr.is_Add and _is_array(expr) else self._print(expr)

    def _print_IndexedBase(self, expr) -> str:
        name = expr.label.name
        return self._print(expr.label if len(expr.shape) == 1 else sp.Symbol(capital(name)))

    def _print_unit(self, expr) -> str:
        return self.signs.unit.format(self._print(expr.args[0]))

    def _print_diagonal(self, expr) -> str:
        (vector,) = expr.args
        return self.signs.identity if vector == 1 else self._diagonal(vector)

    def _diagonal(self, vector: Expr) -> str:
        text = self._linear(vector)
        enclosed = text if is_enclosed(text) else self._enclosed(text, vector)
        return self.signs.diagonal + enclosed

    def _print_outer(self, expr) -> str:
        left, right = self._closed_product(expr.args[0]), self._row(expr.args[1])
        return left + ("" if left.endswith(")") and right.startswith("(") else self.signs.space) + right

    def _print_applied(self, expr) -> str:
        return self._beside(self._matrix(expr.args[0]), self._closed_product(expr.args[1]))

    def _print_transposed(self, expr) -> str:
        return self.signs.top.format(self._marked(self._matrix(expr.args[0])))

    def _print_multiplied(self, expr) -> str:
        first, *rest = expr.args
        text = self._matrix(first)
        for left, right in pairwise((first, *rest)):
            wide = isinstance(left, diagonal | around) or isinstance(right, diagonal | around)
            text = self._beside(text, self._matrix(right), self.signs.space if wide else " ")
        return text

    def _matrix(self, matrix: Expr) -> str:
        """A matrix as a factor of a product of matrices."""
        text = self._linear(matrix)
        open_power = matrix.is_Pow and is_matrix(matrix)
        return self._enclosed(text, matrix) if matrix.is_Add or matrix.is_Mul or open_power else text

    def _matrix_power(self, expr: Expr) -> str:
        """A power of the entries of a matrix, which is no power of the matrix."""
        text = self._matrix(expr.base)
        return (
            self.signs.times.join((text, text)) if expr.exp == 2 else self.signs.power.format(text, expr.exp)
        )

    def _row(self, vector: Expr) -> str:
        """A vector as a row behind a column: of a product of matrices 𝟏ᵀ U, not (Uᵀ 𝟏)ᵀ."""
        if not isinstance(vector, applied):
            return self._transposed(vector)
        matrix, inner = vector.args
        return self._beside(self._row(inner), self._matrix(turned(matrix)))

    def _print_around(self, expr) -> str:
        left, matrix, right = expr.args
        ends = ["" if v == 1 else self._diagonal(v) for v in (left, right)]
        middle = self._matrix(matrix)
        return self._beside(ends[0], self._beside(middle, ends[1], self.signs.space), self.signs.space)

    def _print_total(self, expr) -> str:
        """1ᵀv, uᵀv or ‖v‖²; scalar factors stand in front."""
        if is_matrix(expr.args[0]):
            return self._sum_of_entries(expr.args[0])
        factors = shape.factors(expr.args[0])
        scalar = sp.Mul(*[f for f in factors if not is_vector(f)])
        return self._multiple(scalar, self._inner([f for f in factors if is_vector(f)]))

    def _sum_of_entries(self, matrix: Expr) -> str:
        if is_square([matrix]):
            return self.signs.norm.format(self._linear(shape.facing(matrix.base)))
        return self._inner([applied(matrix, 1)])

    def _inner(self, factors: list[Expr]) -> str:
        """The sum of the components of a product of vectors."""
        if is_square(factors):
            return self.signs.square.format(self._linear(shape.facing(factors[0].base)))
        left, right = [f for f in factors if _is_plain(f)], [f for f in factors if not _is_plain(f)]
        if not left or not right:
            *left, last = sorted(left or right, key=_order)
            right = [last]
        return self._beside(self._transposed(sp.Mul(*left)), self._closed_product(sp.Mul(*right)))

    def _transposed(self, part: Expr) -> str:
        """A vector as a row."""
        text = self.signs.ones if part == 1 else self._linear(part)
        plain = _is_plain(part) or part == 1
        return self.signs.top.format(self._marked(text) if plain else self._enclosed(text, part))

    def _closed_product(self, part: Expr) -> str:
        """A vector as a factor of a product of matrices."""
        if part == 1:
            return self.signs.ones
        text = self._linear(part)
        return self._enclosed(text, part) if part.is_Add or part.is_Mul else text

    def _multiple(self, scalar: Expr, vector: str) -> str:
        """A scalar times what is written already; sums over components in brackets next to it."""
        if scalar == 1 or not vector:
            return vector or self._print(scalar)
        whole = shape.quotient(scalar)
        fraction = whole.denominator or whole.q > 1
        sums = [f for f in whole.numerator if isinstance(f, total) and not fraction]
        rest = _product(whole.p, [f for f in whole.numerator if f not in sums]) if sums else scalar
        if whole.negative and sums:
            rest = shape.product(sp.S.NegativeOne, rest)
        texts = [self._in_product(f) for f in (rest, *sums) if f != 1]
        for text in reversed(texts):
            vector = self._multiple_text(text, vector)
        return vector

    def _in_product(self, scalar: Expr) -> str:
        text = self._print(scalar)
        open_sum = isinstance(scalar, total) and not is_square([scalar.args[0]])
        return self._enclosed(text, scalar) if scalar.is_Add or open_sum else text

    def _multiple_text(self, scalar: str, vector: str) -> str:
        if scalar.isdigit() and self.signs.tight:
            return scalar + vector
        return self._beside(scalar, vector, self.signs.space)

    def _beside(self, left: str, right: str, space: str = " ") -> str:
        opens = right.startswith(("(", r"\left(", r"\bigl("))
        return left + ("" if opens or not left or not right else space) + right

    def _vector_sum(self, expr: Expr) -> str:
        """The terms of a sum of vectors or matrices."""
        terms = sorted(shape.ordered_terms(expr), key=lambda t: t.has(outer))
        first = next((t for t in terms if not shape.is_negative(t)), terms[0])
        rest = [t for t in terms if t is not first]
        return self._signed(first, "-", "") + "".join(self._signed(t, " - ", " + ") for t in rest)

    def _signed(self, term: Expr, minus: str, plus: str) -> str:
        bare, sign = shape.without_sign(term), (minus if shape.is_negative(term) else plus)
        if not _is_array(bare):
            return sign + self._multiple(bare, self.signs.ones)
        text = self._linear(bare)
        return sign + (self._enclosed(text, bare) if bare.is_Add and sign else text)

    def _vector_product(self, expr: Expr) -> str:
        """A scalar, then vectors joined by ⊙, those of the denominator below a fraction line."""
        whole = shape.quotient(expr)
        sign = "-" if whole.negative else ""
        above, front = _parted(whole.numerator)
        below, under = _parted(whole.denominator)
        if below:
            top = self._part(_product(whole.p, front), above)
            bottom = self._part(_product(whole.q, under), below)
            return sign + self._fraction(top, bottom)
        if (under or whole.q > 1) and len(above) == 1 and not _is_long(above[0]):
            top = self._multiple(_product(whole.p, front), self._print(above[0]))
            return sign + self._fraction(top, self._print(_product(whole.q, under)))
        scalar = _product(sp.Rational(whole.p, whole.q), [*front, *(1 / f for f in under)])
        return sign + self._multiple(scalar, self._elementwise(above, self._linear))

    def _part(self, scalar: Expr, vectors: list[Expr]) -> str:
        """What stands above or below a fraction line."""
        if scalar == 1 and len(vectors) == 1:
            return self._print(vectors[0])
        return self._multiple(scalar, self._elementwise(vectors, self._print))

    def _elementwise(self, found: list[Expr], write: Callable[[Expr], str]) -> str:
        texts = [(write(f), f) for f in shape.beside(sorted(found, key=_order))]
        return self.signs.times.join(self._enclosed(t, f) if f.is_Add else t for t, f in texts)


def outside(text: str) -> str:
    """What of a text stands outside of all its brackets."""
    depth, found = 0, ""
    for char in text:
        depth -= char == ")"
        found += char if depth == 0 else ""
        depth += char == "("
    return found


def is_enclosed(text: str) -> bool:
    """Whether a text is one pair of brackets with what stands between them."""
    return outside(text) == "()"


def is_square(factors: list[Expr]) -> bool:
    """Whether a product is the square of one vector."""
    return len(factors) == 1 and factors[0].is_Pow and factors[0].exp == 2


def is_open_total(expr: Expr) -> bool:
    """Whether an expression is a sum over components, but for the squared norm of a matrix."""
    return isinstance(expr, total) and not (is_matrix(expr.args[0]) and is_square([expr.args[0]]))


def _order(factor: Expr) -> tuple:
    """Letters first: numbers of the classes, targets, others; logarithms last."""
    plain, last = _is_plain(factor), isinstance(factor, sp.log)
    return not plain, last, not is_derivative(factor), factor not in (CS, QS), factor != YS


def _is_plain(vector: Expr) -> bool:
    """Whether a vector is a letter, so that it needs no brackets."""
    return isinstance(vector, sp.IndexedBase | unit)


def _is_long(array: Expr) -> bool:
    """Whether an array is too long to stand above a fraction line."""
    sums = isinstance(array, applied | outer) and array.args[1] == 1
    return bool(
        array.is_Add or isinstance(array, around) or sums or (isinstance(array, outer) and array.args[0] == 1)
    )


def _is_array(expr: Expr) -> bool:
    return is_vector(expr) or is_matrix(expr)


def _parted(factors: tuple[Expr, ...]) -> tuple[list[Expr], list[Expr]]:
    """Vectors and matrices, and scalars."""
    arrays = [f for f in factors if _is_array(f)]
    return arrays, [f for f in factors if f not in arrays]


def _product(number: Expr | int, factors: list[Expr]) -> Expr:
    """The product as it stands, without a factor 1."""
    found = [sp.Rational(number), *factors] if number != 1 else factors
    return shape.product(*found) if found else sp.S.One
