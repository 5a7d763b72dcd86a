"""The tables of a run, for the terminal and for Markdown."""

from dataclasses import dataclass

from benchmarks.bars import FACTOR, NAIVE, outcomes

NONE = "—"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A title, a header and rows of text; the first column is aligned to the left."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(rows) -> tuple[Table, ...]:
    """Times, bars and memory of every level and dtype, in the order of the rows."""
    places = list(dict.fromkeys((row.level, row.dtype) for row in rows))
    found = []
    for level, dtype in places:
        here = [row for row in rows if (row.level, row.dtype) == (level, dtype)]
        found += [times(here, level, dtype), *memory(here, level, dtype)]
    return (*found, bars(rows))


def times(rows, level, dtype) -> Table:
    """Nanoseconds an element, and in brackets the multiple of the naive time."""
    naive = {r.title: r.nanoseconds for r in rows if r.system == NAIVE and r.nanoseconds}
    return _grid(f"{dtype}, NumPy at {level}: ns an element (× naive)", rows, lambda row: _time(row, naive))


def _time(row, naive):
    if row.nanoseconds is None:
        return "wrong" if row.wrong else NONE
    against = naive.get(row.title)
    return f"{row.nanoseconds:.3g}" + (f" ({row.nanoseconds / against:.2f})" if against else "")


def memory(rows, level, dtype) -> tuple[Table, ...]:
    """The memory of a call over that of z, results included, where it was measured."""
    measured = [row for row in rows if row.memory is not None]
    title = f"{dtype}, NumPy at {level}: memory of a call, at its largest, over that of z"
    return (_grid(title, measured, lambda row: f"{row.memory:.2f}"),) if measured else ()


def _grid(title, rows, cell) -> Table:
    columns = list(dict.fromkeys(row.title for row in rows))
    systems = dict.fromkeys(row.system for row in rows if row.nanoseconds is not None or row.wrong)
    cells = {(row.system, row.title): cell(row) for row in rows}
    lines = tuple((s, *(cells.get((s, c), NONE) for c in columns)) for s in systems)
    return Table(title=title, header=("", *columns), rows=lines)


def bars(rows) -> Table:
    """Every bar with its measurement and its verdict."""
    lines = tuple(
        (
            f"{o.bar.system} / {o.bar.against}",
            o.bar.title,
            o.dtype,
            o.level,
            NONE if o.ratio is None else f"{o.ratio:.2f}",
            f"≤ {o.most:.2f}",
            o.verdict,
        )
        for o in outcomes(rows)
    )
    header = ("ratio", "case", "dtype", "NumPy at", "measured", "bar", "")
    title = f"Bars (float32: {FACTOR['float32']:g} × the ratio of float64)"
    return Table(title=title, header=header, rows=lines)


def absent(rows) -> tuple[str, ...]:
    """A line for each reason why a system has no figures."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.missing:
            found.setdefault((row.system, row.missing), []).append(f"{row.title} {row.dtype}")
    return tuple(f"{system}: {reason} ({_where(where)})" for (system, reason), where in found.items())


def _where(places):
    places = list(dict.fromkeys(places))
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"


def text(table) -> str:
    """A table for the terminal."""
    lines = (table.header, *table.rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join([table.title, *("  " + _spaced(line, widths) for line in lines)])


def _spaced(line, widths):
    first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
    return "  ".join([line[0].ljust(len(first)), *others]).rstrip()


def markdown(table) -> str:
    """A table for GitHub."""
    rule = ("---", *(["---:"] * (len(table.header) - 1)))
    lines = [f"| {' | '.join(line)} |" for line in (table.header, rule, *table.rows)]
    return "\n".join([f"### {table.title}", "", *lines])
