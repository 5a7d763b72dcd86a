"""derive explain: the questions behind a pair, answered with proofs, witnesses and pictures."""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli import verdicts
from derive.cli.terminal import add_jobs, add_names, add_output, complain, deliver, names, path, said, say

if TYPE_CHECKING:
    from derive.api import Explained

NAME = "explain"
HELP = "answer the questions behind a pair or one entry: does it saturate, is it convex, where is it from"
EXAMPLES = """\
examples:
  derive explain sigmoid bce
  derive explain sigmoid half_squared_error --claim convexity
  derive explain softmax cross_entropy --latex --standalone -o why.tex --figures .
  derive explain sigmoid --compare half_squared_error bce
  derive explain --matrix -o verdicts.svg     the verdicts over pairs that are looked up

claims: saturation, cost, convexity, likelihood, canonical, matching, entropy, proper
A claim is proved, refuted with a witness, undecided or not applicable, and says how; exit code 0 for each.
Links (probit, cloglog) and deviances (gamma, student_t), which no code is emitted for, are explained, too."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub, optional=True)
    sub.add_argument("--claim", metavar="NAME", action="append", default=[], help="only this one; repeatable")
    sub.add_argument("--compare", metavar="LOSS", nargs="+", help="losses of ACT, set side by side")
    many = "the verdicts on pairs of vectors and of entries that are looked up, as one figure"
    sub.add_argument("--matrix", action="store_true", help=many)
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, expressions as SymPy text")
    form.add_argument("--latex", action="store_true", help="print LaTeX, for an article (amsmath, amssymb)")
    form.add_argument("--markdown", action="store_true", help="print Markdown, for GitHub")
    sub.add_argument("--standalone", action="store_true", help="LaTeX as a complete document")
    figures = "also write the figures, why_NAME.svg; beside LaTeX as PDF, too"
    sub.add_argument("--figures", metavar="FOLDER", type=path, help=figures)
    add_output(sub)
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write the answers; the exit code."""
    check(given)
    if given.matrix:
        return verdicts.run(given)
    if given.output:
        from derive.store import writable

        writable(given.output)
    found = explained(given)
    if given.figures:
        from derive.store import folder

        folder(given.figures)  # that it cannot be made is said before anything is printed
    deliver(FORMS[form(given)](found, place(given)), given.output)
    if given.figures:
        write_figures(found, given.figures, pdf=form(given) in ("latex", "standalone"))
    return 0


def check(given: argparse.Namespace) -> None:
    """Raise BadInput where what is asked for does not go together."""
    from derive.model import BadInput

    if given.standalone and (given.json or given.markdown):
        raise BadInput("--standalone is for LaTeX. Try: --latex --standalone")
    if given.matrix and (given.name or given.compare or given.claim or given.latex or given.standalone):
        raise BadInput("--matrix is of many pairs, as figure, --json or --markdown, without names")
    if given.matrix:
        return
    if given.name is None:
        raise BadInput("what is to be explained? Try: derive explain sigmoid bce")
    if given.compare and (given.loss or given.claim):
        example = "sigmoid --compare half_squared_error bce"
        raise BadInput(f"--compare takes an activation and its losses. Try: {example}")


def explained(given: argparse.Namespace) -> "Explained":
    """The answers that are asked for, after a warning if there is one."""
    from derive.api import compare, explain

    if given.compare:
        return compare(given.name, given.compare, **said(given))
    found = explain(*names(given), claims=tuple(dict.fromkeys(given.claim)), **said(given))
    if warning := getattr(found.subject, "warning", ""):
        complain(f"warning: {warning}")
    return found


def form(given: argparse.Namespace) -> str:
    """In which form the answers are wanted."""
    if given.standalone:
        return "standalone"
    return next((name for name in ("json", "latex", "markdown") if getattr(given, name)), "text")


def place(given: argparse.Namespace) -> str | None:
    """Where the figures are, seen from the file that shows them: '' beside it, else with a slash behind.

    None where no figures are written.
    """
    if not given.figures:
        return None
    beside = given.output.parent if given.output and str(given.output) != "-" else Path()
    found = Path(os.path.relpath(given.figures, beside)).as_posix()
    return "" if found == "." else f"{found}/"


FORMS: "dict[str, Callable[..., str]]" = {
    "text": lambda found, folder="": found.text(),
    "json": lambda found, folder="": json.dumps(found.json(), indent=2, ensure_ascii=False),
    "latex": lambda found, folder="": found.latex(),
    "standalone": lambda found, folder="": found.latex(standalone=True, folder=folder or ""),
    "markdown": lambda found, folder="": found.markdown(folder),
}


def write_figures(found: "Explained", folder: Path, pdf: bool) -> None:
    """Write the figures as SVG, and as PDF for LaTeX."""
    from derive.emit.claims.page import FIGURE
    from derive.store import write
    from derive.studies.figure import svg

    drawn = found.figures()
    for name, figure in drawn.items():
        file = folder / FIGURE.format(name)
        write(file, svg(figure))
        if pdf:
            figure.savefig(file.with_suffix(".pdf"), metadata={"CreationDate": None})
    say(f"{folder}: {len(drawn)} figure{'s' * (len(drawn) != 1)}", aside=True)
