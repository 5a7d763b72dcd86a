"""What functions of emitted code give, at a level of instructions of NumPy's."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from derive.accuracy.levels import Level

Call = tuple[str, tuple[Any, ...], Mapping[str, Any]]  # function, arguments, keywords

Answer = Callable[[Sequence[Call], Level], list[list[np.ndarray]]]

_WORKER: Final = Path(__file__).with_name("worker.py")


def answers(calls: Sequence[Call], level: Level, *, code: str) -> list[list[np.ndarray]]:
    """What each call gives at a level, a list of arrays, one but of a tuple; RuntimeError if code fails."""
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


def answers_here(calls: Sequence[Call], level: Level, *, module: Mapping[str, Any]) -> list[list[np.ndarray]]:
    """What each call gives in this process, of functions that no level of NumPy's is for."""
    found = []
    with np.errstate(all="ignore"):  # warnings are for a check to see
        for name, arguments, keywords in calls:
            made = module[name](*arguments, **keywords)
            found.append([np.asarray(part) for part in (made if isinstance(made, tuple) else (made,))])
    return found
