"""Conditions on letters, such as `z > 0` or `-1 < z < 1`, as the intervals where the letters lie."""

import ast
from dataclasses import replace

from derive.expression.build import sign_of
from derive.expression.reader import Letters, Reader
from derive.model import Interval, Z

WORDS = "<, <=, > or >="


def read_interval(text: str) -> Interval:
    """The values of z of a condition; BadInput where it is none."""
    return read_places(text, {"z": Z})["z"]


def read_places(text: str, letters: Letters) -> dict[str, Interval]:
    """The interval of each letter that a condition speaks of; several are joined by `and`."""
    reader = Reader(text, letters, {})
    tree = reader.tree()
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    found: dict[str, Interval] = {}
    for part in parts:
        if not isinstance(part, ast.Compare):
            raise reader.fault(part, f"it is no condition on {_either(letters)}", _tries(letters))
        values = [reader.node(side, 0).expr for side in (part.left, *part.comparators)]
        for left, sign, right in zip(values, part.ops, values[1:], strict=False):
            _narrow(found, reader, part, (left, sign, right))
    for name, place in found.items():
        if sign_of(place.hi - place.lo) != 1 if not (place.hi - place.lo).is_infinite else False:
            raise reader.fault(tree, f"no {name} satisfies it", _tries(letters))
    return found


def _either(letters: Letters) -> str:
    return " or ".join(letters)


def _tries(letters: Letters) -> str:
    first = next(iter(letters))
    return f"{first}>0 or -1<{first}<1"


def _narrow(found: dict[str, Interval], reader: Reader, node: ast.AST, comparison: tuple) -> None:
    """Keep the part of a letter's interval where its comparison with a number holds."""
    left, sign, right = comparison
    if not isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        raise reader.fault(node, f"a condition is made with {WORDS}", _tries(reader.letters))
    names = {symbol: name for name, symbol in reader.letters.items()}
    if (left in names) == (right in names) or (left if right in names else right).free_symbols:
        raise reader.fault(node, "it is no comparison of a letter with a number", _tries(reader.letters))
    name, number = (names[left], right) if left in names else (names[right], left)
    closed, domain = isinstance(sign, ast.LtE | ast.GtE), found.get(name, Interval())
    if isinstance(sign, ast.Lt | ast.LtE) == (left in names):
        if sign_of(domain.hi - number) == 1 if domain.hi.is_finite else True:
            found[name] = replace(domain, hi=number, closed_hi=closed)
        elif number == domain.hi:
            found[name] = replace(domain, closed_hi=closed and domain.closed_hi)
        return
    if sign_of(number - domain.lo) == 1 if domain.lo.is_finite else True:
        found[name] = replace(domain, lo=number, closed_lo=closed)
    elif number == domain.lo:
        found[name] = replace(domain, closed_lo=closed and domain.closed_lo)
