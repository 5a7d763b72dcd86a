"""Stable building blocks ("heads"): one row each, with meaning, slope, LaTeX and NumPy spelling.

A family of rows is a file; here they are brought together.
"""

import sympy as sp
from sympy import exp

from derive.heads import names
from derive.heads.algebraic import ALGEBRAIC
from derive.heads.cases import CASES
from derive.heads.cauchy import CAUCHY
from derive.heads.elementary import ELEMENTARY
from derive.heads.extreme import EXTREME
from derive.heads.head import Head, HeadFunction, plain
from derive.heads.logistic import LOGISTIC
from derive.heads.names import (
    absolute,
    arctan,
    arsinh,
    arsinh_slope,
    bose,
    bose_rest,
    bump,
    cauchy,
    cauchy_lag,
    cauchy_pull,
    cauchy_score,
    cosine,
    double_ramp,
    even_lag,
    expm1,
    gumbel,
    gumbel_bend,
    gumbel_density,
    gumbel_lag,
    gumbel_rest,
    gumbel_score,
    heavy,
    heavy_bend,
    heavy_score,
    hyperbola,
    hyperbola_slope,
    lag,
    lean,
    log1mexp,
    log1p,
    log_bose,
    log_cauchy,
    log_cosh,
    log_gumbel_rest,
    log_ndtr,
    log_raised_softsign,
    log_raised_tanh,
    log_softplus,
    logistic,
    lorentz,
    ndtr,
    ndtr_lag,
    ndtr_score,
    npdf,
    raised_hyperbola,
    ramp,
    rise,
    rise_slope,
    sech2,
    sgn,
    sigmoid,
    sine,
    softplus,
    softplus_lag,
    softplus_score,
    softsign,
    softsign_rest,
    squareplus,
    step,
    tanh,
    tanh_lag,
    tanh_shrink,
)
from derive.heads.normal import NORMAL
from derive.heads.robust import ROBUST
from derive.heads.waves import WAVES

__all__ = [
    "EXP",
    "HEADS",
    "Head",
    "HeadFunction",
    "absolute",
    "arctan",
    "arsinh",
    "arsinh_slope",
    "bose",
    "bose_rest",
    "bump",
    "cauchy",
    "cauchy_lag",
    "cauchy_pull",
    "cauchy_score",
    "cosine",
    "double_ramp",
    "even_lag",
    "expm1",
    "gumbel",
    "gumbel_bend",
    "gumbel_density",
    "gumbel_lag",
    "gumbel_rest",
    "gumbel_score",
    "head_row",
    "heavy",
    "heavy_bend",
    "heavy_score",
    "hyperbola",
    "hyperbola_slope",
    "lag",
    "lean",
    "log1mexp",
    "log1p",
    "log_bose",
    "log_cauchy",
    "log_cosh",
    "log_gumbel_rest",
    "log_ndtr",
    "log_raised_softsign",
    "log_raised_tanh",
    "log_softplus",
    "logistic",
    "lorentz",
    "ndtr",
    "ndtr_lag",
    "ndtr_score",
    "npdf",
    "plain",
    "raised",
    "raised_hyperbola",
    "ramp",
    "rise",
    "rise_slope",
    "row_of",
    "sech2",
    "sgn",
    "sigmoid",
    "sine",
    "softplus",
    "softplus_lag",
    "softplus_score",
    "softsign",
    "softsign_rest",
    "squareplus",
    "step",
    "tanh",
    "tanh_lag",
    "tanh_shrink",
]

_HALF = sp.Rational(1, 2)

HEADS: tuple[Head, ...] = (
    *LOGISTIC,
    *NORMAL,
    *EXTREME,
    *CAUCHY,
    *ELEMENTARY,
    *CASES,
    *ALGEBRAIC,
    *ROBUST,
    *WAVES,
)

for _row in HEADS:
    getattr(names, _row.name)._row = _row


# exp is SymPy's own; this row says how it behaves among the heads.
EXP = Head(
    name="exp",
    meaning=exp,
    slope=exp,
    latex=exp,
    numpy="np.exp({0})",
    polynomial=("_exp_of({0})", "_root_exp_of({0})"),
    anchors=((lambda w: sp.And(w > -_HALF, w < _HALF), sp.S.One, lambda w: expm1(w)),),
    root="np.exp({0} / 2)",
    scaled=("_scaled_exp({0}, {1})", "_scaled_root_exp({0}, {1})"),
    half=("_root_gumbel({0})", -1),
    power="_gumbel_power({0}, {1})",
    weighted="_weighted_exp({0}, {1})",
)


def row_of(expr: sp.Basic) -> Head | None:
    """The row of the outermost function of `expr`, or None where it is no head."""
    if isinstance(expr, HeadFunction):
        return expr._row
    return EXP if isinstance(expr, exp) else None


def head_row(head: sp.Basic) -> Head:
    """The row of a head; TypeError where it is none."""
    row = row_of(head)
    if row is None:
        raise TypeError(f"{head} is no stable block")
    return row


def raised(expr: sp.Basic) -> sp.Expr | None:
    """The logarithm log h of a power e^(c log h) that is spelled as one of √h; None where there is none."""
    if not isinstance(expr, exp):
        return None
    height = expr.args[0].as_coeff_Mul()[1]
    found = [f for f in sp.Mul.make_args(height) if (row := row_of(f)) and row.half[0]]
    return found[0] if len(found) == 1 else None
