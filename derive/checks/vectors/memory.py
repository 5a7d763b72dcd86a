"""Emitted code for vectors needs memory for a few arrays (..., K), and for none of (K, K)."""

import tracemalloc
from collections.abc import Callable
from typing import Any

from derive.checks.table import Check, Material, verdict
from derive.checks.vectors.usual import FUNCTIONS, Sample, given, runner, usual
from derive.model import Activation, Verdict

# One array (K, K) is as large as 62 arrays (rows, K).
ROWS, CLASSES = 16, 1000
LIMIT = 48.0  # arrays (rows, K)


def check(material: Material) -> Verdict:
    """The largest peak of memory of one call, in arrays of the size of one block of the inputs."""
    subject, sample = material.subject, usual(material.subject, CLASSES, ROWS)
    matrices = ("grad",) if isinstance(subject, Activation) else ("hess",)
    names = [name for name in FUNCTIONS[type(subject)] if name not in matrices]
    names += [] if isinstance(subject, Activation) else ["loss_and_grad"]
    peaks = [(peak(runner(material, name, CLASSES), sample), name) for name in names]
    most, name = max(peaks)
    where = f"{name} at ({ROWS}, {CLASSES}), in arrays of that shape"
    return verdict(material, "memory", most / (8 * ROWS * CLASSES), LIMIT, where)


def peak(run: Callable[..., Any], sample: Sample) -> int:
    """The bytes that a call needs at its worst, its result included; what the first call loads is not."""
    run(*given(sample[:1]))
    tracemalloc.start()
    try:
        run(*given(sample))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


MEMORY = Check(name="memory", says="no array (K, K) is made unless a matrix is asked for", run=check)
