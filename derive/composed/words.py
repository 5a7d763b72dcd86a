"""The text of a network as words: names with what stands in their brackets, and expressions.

Words stand apart by spaces, or by , | > → outside of brackets: `dense(4,8) z*sigmoid(z) dense(8,1)`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from derive import catalogue
from derive.asked import Given
from derive.catalogue.names import shortened
from derive.model import LEVELS, BadInput

EXAMPLE: Final = 'Try: "dense(4,8) tanh dense(8,3) softmax" cross_entropy'
LONGEST: Final = 4000  # characters
MOST: Final = 1 + len(LEVELS)  # stages, each of which may need an axis of its own

NAMED: Final = re.compile(r"([A-Za-z_][\w:]*)(?:\(([^()]*)\))?")
SPACED: Final = re.compile(r"([A-Za-z_][\w:]*)\s+\(([^()]*)\)")
NUMBER: Final = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?")
APART: Final = re.compile(r"\s|[,>|→]|->")


@dataclass(frozen=True, kw_only=True)
class Word:
    """A name with what stands in brackets behind it; or an expression or an entry, which has no name."""

    text: str
    given: Given
    name: str = ""
    numbers: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


def words(given: Given | Sequence[Given]) -> tuple[Word, ...]:
    """The words of a text, or of a list of texts, expressions and entries."""
    items = given if isinstance(given, list | tuple) else [given]
    found = tuple(word for item in items for word in _of(item))
    if not found or len(found) > MOST:
        raise BadInput(f"a network has 1 to {MOST} stages, not {len(found)}. {EXAMPLE}")
    return found


def _of(item: Given) -> Iterator[Word]:
    if not isinstance(item, str):
        yield Word(text=str(getattr(item, "name", item)), given=item)
        return
    if len(item) > LONGEST:
        raise BadInput(f"a network of {len(item)} characters is longer than {LONGEST}")
    for text in _pieces(SPACED.sub(_joined, item)):
        named = NAMED.fullmatch(text)
        yield _named(named) if named and _is_plain(named) else Word(text=text, given=text)


def _joined(match: re.Match[str]) -> str:
    """A name and the bracket behind it, without the space between where there is but a word."""
    together = f"{match[1]}({match[2]})"
    named = NAMED.fullmatch(together)
    return together if named and _is_plain(named) else match[0]


def _pieces(text: str) -> Iterator[str]:
    """The parts of a text between what stands outside of brackets and keeps words apart."""
    depth = start = at = 0
    while at < len(text):
        apart = None if depth else APART.match(text, at)
        if apart:
            yield from filter(None, [text[start:at]])
            start = at = apart.end()
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth < 0:
            raise BadInput(f"{shortened(text[start:])!r} closes a bracket that is not open. {EXAMPLE}")
        at += 1
    if depth:
        raise BadInput(f"{shortened(text[start:])!r} has a bracket that is not closed. {EXAMPLE}")
    yield from filter(None, [text[start:]])


def _is_plain(match: re.Match[str]) -> bool:
    """Whether nothing but numbers and bindings stands in brackets, or it is a layer whatever stands there."""
    inside = [part.strip() for part in (match[2] or "").split(",")]
    return catalogue.layer(match[1].lower()) is not None or all(
        not part or "=" in part or NUMBER.fullmatch(part) for part in inside
    )


def _named(match: re.Match[str]) -> Word:
    name, inside = match[1], match[2] or ""
    parts = [part.strip() for part in inside.split(",") if part.strip()]
    bound = tuple(
        (half.strip(), rest.strip()) for half, sign, rest in (p.partition("=") for p in parts) if sign
    )
    text = f"{name.lower()}({', '.join(parts)})" if parts else name.lower()
    plain = tuple(part for part in parts if "=" not in part)
    return Word(text=text, given=name, name=name.lower(), numbers=plain, parameters=bound)
