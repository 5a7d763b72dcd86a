"""The conventions of a subject at its kinks, in words, with the one-sided values they choose from."""

import sympy as sp

from derive.derivation.kinks import Kink, slope
from derive.heads import plain
from derive.model import A, Activation, Finite, Loss, Pair, Subject, Y
from derive.rules.stable import recognise

DIRAC = "where a first derivative jumps, the Dirac part of the second derivative is dropped"
_NEAR = sp.Rational(1, 10**6)
_JUMP = sp.Rational(1, 100)  # far above what a continuous derivative changes by across 2·_NEAR


def conventions(subject: Subject) -> tuple[str, ...]:
    """One sentence a kink; none where the subject is smooth."""
    if isinstance(subject, Pair):
        lines = (*_of_activation(subject.activation), *_of_loss(subject.loss))
    else:
        lines = _of_activation(subject) if isinstance(subject, Activation) else _of_loss(subject)
    jumps = any("slope" in line for line in lines)
    return (*lines, DIRAC) if jumps else lines


def _of_activation(act: Activation) -> tuple[str, ...]:
    jumps, *kinks = (slope(act.expr, n, act.parameters, act.domain, act.at_kinks)[1] for n in range(3))
    places = {jump.at for jump in jumps}
    return (
        *(_jump(k, act.name) for k in jumps),
        *(
            (
                _other(k, act.name)
                if k.order == 1 and k.at in dict(act.at_kinks)
                else _sentence(f"z = {k.at}", k.order, act.name, k.value, k.left, k.right)
            )
            for found in kinks
            for k in found
            if k.at not in places
        ),
    )


def _other(kink: Kink, name: str) -> str:
    """What is said where a library's convention is followed."""
    limits = f"its one-sided limits are {kink.left} and {kink.right}"
    return f"at z = {kink.at} the slope of {name} is {kink.value}, as that library has it: {limits}"


def _jump(kink: Kink, name: str) -> str:
    """What is said where a function itself jumps."""
    what = f"at z = {kink.at} {name} jumps from {kink.left} to {kink.right} and has the value {kink.value}"
    return f"{what}: its slopes there are those of the piece that has it, the Dirac part is dropped"


def _of_loss(los: Loss) -> tuple[str, ...]:
    """Values at the kinks, taken with the default parameters at one target."""
    target = 1 if isinstance(los.target, Finite) or 0 not in los.hard else 0
    values = {**{p.symbol: p.default for p in los.parameters}, Y: sp.Integer(target)}
    lines = []
    for kink in los.kinks:
        at = sp.solve(kink.subs(values), A)[0]
        where = f"{sp.sstr(kink, order='none')} = 0"
        for order in (1, 2):
            derivative = recognise(los.expr).diff(A, order).subs(values)
            left, value, right = (plain(derivative.subs(A, at + d)) for d in (-_NEAR, 0, _NEAR))
            if abs(left - right) > _JUMP:
                lines.append(_sentence(where, order, los.name, value, left, right))
    return tuple(lines)


def _sentence(where: str, order: int, name: str, value, left, right) -> str:
    named = {1: "slope", 2: "second derivative"}[order]
    opposite = order == 1 and (left * right).is_negative
    why = (
        "its one-sided limits have opposite signs" if opposite else "its one-sided limit of smaller magnitude"
    )
    if order == 2 and value == 0 and left == -right:
        why = "its one-sided limits are opposite"
    return f"at {where} the {named} of {name} is {value}: {why}"
