"""What a run leaves: JSON, and a page in Markdown."""

import importlib.metadata
import json
import platform
import statistics
from dataclasses import asdict
from pathlib import Path

from benchmarks import tables
from benchmarks.bars import NUMPY, outcomes
from derive.rivals.turns import ROUNDS

LIBRARIES = ("numpy", "scipy", "sympy", "torch", "jax", "optax", "scikit-learn", "numba", "numexpr")
THREADS = "threads"  # in the name of a system that has more than one
ONE_CORE = 1.2  # by the grain of the two clocks
CPU = Path("/proc/cpuinfo")

SAYS = """\
Loss and gradient together; one thread unless a row says two; nanoseconds an element, the median of {rounds}
rounds in which every system had its turn. Ratios are taken within one run. The memory limit reads z and y and
writes one array. The naive code is the textbook's, with temporaries, and loses digits in the tails; all
results agree in the middle of the range before they are timed. Memory counts what a call returns; with `out=`
that is nothing new.

The time of what allocates hangs on the past of its process: glibc either gives freed memory back to the
system, and every page is faulted in anew at the next call, or keeps it. Up to 32 MiB an array both are
measured: as the process finds itself, and with freed memory kept."""


def machine() -> dict[str, str]:
    """The processor, Python and the versions of the libraries that are installed."""
    found = {"processor": _processor(), "Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor():
    if CPU.exists():
        for line in CPU.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def data(rows, stages) -> dict:
    """Everything measured, as plain data."""
    bars = [{**asdict(o.bar), "most": o.most, "level": o.level, "dtype": o.dtype} for o in outcomes(rows)]
    found = [
        {**bar, "ratio": o.ratio, "verdict": o.verdict} for bar, o in zip(bars, outcomes(rows), strict=True)
    ]
    return {"machine": machine(), "rows": [asdict(row) for row in rows], "bars": found, "stages": stages}


def dumped(rows, stages) -> str:
    """The JSON text."""
    return json.dumps(data(rows, stages), indent=1, ensure_ascii=False) + "\n"


def page(rows, stages) -> str:
    """The Markdown page."""
    about = ", ".join(f"{name} {version}" for name, version in machine().items() if name != "processor")
    parts = ["# Speed", SAYS.format(rounds=ROUNDS), f"{machine()['processor']}; {about}.", quietness(rows)]
    parts += ["## Bars", tables.markdown(tables.bars(rows)).partition("\n\n")[2], "## Times and memory"]
    parts += [tables.markdown(table) for table in tables.tables(rows)[:-1]]
    if lines := tables.absent(rows):
        parts += ["## Without figures", "\n".join(f"- {line}" for line in lines)]
    if lines := busy(rows):
        parts += ["## More than one core in spite of one thread", "\n".join(f"- {line}" for line in lines)]
    if stages:
        parts += ["## The stages and the command line", *map(tables.markdown, stage_tables(stages))]
    return "\n\n".join(part for part in parts if part) + "\n"


def quietness(rows) -> str:
    """By which clock the times were taken, and how quiet the machine was: the emitted NumPy code tells."""
    told = [row for row in rows if row.system == NUMPY and row.nanoseconds]
    if not told:
        return ""
    apart = max(row.high / row.low for row in told)
    cores = statistics.median(row.cores for row in told)
    return (
        f"Clock: {told[0].clock}. Of the emitted NumPy code the slowest round took at most {apart:.2f} times "
        f"the quickest, and it had {cores:.2f} of a core: less than 1 where other work ran beside."
    )


def busy(rows) -> tuple[str, ...]:
    """A line for each row of one thread that kept more than one core at work."""
    more = [row for row in rows if (row.cores or 0) > ONE_CORE and THREADS not in row.system]
    return tuple(f"{row.system}, {row.title}, {row.dtype}: {row.cores:.1f} cores" for row in more)


def stage_tables(stages) -> tuple[tables.Table, ...]:
    """The tables of what deriving and the command line take."""
    return tuple(
        tables.Table(
            title=title,
            header=("", *found["columns"]),
            rows=tuple((name, *(f"{x:.3g}" for x in row)) for name, row in found["rows"].items()),
        )
        for title, found in stages.items()
    )
