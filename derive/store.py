"""Files that are whole or absent, and the memory of a build that makes it go on where it was."""

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

from derive.model import BadInput, Pair

PACKAGE = Path(__file__).parent

PART = ".part"

# What is made may look different with another version of these.
MAKERS = ("sympy", "numpy", "scipy", "matplotlib", "python-flint")
# So may what is decided with these, or without them.
HELPERS = ("z3-solver",)

# Files no page of a pair depends on. Of the rows, each pair remembers its own two:
# a new one leaves what was made of the others standing.
APART = ("cli/", "checks/", "catalogue/activations.py", "catalogue/losses.py", "catalogue/reference.py")


@dataclass(frozen=True, kw_only=True)
class Made:
    """What was made of a pair: its files by name, and its row in the index."""

    files: dict[str, str]
    row: str


def write(path: Path, text: str) -> None:
    """Put `text` into a file that is never seen half written; BadInput where it cannot be."""
    writable(path)
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a named pipe
            path.write_text(text, encoding="utf-8", newline="\n")
        else:
            _replace(path.resolve(), text)  # a link stays a link
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


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
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
def fingerprint() -> str:
    """A hash of the sources every pair depends on and of the versions that make the pages."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in MAKERS:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    for name in HELPERS:
        digest.update(f"{name} {_version(name)}\n".encode())
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("choices.json")]):
        relative = path.relative_to(PACKAGE).as_posix()
        if not relative.startswith(APART):
            digest.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(name: str) -> str:
    """The version of a package, or that it is absent."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def key(pair: Pair) -> str:
    """A hash of all that the pages of a pair depend on: the fingerprint and its own two rows."""
    rows = "".join(f"{row!r} {sp.srepr(row.expr)}" for row in (pair.activation, pair.loss))
    return hashlib.sha256(f"{fingerprint()} {rows} {pair.warning}".encode()).hexdigest()


def remember(cache_folder: Path, pair: Pair, made: Made) -> None:
    """Keep what was made of a pair, for the next build."""
    entry = {"key": key(pair), "files": made.files, "row": made.row}
    folder(cache_folder)
    write(_entry(cache_folder, pair), json.dumps(entry))


def recall(cache_folder: Path, pair: Pair) -> Made | None:
    """What was made of a pair from the same rows, sources and versions; None where nothing was."""
    try:
        entry = json.loads(_entry(cache_folder, pair).read_text(encoding="utf-8"))
        return Made(files=entry["files"], row=entry["row"]) if entry["key"] == key(pair) else None
    except (OSError, ValueError, KeyError, TypeError):  # absent or damaged: it is made again
        return None


def _entry(cache_folder: Path, pair: Pair) -> Path:
    return cache_folder / f"{pair.folder}.json"


def forget(cache_folder: Path) -> None:
    """Remove all that was remembered."""
    shutil.rmtree(cache_folder, ignore_errors=True)
