"""derive compare: our code beside what people use today, at the same points and by the same clock."""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.terminal import (
    PRINTED,
    add_jobs,
    add_names,
    add_output,
    deliver,
    derived,
    names,
    path,
    say,
    stop_if_unread,
    table,
)

if TYPE_CHECKING:
    from derive.api import Derived
    from derive.rivals import Rivalry
    from derive.rivals.side_by_side import Comparison, Plan

NAME = "compare"
HELP = "measure the emitted code beside lambdify, the textbook form, PyTorch, JAX and scikit-learn"
EXAMPLES = """\
examples:
  derive compare sigmoid bce
  derive compare gelu squared_error --dtype float32 --points 20000
  derive compare softmax cross_entropy --classes 10 --json compared.json
  derive compare sigmoid bce --figure errors.svg
  derive compare --table -o compare.md      the pairs that were measured elsewhere

Bad is NaN or infinite where the truth is finite; a zero is spurious where the truth is a normal number;
an overflow is missed where the truth is infinite and the value is not. What is not installed is named."""
DTYPES = ("float64", "float32")
QUANTITIES = ("loss", "gradient", "hessian")
# What derive.rivals.side_by_side takes where nothing is said; --help imports nothing.
POINTS, TABLE_POINTS, SIZE, CLASSES = 3000, 16000, 100_000, 10


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub, optional=True)
    sub.add_argument("--table", action="store_true", help="a Markdown table of many pairs, not timed")
    points = f"points over the whole range (default: {POINTS}; {TABLE_POINTS} with --table)"
    sub.add_argument("--points", metavar="N", type=_whole, help=points)
    sub.add_argument("--seed", metavar="N", type=_seed, help="of the points and of the inputs that are timed")
    sub.add_argument("--dtype", choices=DTYPES, default=DTYPES[0], help="(default: %(default)s)")
    timed = "elements to time loss and gradient at; 0 to leave it (default: %(default)s)"
    sub.add_argument("--size", metavar="N", type=_seed, default=SIZE, help=timed)
    sub.add_argument(
        "--classes", metavar="K", type=_classes, default=CLASSES, help="of vectors (default: %(default)s)"
    )
    sub.add_argument(
        "--json", metavar="FILE", type=path, help="also write the figures as JSON; - prints them"
    )
    drawn = "also draw the error in ulp over z, one curve a system"
    sub.add_argument("--figure", metavar="FILE", type=path, help=drawn)
    of = "what the figure is of (default: %(default)s)"
    sub.add_argument("--quantity", choices=QUANTITIES, default=QUANTITIES[1], help=of)
    add_output(sub)
    add_jobs(sub)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _classes(text: str) -> int:
    if _whole(text) < 2:
        raise argparse.ArgumentTypeError("a single class leaves nothing to compare. Try: 2")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Print the table, write what is asked for; the exit code."""
    from derive.model import BadInput
    from derive.rivals import one_thread
    from derive.store import writable

    if bool(names(given)) == given.table:
        raise BadInput("either a pair or --table is needed. Try: derive compare sigmoid bce")
    if given.table and given.figure:
        raise BadInput("a figure shows one pair; --table has many")
    for file in (given.json, given.figure, given.output):
        if file and file != PRINTED:
            writable(file)
    one_thread()
    return _many(given) if given.table else _one(given)


def _plan(given: argparse.Namespace) -> "Plan":
    from derive.accuracy.points import SEED
    from derive.rivals.side_by_side import Plan

    return Plan(
        points=given.points or (TABLE_POINTS if given.table else POINTS),
        seed=SEED if given.seed is None else given.seed,
        dtype=given.dtype,
        size=0 if given.table else given.size,
        classes=given.classes,
    )


def _one(given: argparse.Namespace) -> int:
    from derive import rivals
    from derive.rivals.side_by_side import compared
    from derive.rivals.tables import as_data

    one = derived(given)
    _at_defaults(one)
    others = rivals.met(one.derivation, rivals.RIVALS)
    found = compared(one.subject, one.module, _plan(given), others)
    if given.figure:
        draw(found, one, others.present, given.quantity, given.figure)
    if given.json:
        deliver(json.dumps(as_data(found), indent=2, ensure_ascii=False), given.json)
    if given.output:
        return deliver(report(found), given.output)
    say(report(found), aside=given.json == PRINTED)
    return 0


def _at_defaults(one: "Derived") -> None:
    """Refuse other defaults of the catalogue's entries: libraries are called with their own."""
    from derive import catalogue
    from derive.model import BadInput, entries

    for entry in entries(one.subject):
        if entry and not entry.own and entry not in (*catalogue.ACTIVATIONS, *catalogue.LOSSES):
            raise BadInput(
                f"others are asked at the default parameters of {entry.name}. Try: without --param"
            )


def draw(
    found: "Comparison", one: "Derived", others: "tuple[Rivalry, ...]", quantity: str, file: Path
) -> None:
    """Write the figure of a comparison's errors."""
    from derive.rivals.emitted import rivalry
    from derive.studies import compare
    from derive.studies.errors import error_panels

    panels = error_panels(found.pair, (rivalry(one.module), *others), found.plan, quantity)
    deliver(compare.svg(compare.figure(found.pair, panels, quantity, found.plan.dtype)), file)


def report(found: "Comparison") -> str:
    """What was measured, in words, the two tables, and who is absent."""
    from derive.rivals.tables import HEAD, costs, rows

    plan, points = found.plan, found.lines[0].measured.points
    many = f"rows of {plan.classes} classes" if found.pair.kind == "vector" else "points"
    head = f"{found.pair.name}, {plan.dtype}, {points:,} {many} (seed {plan.seed})"
    parts = [head, table(HEAD, rows(found))]
    if found.nanoseconds:
        timed = f"loss and gradient together, {plan.size:,} elements, one thread, in turn, median"
        parts += [timed, table(("system", "ns an element", "/ derive"), costs(found))]
    parts.append("\n".join(f"{name}: {what}" for name, what in found.says.items()))
    return "\n\n".join([*parts, *_absent(found)])


def _absent(found: "Comparison") -> list[str]:
    from derive.rivals import EXTRA

    said = []
    if found.missing:
        said.append(f"not installed: {', '.join(found.missing)}. Try: {EXTRA}")
    if found.without:
        said.append(f"no counterpart in: {', '.join(found.without)}")
    if found.hard_only:
        said.append(f"asked at one-hot targets only: {', '.join(found.hard_only)}")
    return ["\n".join(said)] if said else []


def _many(given: argparse.Namespace) -> int:
    from derive.catalogue.reference import MEASURED
    from derive.cli.jobs import each
    from derive.rivals import EXTRA, RIVALS, installed
    from derive.rivals.tables import as_data, markdown

    work = partial(comparison, plan=_plan(given))
    found = dict(each(work, MEASURED, given.jobs, heed=stop_if_unread))
    ordered = [found[item] for item in MEASURED]
    if given.json:
        deliver(json.dumps([as_data(one) for one in ordered], indent=2, ensure_ascii=False), given.json)
    if missing := [row.name for row in RIVALS if not installed(row)]:
        say(f"not installed: {', '.join(missing)}. Try: {EXTRA}", aside=True)
    if given.json == PRINTED and not given.output:
        return 0
    return deliver(markdown(ordered, [row for row in RIVALS if installed(row)]), given.output)


def comparison(item: tuple[str, ...], plan: "Plan") -> "Comparison":
    """The comparison of one pair."""
    from derive.api import derive
    from derive.rivals import RIVALS, met
    from derive.rivals.side_by_side import compared

    one = derive(*item)
    return compared(one.subject, one.module, plan, met(one.derivation, RIVALS))
