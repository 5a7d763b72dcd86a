"""derive list: what the catalogue holds."""

import argparse
import json
from typing import Any

from derive.cli.terminal import say, table

NAME = "list"
HELP = "list the activations, the losses and the legal pairs"
EXAMPLES = """\
examples:
  derive list
  derive list losses
  derive list pairs --json"""

KINDS = ("activations", "losses", "pairs")

# Column: the key of the row it shows. Formulas come last, since some are long.
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "activations": (
        ("activation", "activation"),
        ("aliases", "aliases"),
        ("range", "range"),
        ("parameters", "parameters"),
        ("kinks", "kinks"),
        ("formula", "text"),
    ),
    "losses": (
        ("loss", "loss"),
        ("aliases", "aliases"),
        ("predictions", "prediction"),
        ("targets", "target"),
        ("reads", "reads"),
        ("parameters", "parameters"),
        ("formula", "text"),
    ),
    "pairs": (
        ("activation", "activation"),
        ("loss", "loss"),
        ("reference", "reference"),
        ("warning", "warning"),
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
        say("\n\n".join(_titled(kind, found[kind]) for kind in kinds))
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


def _titled(kind: str, found: list[dict[str, Any]]) -> str:
    columns = COLUMNS[kind]
    cells = [[_cell(row[key]) for _, key in columns] for row in found]
    return f"{len(found)} {kind}\n\n" + table([title for title, _ in columns], cells)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return f"{value['name']}={value['default']}" if isinstance(value, dict) else str(value)
