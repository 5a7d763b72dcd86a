"""derive build: the pages of many pairs, resumable."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.asked import Asked, is_pattern
from derive.cli import interrupts
from derive.cli.terminal import add_jobs, add_names, asked, complain, names, path, say

if TYPE_CHECKING:
    from derive.model import Layer, Network, Pair

    Built = Pair | Layer | Network

NAME = "build"
HELP = "make the pages of the reference pairs, or of all legal pairs, of the layers, and their index"
EXAMPLES = """\
examples:
  derive build                      the reference pairs into output/
  derive build --all -o pages
  derive build gelu huber -o notes  the folder of one pair, or of a layer; no index
  derive build "z*sigmoid(z)" "(a - y)**2" -o notes

A folder a pair: README.md, derivation.tex, gradient.py, figure.svg, and why.md, why.tex, why.json with
their figures; a folder a layer, and a network: README.md, derivation.tex and code. What is unchanged is
not made again, and an interrupted build goes on where it was
(.derive/ remembers)."""

CACHE = Path(".derive") / "build"
INDEX = "README.md"
NETWORK = ("dense(4,8) tanh dense(8,3) softmax", "cross_entropy")

Item = Asked | tuple[str, str]  # a subject; the stages of a network and its loss


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of some files: how many there are, how many of them were written, what went wrong."""

    files: int = 0
    written: int = 0
    error: str = ""


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    where = "the folder to make them in (default: %(default)s)"
    add_names(sub, optional=True)
    sub.add_argument("--all", action="store_true", help="all legal pairs")
    sub.add_argument("-o", "--output", metavar="FOLDER", type=path, default=Path("output"), help=where)
    sub.add_argument("--fresh", action="store_true", help="forget what was made before")
    add_jobs(sub)


def run(given: argparse.Namespace) -> int:
    """Make the pages and the index; the exit code."""
    from derive import store
    from derive.cli.jobs import each

    pairs: dict[Item, Built] = {item: built(item) for item in _wanted(given)}
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
    return conclude(given.output, pairs, reused, made, whole=not names(given))


def _wanted(given: argparse.Namespace) -> tuple[Item, ...]:
    """The subject that is named, or the many with the layers and a network."""
    from derive import catalogue
    from derive.model import BadInput
    from derive.runs.chosen import fitting

    if not names(given):
        pairs = catalogue.legal_pairs() if given.all else catalogue.REFERENCE
        return (*(Asked(names=pair) for pair in pairs), *layered())
    if given.all:
        raise BadInput("names and --all exclude each other")
    if is_pattern(names(given)):
        return tuple(Asked(names=pair) for pair in fitting(names(given)))
    return (asked(given),)


def layered() -> tuple[Item, ...]:
    """The layers by their names, and a network."""
    from derive import catalogue

    return (*(Asked(names=(row.name,)) for row in catalogue.LAYERS), NETWORK)


def built(item: Item) -> "Built":
    """The pair, the layer or the network that is meant."""
    from derive.composed import network
    from derive.model import BadInput, Layer, Pair
    from derive.subjects import layer, subject

    if not isinstance(item, Asked):
        return network(*item)
    found = layer(item) or subject(item)
    if not isinstance(found, Pair | Layer):
        raise BadInput(f"{found.name!r} has no pages alone: a pair has, or a layer. Try: with a loss")
    return found


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
    whole: bool,
) -> int:
    """Write the index of a whole build and say what was done; the exit code."""
    errors = {item: done.error for item, done in made.items() if done.error}
    for item, error in errors.items():
        complain(f"{item if isinstance(item, Asked) else ' '.join(item)} could not be made: {error}")
    index = Outcome()
    if whole:
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
    from derive.api import made as of
    from derive.api import network

    try:
        pair = built(item)
        derived: Any = of(item) if isinstance(item, Asked) else network(*item)
        made = store.Made(files=derived.files(), row=_row(pair, derived))
        outcome = write_pages(output / pair.folder, made.files)
        store.remember(CACHE, pair, made)
    except Exception as error:  # named by the caller; the other pairs go on
        return Outcome(error=f"{type(error).__name__}: {error}")
    return outcome


def _row(pair: "Built", derived: Any) -> str:
    """What the index says."""
    from derive.emit import index
    from derive.model import Layer, Pair

    if isinstance(pair, Pair):
        return index.row(derived.derivation)
    return index.layer_row(derived.derivation) if isinstance(pair, Layer) else index.network_line(pair)


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
