"""derive read: what a model's cross-entropy says about it."""

import argparse

from derive.cli.explain import FORMS, form
from derive.cli.terminal import add_output, deliver, path

NAME = "read"
HELP = "say what a model's cross-entropy guarantees, and what it does not, each statement with its proof"
EXAMPLES = """\
examples:
  derive read --cross-entropy 0.4 --classes 10
  derive read --cross-entropy 0.4 --classes 10 --accuracy 0.9 --figure plane.svg
  derive read --cross-entropy 0.35 --classes 2 --base-rate 0.2
  derive read --cross-entropy 1.2 --classes 3 --base-rate 1/2 0.3 0.2 --unit bits

Labels are taken to be hard, one true class for every example; a tie counts as an error. A number is read as
it is written: 0.4 is 2/5. Numbers that no model can have together are refused, with the bound they break."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    sub.add_argument(
        "--cross-entropy", metavar="C", required=True, help="the mean of −log of the truth's probability"
    )
    sub.add_argument("--classes", metavar="K", required=True, help="the number of classes")
    sub.add_argument("--accuracy", metavar="A", help="the share of right answers, from 0 to 1")
    rates = "the shares of the K classes, which sum to 1; of two classes one is enough"
    sub.add_argument("--base-rate", metavar="R", nargs="+", help=rates)
    sub.add_argument("--unit", metavar="UNIT", default="nats", help="nats or bits (default: %(default)s)")
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, expressions as SymPy text")
    form.add_argument("--latex", action="store_true", help="print LaTeX, for an article (amsmath, amssymb)")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for GitHub")
    sub.add_argument("--standalone", action="store_true", help="LaTeX as a complete document")
    picture = "also draw what is possible, accuracy against cross-entropy, as SVG"
    sub.add_argument("--figure", metavar="FILE", type=path, help=picture)
    add_output(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write what follows from the numbers, and draw it; the exit code."""
    from derive.api import Explained
    from derive.claims.reading import given as checked
    from derive.claims.reading import reading

    rates = given.base_rate and [rate for text in given.base_rate for rate in text.split(",")]
    known = checked(given.cross_entropy, given.classes, given.accuracy, rates, given.unit)
    written(given)
    found = Explained(subject=None, answers=(reading(known),))
    deliver(FORMS[form(given)](found), given.output)
    if given.figure:
        from derive.store import write
        from derive.studies.claims.reading import figure
        from derive.studies.figure import svg

        write(given.figure, svg(figure(known)))
    return 0


def written(given: argparse.Namespace) -> None:
    """Raise BadInput, before the work, where a file cannot be written or forms do not go together."""
    from derive.model import BadInput
    from derive.store import writable

    if given.standalone and (given.json or given.markdown):
        raise BadInput("--standalone is for LaTeX. Try: --latex --standalone")
    if given.output is not None and given.output == given.figure:
        raise BadInput(f"{given.figure} cannot be both the text and the figure")
    for file in (given.output, given.figure):
        if file is not None:
            writable(file)
