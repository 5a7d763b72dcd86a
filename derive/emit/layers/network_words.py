"""What a network's file and page say in words."""

from textwrap import fill

from derive.derivation.layers.network import NetworkDerivation
from derive.emit.docstrings import ascii_only
from derive.emit.text import readable
from derive.model import ELEMENTWISE, Finite, Interval, Network, OneHot, Set, Simplex, Z, entries

WIDTH = 88
PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", "⁽⁾") | {ord("Σ"): "sum"}


def titled(network: Network) -> str:
    """The network as a chain: dense(4, 8) → tanh → dense(8, 3) → softmax → cross_entropy."""
    identity = network.pair.activation.expr == Z
    end = [network.pair.loss.name] if identity else [network.pair.activation.name, network.pair.loss.name]
    return "Network: " + " → ".join([*(s.text for s in network.stages), *end])


def header(derivation: NetworkDerivation) -> str:
    """The text of the module's docstring."""
    network = derivation.subject
    first = ascii_only(titled(network).replace("→", "->"))
    rows = [f"    {ascii_only(_formula(s))}" for link in derivation.links for s in link.forward]
    sizes = ", ".join(f"{size} = {n}" for size, n in network.sizes)
    notes = [
        f"Rows n = 1, ..., N are samples; {sizes}. Indices count from 1 in the formulas and from 0 in the "
        "arrays. w(2) is named w2; derivatives of the loss end in _bar.",
        f"The loss is the mean over the rows of {loss_of(network)}. Activations and the loss work in "
        "float64; all else has the dtype of x and the parameters.",
        "Run as a script, the file checks its gradients against differences.",
    ]
    sources = {row.title: row.source for s in network.stages for row in (s.entry,)}
    sources |= {row.title: row.source for row in entries(network.pair) if row}
    cited = [f"Source of {title}: {source}." for title, source in sources.items()]
    parts = [fill(first, WIDTH), "\n".join(rows), *(fill(n, WIDTH) for n in notes)]
    parts.append("\n".join(fill(ascii_only(row), WIDTH, subsequent_indent="    ") for row in cited))
    return "\n\n".join(parts) + "\n"


def _formula(step) -> str:
    """A definition in ASCII: the second w is w2."""
    left, right = step.quantity.text, readable(step.expr)
    return f"{left} = {right}".translate(PLAIN)


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
