"""Runs emitted code in a process of its own: what to call comes pickled by stdin, what came of it by stdout.

It imports NumPy alone and nothing of the package, so that it starts fast at whatever level its
environment asks for. `calls.py` starts it.
"""

import pickle
import sys

import numpy as np


def main() -> None:
    """Answer one question: a text of code, and calls (function, arguments, keywords) of what it defines."""
    code, calls = pickle.load(sys.stdin.buffer)
    namespace: dict = {"__name__": "emitted"}
    exec(compile(code, "<emitted>", "exec"), namespace)
    with np.errstate(all="ignore"):  # warnings are for a check to see
        answers = [namespace[name](*arguments, **keywords) for name, arguments, keywords in calls]
    pickle.dump([[np.asarray(part) for part in _parts(answer)] for answer in answers], sys.stdout.buffer)


def _parts(answer: object) -> tuple:
    return answer if isinstance(answer, tuple) else (answer,)


if __name__ == "__main__":
    main()
