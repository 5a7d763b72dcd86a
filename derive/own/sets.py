"""Sets as people write them: "(0, inf)", "[0, 1]", "{-1, 1}", "R", or a condition such as "y >= 0"."""

import re
from collections.abc import Mapping

import sympy as sp

from derive.expression import read, read_places
from derive.model import REALS, BadInput, Finite, Interval, Set

INFINITE = {"inf": sp.oo, "+inf": sp.oo, "oo": sp.oo, "∞": sp.oo, "-inf": -sp.oo, "-oo": -sp.oo, "-∞": -sp.oo}
LONGEST = 120  # characters
MANY = 20  # labels
EXAMPLES = "'(0, inf)', '[0, 1]', '{-1, 1}', 'R'"


def read_set(text: str, letter: sp.Symbol, others: Mapping[str, sp.Symbol] | None = None) -> Set:
    """The set that a text means; its ends may hold `others`. BadInput where it is none."""
    text = text.strip()
    if len(text) > LONGEST:
        raise BadInput(f"a set of more than {LONGEST} characters is not read. Try: {EXAMPLES}")
    if text in ("R", "reals", "real", "(-inf, inf)"):
        return REALS
    if text.startswith("{") and text.endswith("}"):
        return _labels(text)
    if text[:1] in ("(", "[") and text[-1:] in (")", "]") and "," in text:
        return _interval(text, others or {})
    places = read_places(text, {str(letter): letter, **(others or {})})
    if set(places) != {str(letter)}:
        raise _fault(text)
    return places[str(letter)]


def _fault(text: str) -> BadInput:
    return BadInput(f"{text!r} is no set of numbers. Try: {EXAMPLES}")


def _labels(text: str) -> Finite:
    parts = text[1:-1].split(",")
    if not 1 <= len(parts) <= MANY or not all(re.fullmatch(r"\s*[-+]?\d{1,6}\s*", part) for part in parts):
        raise _fault(text)
    return Finite(values=tuple(sorted({int(part) for part in parts})))


def _interval(text: str, others: Mapping[str, sp.Symbol]) -> Interval:
    low, high = _halves(text[1:-1])
    found = Interval(
        lo=_end(low, others), hi=_end(high, others), closed_lo=text[0] == "[", closed_hi=text[-1] == "]"
    )
    found = Interval(
        lo=found.lo,
        hi=found.hi,
        closed_lo=found.closed_lo and found.lo.is_finite is not False,
        closed_hi=found.closed_hi and found.hi.is_finite is not False,
    )
    if (found.hi - found.lo).is_extended_positive is False:
        raise BadInput(f"{text!r} is empty. Try: the lower end first")
    return found


def _halves(inside: str) -> tuple[str, str]:
    """The two ends, at the comma outside brackets."""
    depth = 0
    for at, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            return inside[:at], inside[at + 1 :]
    raise _fault(inside)


def _end(text: str, others: Mapping[str, sp.Symbol]) -> sp.Expr:
    text = text.strip()
    return INFINITE[text] if text in INFINITE else read(text, others).expr
