"""The command `derive`: reads its arguments, runs one command, turns errors into one line and a code.

0 done · 1 a check failed or a step could not be established · 2 bad input or a missing package ·
3 a limit was reached · 130 interrupted · 141 nobody reads on. Nothing here imports SymPy before a
command needs it.
"""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from derive import __version__
from derive.cli import (
    accuracy,
    build,
    check,
    child,
    compare,
    declare,
    explain,
    export,
    interrupts,
    latex,
    listing,
    match,
    network,
    read,
    search,
    show,
)
from derive.cli.terminal import Unwritable, asked, complain, say, survive_any_terminal

COMMANDS = (
    listing,
    show,
    latex,
    export,
    network,
    explain,
    match,
    read,
    check,
    accuracy,
    compare,
    search,
    declare,
    build,
)

MESSAGE = 120  # characters of an error that is shown

DONE, FAILED, BAD_INPUT, LIMIT, INTERRUPTED, UNREAD = 0, 1, 2, 3, 130, 141

ABOUT = "From an activation and a loss to a proved derivation, its LaTeX, stable NumPy code and its checks."
EXAMPLES = """\
examples:
  derive list                       what there is
  derive show sigmoid bce           the derivation, step by step
  derive latex sigmoid bce          the same for an article; --standalone for a document
  derive export softmax cross_entropy -o gradient.py
  derive latex gelu                 one name alone: its own derivative; a layer, too: layer_norm
  derive network "dense(4,8) tanh dense(8,3) softmax" cross_entropy
  derive explain sigmoid bce        why this loss: is it convex, from which likelihood, ...
  derive check                      every check of the reference pairs
  derive build                      everything about them, into output/

exit codes: 0 done, 1 a check failed, 2 bad input, 3 a limit was reached, 130 interrupted,
141 nobody reads on"""


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line, and notices where its help cannot be written.

    Where it reads expressions, an argument that begins with one - and is no option is one: -z*exp(z).
    """

    reads_expressions = False

    def _parse_optional(self, arg_string: str) -> Any:
        single = arg_string[:1] == "-" and arg_string[1:2] not in ("", "-")
        if self.reads_expressions and single and arg_string[:2] not in self._option_string_actions:
            return None
        return super()._parse_optional(arg_string)

    def _print_message(self, message: str, file: Any = None) -> None:
        say(message, aside=file is not sys.stdout)

    def error(self, message: str) -> NoReturn:
        """One line, and the exit code of bad input."""
        complain(f"{message}. Try: {self.prog} --help")
        self.exit(BAD_INPUT)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line, one sub-command a file."""
    layout = argparse.RawDescriptionHelpFormatter
    top = Parser(
        prog="derive", description=ABOUT, epilog=EXAMPLES, formatter_class=layout, allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"derive {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.HELP[0].upper() + command.HELP[1:] + ".",
            epilog=command.EXAMPLES,
            formatter_class=layout,
            allow_abbrev=False,
        )
        command.arguments(sub)
        sub.reads_expressions = sub.get_default("limited") is not None and command is not listing
        sub.set_defaults(run=command.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command line given."""
    survive_any_terminal()
    interrupts.listen()
    return _answered(lambda: _run(arguments))


def _answered(work: Callable[[], int]) -> int:
    """The exit code of some work, whatever ends it."""
    try:
        return work()
    except KeyboardInterrupt:
        interrupts.ignore()
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return UNREAD
    except Exception as error:
        return _code(error)


def _run(arguments: Sequence[str] | None) -> int:
    gc.set_threshold(100_000)  # the collector would search SymPy's long-lived tables a hundred times at start
    top = parser()
    try:
        given = top.parse_args(arguments)
    except SystemExit as stop:  # argparse has printed its help or its complaint
        return stop.code if isinstance(stop.code, int) else BAD_INPUT
    if not hasattr(given, "run"):
        top.print_help()
        return DONE
    if getattr(given, "limited", False) and _is_own(given):
        return child.limited(lambda: _on_own(lambda: given.run(given)), given.time_limit)
    return given.run(given)


def _on_own(work: Callable[[], int]) -> int:
    """The exit code of work on what a user wrote, where whatever is not foreseen is a limit of ours."""
    try:
        return _answered(work)
    except Exception as error:
        complain(f"a limit was reached: {_unforeseen(error)}. Try: a simpler function")
        return LIMIT


def _unforeseen(error: Exception) -> str:
    """What was raised and where, in one line."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split())[:MESSAGE]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}{text and ': '}{text}"


def _is_own(given: argparse.Namespace) -> bool:
    """Whether functions are asked for that a user wrote."""
    if hasattr(given, "is_own"):
        return given.is_own(given)
    return asked(given).own or asked(given, tuple(getattr(given, "compare", None) or ())).own


def _code(error: Exception) -> int:
    """The exit code of an error a user can act on, after one line that says what it is; others are raised."""
    if isinstance(error, Unwritable):
        complain(str(error))
        return BAD_INPUT

    from concurrent.futures.process import BrokenProcessPool

    from derive.balls import Unreachable
    from derive.model import BadInput, Unproved

    if isinstance(error, BadInput | Unproved):
        complain(str(error))
        return BAD_INPUT if isinstance(error, BadInput) else FAILED
    if isinstance(error, ModuleNotFoundError) and not (error.name or "derive").startswith("derive"):
        complain(f"the package {error.name} is missing. Try: pip install {error.name}")
        return BAD_INPUT
    if isinstance(error, Unreachable | MemoryError | RecursionError | BrokenProcessPool):
        complain(f"a limit was reached: {error or type(error).__name__}")
        return LIMIT
    raise error
