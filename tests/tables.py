"""What the tests loop over: every pair and every single name of the catalogue, and their formulas."""

import re
from dataclasses import dataclass
from functools import cache

import derive

DISPLAY = re.compile(r"\\\[(.*?)\\\]", re.DOTALL)
INLINE = re.compile(r"\$([^$]+)\$|\\\((.+?)\\\)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A named piece of LaTeX."""

    name: str
    latex: str


def label(names):
    """The names of a pair, or one name, as one word that can name a file or a test."""
    return "-".join(names)


@cache
def derivation(names):
    """The derivation of a pair or of a single name, made once in a process."""
    return derive.derive(*names)


@cache
def subjects():
    """All that can be derived: every legal pair, then every activation and loss alone."""
    return (*derive.legal_pairs(), *((name,) for name in derive.single_names()))


def fragments():
    """The LaTeX block of every subject, text and formulas, as `derive latex` prints it."""
    return tuple(Text(name=label(names), latex=derivation(names).latex()) for names in subjects())


def rendered_blocks():
    """Every formula a reader meets, in the Markdown and within the LaTeX blocks, without delimiters."""
    found = [
        Text(name=f"{label(names)} block {number}", latex=body.strip())
        for names in subjects()
        for number, body in enumerate(derivation(names).blocks(), 1)
    ]
    for fragment in fragments():
        found += [
            Text(name=f"{fragment.name} formula {number}", latex=body)
            for number, body in enumerate(formulas(fragment.latex), 1)
        ]
    return tuple({text.latex: text for text in found}.values())


def formulas(latex):
    """The formulas of a LaTeX text, without delimiters: displayed ones first, then those within the lines."""
    displayed = DISPLAY.findall(latex)
    inline = [left or right for left, right in INLINE.findall(DISPLAY.sub(" ", latex))]
    return [body.strip() for body in displayed + inline]
