"""The library's door: everything about a pair, an activation or a loss, from one object.

>>> from derive import derive
>>> pair = derive("sigmoid", "bce")
>>> pair.gradient
a - y
>>> print(pair.code())                # NumPy: loss, grad, hess, loss_and_grad
>>> all(verdict.passed for verdict in pair.check())
True

Wherever a name is expected, an expression is too: a text, a SymPy expression, an entry.

>>> derive("z/(1 + exp(-beta*z))", "(a - y)**2/2", params={"beta": 1.702}).name
'f+L'
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import catalogue
from derive.api.derived import Derived, derived
from derive.api.explained import Explained
from derive.api.layered import DerivedLayer, derived_layer
from derive.api.limited import within
from derive.api.networks import DerivedNetwork, network
from derive.asked import Asked, Given, Number, asked_for
from derive.model import BadInput, Pair
from derive.subjects import layer, subject, subjects

if TYPE_CHECKING:
    from derive.claims.reading.given import Number as ReadNumber
    from derive.matched import Matched

__all__ = [
    "Derived",
    "DerivedLayer",
    "DerivedNetwork",
    "Explained",
    "compare",
    "derive",
    "derived",
    "explain",
    "layer_names",
    "legal_pairs",
    "made",
    "match",
    "network",
    "read",
    "ready",
    "reference_pairs",
    "single_names",
]


def derive(
    *names: Given,
    params: Mapping[str, Number] | None = None,
    functions: str | Path = "",
    where: str | Sequence[str] = (),
    limit: float = 0,
) -> Any:
    """The derivation of a pair ("sigmoid", "bce"), of an activation or a loss alone ("gelu"), or of a layer.

    It is a `Derived`, that of a layer ("dense") a `DerivedLayer`.

    A name, a text such as "z*sigmoid(z)", a SymPy expression in z, or in a and y, or an entry. `params` are
    the numbers of letters and parameters, `functions` a TOML file of one's own functions, `where` conditions
    such as "z>0". BadInput says what is unknown or does not fit; Unproved, which step could not be
    established. After `limit` seconds, if they are not 0, TimeoutError ends it; it is then tried in a
    process of its own first, and takes twice as long. What is made of it later has no limit.
    """
    asked = asked_for(names, params, functions, where)
    return within(limit, lambda: made(asked))


def made(asked: Asked) -> Derived | DerivedLayer:
    """The derivation of what is asked for: a pair, one entry, or a layer."""
    row = layer(asked)
    return derived_layer(row) if row else derived(subject(asked))


def explain(
    *names: Given,
    claims: Sequence[str] = (),
    params: Mapping[str, Number] | None = None,
    functions: str | Path = "",
    where: str | Sequence[str] = (),
    limit: float = 0,
) -> Explained:
    """What the claims of these names, or all of them, say about a pair or about one entry alone.

    Names and what is said beside them as for `derive`; BadInput also for an unknown claim.
    """
    from derive.claims import examine

    asked = asked_for(names, params, functions, where)

    def answered() -> Explained:
        meant = subject(asked)
        return Explained(subject=meant, answers=examine(meant, tuple(claims)))

    return within(limit, answered)


def compare(
    activation: Given,
    losses: Sequence[Given],
    params: Mapping[str, Number] | None = None,
    functions: str | Path = "",
    where: str | Sequence[str] = (),
) -> Explained:
    """Several losses of one activation side by side: which of them learn where it saturates.

    Names and what is said beside them as for `derive`.
    """
    from derive.claims.saturation import side_by_side

    said = asked_for((), params, functions, where)
    found = subjects(said, [(activation, loss) for loss in losses])
    pairs = tuple(pair for pair in found if isinstance(pair, Pair))
    if len(pairs) < 2 or len(set(pairs)) < len(pairs):
        raise BadInput("a comparison needs two losses or more, each once. Try: half_squared_error bce")
    answer = side_by_side(pairs[0].activation, tuple(pair.loss for pair in pairs))
    return Explained(subject=None, answers=(answer,), pairs=pairs)


def read(
    cross_entropy: "ReadNumber",
    classes: "ReadNumber",
    accuracy: "ReadNumber | None" = None,
    base_rates: "Sequence[ReadNumber] | None" = None,
    unit: str = "nats",
) -> "Explained":
    """What a model's cross-entropy says about it; BadInput where no model has these numbers together."""
    from derive.claims.reading import read as answer

    found = answer(cross_entropy, classes, accuracy, base_rates, unit)
    return Explained(subject=None, answers=(found,))


def legal_pairs() -> tuple[tuple[str, str], ...]:
    """The names (activation, loss) of every legal pair."""
    return catalogue.legal_pairs()


def reference_pairs() -> tuple[tuple[str, str], ...]:
    """The names (activation, loss) of the pairs whose pages lie in output/."""
    return catalogue.REFERENCE


def single_names() -> tuple[str, ...]:
    """The names of every activation and every loss; a kind goes in front of what means one of each."""
    activations, losses = catalogue.ROWS
    of_activations = {name for row in activations for name in (row.name, *row.aliases)}
    of_losses = {name for row in losses for name in (row.name, *row.aliases)}
    both = of_activations & of_losses
    return (
        *(f"activation:{row.name}" if row.name in both else row.name for row in activations),
        *(f"loss:{row.name}" if row.name in both else row.name for row in losses),
    )


def layer_names() -> tuple[str, ...]:
    """The names of the layers."""
    return tuple(row.name for row in catalogue.LAYERS)


def ready(target: str) -> None:
    """Raise BadInput where there is no such target, or its code cannot be run here."""
    from derive.emit import target_of

    if target_of(target).name == "c":
        from derive.native import compiler

        compiler()
    if target == "numba" and find_spec("numba") is None:
        raise BadInput("target 'numba' needs Numba: pip install 'derive-gradients[numba]'")


def match(
    activation: Given,
    where: str | Sequence[str] = (),
    params: Mapping[str, Number] | None = None,
    functions: str | Path = "",
    limit: float = 0,
) -> "Matched":
    """The loss that an activation asks for: by name, or an expression in z, for z as `where` says.

    `limit` as for `derive`.

    >>> match("atan(z)").loss
    -y*z + z*atan(z) - log(z**2 + 1)/2
    """
    from derive.matched import match as matched

    asked = asked_for((activation,), params, functions, where)
    return within(limit, lambda: matched(asked))
