"""What a step of a layer says: the slopes that it puts in, short expressions in Unicode."""

from typing import Final

import sympy as sp
from sympy import Expr, KroneckerDelta

from derive.derivation.layers import quantities as q
from derive.derivation.layers.forms import factored
from derive.derivation.layers.sweep import Derivative, Link
from derive.heads import sigmoid
from derive.rules.indexed import substitute

POWERS: Final = {2: "²", 3: "³"}
SLOPES: Final = "the slopes put in"
FRONT: Final = "what is common in front"


def slopes(derivative: Derivative) -> str:
    """The slopes that are put in, each by its link; short ones only."""
    found = [_slope(link, derivative) for link in derivative.links]
    return SLOPES if None in found else "with " + " and ".join(map(str, found))


def _slope(link: Link, derivative: Derivative) -> str | None:
    right = said(tidied(link.rate))
    return right and f"∂{q.text(link.at)}/∂{q.text(derivative.of)} = {right}"


def collected(derivative: Derivative, before: str) -> str:
    """What is done to a derivative on top of `before`: what is common in front, σ(−a) as 1 − σ(a)."""
    found = [before] if before else []
    found += [_complement(head) for head in derivative.expr.atoms(sigmoid) if _is_negative(head.args[0])]
    found += ["and " * bool(found) + FRONT] if is_factored(derivative.expr) else []
    return ", ".join(found)


def _complement(head: Expr) -> str:
    of = said(-head.args[0])
    return f"with σ(−{of}) = 1 − σ({of})"


def is_factored(expr: Expr) -> bool:
    """Whether something stands in front of a sum of terms."""
    return any(factor.is_Add for factor in sp.Mul.make_args(expr)) and not expr.is_Add


def tidied(rate: Expr) -> Expr:
    """A slope δ_jr p_ij − p_ij p_ir as p_ir (δ_jr − p_ij)."""
    joints = rate.atoms(KroneckerDelta) if rate.is_Add else set()
    if len(joints) != 1:
        return rate
    (joint,) = joints
    old, new = joint.args[:2]
    terms = [substitute(t / joint, old, new) * joint if t.has(joint) else t for t in rate.args]
    return factored(sp.Add(*terms))


def said(expr: Expr) -> str | None:
    """A short expression in Unicode, p_ir(δ_jr − p_ij) or −r_n³/2; None for one with sums or functions."""
    if isinstance(expr, sp.Indexed) or expr.is_Symbol:
        return q.text(expr)
    if isinstance(expr, KroneckerDelta):
        return f"δ_{''.join(map(q.spoken, expr.args[:2]))}"
    if isinstance(expr, sigmoid):
        return (inner := said(expr.args[0])) and f"σ({inner})"
    if expr.is_Rational:
        return str(expr).replace("-", "−")
    if expr.is_Pow and expr.exp in POWERS:
        return _power(expr)
    if expr.is_Add:
        terms = [said(t) for t in sorted(expr.args, key=_is_negative)]
        return None if None in terms else " + ".join(map(str, terms)).replace("+ −", "− ")
    return _product(expr) if expr.is_Mul or expr.is_Pow else None


def _is_negative(term: Expr) -> bool:
    return term.could_extract_minus_sign() and not term.is_Add


def _power(expr: Expr) -> str | None:
    inner = said(expr.base)
    return inner and (f"({inner})" if "⁾" in inner or expr.base.is_Add else inner) + POWERS[expr.exp]


def _product(expr: Expr) -> str | None:
    """A product, its sign in front and what it is divided by behind a slash."""
    if _is_negative(expr):
        inner = said(-expr)
        return inner and f"−{inner}"
    above, below = sp.fraction(expr)
    if below == 1:
        return _beside(above)
    root = below.is_Pow and below.exp == sp.S.Half and below.base.is_Symbol
    top, bottom = said(above), f"sqrt({q.text(below.base)})" if root else said(below)
    return top and bottom and f"{top}/{f'({bottom})' if below.is_Add or below.is_Mul else bottom}"


def _beside(product: Expr) -> str | None:
    """Factors side by side, sums in brackets last."""
    if not product.is_Mul:
        return None
    sums = [f for f in product.args if f.is_Add]
    texts = [said(f) for f in product.args if f not in sums]
    inner = [said(f) for f in sums]
    if None in texts or None in inner:
        return None
    return " ".join(map(str, texts)) + "".join(f"({t})" for t in inner)
