"""What a run over many pairs came to: counts, seconds by stage, the worst of every check, the worst pairs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from derive.model import Verdict
from derive.runs.one import Ran

WORST = 10  # pairs
TRUE = ("truth64", "truth32")  # the checks whose measure is ulp/(1+κ)
Rows = tuple[Sequence[str], list[list[str]]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of a run: what came of every pair by its name, how many were `reused`, what it took."""

    found: Mapping[str, Ran]
    reused: int
    seconds: float

    @property
    def verdicts(self) -> list[Verdict]:
        """Those of all pairs, in order."""
        return [verdict for ran in self.found.values() for verdict in ran.verdicts]

    @property
    def failed(self) -> list[Verdict]:
        """Those that did not pass."""
        return [verdict for verdict in self.verdicts if not verdict.passed]


def counted(report: Report) -> str:
    """How many pairs and checks there were, and what they took."""
    number, bad = len(report.found), len(report.failed)
    over = f"{number} subject{'s' * (number != 1)}"
    words = f"{len(report.verdicts)} checks over {over}: {len(report.verdicts) - bad} passed, {bad} failed"
    took = f"{report.seconds:.0f} s"
    return f"{words} ({f'{report.reused} from earlier runs, ' if report.reused else ''}{took})"


def proofs(report: Report) -> str:
    """How many steps and forms are proved, and how many are checked at points only."""
    proved, sampled = (
        sum(getattr(ran, what) for ran in report.found.values()) for what in ("proved", "sampled")
    )
    return f"{proved} steps and forms are proved, {sampled} are checked at points"


def stages(report: Report) -> Rows:
    """Seconds of processor time a pair, by stage: the mean, the median, the largest and whose that is."""
    times: dict[str, list[tuple[float, str]]] = {}
    for name, ran in report.found.items():
        for stage, seconds in ran.seconds:
            times.setdefault(stage, []).append((seconds, name))
        if ran.seconds:
            times.setdefault("all", []).append((sum(s for _, s in ran.seconds), name))
    rows = [[stage, *_spread(found)] for stage, found in times.items() if stage != "all"]
    rows += [["all", *_spread(times["all"])]] if "all" in times else []
    return ("stage", "pairs", "mean s", "median s", "largest s", "of"), rows


def _spread(found: list[tuple[float, str]]) -> list[str]:
    ordered = sorted(seconds for seconds, _ in found)
    largest, name = max(found)
    middle = ordered[len(ordered) // 2]
    return [str(len(found)), *(f"{s:.3f}" for s in (sum(ordered) / len(ordered), middle, largest)), name]


def checks(report: Report) -> Rows:
    """A line a check: how many passed, the worst that was measured, what was allowed there, and where."""
    by_check: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        by_check.setdefault(verdict.check, []).append(verdict)
    rows = []
    for check, found in by_check.items():
        worst = max(found, key=_share)
        passed = sum(verdict.passed for verdict in found)
        rows.append([check, f"{passed} of {len(found)}", *_measured(worst), worst.pair])
    return ("check", "passed", "worst", "allowed", "pair"), rows


def worst(report: Report, check: str) -> Rows:
    """The pairs with the largest ulp/(1+κ) of a check, and where that is."""
    found = sorted((v for v in report.verdicts if v.check == check), key=_size, reverse=True)
    rows = [[v.pair, *_measured(v), v.where] for v in found[:WORST]]
    return ("pair", "ulp/(1+κ)", "declared", "where"), rows


def slowest(report: Report) -> Rows:
    """The pairs that took longest."""
    found = sorted(
        ((sum(s for _, s in ran.seconds), name) for name, ran in report.found.items()), reverse=True
    )
    return ("pair", "seconds"), [[name, f"{seconds:.2f}"] for seconds, name in found[:WORST] if seconds]


def _size(verdict: Verdict) -> float:
    return verdict.worst if not math.isnan(verdict.worst) else math.inf


def _share(verdict: Verdict) -> tuple[bool, float]:
    """How near a verdict is to its limit; those that failed are beyond."""
    return not verdict.passed, _size(verdict) / verdict.limit if verdict.limit else _size(verdict)


def _measured(verdict: Verdict) -> list[str]:
    return [f"{verdict.worst:.3g}", f"{verdict.limit:.4g}" if verdict.limit else ""]


def tables(report: Report) -> Iterable[tuple[str, Rows]]:
    """The tables of a report, each below its title."""
    yield "Seconds of processor time a pair", stages(report)
    yield "Checks", checks(report)
    for check in TRUE:
        yield f"The {WORST} worst pairs of {check}", worst(report, check)
    yield "The slowest pairs", slowest(report)


def failure(row: Verdict) -> str:
    """The line that says what failed, and where."""
    measured = f"{row.worst:.3g}, allowed is {row.limit:g}"
    return f"FAILED {row.pair}, {row.check}: {measured}. {row.where}".rstrip()


INTRODUCTION = """\
# What the checks of all pairs found

Every legal pair derived, proved, emitted and checked against certified truth at {points} points and the
special ones. Made by `derive check --all --report`; edits are lost. Seconds are of the machine it ran on.
"""


def markdown(report: Report, points: int) -> str:
    """The report as a page."""
    parts = [INTRODUCTION.format(points=points), f"{counted(report)}. {proofs(report)}."]
    for title, (head, rows) in tables(report):
        if rows:
            lines = [head, ["---"] * len(head), *rows]
            parts.append(
                f"## {title}\n\n" + "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
            )
    if report.failed:
        failures = "\n".join(f"- {_cell(failure(row))}" for row in report.failed)
        parts.append(f"## Failed\n\n{failures}")
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
