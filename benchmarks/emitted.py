"""The emitted code as it is loaded for timing."""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np

from derive.emit import TARGETS
from derive.rivals import EXTRA

# The emitted function that looks at a block and its targets, and the one it calls where all is well.
BLOCK, FUSED = "_block", "_fused"


class Missing(Exception):
    """Why a row of the tables has no figure."""


def needs(package):
    """Raise Missing where a package is not installed; its message names the extra that brings it."""
    if importlib.util.find_spec(package) is None:
        raise Missing(f"not installed; try: {EXTRA}")


def without_target_check(derived):
    """The emitted NumPy functions, their joint one without the look at the targets."""
    namespace = {"__name__": derived.name}
    exec(compile(derived.code(), f"<{derived.name}>", "exec"), namespace)
    if not {BLOCK, FUSED} <= set(namespace):
        raise Missing(f"the emitted code has no {FUSED}")
    careful, fused = namespace[BLOCK], namespace[FUSED]

    def block(z, y, *others):
        return (fused if np.isfinite(z).all() else careful)(z, y, *others)

    namespace[BLOCK] = block
    return namespace


def numba_functions(derived):
    """The module of the emitted numba code, from a file as its cache needs."""
    needs("numba")
    folder = Path(tempfile.mkdtemp(prefix="derive-bench-"))
    path = folder / f"{derived.name.replace('+', '_')}.py"
    path.write_text(_code(derived, "numba"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def compiled_c(derived):
    """The emitted C function behind a NumPy signature (z, y, *, out)."""
    _code(derived, "c")
    raise Missing("no loader for the c target yet")


def _code(derived, target):
    if target not in {row.name for row in TARGETS}:
        raise Missing(f"no target {target!r} yet")
    return derived.code(target=target)
