"""The systems that people use today, as rows: what each makes of a pair, for the same points and clock.

Lambdify and the textbook form are always there; PyTorch, JAX and scikit-learn where they are installed.
A row imports its library only when it is asked for something.
"""

import os
from dataclasses import dataclass
from importlib.util import find_spec

from derive.model import Derivation
from derive.rivals import in_jax, in_sklearn, in_torch, lambdified, textbook
from derive.rivals.rival import Rival, Rivalry

__all__ = ["COMPILED", "EXTRA", "RIVALS", "Met", "Rival", "Rivalry", "installed", "met", "one_thread"]

EXTRA = "pip install 'derive-gradients[compare]'"

RIVALS: tuple[Rival, ...] = (
    Rival(name="SymPy lambdify", make=lambdified.rivalry),
    Rival(name="textbook", make=textbook.rivalry),
    Rival(name="PyTorch", make=in_torch.rivalry, packages=("torch",)),
    Rival(name="JAX", make=in_jax.rivalry, packages=("jax", "optax")),
    Rival(name="scikit-learn", make=in_sklearn.rivalry, packages=("sklearn",)),
)

# The same arithmetic as above, seconds to compile: for benchmarks.
COMPILED: tuple[Rival, ...] = (
    Rival(name="torch.compile", make=in_torch.compiled_rivalry, packages=("torch",)),
)

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@dataclass(frozen=True, kw_only=True)
class Met:
    """Who takes part for one subject, whose package is missing, and who has no counterpart of it."""

    present: tuple[Rivalry, ...]
    missing: tuple[Rival, ...]
    without: tuple[Rival, ...]


def met(derivation: Derivation, rows: tuple[Rival, ...] = RIVALS) -> Met:
    """What the rivals make of a derivation."""
    here = [row for row in rows if installed(row)]
    made = [(row, row.make(derivation)) for row in here]
    return Met(
        present=tuple(found for _, found in made if found),
        missing=tuple(row for row in rows if row not in here),
        without=tuple(row for row, found in made if not found),
    )


def installed(row: Rival) -> bool:
    """Whether all packages of a rival are there."""
    return all(find_spec(package) for package in row.packages)


def one_thread() -> None:
    """Keep the libraries to one thread; to be called before one of them is imported."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA}".strip()
