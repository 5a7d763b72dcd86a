"""Printing that outlives a closed pipe and a narrow encoding; names and files from arguments; tables."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from derive.api import Derived


def say(text: str) -> None:
    """Print text and a line end."""
    with _closed_pipe_is_silent(sys.stdout):
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Print one line on stderr."""
    with _closed_pipe_is_silent(sys.stderr):
        print(f"derive: {text}", file=sys.stderr, flush=True)


def settle() -> None:
    """Flush what argparse may have left, so that the interpreter finds nothing to complain about."""
    for stream in (sys.stdout, sys.stderr):
        with _closed_pipe_is_silent(stream):
            stream.flush()


@contextlib.contextmanager
def _closed_pipe_is_silent(stream: TextIO):
    # The command goes on writing into nothing: its exit code must still be the right one.
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def survive_any_encoding() -> None:
    """Let a terminal without σ and ∂ show an escape instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def add_names(sub: argparse.ArgumentParser, optional: bool = False) -> None:
    """Take the names of a pair, or of one entry."""
    what = "the activation of a pair, or one activation or loss (activation:NAME or loss:NAME if in doubt)"
    sub.add_argument("name", metavar="ACT", nargs="?" if optional else None, help=what)
    sub.add_argument("loss", metavar="LOSS", nargs="?", help="the loss of the pair")


def add_output(sub: argparse.ArgumentParser) -> None:
    """Take a file to write into."""
    sub.add_argument("-o", "--output", metavar="FILE", type=Path, help="write into FILE instead of printing")


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
    return tuple(name for name in (given.name, given.loss) if name is not None)


def derived(given: argparse.Namespace, quiet: bool = False) -> "Derived":
    """The derivation of the names given; its warning, if any, is said first on stderr, unless quiet."""
    from derive.api import derive

    found = derive(*names(given))
    if found.warning and not quiet:
        complain(f"warning: {found.warning}")
    return found


def deliver(text: str, output: Path | None) -> int:
    """Print a text or write it into a file; the exit code."""
    if output is None:
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
