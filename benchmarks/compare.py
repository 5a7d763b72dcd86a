"""Hold the emitted vector code against PyTorch's autograd in float64; where they differ, say who is off.

`python benchmarks/compare.py [NAME…]` or `make compare`: without names, every activation and loss over
vectors, every pair of them whose link is not applied twice, and every layer. A name is that of a row or of
a layer, or a pair, `softmax+cross_entropy`. Inputs lie in [−3, 3]; an error is relative to the quantity's own
largest component, absolute where derive says that all are 0; above the bar, certified truth decides. Exit
code: 1 where derive is off, 2 without PyTorch.
"""

import sys
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

import derive
from derive import catalogue
from derive.accuracy.vectors.truth import truth
from derive.model import VECTOR, Activation, Pair, entries
from derive.rivals.draws import REACH, drawn

try:
    import in_torch
    import layers
    import torch

    from derive.rivals import torch_vectors as counterparts
except ModuleNotFoundError as missing:
    needed = f"no module {missing.name!r}; the extra compare brings it: pip install -e '.[compare]'"
    print(needed, file=sys.stderr)
    sys.exit(2)

BAR = 1e-12
SIZES = (1, 2, 3, 7, 50)
DRAWS = 4  # rows for each size: one with the default parameters
SEED = 5
REASON = 100  # characters of a failure that are shown
QUANTITIES = ("loss", "gradient", "hessian")
VERDICTS = ("derive", "PyTorch", "undefined", "")  # the gravest first


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far two results are apart at a row; above the bar also how far each is from the truth."""

    quantity: str
    error: float
    size: int
    ours: float | None = None
    theirs: float | None = None

    @property
    def verdict(self) -> str:
        """Who is off, or nothing; "undefined" where there is no certified truth, as at 0/0."""
        if self.error <= BAR:
            return ""
        if self.ours is None:
            return "undefined"
        if self.ours > BAR:
            return "derive"
        return "PyTorch" if self.theirs > BAR else ""


def main(names):
    """Print the table; the exit code."""
    print(f"Emitted code against PyTorch {torch.__version__}, float64, |z| <= {REACH:g}, K in {SIZES}")
    print(f"Largest difference relative to the largest component; truth decides above {BAR:g}\n")
    print(f"{'':44} {'value':>9} {'gradient':>9} {'second':>9}  who is off", flush=True)
    found = Counter()
    with ProcessPoolExecutor(initializer=prepared) as pool:
        for verdict, line in pool.map(report, names or canonical()):
            print(line, flush=True)
            found[verdict] += 1
    counts = f"{found['PyTorch']} where PyTorch is off, {found['derive']} where derive is off"
    print(f"\n{found['']} agree, {counts}, {found['undefined']} not defined at some inputs")
    return 1 if found["derive"] else 0


def prepared():
    """One thread and float64 for this process; no warnings."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")


def canonical():
    """The vector rows, then the vector pairs without a warning, then the layers."""
    rows = [row.name for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES) if row.kind == VECTOR]
    pairs = [catalogue.pair(*names) for names in catalogue.legal_pairs()]
    return [*rows, *(pair.name for pair in pairs if pair.kind == VECTOR and not pair.warning), *layers.NAMES]


def report(name):
    """The verdict of a subject and its line of the table."""
    try:
        if name in layers.NAMES:
            return layers.report(name)
        worst = compared(derive.derive(name))
    except Exception as failed:  # one subject must not hide the others
        return "derive", f"{name:44} derive: {type(failed).__name__}: {str(failed)[:REASON]}"
    off = [row for row in worst.values() if row.verdict]
    cells = " ".join(f"{worst[q].error:9.1e}" if q in worst else f"{'':>9}" for q in QUANTITIES)
    line = f"{name:44} {cells}  {'; '.join(map(described, off))}"
    return min((row.verdict for row in off), key=VERDICTS.index, default=""), line.rstrip()


def described(row):
    """A difference above the bar in words."""
    where = f"{row.verdict}: {row.quantity} at K = {row.size}"
    return where if row.ours is None else f"{where}, derive {row.ours:.0e}, PyTorch {row.theirs:.0e} off"


def compared(derived):
    """The worst difference of each quantity over all rows; one where derive is off is worse than any."""
    random, worst = np.random.default_rng(SEED), {}
    for size in SIZES:
        for draw in range(DRAWS):
            row = drawn(derived.subject, random, (size,), default=draw == 0)
            for found in differences(derived, row, size):
                worst[found.quantity] = min(worst.get(found.quantity, found), found, key=gravity)
    return worst


def gravity(difference):
    """The order of differences, the gravest first."""
    return VERDICTS.index(difference.verdict), -difference.error


def differences(derived, row, size):
    """The differences of all quantities that both sides have, at one row."""
    ours = emitted(derived, row)
    theirs = autograd(derived.subject, row)
    for quantity in QUANTITIES:
        if ours.get(quantity) is not None and theirs.get(quantity) is not None:
            yield difference(derived.subject, quantity, row, ours[quantity], theirs[quantity], size)


def difference(subject, quantity, row, ours, theirs, size):
    """How far apart two results are; above the bar also how far each is from the truth."""
    found = partial(Difference, quantity=quantity, size=size)
    error = apart(theirs, ours)
    if error <= BAR:
        return found(error=error)
    try:
        true = np.array([float(ball.mid()) for ball in truth(subject, quantity, row)])
    except ArithmeticError:
        return found(error=error)
    return found(error=error, ours=apart(ours, true), theirs=apart(theirs, true))


def apart(values, true):
    """The largest difference relative to the largest true component; absolute where all are 0."""
    error = float(np.abs(values - true).max()) / (float(np.abs(true).max()) or 1.0)
    return float("inf") if np.isnan(error) else error


def emitted(derived, row):
    """What the emitted functions give, flat."""
    activation = isinstance(derived.subject, Activation)
    names = ("value", "grad") if activation else ("loss", "grad", "hess")
    given = (row.x,) if activation or not row.y.size else (row.x, row.y)
    parameters = {name: np.asarray(value) if np.ndim(value) else value for name, value in row.parameters}
    found = (np.asarray(derived.module[name](*given, **parameters)).ravel() for name in names)
    return dict(zip(QUANTITIES, found, strict=False))


def autograd(subject, row):
    """PyTorch's values, flat; without those that it does not have."""
    run, x = partial(composed(subject), row), torch.tensor(row.x)
    found = {"loss": run(x), "gradient": torch.autograd.functional.jacobian(run, x)}
    if not isinstance(subject, Activation):
        with suppress(RuntimeError, NotImplementedError):  # a function without a second derivative
            found["hessian"] = torch.autograd.functional.hessian(run, x)
    return {name: value.detach().numpy().ravel() for name, value in found.items()}


def composed(subject):
    """The function (row, x) of PyTorch that means the subject."""
    activation, loss = entries(subject)
    both = (activation.name, loss.name) if isinstance(subject, Pair) else ()
    whole = counterparts.PAIRS.get(both)
    f = activation and counterparts.ACTIVATIONS.get(activation.name, in_torch.activation(activation))
    g = loss and counterparts.LOSSES.get(loss.name, in_torch.loss(loss))

    def run(row, x):
        target = (torch.tensor(row.y),) if row.y.size else ()
        if whole:
            return whole(x, *target, **of_entries(row, activation, loss))
        a = f(x, **of_entries(row, activation)) if f else x
        return g(a, *target, **of_entries(row, loss)) if g else a

    return run


def of_entries(row, *rows):
    """The parameters of these entries as PyTorch takes them."""
    names = {p.name for entry in rows for p in entry.parameters}
    return {n: torch.tensor(v) if np.ndim(v) else v for n, v in row.parameters if n in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
