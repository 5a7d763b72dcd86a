"""derive search: the best of several forms, by measured accuracy and a fixed table of costs."""

import argparse
import json
from functools import partial
from typing import TYPE_CHECKING

from derive.cli import interrupts
from derive.cli.terminal import add_catalogue_names, add_jobs, complain, names, say, stop_if_unread, table

if TYPE_CHECKING:
    from derive.search import Found, Scored

NAME = "search"
HELP = "choose among the forms of a pair, of the reference pairs (no name), or of all legal pairs (--all)"
EXAMPLES = """\
examples:
  derive search sigmoid bce --dry-run
  derive search --all

A form is chosen if it is proved, gives nothing wrong in kind and leaves room below its bound: the one of
which least is lost near 0, then the cheapest; among those within 5 % the most accurate. ns: nanoseconds an
element by a fixed table, of what is computed together. lost: inputs near 0, with the activation's value
there as target, at which hardly a bit is right. hard, soft: max ulp/(1 + kappa) at such targets. The choice
is written into derive/program/choices.json, which everything emitted is made from; * marks it."""
POINTS, SEED = 300, 20240607
HEAD = ("pair", "", "quantities", "forms", "ns", "lost", "wrong", "hard", "soft", "known by")


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_catalogue_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    sub.add_argument("--dry-run", action="store_true", help="print every candidate, and write nothing")
    sub.add_argument("--points", metavar="N", type=_whole, default=POINTS, help="(default: %(default)s)")
    sub.add_argument("--seed", metavar="N", type=_whole, default=SEED, help="of the points")
    add_jobs(sub)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Search, print what was found and write what was chosen; the exit code."""
    from derive.cli.jobs import each
    from derive.program.choices import FILE
    from derive.store import writable

    wanted = _wanted(given)
    if not given.dry_run:
        writable(FILE)
    work = partial(found_of, size=given.points, seed=given.seed)
    found: dict[tuple[str, ...], Found | str] = {}
    interrupted = False
    try:
        for item, result in each(work, wanted, given.jobs, heed=stop_if_unread):
            found[item] = result
    except KeyboardInterrupt:
        interrupts.ignore()
        interrupted = True
    _hand_over([found[item] for item in wanted if item in found], given.dry_run)
    if interrupted:
        complain(f"interrupted: {len(found)} of {len(wanted)} pairs were searched")
        return 130
    return 1 if any(isinstance(one, str) for one in found.values()) else 0


def _wanted(given: argparse.Namespace) -> tuple[tuple[str, ...], ...]:
    from derive import catalogue
    from derive.model import ELEMENTWISE, BadInput

    one = names(given)
    if one and given.all:
        raise BadInput("names and --all exclude each other")
    if one and catalogue.subject(*one).kind != ELEMENTWISE:
        raise BadInput(f"{' + '.join(one)}: forms are searched for elementwise subjects")
    if one:
        return (one,)
    pairs = catalogue.legal_pairs() if given.all else catalogue.REFERENCE
    return tuple(pair for pair in pairs if catalogue.subject(*pair).kind == ELEMENTWISE)


def found_of(item: tuple[str, ...], size: int, seed: int) -> "Found | str":
    """What a search finds of a subject, or in one line why it finds nothing."""
    from derive.catalogue import subject
    from derive.derivation import derive
    from derive.search import search

    try:
        return search(derive(subject(*item)), size, seed)
    except Exception as error:
        return f"FAILED {'+'.join(item)}: {type(error).__name__}: {error}"


def _hand_over(found: "list[Found | str]", dry_run: bool) -> None:
    """Print all candidates, or write what was chosen and print that."""
    from derive.program.choices import FILE, committed
    from derive.search import merged, rows
    from derive.store import write

    whole = [one for one in found if not isinstance(one, str)]
    if whole:
        shown = [line for one in whole for line in (candidate_lines(one) if dry_run else chosen_lines(one))]
        say(table(HEAD, shown))
    for one in found:
        if isinstance(one, str):
            say(one)
    if whole and not dry_run:
        kept = merged(committed(), {one.subject: rows(one) for one in whole})
        write(FILE, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def candidate_lines(found: "Found") -> list[list[str]]:
    """A line for all that was scored; the chosen ones are marked."""
    marked = {_forms(one) for one in found.chosen}
    return [_line(found.subject, one, "*" if _forms(one) in marked else "") for one in found.scored]


def chosen_lines(found: "Found") -> list[list[str]]:
    """A line for each group of quantities that was chosen together, at more points."""
    return [_line(found.subject, one, "*") for one in found.chosen]


def _forms(one: "Scored") -> tuple[tuple[str, str], ...]:
    return tuple((part.quantity, part.form) for part in one.parts)


def _line(subject: str, one: "Scored", mark: str) -> list[str]:
    parts = [part.measured for part in one.parts]
    return [
        subject,
        mark,
        ", ".join(part.quantity for part in one.parts),
        ", ".join(part.form for part in one.parts),
        f"{one.cost:.2f}",
        str(one.lost),
        str(sum(part.faults for part in parts)),
        f"{max(part.hard.score for part in parts):.2g}",
        f"{max(part.soft.score for part in parts):.2g}",
        ", ".join(dict.fromkeys(str(part.proof) for part in one.parts)),
    ]
