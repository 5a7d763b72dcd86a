"""derive match: the loss that an activation asks for, of the catalogue or of one's own."""

import argparse
import json
from typing import TYPE_CHECKING

from derive.cli.terminal import add_output, add_own, deliver, said

if TYPE_CHECKING:
    from derive.matched import Matched

NAME = "match"
HELP = "find the loss with slope a - y behind an activation: by name, or an expression in z"
EXAMPLES = """\
examples:
  derive match sigmoid
  derive match cloglog --latex --standalone -o matching.tex
  derive match "z/(1 + exp(-1.702*z))"
  derive match "atan(z)" --code -o loss.py && python loss.py
  derive match "log(z)" --where "z>0"

An expression is made of z, numbers, + - * / ** and functions: exp, log, sqrt, sigmoid, softplus, tanh, sinh,
cosh, atan, sin, cos, erf, Phi, relu, max, min, abs, sign. It is read, not evaluated; numbers are exact. It
must be defined for every z, or wherever --where says. Where no closed form of the loss is found, the code
integrates, and says how well."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    sub.add_argument("name", metavar="ACT", help="the name of an activation, or an expression in z")
    add_own(sub)
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, expressions as SymPy text")
    form.add_argument("--latex", action="store_true", help="print LaTeX, for an article (amsmath, amssymb)")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for GitHub")
    form.add_argument("--code", action="store_true", help="print one NumPy file: loss, grad and hess")
    sub.add_argument("--standalone", action="store_true", help="LaTeX as a complete document")
    add_output(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write what was found; the exit code."""
    from derive.api import match
    from derive.model import BadInput

    if given.standalone and (given.json or given.markdown or given.code):
        raise BadInput("--standalone is for LaTeX. Try: --latex --standalone")
    if given.output:
        from derive.store import writable

        writable(given.output)
    return deliver(_text(match(given.name, **said(given)), given), given.output)


def _text(found: "Matched", given: argparse.Namespace) -> str:
    if given.json:
        return json.dumps(found.json(), indent=2, ensure_ascii=False)
    if given.latex or given.standalone:
        return found.latex(standalone=given.standalone)
    if given.markdown:
        return found.markdown()
    return found.code() if given.code else found.text()
