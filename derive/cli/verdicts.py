"""The verdicts of the claims on every legal pair, for `derive explain --matrix`."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli import interrupts
from derive.cli.terminal import complain, deliver, say, stop_if_unread, table

if TYPE_CHECKING:
    from derive.emit.claims.matrix import Verdicts

Item = tuple[str, str]
DRAWN = ".svg"


def run(given: argparse.Namespace) -> int:
    """Print or write the verdicts, or draw them; the exit code."""
    from derive.cli.jobs import each
    from derive.store import writable

    if given.output:
        writable(given.output)
    items, found = every(), {}
    interrupted = False
    try:
        for item, row in each(verdicts_of, items, given.jobs, heed=stop_if_unread):
            found[item] = row
    except KeyboardInterrupt:
        interrupts.ignore()
        interrupted = True
    faults = [row for row in found.values() if isinstance(row, str)]
    rows = [row for item in items if not isinstance(row := found.get(item, ""), str)]
    for fault in faults:
        complain(fault)
    if interrupted:
        complain(f"interrupted: {len(found)} of {len(items)} pairs were examined")
        return 130
    hand_over(given, rows)
    return 1 if faults else 0


def every() -> tuple[Item, ...]:
    """The names of the legal pairs of vectors, and of the entries that pairs are looked up by.

    Of numbers these are the entries of reference pairs, of canonical ones and of those others measured: all
    pairs would fill no page that anybody reads.
    """
    from derive.catalogue import MEASURED, REFERENCE, ROWS, fits
    from derive.catalogue.reference import CANONICAL
    from derive.model import ELEMENTWISE

    known = {name for pair in (*REFERENCE, *MEASURED, *CANONICAL) for name in pair}
    activations = [row for row in ROWS[0] if row.kind != ELEMENTWISE or row.name in known]
    losses = [row for row in ROWS[1] if row.kind != ELEMENTWISE or row.name in known]
    return tuple((act.name, los.name) for act in activations for los in losses if fits(act, los))


def verdicts_of(item: Item) -> "Verdicts | str":
    """The outcome of every claim on a pair, or in one line what went wrong."""
    from derive import catalogue
    from derive.claims import examine
    from derive.emit.claims.matrix import Verdicts, outcomes

    try:
        pair = catalogue.pair(*item)
        found = outcomes(examine(pair))
    except Exception as error:
        return f"{'+'.join(item)}: {type(error).__name__}: {error}"
    folder = pair.folder if item in catalogue.REFERENCE else ""
    return Verdicts(activation=item[0], loss=item[1], kind=pair.kind, outcomes=found, folder=folder)


def hand_over(given: argparse.Namespace, rows: "list[Verdicts]") -> None:
    """Draw, write or print the verdicts, in the form that is asked for."""
    from derive.claims import CLAIMS
    from derive.emit.claims import matrix

    if given.figures:
        draw(rows, given.figures / matrix.PICTURE)
    if given.json:
        deliver(json.dumps(matrix.data(rows), indent=1, ensure_ascii=False), given.output)
    elif given.markdown:
        deliver(matrix.page(rows, [(claim.name, claim.question) for claim in CLAIMS]), given.output)
    elif given.output and given.output.suffix == DRAWN:
        draw(rows, given.output)
    else:
        deliver(f"{table(matrix.head(rows), matrix.lines(rows))}\n\n{counted(rows)}", given.output)


def draw(rows: "list[Verdicts]", file: Path) -> None:
    """Write the matrix as a figure, and say how many have which verdict."""
    from derive.store import folder, write
    from derive.studies.claims.matrix import figure
    from derive.studies.figure import svg

    folder(file.parent)
    write(file, svg(figure(rows)))
    say(counted(rows), aside=True)


def counted(rows: "list[Verdicts]") -> str:
    """A line a claim: how many pairs have each outcome."""
    from derive.emit.claims import matrix
    from derive.emit.claims.text import MARKS

    return table((f"{len(rows)} pairs", *MARKS), matrix.counts(rows))
