"""derive accuracy: the errors of emitted code over the whole range, beside what is declared."""

import argparse
import json
from functools import partial
from typing import TYPE_CHECKING

from derive.asked import Asked
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
    from derive.accuracy.levels import Level
    from derive.accuracy.survey import Line, Wanted

Surveyed = tuple[tuple["Line", ...], str]  # the lines of a pair, or what went wrong with it

NAME = "accuracy"
HELP = "measure the errors of emitted code over the whole float range, beside what is declared"
EXAMPLES = """\
examples:
  derive accuracy                       the pairs held to less than the default
  derive accuracy sigmoid bce --worst 3
  derive accuracy softmax cross_entropy --dtype float32 --level AVX2
  derive accuracy --points 16000 --report accuracy.md

bad: NaN or infinite where the truth is finite; missed: finite where the truth overflows; zeros: 0 where the
truth is a normal number (and kappa < 1); flushed: 0 where it is a subnormal one. Errors in ulp, and over
1 + kappa, at hard | at soft targets; beside them the bound that docstrings declare. Levels are NumPy's:
the instructions that it chooses its loops for. Exit code 1 if a value is wrong or a bound is missed."""
DTYPES = ("float64", "float32")
ALL, BOTH = "all", "both"
# What derive.accuracy takes where nothing is said; --help imports nothing.
POINTS, SEED = 6000, 20240607
LEVELS = ("AVX-512", "AVX2", "baseline")


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    sub.add_argument("--points", metavar="N", type=_whole, default=POINTS, help="(default: %(default)s)")
    sub.add_argument("--seed", metavar="N", type=_seed, default=SEED, help="of the points")
    sub.add_argument("--dtype", choices=(*DTYPES, BOTH), default=BOTH, help="(default: %(default)s)")
    level = f"{', '.join(LEVELS)}, or {ALL} that this CPU has (default)"
    sub.add_argument("--level", metavar="LEVEL", default=ALL, help=level)
    add_target(sub)
    sub.add_argument("--worst", metavar="N", type=_whole, help="also print the N worst points of every line")
    sub.add_argument("--json", metavar="FILE", type=path, help="also write the lines as JSON; - prints them")
    sub.add_argument("--report", metavar="FILE", type=path, help="also write a page in Markdown")
    add_jobs(sub)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of points")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed, a whole number")
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Print the table; the exit code."""
    from derive.cli.jobs import each
    from derive.store import writable

    items, wanted = _items(given), _wanted(given)
    for file in (given.json, given.report):
        if file and file != PRINTED:
            writable(file)
    found: dict[Asked, Surveyed] = {}
    interrupted = False
    try:
        work = partial(surveyed, wanted=wanted, target=given.target)
        for item, result in each(work, items, given.jobs, heed=stop_if_unread):
            found[item] = result
    except KeyboardInterrupt:
        interrupts.ignore()
        interrupted = True
    lines = [line for item in items for line in found.get(item, ((), ""))[0]]
    faults = [found[item][1] for item in items if item in found and found[item][1]]
    if lines:
        hand_over(given, lines, wanted)
    for fault in faults:
        complain(fault)
    if interrupted:
        complain(f"interrupted: {len(found)} of {len(items)} pairs were measured")
        return 130
    return 0 if not faults and all(line.ok for line in lines) else 1


def _items(given: argparse.Namespace) -> tuple[Asked, ...]:
    from derive import bounds, catalogue
    from derive.api import ready
    from derive.emit import covers, target_of
    from derive.model import BadInput
    from derive.subjects import subject

    one, row = names(given), target_of(given.target)
    if one and given.all:
        raise BadInput("names and --all exclude each other")
    ready(given.target)
    if one:
        meant = subject(asked(given))  # a wrong name is bad input, not a failed measurement
        if not covers(row, meant):
            raise BadInput(f"target {row.name!r} is not for vectors, as {meant.name} is. Try: numpy")
        return (asked(given),)
    every = catalogue.legal_pairs() if given.all else tuple(tuple(n.split("+")) for n in bounds.table())
    return tuple(Asked(names=item) for item in every if covers(row, catalogue.subject(*item)))


def _wanted(given: argparse.Namespace) -> "Wanted":
    from derive.accuracy.survey import Wanted

    return Wanted(
        points=given.points,
        seed=given.seed,
        dtypes=DTYPES if given.dtype == BOTH else (given.dtype,),
        levels=_levels(given),
        shown=given.worst or 1,
    )


def _levels(given: argparse.Namespace) -> "tuple[Level, ...]":
    """The levels that are asked for; a target other than NumPy has but one, its own."""
    from derive.accuracy.levels import Level, levels
    from derive.model import BadInput

    if given.target != NUMPY:
        if given.level != ALL:
            raise BadInput(f"--level is for the target numpy, not {given.target!r}")
        return (Level(name=given.target, without=(), present=True),)
    here = {level.name.lower(): level for level in levels() if level.present}
    if given.level == ALL:
        return tuple(here.values())
    if given.level.lower() not in here:
        has = ", ".join(level.name for level in here.values())
        raise BadInput(f"this CPU and its NumPy have no level {given.level!r}. Try: {has}")
    return (here[given.level.lower()],)


def surveyed(item: Asked, wanted: "Wanted", target: str) -> Surveyed:
    """The lines of one pair; whatever goes wrong with it is said, and the others go on."""
    from derive.accuracy.calls import answers, answers_here
    from derive.accuracy.survey import survey
    from derive.api import derived
    from derive.subjects import subject

    try:
        made = derived(subject(item))
        if target == NUMPY:
            answer = partial(answers, code=made.code())
        else:
            answer = partial(answers_here, module=made.load(target))
        return survey(made.declared, answer, wanted), ""
    except Exception as error:
        return (), f"{item}: {type(error).__name__}: {error}"


def hand_over(given: argparse.Namespace, lines: "list[Line]", wanted: "Wanted") -> None:
    """Write what is asked for, and print the table."""
    from derive.accuracy import report
    from derive.accuracy.levels import lacking

    if given.json:
        deliver(json.dumps([report.data(line) for line in lines], indent=2, ensure_ascii=False), given.json)
    if given.report:
        deliver(report.page(lines, wanted), given.report)
    aside = PRINTED in (given.json, given.report)
    say(table(report.HEAD, [report.cells(line) for line in lines]), aside=aside)
    if given.worst:
        say("\n".join(report.points(lines)), aside=aside)
    missed = sum(not line.ok for line in lines)
    pairs = len({line.pair for line in lines})
    say(
        f"\n{len(lines)} lines over {pairs} subject{'s' * (pairs != 1)}: {missed} beyond their bounds",
        aside=aside,
    )
    if given.level == ALL and given.target == NUMPY and lacking():
        say(f"not measured, since this CPU lacks it: {lacking()}", aside=aside)
