"""What a layer's page says in words: its arrays with their shapes, its parameters."""

from derive.derivation.layers.quantities import latex
from derive.emit.places import set_of
from derive.emit.printer import latex_of
from derive.emit.prose import Write
from derive.model import AXES, Array, Layer, LayerDerivation, Parameter
from derive.rules.indexed import SIZES
from derive.rules.layers import base_of, indices_of, of_output

NOTATION = "{bar} is short for {slope}"


def titled(layer: Layer) -> str:
    """The name of a layer in words."""
    return layer.title[0].upper() + layer.title[1:]


def arrays(layer: Layer, formula: Write) -> list[tuple[str, str]]:
    """Each array that is given: what it is, and its entry with its shape."""
    return [(a.says, _shaped(a, formula)) for a in (*layer.inputs, *layer.weights, *layer.constants)]


def _shaped(array: Array, formula: Write) -> str:
    sizes = r" \times ".join(latex_of(SIZES[i]) for i in indices_of(array.at))
    where = rf"\mathbb{{R}}^{{{sizes}}}" if sizes else r"\mathbb{R}"
    return formula(rf"\left({latex(array.at)}\right) \in {where}")


def upstream(layer: Layer, formula: Write) -> str:
    """What is handed to a layer from behind: g = ∂L/∂y."""
    output = layer.output.at
    base = of_output(base_of(output))
    g = latex(base[indices_of(output)] if indices_of(output) else base)
    return formula(rf"{g} = \frac{{\partial L}}{{\partial {latex(output)}}}")


def counted(layer: Layer, formula: Write) -> str:
    """What the sizes count."""
    used = {i for v in layer.variables for i in v.meaning.free_symbols | set(indices_of(v.at))}
    sizes = {SIZES.get(i, i) for i in used} | {SIZES[i] for a in layer.moving for i in indices_of(a.at)}
    axes = [axis for axis in AXES if axis.size in sizes]
    return ", ".join(f"{formula(latex_of(axis.size))} {axis.says}" for axis in axes)


def parameter(p: Parameter, formula: Write) -> str:
    """Where a parameter lies, with its default."""
    place = formula(rf"{p.latex} \in {set_of(p.domain)}")
    return f"{place}, default {formula(latex_of(p.default))}"


def bars(derivation: LayerDerivation, formula: Write) -> str:
    """What a bar means, where the steps use one."""
    seen = next((s for s in derivation.steps if r"\bar" in s.quantity.latex), None)
    if seen is None:
        return ""
    left, _, right = seen.quantity.latex.partition(" = ")
    return NOTATION.format(bar=formula(left), slope=formula(right)) + ", and so for other letters"
