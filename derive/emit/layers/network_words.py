"""What a network's file and page say in words."""

from textwrap import fill, indent

import sympy as sp

from derive.derivation.layers.network import Link, NetworkDerivation
from derive.derivation.layers.steps import finished
from derive.emit.docstrings import ascii_only
from derive.emit.layers.docs import SQUARES, formula, overflow
from derive.model import (
    ELEMENTWISE,
    Activation,
    Finite,
    Interval,
    Network,
    OneHot,
    Set,
    Simplex,
    Stage,
    Z,
    entries,
)
from derive.rules.layers import base_of, cotangent, indices_of
from derive.rules.vectors import VectorForm

WIDTH = 88
BATCH_NORM = "batch_norm"
BATCHES = (
    "Batch norms take mean and variance of the rows that are given, in predict, too: what a row gives "
    "depends on the others, and a single row gives the same whatever it is. There are no running averages."
)


def titled(network: Network) -> str:
    """The network as a chain: dense(4, 8) → tanh → dense(8, 3) → softmax → cross_entropy."""
    identity = network.pair.activation.expr == Z
    end = [network.pair.loss.name] if identity else [network.pair.activation.name, network.pair.loss.name]
    return "Network: " + " → ".join([*(s.text for s in network.stages), *end])


def header(derivation: NetworkDerivation) -> str:
    """The text of the module's docstring."""
    network = derivation.subject
    first = ascii_only(titled(network).replace("→", "->"))
    rows = [_filled(formula(v.at, v.meaning, _numbers(s))) for s in network.stages for v in s.layer.variables]
    back = [row for link in reversed(derivation.links) for row in _back(network, link)]
    sizes = ", ".join(f"{size} = {n}" for size, n in network.sizes)
    notes = [
        f"Rows n = 1, ..., N are samples; {sizes}. Indices count from 1 in the formulas and from 0 in the "
        "arrays. w(2) is named w2; derivatives of the loss end in _bar.",
        f"The loss is the mean over the rows of {loss_of(network)}. Activations and the loss work in "
        "float64; all else has the dtype of x and the parameters.",
        *_warnings(network),
        "Run as a script, the file checks its gradients against differences.",
    ]
    sources = {row.title: row.source for s in network.stages for row in (s.entry,)}
    sources |= {row.title: row.source for row in entries(network.pair) if row}
    cited = [f"Source of {title}: {source}." for title, source in sources.items()]
    parts = [fill(first, WIDTH), "\n".join(rows), "\n".join(back), *(fill(n, WIDTH) for n in notes)]
    parts.append("\n".join(fill(ascii_only(row), WIDTH, subsequent_indent="    ") for row in cited))
    return "\n\n".join(parts) + "\n"


def _filled(text: str) -> str:
    return indent(fill(text, WIDTH - 4, subsequent_indent="    ", break_on_hyphens=False), "    ")


def _numbers(stage: Stage) -> dict[sp.Symbol, str]:
    """The parameters of a stage by their numbers."""
    return {p.symbol: f"{float(p.default):g}" for p in stage.layer.parameters}


def _back(network: Network, link: Link) -> list[str]:
    """The derivatives by what a stage reads, unless it is the first, and by its weights."""
    stage, numbers = link.stage, _numbers(link.stage)
    if isinstance(stage.entry, Activation):
        slope = next(s.expr for s in link.backward if not isinstance(s.expr, VectorForm))
        return [_filled(formula(cotangent(base_of(stage.input))[indices_of(stage.input)], slope, numbers))]
    found = finished(network.behind(stage))
    return [_filled(formula(d.bar, d.expr, numbers)) for d in found if not d.through]


def _warnings(network: Network) -> list[str]:
    """What holds of some layers only."""
    layers = [stage.layer for stage in network.stages]
    found = [SQUARES] if any(overflow(row) for row in layers) else []
    return found + [BATCHES] * any(layer.name == BATCH_NORM for layer in layers)


def loss_of(network: Network) -> str:
    """What the loss of a row is."""
    pair = network.pair
    if pair.kind == ELEMENTWISE:
        return f"the {pair.loss.title}, summed over the outputs"
    return f"the {pair.loss.title} of each row"


def example_targets(network: Network, width: str) -> str:
    """Code that draws targets of the shape (rows, width) in the domain of the loss."""
    domain: Set = network.pair.loss.target
    if isinstance(domain, Simplex | OneHot):
        return f"np.eye({width})[rng.integers({width}, size=rows)]"
    if isinstance(domain, Finite):
        values = ", ".join(str(float(v)) for v in domain.values)
        return f"rng.choice([{values}], size=(rows, {width}))"
    if isinstance(domain, Interval) and domain.lo.is_finite and domain.hi.is_finite:
        low, high = float(domain.lo), float(domain.hi)
        return f"rng.uniform({low}, {high}, size=(rows, {width}))"
    if isinstance(domain, Interval) and domain.lo.is_finite:
        return f"{float(domain.lo)} + 0.5 + rng.uniform(size=(rows, {width}))"
    return f"rng.normal(size=(rows, {width}))"
