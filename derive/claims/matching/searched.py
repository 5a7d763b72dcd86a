"""Antiderivatives that SymPy finds, asked of a process of its own that can be stopped; each is proved.

SymPy's integration may run for ever, and its answers may jump or leave the real line: what it says is taken
only where its derivative is proved to be the integrand and all it is made of is continuous on the piece.
"""

import os
import pickle
import subprocess
import sys

import sympy as sp

from derive.claims.matching.antiderivative import Antiderivative, combined
from derive.expression import Need
from derive.heads import plain
from derive.model import Set, Z
from derive.own.domains import met
from derive.proof.pieces import Piece, pieces

SECONDS = 10.0  # for all pieces together
WORKER = "from derive.claims.matching.searched import work; work()"
# What is continuous on the whole line, where its arguments are; E^x is a power in SymPy.
CONTINUOUS = (sp.exp, sp.erf, sp.atan, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sp.log)


def searched(f: sp.Expr, domain: Set, seconds: float = SECONDS) -> Antiderivative | None:
    """An antiderivative that SymPy finds in that time, proved piece by piece; None otherwise."""
    try:
        cut = pieces(plain(f), domain)
    except TypeError:
        return None
    found = _asked([piece.expr for piece in cut], seconds)
    if found is None or not all(_continuous(big, piece) for piece, big in zip(cut, found, strict=True)):
        return None
    return combined(list(zip(cut, found, strict=True)))


def _asked(exprs: list[sp.Expr], seconds: float) -> list[sp.Expr] | None:
    """What the other process answers, if it does in time."""
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-c", WORKER],
            input=pickle.dumps(exprs),
            capture_output=True,
            timeout=seconds,
            env=known,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return pickle.loads(done.stdout)  # written by this very module


def work() -> None:
    """Read expressions from standard input and write their antiderivatives, or None, to standard output."""
    exprs = pickle.load(sys.stdin.buffer)
    found = [_integral(expr) for expr in exprs]
    pickle.dump(None if None in found else found, sys.stdout.buffer)


def _integral(expr: sp.Expr) -> sp.Expr | None:
    """The antiderivative as SymPy gives it, by hand's methods first."""
    from sympy.integrals.manualintegrate import manualintegrate

    for method in (manualintegrate, sp.integrate):
        made = method(expr, Z)
        if not made.has(sp.Integral, sp.I):
            return made
    return None


def _continuous(big: sp.Expr, piece: Piece) -> bool:
    """Whether all functions and powers in it are continuous where their arguments go."""
    if big.has(sp.Piecewise, sp.nan, sp.zoo, sp.oo):
        return False
    if not all(isinstance(e, CONTINUOUS) for e in big.atoms(sp.Function)):
        return False
    needs = [Need(kind="positive", expr=e.args[0], says=str(e)) for e in big.atoms(sp.log)]
    for power in big.atoms(sp.Pow):
        if not power.exp.is_Rational and power.base is not sp.E:
            needs.append(Need(kind="positive", expr=power.base, says=str(power)))
        elif not power.exp.is_Integer or power.exp < 0:
            whole = power.exp.is_Integer
            needs.append(Need(kind="nonzero" if whole else "positive", expr=power.base, says=str(power)))
    return all(met(need, {Z: piece.domain}) for need in needs if need.expr.has(Z))
