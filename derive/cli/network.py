"""derive network: a chain of layers and a loss, derived backwards layer by layer."""

import argparse
import json

from derive.cli.terminal import add_output, add_own, asked, complain, deliver, say

NAME = "network"
HELP = "derive a network of layers and a loss, back from the loss layer by layer"
EXAMPLES = """\
examples:
  derive network "dense(4,8) tanh dense(8,3) softmax" cross_entropy
  derive network "dense(4,8) tanh dense(8,3) softmax" cross_entropy --standalone -o network.tex
  derive network "dense(64,32) relu dense(32,10) softmax" cross_entropy --code -o network.py
  derive network "dense(5,8) layer_norm gelu dropout(rate=0.1) dense(8,1)" huber --check
  derive network "dense(4,8) z*sigmoid(beta*z) dense(8,1)" "log(cosh(a - y))" --param beta=1.702

Stages stand one after the other: dense(inputs, outputs), swiglu_block(inputs, hidden), layer_norm, rms_norm,
batch_norm, dropout(rate=0.1), and every activation of one number, by its name or as an expression without
spaces outside of brackets. The last activation and the loss are a pair; behind a layer the loss reads its
output itself."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    sub.add_argument("stages", metavar="STAGES", help="the layers and activations, such as 'dense(4,8) tanh'")
    sub.add_argument("loss", metavar="LOSS", help="the loss")
    forms = sub.add_mutually_exclusive_group()
    forms.add_argument("--latex", action="store_true", help="LaTeX for an article (amsmath)")
    forms.add_argument("--standalone", action="store_true", help="a complete LaTeX document")
    forms.add_argument("--markdown", action="store_true", help="a page for GitHub")
    forms.add_argument("--code", action="store_true", help="NumPy: forward, backward and a training step")
    forms.add_argument("--json", action="store_true", help="the steps as JSON, expressions as SymPy text")
    forms.add_argument("--check", action="store_true", help="run every check of the code")
    add_output(sub)
    add_own(sub)
    sub.set_defaults(is_own=_is_own)


def run(given: argparse.Namespace) -> int:
    """Print or write what is asked for; the exit code."""
    from derive.api.networks import of
    from derive.model import BadInput

    if given.check and given.output:
        raise BadInput("--check prints its table, and writes no file. Try: without -o")
    found = of(given.stages, given.loss, asked(given, ()))
    if warning := found.subject.pair.warning:
        complain(f"warning: {warning}")
    if given.check:
        return _checked(found)
    forms = {
        "latex": found.latex,
        "standalone": lambda: found.latex(standalone=True),
        "markdown": found.markdown,
        "code": found.code,
        "json": lambda: json.dumps(found.json(), indent=2, ensure_ascii=False),
    }
    make = next((make for name, make in forms.items() if getattr(given, name)), found.text)
    return deliver(make(), given.output)


def _is_own(given: argparse.Namespace) -> bool:
    """Whether an activation, or the loss, is one that a user wrote."""
    from derive.composed import words

    return asked(given, (given.loss,)).own or not all(word.name for word in words(given.stages))


def _checked(found) -> int:
    """Print the verdicts; 1 where one is not passed."""
    from derive.cli.check import verdict_table

    verdicts = found.check()
    say(verdict_table(list(verdicts)))
    for verdict in verdicts:
        if not verdict.passed:
            say(f"FAIL {verdict.check}: {verdict.where}")
    return 0 if all(v.passed for v in verdicts) else 1
