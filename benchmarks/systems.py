"""Who is timed: the memory limit, the emitted code for each target, the naive code, and what people use."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.cases import BINARY, CLASSES, NAIVE, Work
from benchmarks.emitted import Missing, loaded, needs, without_target_check
from benchmarks.rows import LIMIT, OTHER, OURS
from derive import rivals
from derive.rivals import lambdified

Call = Callable[[], tuple]

SYMBOLS = 10  # classes up to which SymPy differentiates with a symbol for each
FEW = 1000  # elements up to which the check of the targets is timed apart


@dataclass(frozen=True, kw_only=True)
class System:
    """A row of the tables. `make` gives the call that is timed, or nothing where it means nothing.

    It raises Missing with the reason where a package or a function is lacking. What only prepares is done by
    `make`: the call computes loss and gradient. `numpy`: its time hangs on NumPy's dispatch level.
    """

    name: str
    make: Callable[[Work], Call | None]
    kind: str = OTHER
    numpy: bool = False
    threads: int = 1


def _memory_limit(work):
    """Read z and y, write one array: what every gradient must move."""
    slope = np.empty_like(work.z)
    return lambda: np.subtract(work.z, work.y, out=slope)


def _numpy(work):
    emitted = work.derived.module["loss_and_grad"]
    return lambda: emitted(work.z, work.y)


def _numpy_out(work):
    return _into_out(work.derived.module["loss_and_grad"], work)


def _numpy_unchecked(work):
    if work.case.names != BINARY or work.z.size > FEW:
        return None
    return _into_out(without_target_check(work.derived)["loss_and_grad"], work)


def _numba(work):
    return _into_out(loaded(work.case.names, "numba")["loss_and_grad"], work)


def _c(work):
    return _into_out(loaded(work.case.names, "c")["loss_and_grad"], work)


def _into_out(emitted, work):
    out = tuple(np.empty_like(part) for part in emitted(work.z, work.y))
    return lambda: emitted(work.z, work.y, out=out)


def _naive(work):
    plain = NAIVE[work.case.names]
    return lambda: plain(work.z, work.y)


def _numexpr(work):
    """The naive code as numexpr takes it: one expression for each line."""
    needs("numexpr")
    import numexpr

    lines = NUMEXPR.get(work.case.names)
    if lines is None:
        raise Missing("numexpr has no erf")
    numexpr.set_num_threads(1)

    def call():
        given = {"z": work.z, "y": work.y}
        for name, line in lines:
            value = numexpr.evaluate(line, local_dict=given)
            given[name] = value[:, None] if name in COLUMNS else value
        return given["loss"], given["grad"]

    return call


NUMEXPR = {
    BINARY: (("a", "1/(1 + exp(-z))"), ("loss", "-(y*log(a) + (1 - y)*log(1 - a))"), ("grad", "a - y")),
    CLASSES: (
        ("m", "max(z, axis=1)"),
        ("e", "exp(z - m)"),
        ("s", "sum(e, axis=1)"),
        ("p", "e/s"),
        ("loss", "sum(-y*log(p), axis=1)"),
        ("grad", "p - y"),
    ),
}
COLUMNS = ("m", "s")  # to be broadcast along the classes


def _rival(row):
    """The maker of the call of a row of derive.rivals."""

    def make(work):
        if row.name == lambdified.NAME and work.case.classes > SYMBOLS:
            raise Missing(f"a symbol for each class is too slow to derive beyond {SYMBOLS}")
        met = rivals.met(work.derived.derivation, rows=(row,))
        if not met.present:
            raise Missing(f"not installed; try: {rivals.EXTRA}" if met.missing else "has no such function")
        return met.present[0].bind(work.z, work.y)

    return make


SYSTEMS = (
    System(name="memory limit", make=_memory_limit, kind=LIMIT, numpy=True),
    System(name="derive, NumPy", make=_numpy, kind=OURS, numpy=True),
    System(name="derive, NumPy, out=", make=_numpy_out, kind=OURS, numpy=True),
    System(name="derive, NumPy, out=, targets unchecked", make=_numpy_unchecked, kind=OURS, numpy=True),
    System(name="derive, numba, out=", make=_numba, kind=OURS),
    System(name="derive, numba, out=, 2 threads", make=_numba, kind=OURS, threads=2),
    System(name="derive, C, out=", make=_c, kind=OURS),
    System(name="naive NumPy", make=_naive, numpy=True),
    System(name="numexpr (naive)", make=_numexpr),
    *(
        System(name=row.name, make=_rival(row), numpy=not row.packages)
        for row in (*rivals.RIVALS, *rivals.COMPILED)
    ),
)
