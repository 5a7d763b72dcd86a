"""derive show: the steps of a derivation in the terminal."""

import argparse
import json

from derive.cli.terminal import add_names, made, measured, say

NAME = "show"
HELP = "show the derivation of a pair, of one entry or of a layer, step by step"
EXAMPLES = """\
examples:
  derive show sigmoid bce
  derive show tanh half_squared_error --json
  derive show gelu
  derive show attention
  derive show "z/(1+exp(-beta*z))" "(a-y)**2/2" --param beta=1.702"""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub)
    sub.add_argument("--json", action="store_true", help="print JSON, expressions as SymPy text")


def run(given: argparse.Namespace) -> int:
    """Print the steps, after the warning if there is one; the exit code."""
    if given.json:
        say(json.dumps(made(given).json(), indent=2, ensure_ascii=False))
        return 0
    found = made(given, quiet=True)
    say("\n".join(filter(None, (found.warning and f"warning: {found.warning}", found.text()))))
    measured(found)
    return 0
