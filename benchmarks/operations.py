"""What each operation of derive.kernel costs in NumPy: `python benchmarks/operations.py`, all else at rest.

Nanoseconds an element in float64, one thread, each into an array given, on blocks that stay in the cache;
medians of rounds in which all operations take turns. Beside it: the fixed table that forms are chosen by.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from derive.kernel.operations import OPERATIONS, WHERE, WHERE_COST

SIZE = 8192
ROUNDS, REPEATS = 25, 20


def arguments(name: str, count: int) -> list[np.ndarray]:
    """Arrays of numbers that an operation takes without a special case."""
    random = np.random.default_rng(1)
    positive = name in ("log", "sqrt", "log1p", "power", "erfcx")
    spread = random.uniform(0.1 if positive else -5.0, 5.0, (count, SIZE))
    if name.startswith("logical"):
        return [row > 0 for row in spread]
    return list(spread)


def operation(name: str) -> Callable[[], object]:
    """One call of an operation on a block."""
    if name == WHERE:
        condition, x, y = arguments(name, 3)
        truth, out = condition > 0, np.empty(SIZE)
        return lambda: (np.copyto(out, x), np.copyto(out, y, where=truth))
    ufunc = OPERATIONS[name].ufunc
    given = arguments(name, ufunc.nin)
    out = np.empty(SIZE, bool if name.startswith(("logical", "is")) else float)
    return lambda: ufunc(*given, out=out)


def seconds(call: Callable[[], object]) -> float:
    """The time of a round of calls."""
    start = time.perf_counter()
    for _ in range(REPEATS):
        call()
    return time.perf_counter() - start


def measured() -> dict[str, float]:
    """Nanoseconds an element of every operation, the medians of interleaved rounds."""
    calls = {name: operation(name) for name in (*OPERATIONS, WHERE)}
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) / REPEATS / SIZE * 1e9 for name in calls}


def main() -> None:
    """Print the table."""
    fixed = {name: row.cost for name, row in OPERATIONS.items()} | {WHERE: WHERE_COST}
    print(f"{'operation':<16}{'measured':>10}{'table':>8}{'ratio':>8}")
    for name, cost in measured().items():
        print(f"{name:<16}{cost:>10.2f}{fixed[name]:>8.2f}{cost / fixed[name]:>8.2f}")


if __name__ == "__main__":
    main()
