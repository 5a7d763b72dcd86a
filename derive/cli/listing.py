"""derive list: what the catalogue holds."""

import argparse
import json
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from derive.cli.terminal import SECONDS, add_output, deliver, table

Columns = tuple[tuple[str, str], ...]

NAME = "list"
HELP = "list the activations, the losses, the layers and the legal pairs"
EXAMPLES = """\
examples:
  derive list
  derive list losses
  derive list activations 'soft*'   those whose name, or an alias, fits
  derive list pairs '*+gamma' --json
  derive list --functions mine.toml               those of a file, and the pairs they make with each other
  derive list pairs --table -o output/pairs.md    which are legal, canonical, checked"""

# Of a row, as its data spell it; derive.model, which names them too, brings SymPy along.
ELEMENTWISE, VECTOR = "elementwise", "vector"
LAYER = "layer"
KINDS = ("activations", "losses", "layers", "pairs")

NOUNS = ("activation", "loss", LAYER)
# Column: the key of the row it shows. Formulas come last, since some are long.
ACTIVATION = (
    ("activation", "activation"),
    ("title", "title"),
    ("aliases", "aliases"),
    ("z in", "domain"),
    ("range", "range"),
    ("parameters", "parameters"),
)
LOSS = (
    ("loss", "loss"),
    ("title", "title"),
    ("aliases", "aliases"),
    ("predictions", "prediction"),
    ("targets", "target"),
    ("reads", "reads"),
    ("parameters", "parameters"),
)
LAYERS = (
    ("layer", "layer"),
    ("title", "title"),
    ("aliases", "aliases"),
    ("inputs", "inputs"),
    ("weights", "weights"),
    ("parameters", "parameters"),
    ("formula", "text"),
    ("source", "source"),
)
FORMULA = ("formula", "text")
SOURCE = ("source", "source")
# The tables of a kind: a title, which rows it holds, its columns.
TABLES: dict[str, tuple[tuple[str, tuple[str, ...], Columns], ...]] = {
    "activations": (
        ("{} activations", (ELEMENTWISE,), (*ACTIVATION, ("kinks", "kinks"), FORMULA, SOURCE)),
        ("{} activations of vectors", (VECTOR,), (*ACTIVATION, FORMULA, SOURCE)),
    ),
    "losses": (
        ("{} losses", (ELEMENTWISE,), (*LOSS, ("kinks", "kinks"), FORMULA, SOURCE)),
        ("{} losses of vectors", (VECTOR,), (*LOSS, FORMULA, SOURCE)),
    ),
    "layers": (("{} layers", (LAYER,), LAYERS),),
    "pairs": (
        (
            "{} pairs",
            (ELEMENTWISE, VECTOR),
            (
                ("activation", "activation"),
                ("loss", "loss"),
                ("kind", "kind"),
                ("canonical", "canonical"),
                ("reference", "reference"),
                ("only for", "condition"),
                ("warning", "warning"),
            ),
        ),
    ),
}


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    sub.add_argument("kind", nargs="?", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}")
    fits = "only those whose name or alias fits a pattern with * and ?; of pairs, ACT+LOSS"
    sub.add_argument("pattern", nargs="?", metavar="PATTERN", help=fits)
    sub.add_argument("--json", action="store_true", help="print JSON rows")
    page = "of pairs: a page with a table that says which is legal, canonical, checked"
    sub.add_argument("--table", action="store_true", help=page)
    own = "list the functions that a TOML file defines, not the catalogue's"
    sub.add_argument("--functions", metavar="FILE", default="", help=own)
    add_output(sub)
    # What a file defines is inferred, which is held to a time like other work on what a user wrote.
    sub.set_defaults(limited=True, time_limit=SECONDS, name=None, param=(), where=(), like="")


def run(given: argparse.Namespace) -> int:
    """Print the tables; the exit code."""
    if given.table:
        return _page(given)
    kinds = (given.kind,) if given.kind else KINDS
    rows_of = own_rows(given.functions) if given.functions else rows
    found = {kind: [row for row in rows_of(kind) if _fits(row, given.pattern)] for kind in kinds}
    if given.json:
        text = json.dumps(found[given.kind] if given.kind else found, indent=2, ensure_ascii=False)
    else:
        text = "\n\n".join(part for kind in kinds for part in _tables(kind, found[kind]) if part)
    return deliver(text, given.output)


def _page(given: argparse.Namespace) -> int:
    """The page of all pairs, with what is remembered of their checks; the exit code."""
    from derive.listed import page, pairs

    if given.kind != "pairs" or given.json or given.pattern or given.functions:
        from derive.model import BadInput

        raise BadInput("--table is for all pairs. Try: derive list pairs --table -o FILE")
    found = pairs()
    if given.output and given.output.suffix == ".svg":
        from derive.studies.figure import svg
        from derive.studies.pairs import figure

        return deliver(svg(figure(found)), given.output)
    return deliver(page(found), given.output)


def _fits(row: dict[str, Any], pattern: str | None) -> bool:
    """Whether a row has a name, or an alias, that fits; a pair where it is `ACT+LOSS` that does."""
    if pattern is None:
        return True
    pair = "activation" in row and "loss" in row
    own = f"{row['activation']}+{row['loss']}" if pair else next(row[k] for k in NOUNS if row.get(k))
    return any(fnmatchcase(name, pattern.lower()) for name in (own, *row.get("aliases", ())))


def rows(kind: str) -> list[dict[str, Any]]:
    """The rows of the catalogue of that kind, as plain data."""
    from derive import catalogue
    from derive.emit import data

    if kind == "activations":
        return [data.activation(row) for row in catalogue.ACTIVATIONS]
    if kind == "losses":
        return [data.loss(row) for row in catalogue.LOSSES]
    if kind == "layers":
        return [data.layer(row) for row in catalogue.LAYERS]
    reference = set(catalogue.REFERENCE)
    return [data.pair(catalogue.pair(*names), names in reference) for names in catalogue.legal_pairs()]


def own_rows(file: str) -> Callable[[str], list[dict[str, Any]]]:
    """The rows of what a file defines by their kind: its functions, and the legal pairs of them."""
    from derive import catalogue
    from derive.emit import data
    from derive.model import BadInput
    from derive.own import load

    found = load(file)

    def listed(kind: str) -> list[dict[str, Any]]:
        if kind == "activations":
            return [data.activation(row) for row in found.activations]
        if kind == "losses":
            return [data.loss(row) for row in found.losses]
        if kind == "layers":
            return []
        pairs = []
        for act, los in product(found.activations, found.losses):
            with suppress(BadInput):
                pairs.append(data.pair(catalogue.compose(act, los), reference=False))
        return pairs

    return listed


def _tables(kind: str, found: list[dict[str, Any]]) -> list[str]:
    """The tables of a kind, each below its title."""
    parts = []
    for title, kinds, columns in TABLES[kind]:
        if not (shown := [row for row in found if row["kind"] in kinds]):
            continue
        cells = [[_cell(row[key]) for _, key in columns] for row in shown]
        parts.append(f"{title.format(len(shown))}\n\n" + table([head for head, _ in columns], cells))
    return parts


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return _parameter(value) if isinstance(value, dict) else str(value)


def _parameter(row: dict[str, str]) -> str:
    """An array's entry, or a parameter with its default and its letter, as far as that is not its name."""
    if "entry" in row:
        return row["entry"]
    letter = "" if row["letter"] == row["name"] else f" ({row['letter']})"
    return f"{row['name']}={row['default']}{letter}"
