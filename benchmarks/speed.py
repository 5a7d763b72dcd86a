"""Print how long things take: the emitted code against the naive code, the stages, the command line.

Ratios are taken within one run, the two sides in turn, since the clock of a machine wanders:
`python benchmarks/speed.py`, or `make bench`.
"""

import statistics
import subprocess
import sys
import time

import naive
import numpy as np

import derive

SEED = 2
ROUNDS = 7  # of which the median counts
ENOUGH = 0.05  # seconds a round should last, so that the clock's grain does not show
SPREAD = 3.0  # of the logits: far enough for both ends of σ, near enough that the naive code stays finite

ELEMENTS = (10**3, 10**5, 10**7)
BATCHES = ((100, 10), (10_000, 10), (1_000_000, 10), (1_000, 1_000))

COMMANDS = {
    "python -c 'import sympy'": ("-c", "import sympy"),
    "derive --help": ("-m", "derive", "--help"),
    "derive latex sigmoid bce": ("-m", "derive", "latex", "sigmoid", "bce"),
}


def main():
    """Print the three tables."""
    np.seterr(all="ignore")
    print("Loss and gradient: emitted / naive, median of", ROUNDS)
    for size in ELEMENTS:
        compare(("sigmoid", "bce"), naive.sigmoid_bce, *binary(size))
    for shape in BATCHES:
        compare(("softmax", "cross_entropy"), naive.softmax_cross_entropy, *classes(shape))
    print("\nStages over the reference pairs, milliseconds a pair: median, largest")
    stages()
    print("\nCommand line: seconds, and as a multiple of importing SymPy, median of", ROUNDS)
    startup()


def binary(size):
    """Logits and hard targets of that number."""
    random = np.random.default_rng(SEED)
    return SPREAD * random.standard_normal(size), random.integers(0, 2, size).astype(float)


def classes(shape):
    """Logits (N, K) and one-hot targets (N, K)."""
    random = np.random.default_rng(SEED)
    return SPREAD * random.standard_normal(shape), np.eye(shape[1])[random.integers(0, shape[1], shape[0])]


def compare(names, plain, z, y):
    """Print the emitted code's time, the naive code's and their ratio; the results must agree first."""
    emitted = derive.derive(*names).module["loss_and_grad"]
    out = tuple(np.empty_like(part) for part in emitted(z, y))
    for ours, theirs in zip(emitted(z, y), plain(z, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)  # naive cancels, so no nearer
    sides = (lambda: emitted(z, y), lambda: emitted(z, y, out=out), lambda: plain(z, y))
    ours, with_out, theirs = in_turn(sides)
    label = f"{' + '.join(names)} {' × '.join(map(str, z.shape))}"
    print(
        f"  {label:42} {ours * 1e3:10.3f} ms / {theirs * 1e3:10.3f} ms = {ours / theirs:5.2f}"
        f"   with out: {with_out / theirs:5.2f}"
    )


def in_turn(sides):
    """The median time of one call of each, measured in turn."""
    repeats = [max(1, round(ENOUGH / once(side, 1))) for side in sides]
    rounds = [[once(side, n) for side, n in zip(sides, repeats, strict=True)] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def once(call, repeats):
    """Seconds a call takes, on average over so many."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def stages():
    """Print what deriving, the code and the pages of a pair take, with what they need before them."""
    times = {"derivation": [], "program and code": [], "LaTeX": [], "Markdown": [], "figure": []}
    for names in derive.reference_pairs():
        start = time.perf_counter()
        derived = derive.derive(*names)
        parts = (lambda: None, derived.code, derived.latex, derived.markdown, derived.figure)
        for row, part in zip(times.values(), parts, strict=True):
            part()
            now = time.perf_counter()
            row.append(1e3 * (now - start))
            start = now
    for name, row in times.items():
        print(f"  {name:42} {statistics.median(row):10.1f} {max(row):10.1f}")


def startup():
    """Print what the command line takes against importing SymPy."""
    calls = [command_runner(arguments) for arguments in COMMANDS.values()]
    rounds = [[once(call, 1) for call in calls] for _ in range(ROUNDS)]
    found = [statistics.median(column) for column in zip(*rounds, strict=True)]
    for name, seconds in zip(COMMANDS, found, strict=True):
        print(f"  {name:42} {seconds:10.3f} {seconds / found[0]:10.2f}")


def command_runner(arguments):
    """A function that runs Python with these arguments."""
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
