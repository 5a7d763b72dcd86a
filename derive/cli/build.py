"""derive build: the pages of many pairs, resumable."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.terminal import add_jobs, complain, say

if TYPE_CHECKING:
    from derive.model import Pair

NAME = "build"
HELP = "make the pages of the reference pairs, or of all legal pairs, and their index"
EXAMPLES = """\
examples:
  derive build                      the reference pairs into output/
  derive build --all -o pages

A folder a pair: README.md, derivation.tex, gradient.py, figure.svg. What is unchanged is not made
again, and an interrupted build goes on where it was (.derive/ remembers)."""

CACHE = Path(".derive") / "build"
INDEX = "README.md"


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    where = "the folder to make them in (default: %(default)s)"
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    sub.add_argument("-o", "--output", metavar="FOLDER", type=Path, default=Path("output"), help=where)
    sub.add_argument("--fresh", action="store_true", help="forget what was made before")
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Make the pages and the index; the exit code."""
    from derive import catalogue, store
    from derive.cli.jobs import each

    if given.fresh:
        store.forget(CACHE)
    names = catalogue.legal_pairs() if given.all else catalogue.REFERENCE
    pairs = {item: catalogue.pair(*item) for item in names}
    missing = [item for item, pair in pairs.items() if not restored(given.output, pair)]
    try:
        outcomes = dict(each(partial(make, given.output), missing, given.jobs))
    except KeyboardInterrupt:
        complain("interrupted; the same command goes on from here")
        return 130
    errors = {item: error for item, error in outcomes.items() if error}
    for item, error in errors.items():
        complain(f"{'+'.join(item)} could not be made: {error}")
    write_index(given.output, [pair for item, pair in pairs.items() if item not in errors])
    warn_of_strangers(given.output, {pair.folder for pair in pairs.values()})
    counts = f"{len(missing) - len(errors)} made, {len(pairs) - len(missing)} unchanged, {len(errors)} failed"
    say(f"{given.output}: {counts}")
    return 1 if errors else 0


def restored(output: Path, pair: "Pair") -> bool:
    """Whether the pages of a pair are remembered, and so again what they were made as."""
    from derive import store

    made = store.recall(CACHE, pair)
    if made:
        write_pages(output / pair.folder, made.files)
    return made is not None


def make(output: Path, item: tuple[str, str]) -> str:
    """What went wrong in making the pages of a pair; '' where nothing did, and it is remembered."""
    from derive import catalogue, store
    from derive.api import derive
    from derive.emit import index

    try:
        pair, derived = catalogue.pair(*item), derive(*item)
        made = store.Made(files=derived.files(), row=index.row(derived.derivation))
        write_pages(output / pair.folder, made.files)
        store.remember(CACHE, pair, made)
    except Exception as error:  # named by the caller; the other pairs go on
        return f"{type(error).__name__}: {error}"
    return ""


def write_pages(folder: Path, files: dict[str, str]) -> None:
    """Write the files that are new or differ."""
    from derive import store

    store.folder(folder)
    for name, text in files.items():
        store.write_if_new(folder / name, text)


def write_index(output: Path, pairs: "Sequence[Pair]") -> None:
    """Write the index of the pairs, from what is remembered of them."""
    from derive import store
    from derive.emit import index

    rows = [made.row for pair in pairs if (made := store.recall(CACHE, pair))]
    store.write_if_new(output / INDEX, index.page(rows))


def warn_of_strangers(output: Path, folders: set[str]) -> None:
    """Name the folders of pairs that were not asked for; they are left alone."""
    strangers = sorted(
        path.parent.name for path in output.glob("*/gradient.py") if path.parent.name not in folders
    )
    if strangers:
        complain(f"warning: left alone in {output}, not made now: {', '.join(strangers)}")
