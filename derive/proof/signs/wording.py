"""Formulas within sentences."""

import re

import sympy as sp

_PATTERNS = (
    (r"exp\((-?\w+)\)", r"e^\1"),
    (r"exp\(", "e^("),
    (r"sqrt\((\w+)\)", r"√\1"),
    (r"\*\*2(?![\d/.])", "²"),
    (r"\*\*3(?![\d/.])", "³"),
    (r"\*\*", "^"),
    (r"\*", "·"),
    (r"-", "−"),
    (r"\bpi\b", "π"),
    (r"√pi\b", "√π"),
)


def prose(expr: sp.Expr) -> str:
    """A formula as a sentence holds it: e^z for exp(z), x² for x**2."""
    text = str(expr)
    for pattern, put in _PATTERNS:
        text = re.sub(pattern, put, text)
    return text
