"""What somebody asks for, before anything is looked up: light, and picklable where its names are texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, Union

if TYPE_CHECKING:  # SymPy is slow to import, and a command line may need none of it
    import sympy as sp

    from derive.model import Activation, Loss

Given = Union[str, "sp.Expr", "Activation", "Loss"]
Number = Union[str, int, float, Fraction, "sp.Rational"]

PATTERN: Final = re.compile(r"[A-Za-z_*?][\w*?]*")
SHOWN: Final = 40  # characters of a name or an expression where it stands for a subject
# Names that only an expression has: its letters and its constants.
IN_EXPRESSIONS: Final = ("z", "a", "y", "pi", "e", "E")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One or two names or expressions, and all that is said beside them.

    `parameters` are numbers by their letters, `functions` the file that defines functions of one's own,
    `where` conditions on the letters of expressions, `like` the library whose versions of rows are meant.
    """

    names: tuple[Given, ...]
    parameters: tuple[tuple[str, Number], ...] = ()
    functions: str = ""
    where: tuple[str, ...] = ()
    like: str = ""

    def __str__(self) -> str:
        texts = [str(getattr(name, "name", name)) for name in self.names]
        return " + ".join(text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…" for text in texts)

    @property
    def own(self) -> bool:
        """Whether it is about anything but rows of the catalogue."""
        texts = [name for name in self.names if isinstance(name, str)]
        named = len(texts) == len(self.names) and (all(map(is_name, texts)) or is_pattern(texts))
        return bool(self.functions) or not named


def asked_for(
    names: tuple[Given, ...],
    params: Mapping[str, Number] | None,
    functions: str | Path,
    where: str | Sequence[str],
) -> Asked:
    """What is asked for in Python: names, and what is said beside them."""
    return Asked(
        names=names,
        parameters=tuple((params or {}).items()),
        functions=str(functions),
        where=(where,) if isinstance(where, str) and where else tuple(where),
    )


def is_name(text: str) -> bool:
    """Whether a text is but a name: `sigmoid`, `loss:bce`, `sigmoid+bce`; an expression, a+y, is none."""
    halves = text.split("+")
    return len(halves) <= 2 and all(_is_word(half.strip()) for half in halves)


def _is_word(text: str) -> bool:
    kind, _, bare = text.rpartition(":")
    return (not kind or kind.isidentifier()) and bare.isidentifier() and bare not in IN_EXPRESSIONS


def is_pattern(names: Sequence[str]) -> bool:
    """Whether names are a pattern of pairs of its rows: `probit+*`, or `*` and `bce`; no expression is."""
    halves = "+".join(names).split("+")
    wild = [half for half in halves if "*" in half or "?" in half]
    words = [word for half in halves for word in re.split(r"[*?]", half)]
    fits = all(PATTERN.fullmatch(half) for half in halves) and not set(words) & set(IN_EXPRESSIONS)
    return len(halves) == 2 and bool(wild) and fits
