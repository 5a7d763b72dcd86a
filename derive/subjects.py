"""The door to every subject: names, texts, SymPy expressions and entries become a pair, or one entry.

A name is looked up in the user's functions and in the catalogue; what is no name is read as an expression,
in z of an activation, in a and y of a loss.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sympy as sp

from derive import catalogue
from derive.asked import Asked, Given, Number, is_name
from derive.catalogue.like import bare, rows_like
from derive.catalogue.names import KINDS, fault, seek, shortened
from derive.expression import read
from derive.model import LAYER, Activation, BadInput, Example, Known, Layer, Loss, Pair, Subject, entries

if TYPE_CHECKING:  # what only expressions need
    from derive.own import Functions

Entry = Activation | Loss
Row = TypeVar("Row", bound=Activation | Loss | Layer)
Value = TypeVar("Value", bound=Known | Example)

LETTER: Final = re.compile(r"\b[zay]\b")
EXAMPLE: Final = "Try: 'bce', 'z**2'"


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What is asked for, its numbers read and its functions loaded."""

    names: tuple[Given, ...]
    values: Mapping[str, sp.Rational]
    functions: "Functions | None"
    rows: catalogue.Rows
    where: Mapping[str, list[str]]  # the conditions on z under "activation", those on a and y under "loss"
    read: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the letters of what was an expression


def subject(asked: Asked) -> Subject:
    """What is asked for, with its parameters at the numbers given; BadInput says what cannot be meant."""
    return subjects(asked, (asked.names,))[0]


def subjects(asked: Asked, several: Sequence[tuple[Given, ...]]) -> tuple[Subject, ...]:
    """Several subjects of which the same is said: each number, each condition is for one of them at least."""
    words = [_words(replace(asked, names=names)) for names in several]
    found = tuple(_single(one) if len(one.names) == 1 else _pair(one) for one in words)
    _all_used(asked, found, words)
    return found


def layer(asked: Asked) -> Layer | None:
    """The layer that is asked for, with its parameters at the numbers given; None where it is none."""
    if len(asked.names) != 1 or not isinstance(name := asked.names[0], str):
        return None
    kind, _, bare_name = name.rpartition(":")
    row = catalogue.layer(bare_name) if kind in ("", LAYER) else None
    if row is None:
        return None
    if asked.where or asked.like or asked.functions:
        raise BadInput(f"{row.name} is a layer: --where, --like and --functions are for others. Try: without")
    values = numbers(asked.parameters)
    _known_to(row, values)
    return _of_entry(row, values)


def _known_to(row: Layer, values: Mapping[str, sp.Rational]) -> None:
    """Refuse a number that a layer has no parameter for."""
    there = [p.name for p in row.parameters]
    for name in values:
        if name not in there:
            has = f"it has {', '.join(there)}" if there else "it has none"
            raise BadInput(f"{row.name} has no parameter {shortened(name)!r}; {has}")


def activation(asked: Asked) -> Activation:
    """The one activation that is asked for, by its name or as an expression in z."""
    words = _words(asked)
    found = replace_defaults(_entry(words.names[0], "activation", words), words.values)
    _all_used(asked, [found], [words])
    assert isinstance(found, Activation)
    return found


def _words(asked: Asked) -> _Words:
    if len(asked.names) not in (1, 2):
        raise BadInput(f"one name or two are needed, not {len(asked.names)}. {EXAMPLE}")
    return _Words(
        names=_halved(tuple(bare(n) if asked.like and isinstance(n, str) else n for n in asked.names)),
        values=numbers(asked.parameters),
        functions=_loaded(asked.functions) if asked.functions else None,
        rows=rows_of(asked),
        where=_conditions(asked.where),
    )


def _conditions(texts: tuple[str, ...]) -> dict[str, list[str]]:
    """The conditions by the entry that they restrict."""
    found: dict[str, list[str]] = {noun: [] for noun in KINDS}
    for text in texts:
        letters = set(LETTER.findall(text))
        if letters not in ({"z"}, {"a"}, {"y"}):
            raise BadInput(f"condition {shortened(text)!r} is not about one of z, a and y. Try: 'z>0'")
        found["activation" if letters == {"z"} else "loss"].append(text)
    return found


def _loaded(file: str) -> "Functions":
    from derive.own import load

    return load(file)


def rows_of(asked: Asked) -> catalogue.Rows:
    """The rows that names are looked up in: those of a library, or of a file and then the catalogue."""
    if asked.like:
        return rows_like(asked.like, catalogue.ROWS)
    if not asked.functions:
        return catalogue.ROWS
    functions = _loaded(asked.functions)
    return (*functions.activations, *catalogue.ACTIVATIONS), (*functions.losses, *catalogue.LOSSES)


def numbers(given: tuple[tuple[str, Number], ...]) -> dict[str, sp.Rational]:
    """The exact numbers of parameters; BadInput for what is no number, or a letter that is given twice."""
    found: dict[str, sp.Rational] = {}
    for name, value in given:
        if name in found:
            raise BadInput(f"parameter {shortened(name)!r} is given twice")
        found[name] = number(name, value)
    return found


def number(name: str, given: Number) -> sp.Rational:
    """The exact number of a parameter: 1.702 is 851/500, as is the float of that name."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Fraction | sp.Rational):
        raise BadInput(f"parameter {name} needs a number, not {shortened(repr(given))}. Try: 0.5")
    if isinstance(given, Fraction):
        return sp.Rational(given.numerator, given.denominator)
    text = given if isinstance(given, str) else repr(given) if isinstance(given, float) else str(given)
    try:
        found = read(text, {}).expr
    except BadInput as error:
        raise BadInput(f"parameter {name}: {shortened(text)!r} is no number. Try: {name}=0.5") from error
    if not isinstance(found, sp.Rational):
        raise BadInput(f"parameter {name}: {shortened(text)!r} is no exact fraction. Try: {name}=0.5")
    return found


def _halved(names: tuple[Given, ...]) -> tuple[Given, ...]:
    """The two names of `sigmoid+bce`."""
    if len(names) == 1 and isinstance(names[0], str) and "+" in names[0] and is_name(names[0]):
        return tuple(half.strip() for half in names[0].split("+"))
    return names


def _single(words: _Words) -> Subject:
    """A pair in one word, an activation or a loss."""
    (given,) = words.names
    if isinstance(given, str) and is_name(given):
        return replace_defaults(catalogue.subject(given, rows=words.rows), words.values)
    return replace_defaults(_entry(given, _kind_alone(given, words), words), words.values)


def _kind_alone(given: Given, words: _Words) -> str:
    if isinstance(given, Activation | Loss):
        return "activation" if isinstance(given, Activation) else "loss"
    if isinstance(given, str) and (kind := _forced(given)):
        return kind
    if not isinstance(given, str | sp.Expr):
        raise BadInput(f"a name or an expression is needed, not {shortened(repr(given))}. {EXAMPLE}")
    from derive.own import NONE, kind_of

    return kind_of(given, words.values, words.functions or NONE)


def _forced(text: str) -> str:
    """The kind that is written in front of an expression, or ''."""
    kind = text.partition(":")[0].strip()
    return kind if kind in KINDS else ""


def _pair(words: _Words) -> Pair:
    first, second = words.names
    found: tuple[Entry, Entry]
    if isinstance(first, str) and isinstance(second, str) and is_name(first) and is_name(second):
        found = catalogue.both(first, second, words.rows)
    else:
        found = _entry(first, "activation", words), _entry(second, "loss", words)
    act, los = (_of_entry(entry, words.values) for entry in found)
    assert isinstance(act, Activation) and isinstance(los, Loss)
    try:
        return catalogue.compose(act, los, words.rows)
    except BadInput as error:
        if not (act.own and isinstance(first, str) and not is_name(first) and not words.where["activation"]):
            raise
        raise BadInput(f"{error}; or restrict z, as in --where 'z>0'") from error


def _entry(given: Given, noun: str, words: _Words) -> Entry:
    """The activation or the loss that a name, a text, an expression or an entry means."""
    if isinstance(given, Activation | Loss):
        if isinstance(given, Activation) != (noun == "activation"):
            raise BadInput(f"{given.name!r} stands in the place of the {noun}. Try: activation, then loss")
        return given
    if isinstance(given, str) and is_name(given):
        return _named(given, noun, words)
    if not isinstance(given, str | sp.Expr):
        raise BadInput(f"a name or an expression is needed, not {shortened(repr(given))}. {EXAMPLE}")
    if isinstance(given, str) and (kind := _forced(given)):
        if kind != noun:
            raise BadInput(f"{shortened(given)!r} stands in the place of the {noun}")
        given = given.partition(":")[2].strip()
    from derive.own import NONE, activation, loss
    from derive.own.activations import letters_of

    words.read[noun] = letters_of(given)
    make, where = (activation if noun == "activation" else loss), " and ".join(words.where[noun])
    return make(given, parameters=words.values, where=where, functions=words.functions or NONE)


def _named(name: str, noun: str, words: _Words) -> Entry:
    table = words.rows[KINDS.index(noun)]
    row = seek(name, table, noun)
    if row is None:
        raise BadInput(fault(name, noun, words.rows))
    return row


def replace_defaults(found: Subject, values: Mapping[str, sp.Rational]) -> Subject:
    """A subject whose parameters have other defaults; BadInput where a number lies outside the domain."""
    if not isinstance(found, Pair):
        return _of_entry(found, values)
    act, los = _of_entry(found.activation, values), _of_entry(found.loss, values)
    if (act, los) == (found.activation, found.loss):
        return found
    assert isinstance(act, Activation) and isinstance(los, Loss)
    return catalogue.compose(act, los)


def _of_entry(found: Row, values: Mapping[str, sp.Rational]) -> Row:
    if not any(p.name in values and values[p.name] != p.default for p in found.parameters):
        return found
    changed: dict[str, Any] = {
        "parameters": tuple(replace(p, default=values.get(p.name, p.default)) for p in found.parameters),
        "known": tuple(_bound(known, found) for known in found.known),
    }
    made = replace(found, **changed)
    _admissible(made)
    return made


def _bound(known: Value, entry: Entry | Layer) -> Value:
    """A known value that says which parameters it is of, now that the defaults are others."""
    said = dict(known.parameters)
    return replace(
        known, parameters=tuple((p.name, said.get(p.name, float(p.default))) for p in entry.parameters)
    )


def _admissible(entry: Entry | Layer) -> None:
    values = {p.symbol: p.default for p in entry.parameters}
    for p in entry.parameters:
        low, high = p.domain.lo.subs(values), p.domain.hi.subs(values)
        inside = low < p.default < high
        ends = (p.default == low and p.domain.closed_lo) or (p.default == high and p.domain.closed_hi)
        if not (inside or ends):
            raise BadInput(f"{entry.name}: {p.name} = {p.default} does not lie in {p.domain}")


def _all_used(asked: Asked, found: Sequence[Subject], words: Sequence[_Words]) -> None:
    """Refuse a number or a condition that nothing heeds."""
    names = " and ".join(one.name for one in found)
    letters = {letter for one in words for letters in one.read.values() for letter in letters}
    there = dict.fromkeys(
        p.name for one in found for entry in entries(one) if entry for p in entry.parameters
    )
    for name, _ in asked.parameters:
        if name not in there and name not in letters:  # a letter may be held at its number, and no parameter
            has = f"it has {', '.join(there)}" if there else "it has none"
            raise BadInput(f"{names} has no parameter {shortened(name)!r}; {has}")
    for noun, conditions in _conditions(asked.where).items():
        if conditions and not any(noun in one.read for one in words):
            says = f"condition {shortened(conditions[0])!r} is for an expression in the place of the {noun}"
            raise BadInput(f"{says}; {names} has its own domain. Try: without it")
