"""derive declare: what pairs lose that miss the bar, measured and written down for docstrings and checks."""

import argparse
from typing import TYPE_CHECKING

from derive.asked import is_pattern
from derive.cli import interrupts
from derive.cli.terminal import add_catalogue_names, add_jobs, complain, names, say, stop_if_unread

if TYPE_CHECKING:
    from derive.model import Accuracy

TIMES = 3  # as many points as a check has, beside those points themselves

NAME = "declare"
HELP = "measure where the code of pairs loses digits, and write it down for docstrings and checks"
EXAMPLES = """\
examples:
  derive declare 'cauchit+*'
  derive declare --known            those that are written down: have they come to meet the bar?
  derive declare --all

What misses 64 ulp*(1 + kappa), or is NaN, infinite or 0 where the truth is not, goes into the file
derive/catalogue/measured.json with the stretches of z and the worst point, what meets the bar with its name
alone. Of a pair that is not there docstrings declare no accuracy. Outside of the stretches `derive check`
holds the code to the bar. A pair that passed all checks in an earlier run (`derive check --all`) and has not
changed since is not measured again."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_catalogue_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs of numbers")
    sub.add_argument("--known", action="store_true", help="the pairs that are written down as losing digits")
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Measure and write; the exit code."""
    from derive.catalogue.measured import FILE, lost, met, row_of, text_of, unproved
    from derive.cli.jobs import each
    from derive.store import writable, write

    wanted = _wanted(given)
    writable(FILE)
    rows, meets, without, failed = dict(lost()), set(met()), set(unproved()), []
    try:
        for item, found in each(measured_of, wanted, given.jobs, stop_if_unread, lambda item: None):
            name = "+".join(item)
            rows.pop(name, None)
            meets.discard(name)
            without.discard(name)
            if found is None:
                failed.append(name)
            elif not found:
                without.add(name)
            elif any(row.lost for row in found):
                rows[name] = [row_of(row) for row in found]
            else:
                meets.add(name)
    except KeyboardInterrupt:
        interrupts.ignore()
        complain("interrupted; nothing was written")
        return 130
    write(FILE, text_of(meets, rows, without))
    for name in failed:
        complain(f"{name} could not be measured")
    say(
        f"{FILE.name}: {len(rows)} pairs miss the bar somewhere, {len(wanted)} measured, {len(failed)} failed"
    )
    return 1 if failed else 0


def measured_of(item: tuple[str, str]) -> "tuple[Accuracy, ...] | None":
    """What is measured of the code of a pair; () where a step is unproved, None where it cannot be."""
    from dataclasses import replace

    from derive import catalogue
    from derive.api import derive
    from derive.bounds import QUANTITIES, declared
    from derive.checks.declaring import declare
    from derive.model import Accuracy, Unproved
    from derive.runs.one import POINTS

    bare = replace(catalogue.pair(*item), accuracy=())
    if _passed(item):
        return tuple(Accuracy(quantity=what, ulp=declared(bare, what).largest) for what in QUANTITIES)
    try:
        return declare(bare, derive(*item).module, (POINTS, TIMES * POINTS), TIMES * POINTS).accuracy
    except Unproved:
        return ()
    except Exception:  # named by the caller; the others go on
        return None


def _passed(item: tuple[str, str]) -> bool:
    """Whether a run remembers that a pair of which nothing is written down as lost passed every check."""
    from derive.asked import Asked
    from derive.runs.one import Order, recall
    from derive.subjects import subject

    asked = Asked(names=item)
    known = None if subject(asked).accuracy else recall(asked, Order())
    return known is not None and known.passed


def _wanted(given: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    from derive import catalogue
    from derive.catalogue.measured import lost
    from derive.model import ELEMENTWISE, BadInput
    from derive.runs.chosen import fitting

    one = names(given)
    if given.known:
        pairs = tuple(pair for pair in catalogue.legal_pairs() if "+".join(pair) in lost())
    elif one:
        pairs = fitting(one) if is_pattern(one) else fitting([catalogue.subject(*one).name])
    elif given.all:
        pairs = catalogue.legal_pairs()
    else:
        raise BadInput("which pairs? Try: derive declare 'cauchit+*', --known or --all")
    return tuple(pair for pair in pairs if catalogue.pair(*pair).kind == ELEMENTWISE)
