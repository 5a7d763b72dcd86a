"""What functions of emitted code give, at a level of instructions of NumPy's."""

import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from derive.accuracy.levels import Level

Call = tuple[str, tuple[Any, ...], Mapping[str, Any]]  # function, arguments, keywords

_WORKER: Final = Path(__file__).with_name("worker.py")


def answers(code: str, calls: Sequence[Call], level: Level) -> list[list[np.ndarray]]:
    """What each call gives, a list of one array or, of a tuple, more; RuntimeError where the code fails."""
    # -P: the folder of the worker is no place to import from.
    done = subprocess.run(
        [sys.executable, "-P", str(_WORKER)],
        input=pickle.dumps((code, list(calls))),
        env=level.environment,
        capture_output=True,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"emitted code at {level.name}: {''.join(last)}")
    return pickle.loads(done.stdout)
