"""Names as people write them: in any case, by alias, a kind in front, a pair in one word; what to try."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from derive.catalogue.legality import Rows
from derive.model import Activation, BadInput, Loss

Row = TypeVar("Row", bound=Activation | Loss)

KINDS = ("activation", "loss")
LONGEST = 60  # what a message shows of a name
LISTS = {"activation": "derive list activations", "loss": "derive list losses", "name": "derive list"}
# What is proposed is alike by so much; where nothing of the kind that is asked for is, so much of the other.
NEAR, OTHER_KIND = 0.5, 0.7


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


def fault(name: str, noun: str, rows: Rows, more: Sequence[str] = ()) -> str:
    """What is wrong with a name that leads to no row of the noun, and which names are near.

    The noun "name" stands for both kinds, and for `more` names.
    """
    from derive.catalogue.layers import LAYERS  # only a name that leads nowhere needs them

    kind, bare = parts(name)
    if any(bare.lower() in (row.name, *row.aliases) for row in LAYERS) and noun != "loss":
        return f"{shortened(bare)!r} is a layer, and takes no loss. Try: derive network, or the name alone"
    of_noun: dict[str, Sequence[Activation | Loss]] = dict(zip(KINDS, rows, strict=True))
    own = [row for of, table in of_noun.items() if noun in (of, "name") for row in table]
    tries = f"Try: {suggestion(bare, own, more) or LISTS[noun]}"
    if kind not in ("", noun):
        return f"{shortened(name)!r} stands in the place of the {noun}. {tries}"
    what = f"unknown {noun} {shortened(bare)!r}"
    for other, table in of_noun.items():
        if noun == "name" or other == noun:
            continue
        if row := seek(bare, table, other):
            return f"{what}: {_called(row.name, bare)} is {_article(other)} {other}. Try: {LISTS[noun]}"
        if not near(bare, own, NEAR) and (found := near(bare, table, OTHER_KIND)):
            return f"{what}. Try: {', '.join(f'{other}:{one}' for one in found)}"
    return f"{what}. {tries}"


def _called(name: str, given: str) -> str:
    return "it" if name == given.lower() else name


def _article(noun: str) -> str:
    return "an" if noun[0] == "a" else "a"


def shortened(name: str) -> str:
    """A name that leaves room for the rest of a line."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def suggestion(name: str, rows: Iterable[Activation | Loss], more: Sequence[str] = ()) -> str:
    """The nearest names; '' where none is near."""
    return ", ".join(near(name, rows, NEAR, more))


def near(
    name: str, rows: Iterable[Activation | Loss], alike: float, more: Sequence[str] = ()
) -> tuple[str, ...]:
    """The names, not the aliases, of the rows whose name or alias is nearest, or of `more`."""
    from difflib import get_close_matches  # only a misspelt name needs it

    spellings = {spelling: row.name for row in rows for spelling in (row.name, *row.aliases)}
    spellings = dict(zip(more, more, strict=True)) | spellings
    close = get_close_matches(name[:LONGEST].lower(), spellings, cutoff=alike)
    return tuple(dict.fromkeys(spellings[spelling] for spelling in close))


def halves(word: str, activations: Sequence[Activation], losses: Sequence[Loss]) -> tuple[str, ...]:
    """The two names of a pair in one word, `sigmoid+bce` or `sigmoid_bce`; none where it is no pair."""
    if "+" in word:
        return tuple(word.split("+", 1))
    cuts = [(word[:at], word[at + 1 :]) for at, letter in enumerate(word) if letter == "_"]
    found = [cut for cut in cuts if seek(cut[0], activations, KINDS[0]) and seek(cut[1], losses, KINDS[1])]
    return found[0] if found else ()
