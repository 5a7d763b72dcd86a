"""The textbook form: the reader's end of the derivation as NumPy text, a − y and such, with temporaries."""

import math
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from derive.emit.spelling import spell
from derive.emit.text import readable
from derive.heads import plain
from derive.model import ELEMENTWISE, Derivation, Pair
from derive.rivals import textbook_vectors
from derive.rivals.lambdified import at_defaults
from derive.rivals.rival import Rivalry, filled, plain_bind, quiet

_WHOLE = """\
def loss(z, y):
    return _loss(_a(z), y)

def grad(z, y):
    return _grad(_a(z), y, z)

def hess(z, y):
    return _hess(_a(z), y, z)

def loss_and_grad(z, y):
    a = _a(z)
    return _loss(a, y), _grad(a, y, z)
"""


def rivalry(derivation: Derivation) -> Rivalry | None:
    """The reader's gradient of a pair in a, y and z; elementwise the second derivative too."""
    if not isinstance(derivation.subject, Pair):
        return None
    flat = derivation.subject.kind == ELEMENTWISE
    code = text(derivation) if flat else textbook_vectors.text(derivation)
    if code is None:
        return None
    module = executed(code)
    wrap = filled if flat else quiet
    both = wrap(module["loss_and_grad"])
    return Rivalry(
        name="textbook",
        says=f"gradient {readable(derivation.gradient)}",
        loss=wrap(module["loss"]) if flat else lambda *given: both(*given)[0],
        gradient=wrap(module["grad"]) if flat else lambda *given: both(*given)[1],
        hessian=filled(module["hess"]) if flat else None,
        loss_and_grad=both,
        bind=plain_bind(both),
    )


def text(derivation: Derivation) -> str:
    """NumPy text of the functions loss, grad, hess and loss_and_grad at default parameters."""
    pair = derivation.subject
    assert isinstance(pair, Pair)
    parts = (
        ("_a", "z", pair.activation.expr),
        ("_loss", "a, y", pair.loss.expr),
        ("_grad", "a, y, z", plain(derivation.gradient)),
        ("_hess", "a, y, z", plain(derivation.hessian)),
    )
    made = [_function(name, given, at_defaults(expr, pair)) for name, given, expr in parts]
    return "\n".join([*made, _WHOLE])


def _function(name: str, given: str, expr: sp.Expr) -> str:
    line = spell(expr).replace("np.sqrt(2)", "math.sqrt(2)").replace("np.sqrt(np.pi)", "math.sqrt(np.pi)")
    return f"def {name}({given}):\n    return {line}\n"  # np.sqrt(2) would turn float32 into float64


def executed(code: str) -> dict[str, Any]:
    """The namespace of a text of ours."""
    namespace: dict[str, Any] = {"math": math, "np": np, "special": special}
    exec(compile(code, "<textbook>", "exec"), namespace)
    return namespace
