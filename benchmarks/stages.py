"""How long deriving, its stages and the command line take."""

import statistics
import subprocess
import sys
import time

import derive
from derive.rivals.turns import ROUNDS, in_turn

COMMANDS = {
    "python -c 'import sympy'": ("-c", "import sympy"),
    "derive --help": ("-m", "derive", "--help"),
    "derive latex sigmoid bce": ("-m", "derive", "latex", "sigmoid", "bce"),
}


def stages(quick=False):
    """Tables by title, each with its columns and its rows of numbers by name."""
    return {
        "Stages over the reference pairs, milliseconds a pair": {
            "columns": ["median", "largest"],
            "rows": making(derive.reference_pairs()[: 1 if quick else None]),
        },
        "Command line": {
            "columns": ["seconds", "× importing SymPy"],
            "rows": startup(1 if quick else ROUNDS),
        },
    }


def making(pairs):
    """What deriving, code and pages of a pair take, with what they need before them: median, largest."""
    times = {"derivation": [], "program and code": [], "LaTeX": [], "Markdown": [], "figure": []}
    for names in pairs:
        start = time.perf_counter()
        derived = derive.derive(*names)
        parts = (lambda: None, derived.code, derived.latex, derived.markdown, derived.figure)
        for row, part in zip(times.values(), parts, strict=True):
            part()
            now = time.perf_counter()
            row.append(1e3 * (now - start))
            start = now
    return {name: [statistics.median(row), max(row)] for name, row in times.items()}


def startup(rounds):
    """What the command line takes, in turn, and as a multiple of importing SymPy."""
    calls = [_runner(arguments) for arguments in COMMANDS.values()]
    medians = in_turn(calls, rounds=rounds)
    return {name: [seconds, seconds / medians[0]] for name, seconds in zip(COMMANDS, medians, strict=True)}


def _runner(arguments):
    """A function that runs Python with these arguments."""
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, check=True, capture_output=True)
