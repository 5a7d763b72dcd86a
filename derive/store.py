"""Files that are whole or absent, and the memory of what was made, by a key of all that it depends on."""

import contextlib
import hashlib
import json
import os
import platform
import shutil
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import sympy as sp

from derive.model import BadInput, Layer, Network, Pair, Subject, entries

PACKAGE = Path(__file__).parent

PART = ".part"

# What is made may look different with another version of these.
MAKERS = ("sympy", "numpy", "scipy", "matplotlib", "python-flint")
# So may what is decided with these, or without them.
HELPERS = ("z3-solver",)

# Of the rows of the catalogue, each pair remembers its own two: a new one leaves what was made of the
# others standing.
_FILES_OF_ROWS = ("activations", "rectifiers", "links", "losses", "margins", "probabilities", "deviances")
ROWS = tuple(f"catalogue/{name}.py" for name in (*_FILES_OF_ROWS, "reference"))


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What is remembered for one purpose depends on the sources below `within`, but not on those `apart`."""

    apart: tuple[str, ...] = ()
    within: tuple[str, ...] = ("",)


PAGES = Purpose(apart=(*ROWS, "cli/", "checks/", "runs/", "listed.py"))
VERDICTS = Purpose(
    apart=(
        *(*ROWS, "cli/", "claims/", "studies/", "search/", "rivals/", "listed.py", "matched.py"),
        *("emit/claims/", "emit/matching/", "runs/report.py", "runs/chosen.py"),
    )
)
TRUTHS = Purpose(
    within=("balls/", "model/", *(f"accuracy/{n}.py" for n in ("points", "truth", "kappa", "roots", "kept")))
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was made of a pair: its files by name, and its row in the index."""

    files: dict[str, str]
    row: str


def write(path: Path, text: str | bytes) -> None:
    """Put `text` into a file that is never seen half written; BadInput where it cannot be."""
    writable(path)
    data = text if isinstance(text, bytes) else text.encode()
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a named pipe
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)  # a link stays a link
    except BrokenPipeError:  # nobody reads what comes out there, which is no fault
        raise
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error


def writable(path: Path) -> None:
    """Raise BadInput where it is plain, before the work, that a file cannot be written."""
    if path.is_dir():
        raise BadInput(f"cannot write {path}: it is a folder")
    if path.exists() and not path.is_file():
        return
    place = path.resolve().parent
    if not place.is_dir():
        raise BadInput(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(place, os.W_OK):
        raise BadInput(f"cannot write {path}: the folder {path.parent} is read-only")


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        beside.write_bytes(data)
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove the half-written files that killed processes left in a folder."""
    for left in path.glob(f".*.[0-9]*{PART}"):
        left.unlink(missing_ok=True)


def write_if_new(path: Path, text: str) -> bool:
    """Whether `path` had to be written to hold `text`; its time stays where it did not."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_bytes() == text.encode():
            return False
    write(path, text)
    return True


def folder(path: Path) -> Path:
    """`path` as a folder that exists; BadInput where it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make the folder {path}: {error.strerror}") from error
    return path


@cache
def fingerprint(purpose: Purpose = PAGES) -> str:
    """A hash of the sources every pair depends on and of the versions of what makes things of them."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in MAKERS:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    for name in HELPERS:
        digest.update(f"{name} {_version(name)}\n".encode())
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("choices.json")]):
        relative = path.relative_to(PACKAGE).as_posix()
        if relative.startswith(purpose.within) and not relative.startswith(purpose.apart):
            digest.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(name: str) -> str:
    """The version of a package, or that it is absent."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def key(subject: Subject | Layer | Network, purpose: Purpose = PAGES, *more: object) -> str:
    """A hash of all that a subject, or layers, depend on: the fingerprint and its own rows, and `more`."""
    found = () if isinstance(subject, Layer | Network) else entries(subject)
    rows = "".join(f"{row!r} {sp.srepr(row.expr)}" for row in found if row) or repr(subject)
    said = f"{subject.warning} {subject.condition} {subject.accuracy}" if isinstance(subject, Pair) else ""
    return hashlib.sha256(f"{fingerprint(purpose)} {rows} {said} {more}".encode()).hexdigest()


def remember(cache_folder: Path, pair: Pair | Layer | Network, made: Made) -> None:
    """Keep what was made of a pair, for the next build."""
    entry = {"key": key(pair), "files": made.files, "row": made.row}
    folder(cache_folder)
    write(_entry(cache_folder, pair), json.dumps(entry))


def recall(cache_folder: Path, pair: Pair | Layer | Network) -> Made | None:
    """What was made of a pair from the same rows, sources and versions; None where nothing was."""
    try:
        entry = json.loads(_entry(cache_folder, pair).read_text(encoding="utf-8"))
        return Made(files=entry["files"], row=entry["row"]) if entry["key"] == key(pair) else None
    except (OSError, ValueError, KeyError, TypeError):  # absent or damaged: it is made again
        return None


def _entry(cache_folder: Path, pair: Pair | Layer | Network) -> Path:
    return cache_folder / f"{pair.folder}.json"


def forget(cache_folder: Path) -> None:
    """Remove all that was remembered."""
    shutil.rmtree(cache_folder, ignore_errors=True)
