"""The nouns as plain data, ready for JSON; expressions are text that SymPy reads back."""

import math
from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.derivation.kinks import boundaries
from derive.emit.printer import latex_of
from derive.emit.text import output, readable
from derive.heads import HeadFunction, plain
from derive.model import Activation, Derivation, Loss, Pair, Parameter, Step, Subject, Verdict

# Heads for which SymPy has a function that is shorter than the meaning.
SHORTER: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "tanh": sp.tanh,
    "sech2": lambda w: sp.sech(w) ** 2,
    "log_cosh": lambda w: sp.log(sp.cosh(w)),
}


def text_of(expr: sp.Expr) -> str:
    """SymPy text of an expression, in SymPy's own functions, its factors and terms as they stand."""
    heads = {head for head in expr.atoms(HeadFunction) if head.func.__name__ in SHORTER}
    if heads:
        expr = expr.xreplace({head: SHORTER[head.func.__name__](*head.args) for head in heads})
    return str(plain(expr))


def derivation(derived: Derivation) -> dict[str, Any]:
    """What `derive show --json` prints."""
    return {
        "pair": derived.subject.name,
        **_entries(derived.subject),
        "gradient": text_of(derived.gradient),
        "hessian": text_of(derived.hessian),
        "steps": [step(row) for row in derived.steps],
        "conventions": list(derived.conventions),
        "assumptions": list(derived.assumptions),
        "warning": derived.subject.warning if isinstance(derived.subject, Pair) else "",
    }


def _entries(subject: Subject) -> dict[str, str | None]:
    if isinstance(subject, Pair):
        return {"activation": subject.activation.name, "loss": subject.loss.name}
    alone = isinstance(subject, Activation)
    return {"activation": subject.name if alone else None, "loss": None if alone else subject.name}


def step(row: Step) -> dict[str, Any]:
    """A step: `quantity` = `expr`, by `rule`, with its sentence, its LaTeX and how it is known."""
    return {
        "quantity": row.quantity.text,
        "rule": row.rule,
        "says": row.says,
        "expr": text_of(row.expr),
        "latex": f"{row.quantity.latex} = {row.shown or latex_of(row.expr)}",
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
        "range": output(row),
        "parameters": [parameter(p) for p in row.parameters],
        "kinks": [f"z = {place}" for place in boundaries(row.expr)],
        "kind": row.kind,
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
        "source": row.source,
    }


def pair(row: Pair, reference: bool) -> dict[str, Any]:
    """A row of `derive list pairs`."""
    names = {"activation": row.activation.name, "loss": row.loss.name, "kind": row.kind}
    return {**names, "reference": reference, "warning": row.warning}


def parameter(row: Parameter) -> dict[str, str]:
    """A parameter with its default and its domain."""
    return {"name": row.name, "default": str(row.default), "domain": str(row.domain)}


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
