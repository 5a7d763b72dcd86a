"""What the tests loop over: pairs and single names of the catalogue, and their formulas.

Entries are all tested alone. Pairs are many and alike: they are tested by a fixed sample, which holds the
reference pairs, every so many of the others, and each activation and each loss at least once;
`derive check --all` is there for all of them.
"""

import re
from dataclasses import dataclass
from functools import cache

import derive
from derive import catalogue
from derive.catalogue.measured import unproved
from derive.model import VECTOR

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


EACH = 180  # of the elementwise pairs that nobody looks up, every so many
EACH_VECTOR = 16  # of the vector pairs


def cover(found, each=EACH):
    """A sample of pairs: those that people look up, every so many of the others, and each entry once.

    Pairs of which no code is emitted, since a form is not proved, are left out. A pair whose activation and
    loss are both new comes before one that brings a single new entry.
    """
    found = tuple(pair for pair in found if pair.name not in unproved())
    known = {*catalogue.REFERENCE, *catalogue.MEASURED}
    kept = {i for i, pair in enumerate(found) if i % each == 0 or _names(pair) in known}
    seen = {entry for i in kept for entry in _entries(found[i])}
    for wanted in (2, 1):
        for i, pair in enumerate(found):
            if len(_entries(pair) - seen) >= wanted:
                kept.add(i)
                seen |= _entries(pair)
    return [pair for i, pair in enumerate(found) if i in kept]


def _names(pair):
    return pair.activation.name, pair.loss.name


def _entries(pair):
    """The activation and the loss, told apart where they share a name."""
    return {pair.activation.name, f"{pair.loss.name} loss"}


@cache
def pairs():
    """A sample of the elementwise pairs, the vector pairs that people look up, and some of the others."""
    found = [catalogue.pair(*names) for names in derive.legal_pairs()]
    numbers = [p for p in found if p.kind != VECTOR]
    vectors = [p for p in found if p.kind == VECTOR]
    others = [p for p in vectors if not _looked_up(p)][::EACH_VECTOR]
    kept = {p.name for p in (*cover(numbers), *filter(_looked_up, vectors), *others)}
    return tuple(_names(p) for p in found if p.name in kept)


def _looked_up(pair):
    usual = pair.activation.name in ("identity", "softmax") and not pair.warning
    return usual or pair.loss.name == "half_squared_error"


@cache
def subjects():
    """Those pairs, then every activation and loss alone."""
    return (*pairs(), *((name,) for name in derive.single_names()))


@cache
def explained(names):
    """What all claims say about a pair or a single name, found once in a process."""
    return derive.explain(*names)


APART = 211  # of all pairs, whose claims are looked at, every so many


@cache
def sample():
    """A few subjects of every kind: reference pairs, links and deviances, vectors, entries alone."""
    activations, losses = catalogue.ROWS
    every = [(a.name, los.name) for a in activations for los in losses if catalogue.fits(a, los)]
    alone = (("gelu",), ("softmax",), ("huber",), ("cross_entropy",), ("student_t",), ("probit",))
    known = (("sigmoid", "bce"), ("sigmoid", "half_squared_error"), ("softmax", "cross_entropy"))
    return tuple(dict.fromkeys((*known, *every[::APART], ("inverse", "gamma"), *alone)))


def fragments():
    """The LaTeX of every subject, text and formulas, as `derive latex` prints it; of some, why."""
    found = [Text(name=label(names), latex=derivation(names).latex()) for names in subjects()]
    return (*found, *(Text(name=f"why {label(names)}", latex=explained(names).latex()) for names in sample()))


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
