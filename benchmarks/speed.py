"""Time the emitted code beside the naive code and what people use, with the bars; print, save and draw it.

`python -m benchmarks.speed`, or `make bench`; the options are in `--help`. Each dispatch level of NumPy runs
in a process of its own. Exit code: 1 where the result of a system is off, 2 where a file cannot be written.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import figure, report, tables
from benchmarks.rows import CLOCK_SAYS, CLOCKS, WALL, Row
from benchmarks.stages import stages
from derive.accuracy.levels import NAMES, levels
from derive.model import BadInput
from derive.store import writable, write

ROOT = Path(__file__).parents[1]


def main(given):
    """Run everything; the exit code."""
    arguments = options().parse_args(given)
    for path in filter(None, (arguments.json, arguments.report, arguments.figure)):
        writable(Path(path))
    first, *others = wide()
    rows = run(first.name, first, arguments)
    rows += run(f"{first.name}, freed memory kept", first, arguments, "--numpy", "--keep")
    rows += [row for level in others for row in run(level.name, level, arguments, "--numpy")]
    took = {} if arguments.only else stages(arguments.quick)
    for table in (*tables.tables(rows), *report.stage_tables(took)):
        print(tables.text(table), end="\n\n")
    print(*tables.absent(rows), *report.busy(rows), report.quietness(rows), sep="\n")
    save(arguments, rows, took)
    return 1 if any(row.wrong for row in rows) else 0


def wide():
    """The dispatch levels that this machine has, the highest first; the baseline only where it is alone."""
    present = [level for level in levels() if level.present]
    return [level for level in present if level.name != NAMES[-1]] or present


def run(name, level, arguments, *more):
    """The rows of a process at a dispatch level, as they come; `more` are options of measure.py."""
    options = [f"--only={arguments.only}", f"--clock={arguments.clock}", *["--quick"] * arguments.quick]
    command = [sys.executable, "-m", "benchmarks.measure", name, *options, *more]
    rows = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=level.environment
    ) as child:
        for line in child.stdout:
            rows.append(Row(**json.loads(line)))
            progress(rows)
    if child.returncode:
        sys.exit(f"measuring at {name} failed with exit code {child.returncode}")
    return rows


def progress(rows):
    """Tell on standard error which case is done, where somebody watches."""
    if sys.stderr.isatty():
        row = rows[-1]
        print(f"\r\033[K{row.level}, {row.dtype}: {row.title}", end="", file=sys.stderr, flush=True)


def save(arguments, rows, took):
    """Write the files that were asked for."""
    texts = {
        arguments.json: lambda: report.dumped(rows, took),
        arguments.report: lambda: report.page(rows, took),
        arguments.figure: lambda: figure.svg(figure.drawn(rows)),
    }
    for path, made in texts.items():
        if path:
            write(Path(path), made())


def options():
    """The parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="small cases, one round: only to see that it works"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose title holds this text")
    parser.add_argument("--clock", choices=CLOCKS, default=WALL, help=CLOCK_SAYS)
    parser.add_argument("--json", metavar="FILE", help="save what was measured")
    parser.add_argument("--report", metavar="FILE", help="save the tables as Markdown")
    parser.add_argument("--figure", metavar="FILE", help="draw nanoseconds an element as SVG")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BadInput as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
