"""The nouns as plain data, ready for JSON; expressions are text that SymPy reads back."""

import math
from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.catalogue.reference import CANONICAL
from derive.derivation.kinks import boundaries
from derive.derivation.vectors.letters import letters
from derive.emit.display import relating
from derive.emit.guards import condition_said
from derive.emit.printer import latex_of
from derive.emit.text import output, readable
from derive.emit.words import inferred
from derive.heads import HeadFunction, plain
from derive.model import (
    VECTOR,
    Accuracy,
    Activation,
    Array,
    Derivation,
    Layer,
    LayerDerivation,
    Loss,
    Name,
    Pair,
    Parameter,
    Selection,
    Step,
    Subject,
    Verdict,
)
from derive.rules.indexed import readable as readable_indices
from derive.rules.layers import base_of
from derive.rules.vectors import VectorForm, component

# Heads for which SymPy has a function that is shorter than the meaning.
SHORTER: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "tanh": sp.tanh,
    "sech2": lambda w: sp.sech(w) ** 2,
    "log_cosh": lambda w: sp.log(sp.cosh(w)),
}


def text_of(expr: sp.Expr | VectorForm) -> str:
    """SymPy text of an expression, in SymPy's own functions, its factors and terms as they stand.

    Of vectors it is that of their component; a letter with a mark, such as k*, is spelled as a name.
    """
    if isinstance(expr, VectorForm):
        expr = readable_indices(component(expr))
    marked = {s: sp.Symbol(_spelled(s.name)) for s in expr.atoms(sp.Symbol) if s.name != _spelled(s.name)}
    expr = expr.xreplace(marked)
    heads = {head for head in expr.atoms(HeadFunction) if head.func.__name__ in SHORTER}
    if heads:
        expr = expr.xreplace({head: SHORTER[head.func.__name__](*head.args) for head in heads})
    return str(plain(expr))


def _spelled(name: str) -> str:
    return name.replace("*", "_star").replace("'", "_prime")


def texts_of(found: Any) -> Any:
    """The text of an expression; of several, for several vectors, a list of them."""
    return [texts_of(part) for part in found] if isinstance(found, tuple) else text_of(found)


def derivation(derived: Derivation) -> dict[str, Any]:
    """What `derive show --json` prints."""
    vector = derived.subject.kind == VECTOR
    return {
        "pair": derived.subject.name,
        **named(derived.subject),
        "gradient": texts_of(derived.gradient),
        "hessian": texts_of(derived.hessian),
        **(_letters(derived.subject) if vector else {}),
        "steps": [step(row) | (_size(row) if vector else {}) for row in derived.steps],
        "conventions": list(derived.conventions),
        "assumptions": list(derived.assumptions),
        "inferred": list(inferred(derived.subject)),
        "warning": derived.subject.warning if isinstance(derived.subject, Pair) else "",
        "condition": condition_said(derived.subject),
        "accuracy": [accuracy(row) for row in derived.subject.accuracy],
    }


def layer_derivation(derived: LayerDerivation) -> dict[str, Any]:
    """What `derive show --json` prints of a layer."""
    moving = derived.subject.moving
    return {
        **layer(derived.subject),
        "gradient": {str(base_of(a.at)): text_of(e) for a, e in zip(moving, derived.gradient, strict=True)},
        "steps": [step(row) for row in derived.steps],
        "conventions": list(derived.conventions),
    }


def layer(row: Layer) -> dict[str, Any]:
    """A layer of the catalogue."""
    return {
        "layer": row.name,
        "title": row.title,
        "aliases": list(row.aliases),
        "kind": row.kind,
        "inputs": [_array(a) for a in row.inputs],
        "weights": [_array(a) for a in row.weights],
        "constants": [_array(a) for a in row.constants],
        "output": str(row.output.at),
        "parameters": [parameter(p) for p in row.parameters],
        "text": "; ".join(f"{readable(v.at)} = {readable(v.meaning)}" for v in row.variables),
        "source": row.source,
    }


def _array(array: Array) -> dict[str, str]:
    return {"entry": str(array.at), "says": array.says}


def accuracy(row: Accuracy) -> dict[str, Any]:
    """What was measured of a quantity of a user's function; null where a value is wrong in kind."""
    return {
        "quantity": row.quantity,
        "ulp": row.ulp if math.isfinite(row.ulp) else None,
        "lost": [list(stretch) for stretch in row.lost],
        "targets": list(row.targets),
        "at": dict(row.at),
    }


def named(subject: Subject) -> dict[str, str | None]:
    """The names of the entries of a subject."""
    if isinstance(subject, Pair):
        return {"activation": subject.activation.name, "loss": subject.loss.name}
    alone = isinstance(subject, Activation)
    return {"activation": subject.name if alone else None, "loss": None if alone else subject.name}


def _letters(subject: Subject) -> dict[str, Any]:
    """What the letters of a vector subject mean; a vector by its component j."""
    found = letters(subject)
    spelled = [(str(m.base.label), m.component, m.says) for m in found.letters]
    return {
        "letters": [{"letter": n, "component": text_of(c), "says": s} for n, c, s in spelled],
        "names": [name(row) for row in found.names],
        "selections": [selection(row) for row in found.selections],
    }


def _size(row: Step) -> dict[str, str]:
    """For which sizes the step is proved."""
    if not row.proof.proved:
        return {}
    return {"for": "K = 2" if row.quantity.name.endswith("K = 2") else "every K"}


def name(row: Name) -> dict[str, str | None]:
    """A scalar with a letter of its own, and the equation that determines it where there is one."""
    relation = None if row.relation is None else f"{text_of(row.relation)} = 0"
    return {
        "letter": str(row.symbol),
        "meaning": text_of(row.meaning),
        "relation": relation,
        "says": row.says,
    }


def selection(row: Selection) -> dict[str, str]:
    """What is locally constant, by which rule, and what holds at a tie."""
    letter = row.symbol.label if isinstance(row.symbol, sp.IndexedBase) else row.symbol
    texts = {"letter": _spelled(str(letter)), "rule": row.rule, "of": text_of(row.of)}
    return texts | {"says": row.says, "ties": row.ties}


def _vectors(row: Activation | Loss) -> dict[str, Any]:
    """What only rows over vectors have."""
    return {
        "inputs": [{"letter": str(i.base.label), "says": i.says} for i in row.inputs],
        "names": [name(n) for n in row.names],
        "selections": [selection(s) for s in row.selections],
    }


def step(row: Step) -> dict[str, Any]:
    """A step: `quantity` = `expr`, by `rule`, with its sentence, its LaTeX and how it is known.

    An inequality or a limit has its `relation` in place of the sign of equality.
    """
    return {
        "quantity": row.quantity.text,
        **({} if row.relation == "=" else {"relation": row.relation}),
        "rule": row.rule,
        "says": row.says,
        "expr": text_of(row.expr),
        "latex": f"{relating(row)} {row.shown or latex_of(row.expr)}",
        "proof": str(row.proof),
    }


def activation(row: Activation) -> dict[str, Any]:
    """A row of `derive list activations`."""
    return {
        "activation": row.name,
        "title": row.title,
        "aliases": list(row.aliases),
        "formula": text_of(row.expr),
        "text": readable(row.expr),
        "domain": str(row.domain),
        "range": output(row),
        "parameters": [parameter(p) for p in row.parameters],
        "kinks": [f"z = {place}" for place in boundaries(row.expr, row.parameters)],
        "kind": row.kind,
        **(_vectors(row) if row.kind == VECTOR else {}),
        "source": row.source,
    }


def loss(row: Loss) -> dict[str, Any]:
    """A row of `derive list losses`."""
    return {
        "loss": row.name,
        "title": row.title,
        "aliases": list(row.aliases),
        "formula": text_of(row.expr),
        "text": readable(row.expr),
        "prediction": str(row.prediction),
        "target": str(row.target),
        "reads": row.reads,
        "hard": list(row.hard),
        "parameters": [parameter(p) for p in row.parameters],
        "kinks": [f"{kink} = 0" for kink in row.kinks],
        "kind": row.kind,
        **(_vectors(row) if row.kind == VECTOR else {}),
        "source": row.source,
    }


def pair(row: Pair, reference: bool) -> dict[str, Any]:
    """A row of `derive list pairs`."""
    names = {"activation": row.activation.name, "loss": row.loss.name, "kind": row.kind}
    said = {"warning": row.warning, "condition": condition_said(row)}
    return {
        **names,
        "canonical": (row.activation.name, row.loss.name) in CANONICAL,
        "reference": reference,
    } | said


def parameter(row: Parameter) -> dict[str, str]:
    """A parameter with its default and its domain."""
    symbol = row.symbol.label if isinstance(row.symbol, sp.IndexedBase) else row.symbol
    letter = row.name if str(symbol) == row.name else readable(symbol)
    return {"name": row.name, "letter": letter, "default": str(row.default), "domain": str(row.domain)}


def verdict(row: Verdict) -> dict[str, Any]:
    """A row of `derive check --json`; JSON has no infinity and no NaN, they are null."""
    return {
        "pair": row.pair,
        "check": row.check,
        "passed": row.passed,
        "worst": float(row.worst) if math.isfinite(row.worst) else None,
        "limit": float(row.limit) if math.isfinite(row.limit) else None,
        "where": row.where,
    }
