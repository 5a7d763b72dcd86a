"""derive latex: a derivation as LaTeX."""

import argparse

from derive.cli.terminal import add_names, add_output, deliver, made

NAME = "latex"
HELP = "print the derivation as LaTeX, for an article (amsmath) or as a document of its own"
EXAMPLES = """\
examples:
  derive latex sigmoid bce
  derive latex softmax cross_entropy --standalone -o derivation.tex
  derive latex loss:log_cosh
  derive latex layer_norm --standalone -o layer_norm.tex
  derive latex "z/(1+exp(-beta*z))" "(a-y)**2/2" --param beta=1.702"""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub)
    sub.add_argument("--standalone", action="store_true", help="a complete document, with all definitions")
    add_output(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write the LaTeX; the exit code."""
    return deliver(made(given).latex(standalone=given.standalone), given.output)
