"""What a survey found: as cells of a table, as data, and as a page in Markdown."""

import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any, Final

from derive.accuracy.levels import lacking, levels
from derive.accuracy.survey import Line, Wanted
from derive.accuracy.tally import Kind, Measured, Place, Point
from derive.bounds import DEFAULT, EXCEPTIONS, RISES, SINGLE
from derive.program.choices import described

SHOWN: Final = 4  # components of a row that a report shows
HEAD: Final = (
    *("pair", "K", "function", "dtype", "level", "points", "bad", "missed", "zeros", "flushed"),
    *("max ulp", "max ulp/(1+κ)", "median", "bound", "ok"),
)
_VERSIONS: Final = ("numpy", "scipy", "python-flint")
_NOTES: Final = f"""\
Truth is the entries' own formula in ball arithmetic (Arb, through python-flint), certified. *bad*: NaN or
infinite where the truth is finite; *missed*: finite where the truth overflows; *zeros*: 0 where the truth
is a normal number and κ < 1; *flushed*: 0 where the truth is a subnormal number, two of the smallest or
more. Errors are in units of the last place of the truth, first as they are, then over 1 + κ: at hard
targets, those a loss lists, and after the bar at soft ones. κ is what the problem itself magnifies near a
root and through a soft target; at saturation it is 0. The bound is what the docstring declares.

Points are uniform in the middle, log-uniform over every exponent with the subnormals, saturating, special,
drawn near to roots, and with targets that are the rounded outputs themselves. float32 is evaluated through
float64 everywhere and rounded once, so its bound is {SINGLE}. `loss_and_grad` has lines of its own only where
it differs from `loss` and `grad` in a bit. Of vectors, hard are the rows without a soft target; K is the
number of components; the Hessian of 1000 components is left to the checks of its products with vectors."""


def cells(line: Line) -> list[str]:
    """The cells of a line below `HEAD`."""
    row = line.measured
    hard, soft = line.bounds
    counts = (row.points, row.bad, row.missed, row.spurious, row.flushed)
    return [
        *(line.pair, str(line.classes or ""), line.function, row.dtype, line.level),
        *(str(count) for count in counts),
        _of_kinds(row, [number(kind.ulp) for kind in (row.hard, row.soft)]),
        _of_kinds(row, [number(kind.score) for kind in (row.hard, row.soft)]),
        number(row.median),
        _of_kinds(row, [str(hard), str(soft)]),
        "ok" if line.ok else "MISSED",
    ]


def _of_kinds(row: Measured, texts: Sequence[str]) -> str:
    """Hard | soft; one alone where there are no targets of the other kind."""
    return " | ".join(t for t, kind in zip(texts, (row.hard, row.soft), strict=True) if kind.points)


def number(value: float) -> str:
    """A number to three digits."""
    return f"{value:.3g}"


def points(lines: Iterable[Line]) -> list[str]:
    """The worst points of every line, in words."""
    return [
        f"{_name(line)}, {word}: {_shown(point)}"
        for line in lines
        for word, kind in (("hard", line.measured.hard), ("soft", line.measured.soft))
        for point in kind.worst
    ]


def _name(line: Line) -> str:
    parts = (line.pair, f"K={line.classes}" if line.classes else "", line.function)
    return " ".join(part for part in (*parts, line.measured.dtype, line.level) if part)


def _shown(point: Point) -> str:
    errors = f"{number(point.ulp)} ulp, κ = {number(point.kappa)}"
    return f"{spot(point.place)}: {point.value!r}, true {point.true!r}, {errors}"


def spot(place: Place | None) -> str:
    """A place in words; of a long row the first numbers."""
    if place is None:
        return "none"
    z, y = (numbers[:SHOWN] for numbers in (place.z, place.y))
    if len(place.z) == 1:
        words = f"z={z[0]!r}" + "".join(f", y={target!r}" for target in y)
    else:
        words = f"component {place.component} of {len(place.z)} inputs, {z}, y={y}"
    return words + "".join(f", {name}={value}" for name, value in place.parameters)


def data(line: Line) -> dict[str, Any]:
    """A line as plain data."""
    row, (hard, soft) = line.measured, line.bounds
    return {
        "pair": line.pair,
        "classes": line.classes,
        "function": line.function,
        "quantity": row.quantity,
        "dtype": row.dtype,
        "level": line.level,
        "points": row.points,
        "bad": row.bad,
        "missed": row.missed,
        "spurious_zeros": row.spurious,
        "flushed": row.flushed,
        "median": row.median,
        "hard": _kind(row.hard, hard),
        "soft": _kind(row.soft, soft),
        "ok": line.ok,
    }


def _kind(kind: Kind, bound: float) -> dict[str, Any] | None:
    if not kind.points:
        return None
    worst = [_point(point) for point in kind.worst]
    return {
        "points": kind.points,
        "max_ulp": kind.ulp,
        "max_score": kind.score,
        "bound": bound,
        "worst": worst,
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "z": list(point.place.z),
        "y": list(point.place.y),
        "component": point.place.component,
        "computed": point.value,
        "true": point.true,
        "ulp": point.ulp,
        "kappa": point.kappa,
    }


def page(lines: Sequence[Line], wanted: Wanted) -> str:
    """The page: what was measured and how, a table for each dtype, the bounds above the default."""
    missed = [line for line in lines if not line.ok]
    verdict = f"**{len(missed)} of {len(lines)} lines are beyond their bounds.**" if missed else ""
    parts = [
        "# Accuracy",
        verdict or f"All {len(lines)} lines are within their bounds.",
        _NOTES,
        _facts(wanted),
    ]
    for dtype in wanted.dtypes:
        rows = [line for line in lines if line.measured.dtype == dtype]
        parts += [f"## {dtype}", *_tables(rows)]
    parts += [
        "## Bounds above the default",
        _exceptions(),
        *_forms(dict.fromkeys(line.pair for line in lines)),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(wanted: Wanted) -> str:
    has = [level.name for level in levels() if level.present]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _VERSIONS)
    return "\n".join(
        (
            f"- Points: {wanted.points} of each subject and dtype and more near roots; seed {wanted.seed}.",
            f"- Levels of NumPy's dispatch measured: {', '.join(level.name for level in wanted.levels)};"
            f" this CPU has {', '.join(has)}" + (f", and lacks {lacking()}." if lacking() else "."),
            f"- Versions: Python {platform.python_version()}, {versions}; {platform.machine()}.",
        )
    )


def _tables(lines: Sequence[Line]) -> list[str]:
    """A table for each dispatch level, with the pairs in their order."""
    found = []
    for level in dict.fromkeys(line.level for line in lines):
        rows = [cells(line) for line in lines if line.level == level]
        kept = [n for n, name in enumerate(HEAD) if name not in ("dtype", "level")]
        found += [f"### {level}", markdown([HEAD[n] for n in kept], [[row[n] for n in kept] for row in rows])]
    return found


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _forms(pairs: Iterable[str]) -> list[str]:
    """The forms that `derive search` chose for these pairs, with the scores it chose them by."""
    rows = [f"- {pair}: {words}" for pair in pairs if (words := described(pair))]
    return ["## Forms chosen by search", "\n".join(rows)] if rows else []


def _exceptions() -> str:
    """The bounds above the default with their reasons; a reason that many pairs share stands once."""
    alike: dict[tuple[str, int, str], list[str]] = {}
    for name, quantity, limit, why in EXCEPTIONS:
        alike.setdefault((name, limit, why), []).append(quantity)
    rows: dict[tuple[str, int, str], list[str]] = {}
    for (name, limit, why), quantities in alike.items():
        rows.setdefault((", ".join(quantities), limit, why), []).append(name)
    table = [[", ".join(names), quantity, str(limit), why] for (quantity, limit, why), names in rows.items()]
    table += [[rise.pairs, ", ".join(rise.quantities), str(rise.bound), rise.why] for rise in RISES.values()]
    return f"The default is {DEFAULT}.\n\n" + markdown(("pairs", "quantity", "bound", "why"), table)
