"""derive check: the table of checks, of one pair or of many."""

import argparse
import json
import time
from functools import partial
from typing import TYPE_CHECKING

from derive.asked import Asked, is_pattern
from derive.cli import interrupts
from derive.cli.terminal import (
    NUMPY,
    PRINTED,
    add_jobs,
    add_names,
    add_target,
    asked,
    complain,
    deliver,
    names,
    path,
    say,
    stop_if_unread,
    table,
)

if TYPE_CHECKING:
    from derive.emit import Target
    from derive.model import Verdict
    from derive.runs.one import Order, Ran
    from derive.runs.report import Report

NAME = "check"
HELP = "run every check of a pair, of the reference pairs (no name), or of all legal pairs (--all)"
EXAMPLES = """\
examples:
  derive check                      the reference pairs
  derive check sigmoid bce
  derive check attention
  derive check --all --report checked.md
  derive check 'probit+*'           all pairs of an activation; '*+bce': of a loss
  derive check sigmoid bce --target c     compiled with $CC, or cc

A cell shows the worst that was measured and what is allowed; exit code 1 if one check fails. Of many pairs
those are not checked again of which nothing changed: .derive/ remembers verdicts and truths, --fresh forgets
them. An interrupted run goes on where it was."""

MOST = 60  # pairs that are shown one by one


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    add_target(sub)
    into = "also write the verdicts as JSON rows; - prints them, and the table on stderr"
    sub.add_argument("--json", metavar="FILE", type=path, help=into)
    page = "also write counts, seconds by stage and the worst pairs as Markdown"
    sub.add_argument("--report", metavar="FILE", type=path, help=page)
    sub.add_argument("--fresh", action="store_true", help="forget what was checked before")
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Print the table; the exit code."""
    from derive.runs.one import Order
    from derive.runs.report import Report
    from derive.store import writable

    for file in (given.json, given.report):
        if file and file != PRINTED:
            writable(file)
    wanted, start = _wanted(given), time.monotonic()
    many = given.all or not names(given) or is_pattern(names(given))
    order = Order(target=given.target) if many else Order(target=given.target, memory=None, truths=None)
    found, reused, interrupted = _found(given, wanted, order)
    in_order = {str(item): found[item] for item in wanted if item in found}
    if in_order:
        hand_over(given, Report(found=in_order, reused=reused, seconds=time.monotonic() - start))
    if interrupted:
        goes_on = "; the same command goes on from here" if many else ""
        complain(f"interrupted: {len(found)} of {len(wanted)} pairs were checked{goes_on}")
        return 130
    return 0 if all(ran.passed for ran in found.values()) else 1


def _found(
    given: argparse.Namespace, wanted: tuple[Asked, ...], order: "Order"
) -> "tuple[dict[Asked, Ran], int, bool]":
    """What came of each pair, of how many that was known before, and whether the run was interrupted."""
    from derive.accuracy.kept import shrink
    from derive.cli.jobs import each
    from derive.runs.one import died, recall

    _prepare(order, given.fresh)
    found = {item: known for item in wanted if (known := recall(item, order))}
    reused, missing = len(found), [item for item in wanted if item not in found]
    # Alone, or one after the other, pairs are checked here.
    work, lost = partial(outcome_of, order=order), died if min(given.jobs, len(missing)) > 1 else None
    try:
        for item, one in each(work, missing, given.jobs, stop_if_unread, lost):
            found[item] = one
    except KeyboardInterrupt:
        interrupts.ignore()
        return found, reused, True
    finally:
        if order.truths is not None:
            shrink(order.truths)
    return found, reused, False


def outcome_of(item: Asked, order: "Order") -> "Ran":
    """What came of one pair; whatever goes wrong with it is a failed verdict."""
    from derive.runs.one import ran

    return ran(item, order)


def _prepare(order: "Order", fresh: bool) -> None:
    """Forget what was remembered, if that is asked for; remove what killed runs left half written."""
    from derive import store

    for place in filter(None, (order.memory, order.truths)):
        if fresh:
            store.forget(place)
        store.sweep(place)


def _wanted(given: argparse.Namespace) -> tuple[Asked, ...]:
    from derive import catalogue
    from derive.api import ready
    from derive.emit import covers, target_of
    from derive.model import BadInput
    from derive.runs.chosen import fitting

    one = names(given)
    if one and given.all and not is_pattern(one):
        raise BadInput("names and --all exclude each other; a pattern such as 'probit+*' is allowed")
    ready(given.target)
    row = target_of(given.target)
    if one and not is_pattern(one):
        _refuse(row, asked(given))
        return (asked(given),)
    pairs = fitting(one) if one else catalogue.legal_pairs() if given.all else catalogue.REFERENCE
    layers = catalogue.LAYERS if given.all and not one and row.name == NUMPY else ()
    found = tuple(asked(given, pair) for pair in pairs if covers(row, catalogue.subject(*pair)))
    return found + tuple(asked(given, (layer.name,)) for layer in layers)


def _refuse(row: "Target", item: Asked) -> None:
    """Raise BadInput for a name that means nothing, which is no failed check, or an unfit target."""
    from derive.emit import covers
    from derive.model import BadInput
    from derive.subjects import layer, subject

    if found := layer(item):
        fits, name = row.name == NUMPY, found.name
    else:
        meant = subject(item)
        fits, name = covers(row, meant), meant.name
    if not fits:
        raise BadInput(f"target {row.name!r} is for elementwise functions, not for {name}. Try: numpy")


def hand_over(given: argparse.Namespace, report: "Report") -> None:
    """Write or print the rows and the report, as far as that is asked for, and print the table."""
    from derive.runs.one import POINTS
    from derive.runs.report import markdown

    if given.json:
        deliver(as_json(report.verdicts), given.json)
    if given.report:
        deliver(markdown(report, POINTS), given.report)
    say(printed(report), aside=PRINTED in (given.json, given.report))


def printed(report: "Report") -> str:
    """The table of pairs and checks, or of many pairs the worst; what failed, and the count."""
    from derive.runs.report import counted, failure, proofs, tables

    few = len(report.found) <= MOST
    parts = [verdict_table(report.verdicts)] if few else []
    if not few:
        parts += [f"{title}\n\n{table(*rows)}" for title, rows in tables(report) if rows[1]]
        parts.append(proofs(report))
    return "\n\n".join([*parts, *filter(None, ["\n".join(map(failure, report.failed))]), counted(report)])


def verdict_table(rows: "list[Verdict]") -> str:
    """One line a subject, one column a check."""
    checks = list(dict.fromkeys(row.check for row in rows))
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        lines.setdefault(row.pair, {})[row.check] = cell(row)
    cells = [[pair, *(found.get(check, "–") for check in checks)] for pair, found in lines.items()]
    return table(["pair", *checks], cells) if rows else ""


def cell(row: "Verdict") -> str:
    """What a cell of the table says: the worst, the limit where there is one to keep; or what is missing."""
    from derive.checks.known import NOT_GIVEN

    if row.passed and row.where == NOT_GIVEN:
        return NOT_GIVEN
    text = f"{row.worst:.2g}/{row.limit:.2g}" if row.limit else "ok"
    return text if row.passed else f"FAIL {row.worst:.2g}/{row.limit:.2g}"


def as_json(rows: "list[Verdict]") -> str:
    """The verdicts as a JSON array."""
    from derive.emit import data

    return json.dumps([data.verdict(row) for row in rows], indent=2, ensure_ascii=False)
