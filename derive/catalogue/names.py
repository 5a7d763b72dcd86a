"""Names as people write them: in any case, by alias, a kind in front, a pair in one word; what to try."""

from collections.abc import Sequence
from typing import TypeVar

from derive.model import Activation, BadInput, Loss

Row = TypeVar("Row", bound=Activation | Loss)

KINDS = ("activation", "loss")
LONGEST = 60  # what a message shows of a name


def seek(name: str, rows: Sequence[Row], noun: str) -> Row | None:
    """The row of that name, if there is one; with a kind in front, only where that is the noun."""
    kind, bare = parts(name)
    if kind not in ("", noun):
        return None
    for row in rows:
        if bare.lower() in (row.name, *row.aliases):
            return row
    return None


def parts(name: str) -> tuple[str, str]:
    """The kind in front of a name, or '', and the name without it."""
    kind, _, bare = name.rpartition(":")
    if kind and kind not in KINDS:
        tries = " or ".join(f"{known}:{shortened(bare)}" for known in KINDS)
        raise BadInput(f"unknown kind {shortened(kind)!r} in {shortened(name)!r}. Try: {tries}")
    return kind, bare


def fault(name: str, rows: Sequence[Activation | Loss], noun: str) -> str:
    """What is wrong with a name that leads to no row, and which names are near."""
    kind, bare = parts(name)
    if kind not in ("", noun):
        return f"{shortened(name)!r} stands in the place of the {noun}. {suggestion(bare, rows)}"
    return f"unknown {noun} {shortened(bare)!r}. {suggestion(bare, rows)}"


def shortened(name: str) -> str:
    """A name that leaves room for the rest of a line."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def suggestion(name: str, rows: Sequence[Activation | Loss]) -> str:
    """The nearest names, or all."""
    from difflib import get_close_matches  # only a misspelt name needs it

    spellings = {spelling: row.name for row in rows for spelling in (row.name, *row.aliases)}
    close = get_close_matches(name[:LONGEST].lower(), spellings, cutoff=0.5)
    near = dict.fromkeys(spellings[spelling] for spelling in close)
    return f"Try: {', '.join(near or [row.name for row in rows])}"


def halves(word: str, activations: Sequence[Activation], losses: Sequence[Loss]) -> tuple[str, ...]:
    """The two names of a pair in one word, `sigmoid+bce` or `sigmoid_bce`; none where it is no pair."""
    if "+" in word:
        return tuple(word.split("+", 1))
    cuts = [(word[:at], word[at + 1 :]) for at, letter in enumerate(word) if letter == "_"]
    found = [cut for cut in cuts if seek(cut[0], activations, KINDS[0]) and seek(cut[1], losses, KINDS[1])]
    return found[0] if found else ()
