"""Comparisons as rows of text, as Markdown tables and as plain data."""

import math
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

from derive.accuracy.tally import Measured
from derive.rivals.rival import Rival
from derive.rivals.side_by_side import Comparison, Line

HEAD: Final = ("quantity", "system", "bad", "zeros", "overflows", "max ulp", "ulp/(1+κ)", "median ulp")
TITLES: Final = {"loss": "Loss", "gradient": "Gradient dL/dz", "hessian": "Second derivative"}
_ORDER: Final = ("gradient", "loss", "hessian")
_TEN_THOUSAND: Final = 1e4
_MANY: Final = 64  # ulp/(1+κ): six bits of 53
_ALWAYS: Final = ("numpy", "scipy", "sympy")
_DISTRIBUTIONS: Final = {"sklearn": "scikit-learn"}

PREFACE: Final = """\
bad / spurious zeros / largest ulp/(1+κ), in {dtype}, at about {points} points a pair (seed {seed}; of vectors
K = {classes}) over the whole range, hard and soft targets in turn. Missed overflows, where there are any,
stand in brackets. Bold: nothing wrong in kind, and no more than 64 ulp/(1+κ). A dash: no counterpart. Of
softmax, scikit-learn is asked at one-hot targets only. κ is what the problem itself magnifies; saturation
has none."""


def number(value: float) -> str:
    """An error in ulp: two digits, or whole numbers, or powers of ten."""
    if value < 10:
        return f"{value:.2g}"
    return f"{value:.0f}" if value < _TEN_THOUSAND else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


def rows(found: Comparison) -> list[list[str]]:
    """The cells below HEAD, the systems side by side for each quantity."""
    named: set[str] = set()
    lines = []
    for line in found.lines:
        quantity = line.measured.quantity
        lines.append(["" if quantity in named else quantity, line.system, *_figures(line)])
        named.add(quantity)
    return lines


def _figures(line: Line) -> list[str]:
    m = line.measured
    return [
        f"{m.bad:,}",
        f"{m.spurious:,}",
        f"{m.missed:,}",
        number(line.ulp),
        number(m.worst),
        number(m.median),
    ]


def costs(found: Comparison) -> list[list[str]]:
    """System, nanoseconds an element, and that as a multiple of ours."""
    first = next(iter(found.nanoseconds.values()), math.nan)
    return [[name, f"{ns:.1f}", f"{ns / first:.2f}"] for name, ns in found.nanoseconds.items()]


def markdown(found: Sequence[Comparison], rivals: Sequence[Rival]) -> str:
    """A table for each quantity, the systems as columns, with what was measured and by which versions."""
    systems = list(dict.fromkeys(name for one in found for name in one.systems))
    plan = found[0].plan
    words = PREFACE.format(dtype=plan.dtype, points=f"{plan.points:,}", seed=plan.seed, classes=plan.classes)
    parts = ["# The same points, other systems", words]
    parts += [
        table for quantity in _ORDER for table in (f"## {TITLES[quantity]}", _table(found, systems, quantity))
    ]
    return "\n\n".join([*parts, f"Versions: {', '.join(versions(rivals))}."]) + "\n"


def _table(found: Sequence[Comparison], systems: Sequence[str], quantity: str) -> str:
    lines = [["pair", *systems], ["---"] * (len(systems) + 1)]
    for one in found:
        cells = {line.system: cell(line.measured) for line in one.lines if line.measured.quantity == quantity}
        lines.append([one.pair.name, *(cells.get(system, "–") for system in systems)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(measured: Measured) -> str:
    """bad / spurious zeros / ulp/(1+κ); bold where nothing is wrong in kind and few digits are lost."""
    missed = f" [{measured.missed:,}]" if measured.missed else ""
    text = f"{measured.bad:,}{missed} / {measured.spurious:,} / {number(measured.worst)}"
    return text if measured.faults or measured.worst > _MANY else f"**{text}**"


def versions(rivals: Sequence[Rival]) -> list[str]:
    """The name and version of every package that took part."""
    packages = dict.fromkeys([*_ALWAYS, *(package for row in rivals for package in row.packages)])
    found = []
    for package in packages:
        name = _DISTRIBUTIONS.get(package, package)
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def as_data(found: Comparison) -> dict[str, Any]:
    """A comparison as plain data, for JSON."""
    plan = found.plan
    return {
        "pair": found.pair.name,
        "dtype": plan.dtype,
        "points": plan.points,
        "seed": plan.seed,
        "classes": None if found.pair.kind == "elementwise" else plan.classes,
        "lines": [_line(line) for line in found.lines],
        "size": plan.size,
        "nanoseconds": dict(found.nanoseconds),
        "systems": dict(found.says),
        "not_installed": list(found.missing),
        "no_counterpart": list(found.without),
        "one_hot_only": list(found.hard_only),
    }


def _line(line: Line) -> dict[str, Any]:
    m = line.measured
    counts = {"points": m.points, "bad": m.bad, "spurious_zeros": m.spurious, "missed_overflows": m.missed}
    errors = {"max_ulp": line.ulp, "max_ulp_over_1_plus_kappa": m.worst, "median_ulp": m.median}
    return {"system": line.system, "quantity": m.quantity, **counts, **errors}
