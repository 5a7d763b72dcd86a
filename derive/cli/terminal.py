"""Printing that outlives a closed pipe, a full disk and a narrow encoding; arguments; tables."""

import argparse
import contextlib
import io
import math
import os
import select
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from derive.asked import Asked

if TYPE_CHECKING:
    from derive.api import Derived, DerivedLayer

STDOUT = 1
SECONDS = 60.0  # that work on a user's expressions may take
LONGEST = 10**6
OWN = """Wherever a name is expected, an expression is too: in z an activation, in a and y a loss. It is read,
not evaluated; numbers are exact."""
PRINTED = Path("-")
NUMPY = "numpy"


class Unwritable(Exception):
    """What is to be printed cannot be; the message says why."""


def say(text: str, aside: bool = False) -> None:
    """Print text and a line end; on stderr if `aside`."""
    stream = sys.stderr if aside else sys.stdout
    with _written(stream):
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()


def complain(text: str) -> None:
    """Print one line on stderr."""
    say(f"derive: {text}", aside=True)


@contextlib.contextmanager
def _written(stream: TextIO) -> Iterator[None]:
    """Raise BrokenPipeError where nobody reads on, Unwritable where it cannot be written otherwise."""
    try:
        yield
    except OSError as error:
        _drop(stream)
        if stream is sys.stderr:  # there is nobody to tell
            return
        if isinstance(error, BrokenPipeError):
            raise
        raise Unwritable(f"cannot write standard output: {error.strerror}") from error


def _drop(stream: TextIO) -> None:
    # What is left in the buffer goes nowhere, or the interpreter would complain of it at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def stop_if_unread() -> None:
    """Raise BrokenPipeError where stdout is a pipe that nobody reads any more."""
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    poll.register(STDOUT, 0)
    if any(event & select.POLLERR for _, event in poll.poll(0)):
        raise BrokenPipeError


def survive_any_terminal() -> None:
    """Let a terminal without σ and ∂ show an escape, and a closed stream refuse what is written."""
    sys.stdout, sys.stderr = sys.stdout or _closed(), sys.stderr or _closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _closed() -> TextIO:
    # Open for reading only: the system refuses to write into it, as into a closed one.
    return open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")


def add_catalogue_names(sub: argparse.ArgumentParser, optional: bool = False) -> None:
    """Take the names of a pair, or of one entry, of the catalogue."""
    what = "the activation of a pair, or one activation, loss or layer (loss:NAME, layer:NAME if in doubt)"
    sub.add_argument("name", metavar="ACT", nargs="?" if optional else None, help=what)
    sub.add_argument("loss", metavar="LOSS", nargs="?", help="the loss of the pair")


def add_names(sub: argparse.ArgumentParser, optional: bool = False) -> None:
    """Take a pair, or one entry, by names or as expressions."""
    add_catalogue_names(sub, optional)
    add_own(sub)


def add_own(sub: argparse.ArgumentParser) -> None:
    """Take what is said beside expressions and names."""
    group = sub.add_argument_group("your own functions", OWN)
    number = "the number of a letter of an expression, or another default of a parameter; repeatable"
    group.add_argument(
        "--param", metavar="NAME=NUMBER", type=_binding, action="append", default=[], help=number
    )
    group.add_argument("--functions", metavar="FILE", default="", help="a TOML file that defines functions")
    where = "a condition on a letter of an expression, such as 'z>0'; repeatable"
    group.add_argument("--where", metavar="COND", action="append", default=[], help=where)
    library = "the library whose versions of functions are meant, by its names and with its defaults: torch, "
    library += "keras, jax, sklearn, xgboost or lightgbm"
    group.add_argument("--like", metavar="LIBRARY", default="", help=library)
    limit = "seconds after which work on expressions is ended; 0 for none (default: %(default)g)"
    group.add_argument("--time-limit", metavar="SECONDS", type=_seconds, default=SECONDS, help=limit)
    sub.set_defaults(limited=True)


def _binding(text: str) -> tuple[str, str]:
    name, sign, number = text.partition("=")
    if not (sign and name.strip() and number.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form name=number")
    return name.strip(), number.strip()


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number of seconds")
    return found


def add_target(sub: argparse.ArgumentParser) -> None:
    """Take what code is for."""
    # The choices stand in derive.emit, which imports SymPy; an unknown one is refused there.
    sub.add_argument("--target", default=NUMPY, help="numpy, numba or c (default: %(default)s)")


def add_output(sub: argparse.ArgumentParser) -> None:
    """Take a file to write into."""
    sub.add_argument("-o", "--output", metavar="FILE", type=path, help="write into FILE instead of printing")


def path(text: str) -> Path:
    """The path an argument names."""
    if not text:
        raise argparse.ArgumentTypeError("empty path")
    return Path(text)


def add_jobs(sub: argparse.ArgumentParser) -> None:
    """Take the number of processes."""
    help_text = "how many processes work at once (default: one a processor)"
    sub.add_argument("-j", "--jobs", metavar="N", type=_count, default=os.cpu_count() or 1, help=help_text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


def names(given: argparse.Namespace) -> tuple[str, ...]:
    """The one or two names given, or none."""
    return tuple(name for name in (given.name, getattr(given, "loss", None)) if name is not None)


def asked(given: argparse.Namespace, named: tuple[str, ...] | None = None) -> Asked:
    """What is asked for: the names given, or others, with all that is said beside them."""
    return Asked(
        names=names(given) if named is None else named,
        parameters=tuple(given.param),
        functions=given.functions,
        where=tuple(given.where),
        like=given.like,
    )


def said(given: argparse.Namespace) -> dict[str, Any]:
    """What is said beside the names, as the library takes it."""
    return {"params": dict(given.param), "functions": given.functions, "where": given.where}


def measured(found: "Derived | DerivedLayer") -> None:
    """Say on stderr how accurate the code of a user's function is; nothing of the catalogue's."""
    from derive.api import Derived
    from derive.emit.docstrings import lost

    if not isinstance(found, Derived):
        return
    off = [row for row in found.accuracy if row.lost]
    for row in off:
        complain(f"{row.quantity}: {lost(row, found.subject)}")
    if found.accuracy and not off:
        complain(f"measured: the code is within {found.accuracy[0].ulp} ulp * (1 + kappa) of the truth")


def made(given: argparse.Namespace, quiet: bool = False) -> "Derived | DerivedLayer":
    """The derivation of the names given; its warning, if any, is said first on stderr, unless quiet."""
    from derive.api import made as of

    found = of(asked(given))
    if found.warning and not quiet:
        complain(f"warning: {found.warning}")
    return found


def derived(given: argparse.Namespace) -> "Derived":
    """The derivation of a pair or of one entry, after its warning."""
    from derive.api import Derived
    from derive.model import BadInput

    found = made(given)
    if not isinstance(found, Derived):
        raise BadInput(f"{found.name!r} is a layer; a pair is needed, or one entry")
    return found


def deliver(text: str, output: Path | None) -> int:
    """Print a text or write it into a file; the exit code."""
    if output is None or output == PRINTED:
        say(text)
        return 0
    from derive.store import write

    write(output, text if text.endswith("\n") else text + "\n")
    return 0


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns below their names, without spaces at line ends."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    cells = [[text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in lines]
    rule = ["─" * width for width in widths]
    return "\n".join("  ".join(line).rstrip() for line in (cells[0], rule, *cells[1:]))
