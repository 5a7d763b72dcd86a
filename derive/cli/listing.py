"""derive list: what the catalogue holds."""

import argparse
import json
from typing import Any

from derive.cli.terminal import say, table

Columns = tuple[tuple[str, str], ...]

NAME = "list"
HELP = "list the activations, the losses and the legal pairs"
EXAMPLES = """\
examples:
  derive list
  derive list losses
  derive list pairs --json"""

# Of a row, as its data spell it; derive.model, which names them too, brings SymPy along.
ELEMENTWISE, VECTOR = "elementwise", "vector"
KINDS = ("activations", "losses", "pairs")

# Column: the key of the row it shows. Formulas come last, since some are long.
ACTIVATION = (
    ("activation", "activation"),
    ("aliases", "aliases"),
    ("range", "range"),
    ("parameters", "parameters"),
)
LOSS = (
    ("loss", "loss"),
    ("aliases", "aliases"),
    ("predictions", "prediction"),
    ("targets", "target"),
    ("reads", "reads"),
    ("parameters", "parameters"),
)
FORMULA = ("formula", "text")
# The tables of a kind: a title, which rows it holds, its columns.
TABLES: dict[str, tuple[tuple[str, tuple[str, ...], Columns], ...]] = {
    "activations": (
        ("{} activations", (ELEMENTWISE,), (*ACTIVATION, ("kinks", "kinks"), FORMULA)),
        ("{} activations of vectors", (VECTOR,), (*ACTIVATION, FORMULA)),
    ),
    "losses": (
        ("{} losses", (ELEMENTWISE,), (*LOSS, FORMULA)),
        ("{} losses of vectors", (VECTOR,), (*LOSS, FORMULA)),
    ),
    "pairs": (
        (
            "{} pairs",
            (ELEMENTWISE, VECTOR),
            (
                ("activation", "activation"),
                ("loss", "loss"),
                ("kind", "kind"),
                ("reference", "reference"),
                ("warning", "warning"),
            ),
        ),
    ),
}


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    sub.add_argument("kind", nargs="?", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}")
    sub.add_argument("--json", action="store_true", help="print JSON rows")


def run(given: argparse.Namespace) -> int:
    """Print the tables; the exit code."""
    kinds = (given.kind,) if given.kind else KINDS
    found = {kind: rows(kind) for kind in kinds}
    if given.json:
        say(json.dumps(found[given.kind] if given.kind else found, indent=2, ensure_ascii=False))
    else:
        say("\n\n".join(text for kind in kinds for text in _tables(kind, found[kind])))
    return 0


def rows(kind: str) -> list[dict[str, Any]]:
    """The rows of the catalogue of that kind, as plain data."""
    from derive import catalogue
    from derive.emit import data

    if kind == "activations":
        return [data.activation(row) for row in catalogue.ACTIVATIONS]
    if kind == "losses":
        return [data.loss(row) for row in catalogue.LOSSES]
    reference = set(catalogue.REFERENCE)
    return [data.pair(catalogue.pair(*names), names in reference) for names in catalogue.legal_pairs()]


def _tables(kind: str, found: list[dict[str, Any]]) -> list[str]:
    """The tables of a kind, each below its title."""
    parts = []
    for title, kinds, columns in TABLES[kind]:
        shown = [row for row in found if row["kind"] in kinds]
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
    """A parameter with its default and its letter, as far as that is not its name."""
    letter = "" if row["letter"] == row["name"] else f" ({row['letter']})"
    return f"{row['name']}={row['default']}{letter}"
