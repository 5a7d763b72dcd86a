"""derive export: code, in one file that needs no other."""

import argparse
from pathlib import Path

from derive.cli.terminal import add_names, add_output, add_target, deliver, made, measured

NAME = "export"
HELP = "print a self-contained file of code: loss, gradient and second derivative"
EXAMPLES = """\
examples:
  derive export sigmoid bce -o gradient.py && python gradient.py
  derive export softmax cross_entropy --target numpy
  derive export layer_norm -o layer_norm.py       forward and backward
  derive export sigmoid bce --target c -o gradient.c
  derive export "z*sigmoid(z)" "quantile(a, y, q=0.9)"

For c, gradient.c gets its header gradient.h beside it; a FILE with another end, and standard output, get
one text with the header's content in front. The comment at its top says how to compile, check and load it."""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_names(sub)
    add_target(sub)
    add_output(sub)


def run(given: argparse.Namespace) -> int:
    """Print or write the code; the exit code."""
    from derive.emit import target_of

    target, output = target_of(given.target), given.output
    found = made(given)
    measured(found)
    if target.files is None or output is None or output.suffix != target.suffix:
        return deliver(found.code(target=target.name), output)
    return _side_by_side(found.sources(target.name, output.stem), output)


def _side_by_side(files: dict[str, str], output: Path) -> int:
    """Write files of one name with different ends; the exit code."""
    from derive.store import writable

    for suffix in files:
        writable(output.with_suffix(suffix))
    return max(deliver(text, output.with_suffix(suffix)) for suffix, text in files.items())
