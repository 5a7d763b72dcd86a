"""Print how long vector subjects take to derive, and what their emitted code costs on large batches.

`python -m benchmarks.vectors [NAME…]`, or `make bench`; without names, every activation and loss over
vectors and every vector pair, of which only the first are run. Costs are multiples of the naive softmax
with cross-entropy on the same batch, taken in turn; memory is the most that a call holds.
"""

import statistics
import sys
import time
import tracemalloc

import numpy as np

import derive
from benchmarks import naive
from derive import catalogue
from derive.model import VECTOR, Activation, Pair
from derive.rivals.draws import drawn
from derive.rivals.turns import in_turn

SEED = 4
BATCH = (4096, 1000)
SLOWEST = 5


def main(names):
    """Print both tables."""
    np.seterr(all="ignore")
    subjects = [catalogue.subject(name) for name in names] if names else everything()
    print(f"Emitted code at {' × '.join(map(str, BATCH))}: time / naive time, peak memory / input")
    times = {s.name: derivation(s, run=bool(names) or not isinstance(s, Pair)) for s in subjects}
    print("\nSeconds for a derivation: median, largest")
    for kind, chosen in (("one entry", False), ("pair", True)):
        found = [times[s.name] for s in subjects if isinstance(s, Pair) == chosen]
        if found:
            print(f"  {kind:42} {statistics.median(found):10.2f} {max(found):10.2f}")
    print("\nThe slowest")
    for name in sorted(times, key=times.get, reverse=True)[:SLOWEST]:
        print(f"  {name:42} {times[name]:10.2f}")


def everything():
    """Every row over vectors, then every legal vector pair."""
    rows = [row for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES) if row.kind == VECTOR]
    pairs = [catalogue.pair(*names) for names in catalogue.legal_pairs()]
    return [*rows, *(pair for pair in pairs if pair.kind == VECTOR)]


def derivation(subject, run):
    """Seconds to derive a subject; prints what its code costs where that is to be run."""
    start = time.perf_counter()
    derived = derive.derive(subject.name)
    seconds = time.perf_counter() - start
    if run:
        cost(derived)
    return seconds


def cost(derived):
    """Print time and memory of a subject's loss and gradient, or of value and pull, beside the naive code."""
    random = np.random.default_rng(SEED)
    row = drawn(derived.subject, random, BATCH)
    if isinstance(derived.subject, Activation):
        weights = random.standard_normal(BATCH)
        value, vjp = derived.module["value"], derived.module["vjp"]
        call = lambda: (value(row.x), vjp(row.x, weights))  # noqa: E731
    else:
        given = (row.x, row.y) if row.y.size else (row.x,)
        call = lambda: derived.module["loss_and_grad"](*given)  # noqa: E731
    z = random.standard_normal(BATCH)
    y = np.eye(BATCH[1])[random.integers(BATCH[1], size=BATCH[0])]
    ours, theirs = in_turn((call, lambda: naive.softmax_cross_entropy(z, y)))
    print(f"  {derived.name:42} {ours / theirs:10.2f} {peak(call) / row.x.nbytes:10.1f}", flush=True)


def peak(call):
    """The largest number of bytes that a call holds."""
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    main(sys.argv[1:])
