"""A reader of the printer's LaTeX: text back to a number, so that a lost bracket shows."""

import math
import re

TOKEN = re.compile(
    r"\\mathrm\{\w+\}|\\left|\\right|\\bigl|\\bigr|\\[A-Za-z]+|\\[,;]|\d+|[A-Za-z]|[-+/^{}()=]|\s+|\S"
)
SPACES = (r"\left", r"\right", r"\bigl", r"\bigr", r"\,")
FUNCTIONS = {
    r"\log": math.log,
    r"\tanh": math.tanh,
    r"\cosh": math.cosh,
    r"\sinh": math.sinh,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\sigma": lambda x: 1 / (1 + math.exp(-x)),
    r"\Phi": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    r"\varphi": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    r"\mathrm{erf}": math.erf,
    r"\mathrm{sech}": lambda x: 1 / math.cosh(x),
    r"\mathrm{softplus}": lambda x: math.log(1 + math.exp(x)),
    r"\mathrm{sgn}": lambda x: math.copysign(1, x) if x else 0,
}
STOPS = ("}", ")", r"\rvert", "+", "-", "/", "")


class Reader:
    """Recursive descent over sums, products written side by side, powers and functions."""

    def __init__(self, latex, values):
        found = [t for t in TOKEN.findall(latex) if not t.isspace() and t not in SPACES]
        self.tokens, self.values = found[::-1], values

    def peek(self):
        return self.tokens[-1] if self.tokens else ""

    def take(self, wanted=None):
        token = self.tokens.pop()
        assert wanted in (None, token), f"{token!r} where {wanted!r} is due"
        return token

    def total(self):
        value = -self.product() if self.sign("-") else self.product()
        while self.peek() in ("+", "-"):
            value += -self.product() if self.take() == "-" else self.product()
        return value

    def sign(self, wanted):
        return self.peek() == wanted and bool(self.take())

    def product(self):
        assert self.peek() not in STOPS, f"no factor before {self.peek()!r}"
        value = self.power()
        while self.peek() not in STOPS:
            self.sign(r"\cdot")
            value *= self.power()
        if self.sign("/"):
            value /= self.power()
        return value

    def power(self):
        value = self.atom()
        return value ** self.group() if self.sign("^") else value

    def group(self):
        return self.between("{", "}")

    def between(self, opening, closing):
        self.take(opening)
        value = self.total()
        self.take(closing)
        return value

    def atom(self):
        if self.peek() == "(":
            return self.between("(", ")")
        if self.peek() == r"\lvert":
            return abs(self.between(r"\lvert", r"\rvert"))
        token = self.take()
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return math.sqrt(self.group())
        return self.function(token) if token in FUNCTIONS else self.letter(token)

    def function(self, name):
        """f(x), f^2(x), log a, log cosh(x), log followed by a fraction; σ without a bracket is a letter."""
        exponent = self.group() if self.sign("^") else 1
        if name in self.values and self.peek() != "(":
            return self.values[name] ** exponent
        value = self.between("(", ")") if self.peek() == "(" else self.atom()
        return FUNCTIONS[name](value) ** exponent

    def letter(self, token):
        if token.isdigit():
            return int(token)
        return {"e": math.e, r"\pi": math.pi}.get(token) or self.values[token]


def read(latex, **values):
    """The value of a formula in LaTeX, with the values of its letters (commands by their LaTeX)."""
    reader = Reader(latex, {k if len(k) == 1 else f"\\{k}": v for k, v in values.items()})
    value = reader.total()
    assert not reader.tokens, f"left over: {reader.tokens[::-1]}"
    return value
