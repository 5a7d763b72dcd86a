"""Truths that are kept between runs: a file for a subject, a dtype and its parameters, whole or absent.

A truth depends on the entries' formulas, the points and the ball arithmetic alone: it outlives every
change of rules, programs and emitted code. The κ that were asked for are kept with it.
"""

import contextlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from derive import store
from derive.accuracy.points import points
from derive.accuracy.truth import QUANTITIES, Formula, Truth, truth
from derive.model import Activation, Loss, Subject

_Row = TypeVar("_Row", Activation, Loss)
LIMIT = 2**30  # bytes that a folder of truths may hold


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a truth is kept, and under which key."""

    file: Path
    key: str


def place(folder: Path, formula: Formula, dtype: str, size: int) -> Place:
    """Where the truth of a formula at so many points of a dtype is kept."""
    subject, values = formula.subject, sorted((str(s), v) for s, v in formula.parameters.items())
    off = any(formula.parameters[p.symbol] != float(p.default) for p in subject.parameters)
    file = folder / f"{subject.name}.{dtype}{'.off' * off}.npz"
    return Place(file=file, key=store.key(bare(subject), store.TRUTHS, dtype, size, values))


def bare(subject: Subject) -> Subject:
    """A subject without what no truth depends on: names, origins, words."""
    if isinstance(subject, Activation):
        return _row(subject)
    if isinstance(subject, Loss):
        return _row(subject)
    act, los = _row(subject.activation), _row(subject.loss)
    return replace(subject, activation=act, loss=los, warning="", accuracy=())


def _row(row: _Row) -> _Row:
    return replace(row, source="", title="", aliases=(), known=(), accuracy=(), inferred=())


def kept(folder: Path | None, formula: Formula, dtype: str, size: int) -> Truth:
    """The truth at the points of a dtype, as it was kept in a folder, or made and kept now."""
    if folder is None:
        return truth(formula, *points(formula, dtype, size))
    where = place(folder, formula, dtype, size)
    found = _load(where, formula)
    if found is None:
        _save(where, truth(formula, *points(formula, dtype, size)))
        found = _load(where, formula)
        assert found is not None
    return found


def keep(folder: Path | None, true: Truth, dtype: str, size: int, known: int) -> None:
    """Keep a truth again, where more κ than were `known` have been asked for."""
    if folder is not None and len(true.kappas) > known:
        _save(place(folder, true.formula, dtype, size), true)


def _save(where: Place, true: Truth) -> None:
    """Write a truth; of `lo` its part of an ulp is kept, in single precision: 2^-25 of it is enough."""
    with np.errstate(all="ignore"):
        lo = (true.lo / np.spacing(np.abs(true.hi))).astype(np.float32)
    asked = [(QUANTITIES.index(q), n, value) for (q, n), value in true.kappas.items()]
    kappas = np.array(asked, np.float64).reshape(len(asked), 3)
    made = io.BytesIO()
    np.savez_compressed(
        made, key=np.array(where.key), z=true.z, y=true.y, hi=true.hi, lo=np.nan_to_num(lo), kappas=kappas
    )
    store.folder(where.file.parent)
    store.write(where.file, made.getvalue())


def _load(where: Place, formula: Formula) -> Truth | None:
    """What is kept there under that key; None where nothing is, or it is damaged."""
    try:
        with np.load(io.BytesIO(where.file.read_bytes()), allow_pickle=False) as file:
            if str(file["key"]) != where.key:
                return None
            z, y, hi, lo, kappas = (file[name] for name in ("z", "y", "hi", "lo", "kappas"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    with np.errstate(all="ignore"):
        rest = np.nan_to_num(lo * np.spacing(np.abs(hi)), nan=0.0)
    asked = {(QUANTITIES[int(q)], int(n)): float(value) for q, n, value in kappas}
    return Truth(formula=formula, z=z, y=y, hi=hi, lo=rest, kappas=asked)


def shrink(folder: Path, limit: int = LIMIT) -> None:
    """Remove the truths that were longest not written, until a folder holds no more than so many bytes."""
    found = []
    for file in folder.glob("*.npz"):
        with contextlib.suppress(OSError):  # another run may have removed it
            about = file.stat()
            found.append((about.st_mtime, about.st_size, file))
    total = sum(size for _, size, _ in found)
    for _, size, file in sorted(found):
        if total <= limit:
            break
        file.unlink(missing_ok=True)
        total -= size
