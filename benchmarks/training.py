"""Train an emitted network on scikit-learn's digits, and PyTorch from the same weights beside it.

`python -m benchmarks.training [--report FILE]` or `make training`: full-batch gradient descent in float64, on
one thread. Both see the same rows, rates and initial weights. Exit code: 1 where the losses part by more than
the bar or an accuracy is lower, 2 without what the extra compare brings.
"""

import argparse
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

try:
    import numpy as np
    import torch
    from sklearn.datasets import load_digits
except ModuleNotFoundError as missing:
    needed = f"no module {missing.name!r}; the extra compare brings it: pip install -e '.[compare]'"
    print(needed, file=sys.stderr)
    sys.exit(2)

from derive import network

STAGES, LOSS = ("dense(64,32)", "tanh", "dense(32,10)", "softmax"), "cross_entropy"
STEPS, RATE, TRAINED, SEED = 100, 0.5, 1400, 0
BAR = 1e-9  # of the difference of losses
ROUNDS = 5  # of which the fastest counts


def data():
    """Rows in [0, 1] and their classes, shuffled: those to train on, then those to test with."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = x[order] / 16, y[order]
    return (x[:TRAINED], y[:TRAINED]), (x[TRAINED:], y[TRAINED:])


def ours(module, parameters, x, y):
    """The losses of all steps, and the parameters behind them."""
    losses = []
    for _ in range(STEPS):
        parameters, value = module["step"](parameters, x, y, RATE)
        losses.append(float(value))
    return losses, parameters


def scores_of(weights, x):
    """The same network in PyTorch."""
    hidden = torch.tanh(torch.nn.functional.linear(x, weights["w1"], weights["b1"]))
    return torch.nn.functional.linear(hidden, weights["w2"], weights["b2"])


def theirs(parameters, x, y):
    """The losses of all steps in PyTorch, and the weights behind them."""
    weights = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in parameters.items()}
    x, y, losses = torch.tensor(x), torch.tensor(y), []
    for _ in range(STEPS):
        value = torch.nn.functional.cross_entropy(scores_of(weights, x), y)
        value.backward()
        losses.append(value.item())
        with torch.no_grad():
            for v in weights.values():
                v -= RATE * v.grad
                v.grad = None
    return losses, weights


def seconds(work):
    """The seconds of the fastest of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def report(apart, accuracies, times):
    """The page."""
    rows = [
        f"# A network trained: {' '.join(STAGES)}, {LOSS}\n",
        f"Emitted code and PyTorch {torch.__version__} on scikit-learn's digits: {TRAINED} rows, {STEPS} "
        f"full-batch steps of rate {RATE}, float64, one thread, the same initial weights.\n",
        "| | emitted | PyTorch |",
        "|---|---|---|",
        f"| accuracy on the other rows | {accuracies[0]:.4f} | {accuracies[1]:.4f} |",
        f"| seconds, relative to PyTorch | {times[0] / times[1]:.2f} | 1 |\n",
        f"The losses differ by at most {apart:.1e} in all {STEPS} steps.",
    ]
    return "\n".join(rows) + "\n"


def main():
    """Train both, print or write the page; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", metavar="FILE")
    given = parser.parse_args()
    torch.set_num_threads(1)
    module = network(STAGES, LOSS).module
    (x, y), (x_test, y_test) = data()
    start = module["initial"](SEED)
    losses, parameters = ours(module, start, x, y)
    others, weights = theirs(start, x, y)
    apart = max(abs(a - b) for a, b in zip(losses, others, strict=True))
    predicted = module["predict"](parameters, x_test).argmax(1)
    with torch.no_grad():
        answered = scores_of(weights, torch.tensor(x_test)).argmax(1).numpy()
    accuracies = tuple(float((p == y_test).mean()) for p in (predicted, answered))
    times = seconds(lambda: ours(module, start, x, y)), seconds(lambda: theirs(start, x, y))
    page = report(apart, accuracies, times)
    print(page, end="")
    if given.report:
        with open(given.report, "w", encoding="utf-8") as file:
            file.write(page)
    return 0 if apart <= BAR and accuracies[0] >= accuracies[1] else 1


if __name__ == "__main__":
    sys.exit(main())
