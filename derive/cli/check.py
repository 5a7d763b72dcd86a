"""derive check: the table of checks."""

import argparse
import json
import math
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli import interrupts
from derive.cli.terminal import (
    NUMPY,
    PRINTED,
    add_jobs,
    add_names,
    add_target,
    complain,
    deliver,
    names,
    path,
    say,
    stop_if_unread,
    table,
)

if TYPE_CHECKING:
    from derive.model import Verdict

NAME = "check"
HELP = "run every check of a pair, of the reference pairs (no name), or of all legal pairs (--all)"
EXAMPLES = """\
examples:
  derive check                      the reference pairs
  derive check sigmoid bce
  derive check --all --json verdicts.json
  derive check sigmoid bce --target c     compiled with $CC, or cc

A cell shows the worst that was measured and what is allowed; exit code 1 if one check fails."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    add_target(sub)
    into = "also write the verdicts as JSON rows; - prints them, and the table on stderr"
    sub.add_argument("--json", metavar="FILE", type=path, help=into)
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Print the table; the exit code."""
    from derive.cli.jobs import each
    from derive.store import writable

    wanted, start = _wanted(given), time.monotonic()
    if given.json and given.json != PRINTED:
        writable(given.json)
    # The code for NumPy is what everything else follows from: its checks are the ones without a word more.
    work = verdicts_of if given.target == NUMPY else partial(verdicts_of, target=given.target)
    found: dict[tuple[str, ...], tuple[Verdict, ...]] = {}
    interrupted = False
    try:
        for item, verdicts in each(work, wanted, given.jobs, heed=stop_if_unread):
            found[item] = verdicts
    except KeyboardInterrupt:
        interrupts.ignore()
        interrupted = True
    rows = [verdict for item in wanted for verdict in found.get(item, ())]
    if found:
        hand_over(given.json, rows, report(rows, len(found), time.monotonic() - start))
    if interrupted:
        complain(f"interrupted: {len(found)} of {len(wanted)} pairs were checked")
        return 130
    return 0 if all(row.passed for row in rows) else 1


def _wanted(given: argparse.Namespace) -> tuple[tuple[str, ...], ...]:
    from derive import catalogue
    from derive.api import ready
    from derive.emit import covers, target_of
    from derive.model import BadInput

    one = names(given)
    if one and given.all:
        raise BadInput("names and --all exclude each other")
    ready(given.target)
    row = target_of(given.target)
    if one:
        subject = catalogue.subject(*one)  # a wrong name is bad input, not a failed check
        if not covers(row, subject):
            raise BadInput(
                f"target {row.name!r} is for elementwise functions, not for {subject.name}. Try: numpy"
            )
        return (one,)
    pairs = catalogue.legal_pairs() if given.all else catalogue.REFERENCE
    return tuple(pair for pair in pairs if covers(row, catalogue.subject(*pair)))


def verdicts_of(item: tuple[str, ...], target: str = NUMPY) -> "tuple[Verdict, ...]":
    """The verdicts of one pair; whatever goes wrong with it is a failed verdict, and the others go on."""
    from derive.api import derive
    from derive.model import Verdict

    try:
        return derive(*item).check(target)
    except Exception as error:
        where, name = f"{type(error).__name__}: {error}", "+".join(item)
        return (Verdict(pair=name, check="made", passed=False, worst=math.inf, limit=0, where=where),)


def hand_over(file: Path | None, rows: "list[Verdict]", table_text: str) -> None:
    """Write or print the rows, if that is asked for, and print the table."""
    if file:
        deliver(as_json(rows), file)
    say(table_text, aside=file == PRINTED)


def report(rows: "list[Verdict]", subjects: int, seconds: float) -> str:
    """The table of pairs and checks, what failed, and the count."""
    failed = [row for row in rows if not row.passed]
    passed, over = len(rows) - len(failed), f"{subjects} subject{'s' * (subjects != 1)}"
    count = f"{len(rows)} checks over {over}: {passed} passed, {len(failed)} failed"
    failures = "\n".join(failure(row) for row in failed)
    return "\n\n".join(filter(None, (verdict_table(rows), failures, f"{count} ({seconds:.0f} s)")))


def verdict_table(rows: "list[Verdict]") -> str:
    """One line a subject, one column a check."""
    checks = list(dict.fromkeys(row.check for row in rows))
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        lines.setdefault(row.pair, {})[row.check] = cell(row)
    cells = [[pair, *(found.get(check, "–") for check in checks)] for pair, found in lines.items()]
    return table(["pair", *checks], cells) if rows else ""


def failure(row: "Verdict") -> str:
    """The line that says what failed, and where."""
    measured = f"{row.worst:.3g}, allowed is {row.limit:g}"
    return f"FAILED {row.pair}, {row.check}: {measured}. {row.where}".rstrip()


def cell(row: "Verdict") -> str:
    """What a cell of the table says: the worst and the limit where there is one to keep."""
    text = f"{row.worst:.2g}/{row.limit:.2g}" if row.limit else "ok"
    return text if row.passed else f"FAIL {row.worst:.2g}/{row.limit:.2g}"


def as_json(rows: "list[Verdict]") -> str:
    """The verdicts as a JSON array."""
    from derive.emit import data

    return json.dumps([data.verdict(row) for row in rows], indent=2, ensure_ascii=False)
