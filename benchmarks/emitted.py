"""The emitted code as it is loaded for timing."""

import importlib.util
from functools import cache

import numpy as np

import derive
from derive.model import BadInput
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


@cache
def loaded(names, target):
    """The functions of a pair's code for a target, compiled where that is needed."""
    if target == "numba":
        needs("numba")
    try:
        return derive.derive(*names).load(target)
    except BadInput as refused:
        raise Missing(str(refused)) from refused
