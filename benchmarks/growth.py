"""How the time of a run grows with the number of pairs, and what one pair takes by stage.

    python -m benchmarks.growth --pairs 200 --report output/stages.md --figure output/stages.svg

The pairs are a seeded sample of all legal ones, one after the other in one process as in a run over all,
nothing remembered: what caches save and what memory they take shows itself in the growth. A pair that takes
too long, or whose process dies, is left out and named; a new process goes on with the next.
"""

import argparse
import itertools
import math
import random
import resource
import signal
import statistics
import time
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.report import machine
from derive import catalogue
from derive.asked import Asked
from derive.emit.claims.markdown import table
from derive.runs.one import Order, Ran, ran
from derive.runs.report import Report, failure, slowest, stages
from derive.store import write
from derive.studies.figure import style, svg

SEED = 6
PARTS = 5  # of the run, whose seconds a pair are compared
LIMIT = 120.0  # seconds of processor time for one pair
MOST = 4 << 30  # bytes of addresses a process may have
SHORT = {"derive and prove": "derive, prove", "program": "program", "emit": "emit"}  # in the figure


@dataclass(frozen=True, kw_only=True)
class Grown:
    """What came of the pairs by name; seconds and MB after each of them; those left out, and why."""

    found: dict[str, Ran]
    course: list[tuple[float, float]]
    left_out: dict[str, str]


class Worker:
    """A process that goes from pair to pair; another takes its place when it is lost."""

    def __init__(self, limit):
        self.limit = limit
        spawned = get_context("spawn")
        self.ours, theirs = spawned.Pipe()
        self.process = spawned.Process(target=_works, args=(theirs, limit), daemon=True)
        self.process.start()
        theirs.close()
        self.ours.recv()  # it has imported all, so that the first pair is timed as the others are

    def asked(self, item):
        """What came of a pair, its seconds and the MB so far; or the reason why nothing came."""
        self.ours.send(item)
        try:
            return self.ours.recv()
        except EOFError:
            self.process.join()
        late = self.process.exitcode == -signal.SIGPROF
        return (
            f"more than {self.limit:g} s" if late else f"its process died, exit code {self.process.exitcode}"
        )

    def end(self):
        """End the process."""
        self.process.kill()
        self.process.join()


def _works(pipe, limit):
    """Run the pairs that come through the pipe, as they come."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))
    pipe.send("ready")
    while True:
        try:
            item = pipe.recv()
        except EOFError:  # nobody asks any more
            return
        # Nobody handles this signal: it ends what is late even in the depths of a library.
        signal.setitimer(signal.ITIMER_PROF, limit)
        start = time.process_time()
        found = ran(Asked(names=item), Order(memory=None, truths=None))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pipe.send((found, time.process_time() - start, memory))


def grown(names, limit=LIMIT, budget=math.inf):
    """What came of these pairs, one after the other; none is begun after so many seconds on the wall."""
    found, course, left_out, worker, total = {}, [], {}, Worker(limit), 0.0
    end = time.monotonic() + budget
    for item in names:
        if time.monotonic() > end:
            break
        answer = worker.asked(item)
        if isinstance(answer, str):
            left_out["+".join(item)] = answer
            worker = Worker(limit)
            continue
        outcome, seconds, memory = answer
        if not outcome.seconds:  # it was not made, and says so
            left_out["+".join(item)] = outcome.verdicts[0].where
            continue
        total += seconds
        found["+".join(item)] = outcome
        course.append((total, memory))
    worker.end()
    return Grown(found=found, course=course, left_out=left_out)


def sample(number):
    """So many of the legal pairs, the same each time."""
    names = list(catalogue.legal_pairs())
    random.Random(SEED).shuffle(names)
    return names[:number]


def parts(course):
    """Rows: which pairs of the run, their seconds a pair (mean and median), and the memory after them."""
    each = [after[0] - before[0] for before, after in zip([(0.0, 0.0), *course], course, strict=False)]
    ends = [part * len(course) // PARTS for part in range(PARTS + 1)]
    rows = []
    for first, end in itertools.pairwise(sorted(set(ends))):
        mean, middle = statistics.mean(each[first:end]), statistics.median(each[first:end])
        memory = course[end - 1][1]
        rows.append([f"{first + 1} to {end}", f"{mean:.2f}", f"{middle:.2f}", f"{memory:.0f}"])
    return rows


SAYS = """\
Made by `python -m benchmarks.growth` on {processor}, Python {python}; SymPy {sympy}, NumPy {numpy}.
{number} of {legal} legal pairs, drawn with a fixed seed, ran one after the other in one process with nothing
remembered: {seconds:.0f} seconds of processor time. {bad} of {checks} checks failed; left out: {out}."""


def page(result):
    """The report as a page."""
    report = Report(found=result.found, reused=0, seconds=result.course[-1][0])
    on = machine()
    intro = SAYS.format(
        processor=on["processor"], python=on["Python"], sympy=on["sympy"], numpy=on["numpy"],
        number=len(result.found), legal=len(catalogue.legal_pairs()), seconds=report.seconds,
        bad=len(report.failed), checks=len(report.verdicts), out=len(result.left_out),
    )  # fmt: skip
    sections = [
        "# The time of a run, by stage and by number of pairs",
        intro,
        "![Seconds of processor time: by stage, and over the number of pairs](stages.svg)",
        "## Seconds of processor time a pair",
        table(*stages(report)),
        "## Growth\n\nMB: the most that the process at work has taken; less where another took its place.",
        table(("pairs", "mean s a pair", "median s a pair", "MB"), parts(result.course)),
        "## The slowest",
        table(*slowest(report)),
    ]
    if report.failed:
        sections += ["## Failed", "\n".join(f"- {failure(row)}" for row in report.failed)]
    if result.left_out:
        sections += ["## Left out", table(("pair", "why"), [list(row) for row in result.left_out.items()])]
    return "\n\n".join(sections) + "\n"


def figure(result):
    """Seconds of a pair by stage, and how seconds and memory grow with the number of pairs."""
    with style():
        drawn = Figure(figsize=(7.2, 3), layout="constrained")
        left, right = drawn.subplots(1, 2)
        _stages(left, result.found)
        _growth(right, result.course)
    return drawn


def _stages(axes, found):
    """Bars: the median seconds of every stage; a tick where nine in ten pairs are done."""
    times = {}
    for outcome in found.values():
        for stage, seconds in outcome.seconds:
            times.setdefault(SHORT.get(stage, stage), []).append(seconds)
    names = list(times)
    medians = [statistics.median(row) for row in times.values()]
    most = [sorted(row)[(9 * len(row)) // 10 if len(row) > 1 else 0] for row in times.values()]
    axes.barh(names, medians, gid="median", height=0.6, label="median")
    axes.plot(most, names, "|", color="black", markersize=8, gid="ninth", label="nine in ten")
    axes.invert_yaxis()
    axes.set(xlabel="seconds of processor time a pair", xlim=(0, None))
    axes.tick_params(axis="y", length=0)
    axes.legend(frameon=False, fontsize=7)


def _growth(axes, course):
    """Lines over the number of pairs: seconds, and the memory."""
    count = range(1, len(course) + 1)
    axes.plot(count, [seconds for seconds, _ in course], gid="seconds", label="seconds")
    axes.set(xlabel="pairs", ylabel="seconds of processor time", xlim=(0, None), ylim=(0, None))
    other = axes.twinx()
    other.plot(count, [memory for _, memory in course], color="gray", linestyle=":", gid="memory", label="MB")
    other.set(ylabel="MB (dotted)", ylim=(0, None))


def main(arguments=None):
    """Measure, and write what is asked for."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--pairs", type=int, default=200)
    given.add_argument("--limit", type=float, default=LIMIT, help="seconds of processor time for a pair")
    given.add_argument("--budget", type=float, default=math.inf, help="seconds after which no pair is begun")
    given.add_argument("--report", type=Path)
    given.add_argument("--figure", type=Path)
    given = given.parse_args(arguments)
    result = grown(sample(given.pairs), given.limit, given.budget)
    if not result.found:
        raise SystemExit("every pair was left out: " + "; ".join(result.left_out.values()))
    text = page(result)
    if given.report:
        write(given.report, text)
    else:
        print(text)
    if given.figure:
        write(given.figure, svg(figure(result)))


if __name__ == "__main__":
    main()
