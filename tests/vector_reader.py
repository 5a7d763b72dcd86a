"""A reader of vector notation in LaTeX: text back to numbers, so that a lost bracket or transpose shows.

A vector is a column of numbers, so that products written side by side are products of matrices.
"""

import numpy as np
from scipy.special import erf, expit

from latex_reader import Reader

SIDE = 3  # of all arrays alike: products are told apart by their numbers
STOPS = ("}", ")", r"\rvert", r"\rVert", "+", "-", "/", r"\odot", "")
FUNCTIONS = {
    r"\log": np.log,
    r"\sigma": expit,
    r"\Phi": lambda x: (1 + erf(x / np.sqrt(2))) / 2,
    r"\varphi": lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
}


class VectorReader(Reader):
    """The same descent over vectors, rows and matrices; ⊙ binds less than what stands side by side."""

    def product(self):
        value = self.beside()
        while self.sign(r"\odot"):
            value = value * self.beside()
        return value / self.beside() if self.sign("/") else value

    def beside(self):
        assert self.peek() not in STOPS, f"no factor before {self.peek()!r}"
        value = self.power()
        while self.peek() not in STOPS:
            self.sign(r"\cdot")
            value = times(value, self.power())
        return value

    def power(self):
        value = self.atom()
        while self.sign("^"):
            value = self.raised(value)
        return value

    def raised(self, value):
        self.take("{")
        if self.sign(r"\top"):
            self.take("}")
            return value.T
        exponent = self.total()
        self.take("}")
        return value**exponent

    def atom(self):
        if self.peek() == r"\lVert":
            return np.sqrt((self.between(r"\lVert", r"\rVert") ** 2).sum())
        if self.peek() == r"\mathrm{diag}":
            self.take()
            return np.diag(self.between("(", ")")[:, 0])
        return super().atom() if self.peek() not in FUNCTIONS else self.function(self.take())

    def function(self, name):
        return FUNCTIONS[name](self.between("(", ")") if self.peek() == "(" else self.power())

    def letter(self, token):
        if token.isdigit():
            return int(token)
        if token == r"\mathbf":
            return np.ones((self.values["K"], 1)) * self.group()
        while self.peek() == "'":
            token += self.take()
        if self.sign("_"):
            token += "_" + self.script()
        if token == "e" and self.tokens[-3:] != [r"\top", "{", "^"] and self.peek() == "^":
            self.take()
            return np.exp(self.group())
        return self.values[token] * 1  # a copy: sums add in place

    def script(self):
        """The text of a subscript with its braces."""
        found = self.take("{")
        while found.count("{") > found.count("}"):
            found += self.take()
        return found


def times(left, right):
    """The product of scalars, rows, columns and matrices; a row times a column is a scalar."""
    if np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    found = left @ right
    return found[0, 0] if found.shape == (1, 1) else found


def read(latex, values):
    """What a formula in vector notation says, with the values of its letters by their LaTeX."""
    reader = VectorReader(latex, values)
    value = reader.total()
    assert not reader.tokens, f"left over: {reader.tokens[::-1]}"
    return value


class MatrixReader(VectorReader):
    """The same reader with bars, square roots and exponentials of arrays, and the norm of a matrix."""

    def atom(self):
        if self.peek() == r"\sqrt":
            self.take()
            return np.sqrt(self.group())
        if self.peek() == r"\bar":
            self.take()
            self.take("{")
            name = self.take()
            self.take("}")
            return self.letter(rf"\bar{{{name}}}")
        if self.peek() == r"\exp":
            self.take()
            return np.exp(self.between("(", ")"))
        found = super().atom() if self.peek() not in FUNCTIONS else self.function(self.take())
        if self.sign("_"):
            assert self.script() == "{F}"
        return found

    def letter(self, token):
        if token == r"\mathbf":
            return np.ones((SIDE, 1)) * self.group()
        return self.values[token] * 1 if token in self.values else int(token)  # a copy: sums add in place
