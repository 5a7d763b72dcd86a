"""derive build: the pages of many pairs, resumable."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.cli import interrupts
from derive.cli.terminal import add_jobs, complain, path, say

if TYPE_CHECKING:
    from derive.model import Layer, Network, Pair

    Built = Pair | Layer | Network

NAME = "build"
HELP = "make the pages of the reference pairs, or of all legal pairs, of the layers, and their index"
EXAMPLES = """\
examples:
  derive build                      the reference pairs into output/
  derive build --all -o pages

A folder a pair: README.md, derivation.tex, gradient.py, figure.svg, and why.md, why.tex, why.json with
their figures; a folder a layer, and a network: README.md, derivation.tex and code. What is unchanged is
not made again, and an interrupted build goes on where it was
(.derive/ remembers)."""

CACHE = Path(".derive") / "build"
INDEX = "README.md"
NETWORK = ("network", "dense(4,8) tanh dense(8,3) softmax", "cross_entropy")

Item = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of some files: how many there are, how many of them were written, what went wrong."""

    files: int = 0
    written: int = 0
    error: str = ""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    where = "the folder to make them in (default: %(default)s)"
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    sub.add_argument("-o", "--output", metavar="FOLDER", type=path, default=Path("output"), help=where)
    sub.add_argument("--fresh", action="store_true", help="forget what was made before")
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Make the pages and the index; the exit code."""
    from derive import catalogue, store
    from derive.cli.jobs import each

    names = catalogue.legal_pairs() if given.all else catalogue.REFERENCE
    pairs: dict[Item, Built] = {item: built(item) for item in (*names, *layered())}
    prepare(given.output, given.fresh)
    reused = {item: done for item, pair in pairs.items() if (done := restored(given.output, pair))}
    missing = [item for item in pairs if item not in reused]
    try:
        made = dict(each(partial(make, given.output), missing, given.jobs))
    except KeyboardInterrupt:
        interrupts.ignore()
        for place in (CACHE, *(given.output / pair.folder for pair in pairs.values())):
            store.sweep(place)
        complain("interrupted; the same command goes on from here")
        return 130
    return conclude(given.output, pairs, reused, made)


def layered() -> tuple[Item, ...]:
    """The layers by their names, and a network."""
    from derive import catalogue

    return (*((row.name,) for row in catalogue.LAYERS), NETWORK)


def built(item: Item) -> "Built":
    """The pair of two names, the layer of one, the network of its stages and its loss behind a word."""
    from derive import catalogue
    from derive.composed import network

    if len(item) == 2:
        return catalogue.pair(*item)
    row = catalogue.layer(item[0])
    return row if row and len(item) == 1 else network(*item[1:])


def prepare(output: Path, fresh: bool) -> None:
    """Make the folders of the pages and of the memory, unless somebody else's index lies there."""
    from derive import store
    from derive.emit import index
    from derive.model import BadInput

    if (output / INDEX).exists() and first_line(output / INDEX) != index.INTRODUCTION.splitlines()[0]:
        raise BadInput(f"{output / INDEX} is not of derive's making and is left alone. Try: -o FOLDER")
    if fresh:
        store.forget(CACHE)
    store.folder(output)
    store.folder(CACHE)


def first_line(file: Path) -> str:
    """The first line of a file; '' where there is none to read."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return lines.readline().rstrip("\n")
    except OSError:
        return ""


def conclude(
    output: Path,
    pairs: "dict[Item, Built]",
    reused: dict[Item, Outcome],
    made: dict[Item, Outcome],
) -> int:
    """Write the index and say what was done; the exit code."""
    errors = {item: done.error for item, done in made.items() if done.error}
    for item, error in errors.items():
        complain(f"{'+'.join(item)} could not be made: {error}")
    index = write_index(output, [pair for item, pair in pairs.items() if item not in errors])
    warn_of_strangers(output, {pair.folder for pair in pairs.values()})
    files = summary([index, *reused.values(), *made.values()])
    counts = f"{len(made) - len(errors)} made, {len(reused)} reused, {len(errors)} failed"
    say(f"{output}: {files}; {counts}")
    return 1 if errors else 0


def summary(outcomes: Iterable[Outcome]) -> str:
    """How many files were written, and how many already were as they should be."""
    done = list(outcomes)
    written = sum(one.written for one in done)
    return f"{written} files written, {sum(one.files for one in done) - written} unchanged"


def restored(output: Path, pair: "Built") -> Outcome | None:
    """What came of writing the pages that are remembered of a pair; None where none are."""
    from derive import store

    made = store.recall(CACHE, pair)
    return write_pages(output / pair.folder, made.files) if made else None


def make(output: Path, item: Item) -> Outcome:
    """What came of making the pages of a pair or a layer; they are remembered where nothing went wrong."""
    from derive import store
    from derive.api import derive, network

    try:
        pair = built(item)
        derived = network(*item[1:]) if item[0] == NETWORK[0] else derive(*item)
        made = store.Made(files=derived.files(), row=_row(item, derived))
        outcome = write_pages(output / pair.folder, made.files)
        store.remember(CACHE, pair, made)
    except Exception as error:  # named by the caller; the other pairs go on
        return Outcome(error=f"{type(error).__name__}: {error}")
    return outcome


def _row(item: Item, derived: Any) -> str:
    """What the index says."""
    from derive.emit import index

    if len(item) == 2:
        return index.row(derived.derivation)
    return index.layer_row(derived.derivation) if len(item) == 1 else index.network_line(derived.subject)


def write_pages(folder: Path, files: dict[str, str]) -> Outcome:
    """What came of writing the files that are new or differ."""
    from derive import store

    store.folder(folder)
    written = sum(store.write_if_new(folder / name, text) for name, text in files.items())
    return Outcome(files=len(files), written=written)


def write_index(output: Path, pairs: "Sequence[Built]") -> Outcome:
    """What came of writing the index, from what is remembered of each pair and layer."""
    from derive import store
    from derive.emit import index
    from derive.model import Layer, Network, Pair

    remembered = {pair: made.row for pair in pairs if (made := store.recall(CACHE, pair))}
    rows, layers, networks = (
        [row for pair, row in remembered.items() if isinstance(pair, kind)] for kind in (Pair, Layer, Network)
    )
    studies = [file for file, _ in index.STUDIES if (output / file).exists()]
    page = index.page(rows, studies, layers, "".join(networks))
    return Outcome(files=1, written=store.write_if_new(output / INDEX, page))


def warn_of_strangers(output: Path, folders: set[str]) -> None:
    """Name the folders of pairs that were not asked for; they are left alone."""
    strangers = sorted(
        path.parent.name for path in output.glob("*/gradient.py") if path.parent.name not in folders
    )
    if strangers:
        complain(f"warning: left alone in {output}, not made now: {', '.join(strangers)}")
