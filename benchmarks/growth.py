"""How the time of a run grows with the number of pairs, and what one pair takes by stage.

    python -m benchmarks.growth --pairs 200 --report output/stages.md --figure output/stages.svg

The pairs are a seeded sample of all legal ones, one after the other in one process, nothing remembered:
what caches save and what memory they take shows itself in the growth.
"""

import argparse
import random
import resource
import time
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.report import machine
from derive import catalogue
from derive.asked import Asked
from derive.emit.claims.markdown import table
from derive.runs.one import Order, ran
from derive.runs.report import Report, counted, slowest, stages
from derive.store import write
from derive.studies.figure import style, svg

SEED = 6
PARTS = 5  # of the run, whose seconds a pair are compared


def grown(number):
    """What came of so many pairs by name, and after each of them the seconds of processor time and the MB."""
    names = list(catalogue.legal_pairs())
    random.Random(SEED).shuffle(names)
    found, course, start = {}, [], time.process_time()
    for item in names[:number]:
        found["+".join(item)] = ran(Asked(names=item), Order(memory=None, truths=None))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        course.append((time.process_time() - start, memory))
    return found, course


def parts(course):
    """Rows: which pairs of the run, their seconds a pair, and the memory after them."""
    size, rows = max(1, len(course) // PARTS), []
    for first in range(0, size * PARTS if len(course) >= PARTS else len(course), size):
        some = course[first : first + size]
        before = course[first - 1][0] if first else 0.0
        each = (some[-1][0] - before) / len(some)
        rows.append([f"{first + 1} to {first + len(some)}", f"{each:.2f}", f"{some[-1][1]:.0f}"])
    return rows


def page(found, course):
    """The report as a page."""
    report = Report(found=found, reused=0, seconds=course[-1][0])
    head, rows = stages(report)
    slow = slowest(report)
    return "\n\n".join(
        [
            "# The time of a run, by stage and by number of pairs",
            f"Made by `python -m benchmarks.growth`. {machine()}. {counted(report)}.",
            "![Seconds of processor time over the number of pairs](stages.svg)",
            "## Seconds of processor time a pair",
            table(head, rows),
            f"## Growth\n\nPairs one after the other in one process, in {PARTS} parts.",
            table(("pairs", "seconds a pair", "MB at the most"), parts(course)),
            "## The slowest",
            table(*slow),
        ]
    ) + "\n"  # fmt: skip


def figure(course):
    """Seconds over the number of pairs, and the memory."""
    with style():
        drawn = Figure(figsize=(6, 3.2), layout="constrained")
        axes = drawn.add_subplot()
        count = range(1, len(course) + 1)
        axes.plot(count, [seconds for seconds, _ in course], gid="seconds")
        axes.set(xlabel="pairs", ylabel="seconds of processor time")
        other = axes.twinx()
        other.plot(count, [memory for _, memory in course], color="gray", linestyle=":", gid="memory")
        other.set(ylabel="MB", ylim=(0, None))
    return drawn


def main(arguments=None):
    """Measure, and write what is asked for."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--pairs", type=int, default=200)
    given.add_argument("--report", type=Path)
    given.add_argument("--figure", type=Path)
    given = given.parse_args(arguments)
    found, course = grown(given.pairs)
    text = page(found, course)
    if given.report:
        write(given.report, text)
    else:
        print(text)
    if given.figure:
        write(given.figure, svg(figure(course)))


if __name__ == "__main__":
    main()
