"""derive export: a self-contained file of code."""

import argparse

from derive.cli.terminal import add_names, add_output, deliver, derived

NAME = "export"
HELP = "print a self-contained file of code: loss, gradient and second derivative"
EXAMPLES = """\
examples:
  derive export sigmoid bce -o gradient.py && python gradient.py
  derive export softmax cross_entropy --target numpy"""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub)
    # The choices stand in derive.emit, which imports SymPy; an unknown one is refused there.
    sub.add_argument("--target", default="numpy", help="what to write code for (default: %(default)s)")
    add_output(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write the code; the exit code."""
    return deliver(derived(given).code(target=given.target), given.output)
