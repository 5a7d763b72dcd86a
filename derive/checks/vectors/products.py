"""How far emitted products with a vector are from the true matrix times that vector."""

from collections.abc import Sequence
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb

from derive.accuracy.measure import overflows
from derive.accuracy.vectors.formula import formula
from derive.accuracy.vectors.kappa import kappa
from derive.accuracy.vectors.measure import Outcome
from derive.accuracy.vectors.rows import Row, target_shape
from derive.accuracy.vectors.truth import Certified, bent, plain_run, settle
from derive.checks.table import Material
from derive.checks.vectors.usual import direction

BITS = 256
MOST = 300  # components that κ is asked for; by then a defect has shown itself


@dataclass(frozen=True, kw_only=True)
class Product:
    """One row: errors in ulp of the sum of the absolute values of the terms, and where there is no number."""

    true: Certified
    ulp: np.ndarray
    bad: np.ndarray


def measured(
    material: Material,
    name: str,
    true: Sequence[Certified],
    dtype: str,
    loose: float,
    many: Row | None = None,
) -> Outcome:
    """The outcome of hvp, vjp or jvp where the matrix is known, and of hvp at a row of many classes.

    Errors up to `loose` ulp count as they are: κ could only make them smaller.
    """
    found = [product(material, name, t, dtype) for t in true if np.isfinite(t.hi).all()]
    worst, where = _worst(found, name, loose)
    if many is not None and (error := of_many(material, many, dtype)) > worst:
        worst, where = error, many
    wrong = next((f.true.row for f in found if f.bad.any()), where)
    return Outcome(
        points=sum(len(f.ulp) for f in found),
        bad=sum(int(f.bad.sum()) for f in found),
        missed=0,
        spurious=0,
        worst=worst,
        where=wrong,
    )


def product(material: Material, name: str, true: Certified, dtype: str) -> Product:
    """The errors at one row; components of which no term overflows are compared."""
    matrix = _balls(true).reshape(-1, len(true.row.x))
    matrix = matrix.T if name == "vjp" else matrix
    vector = direction(matrix.shape[-1])
    got = _computed(material, name, true.row, vector, dtype)
    with flint.ctx.workprec(BITS), np.errstate(all="ignore"):
        exact = matrix @ _exact(vector)
        size = (abs(matrix) @ _exact(abs(vector))).astype(float)
        fits = ~overflows(4 * size, dtype)
        unit = np.spacing(np.maximum(size, np.finfo(dtype).tiny).astype(dtype)).astype(float)
        shown = np.where(np.isfinite(got), got, 0.0)
        off = (exact - _exact(shown)).astype(float)
        return Product(true=true, ulp=np.where(fits, abs(off) / unit, 0.0), bad=fits & ~np.isfinite(got))


def of_many(material: Material, row: Row, dtype: str) -> float:
    """The largest error of hvp at a row, in ulp of the largest component; no matrix is made for it."""
    about, vector = formula(material.subject), direction(len(row.x))

    def found(last: bool) -> list[arb]:
        return list(bent(about, plain_run(about, row, last), _exact(vector)[None]).ravel())

    exact = _exact(np.zeros(len(row.x))) + settle(found, f"hvp of {material.subject.name}")
    got = _computed(material, "hvp", row, vector, dtype)
    size = abs(exact.astype(float))
    fits = ~overflows(size, dtype)
    if not np.isfinite(got[fits]).all():
        return float("inf")
    with flint.ctx.workprec(BITS):
        off = abs((exact[fits] - _exact(got[fits])).astype(float)).max(initial=0.0)
    return float(off / np.spacing(size[fits].max(initial=0.0).astype(dtype)))


def _balls(true: Certified) -> np.ndarray:
    with flint.ctx.workprec(BITS):
        return _exact(true.hi) + _exact(true.lo)


def _exact(numbers: np.ndarray) -> np.ndarray:
    return np.array([arb(v) for v in numbers.tolist()], dtype=object)


def _computed(material: Material, name: str, row: Row, vector: np.ndarray, dtype: str) -> np.ndarray:
    targets = [] if target_shape(material.subject) == "none" else [row.y]
    given = (row.x.astype(dtype), *targets, vector)
    return np.asarray(material.module[name](*given, **dict(row.parameters)), dtype=float).ravel()


def _worst(found: Sequence[Product], name: str, loose: float) -> tuple[float, Row]:
    """The largest error over 1 + κ of the matrix's row, and where it is; κ only where it can matter."""
    ranked = sorted(((e, n, j) for n, f in enumerate(found) for j, e in enumerate(f.ulp)), reverse=True)
    worst, where = 0.0, found[0].true.row
    for error, n, j in ranked[:MOST]:
        if error <= worst:
            break
        magnified = 1 + max(_kappas(found[n].true, name, j)) if error > loose else 1.0
        loss = error / magnified if np.isfinite(magnified) else 0.0  # an infinite κ excuses any error
        if loss > worst:
            worst, where = loss, found[n].true.row
    return worst, where


def _kappas(true: Certified, name: str, place: int) -> list[float]:
    """κ of all components of the matrix that a component of the product reads."""
    every = np.arange(len(true.hi)).reshape(-1, len(true.row.x))
    return [kappa(true, int(n)) for n in (every.T if name == "vjp" else every)[place]]
