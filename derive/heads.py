"""Stable building blocks ("heads"): one row each, with meaning, slope, LaTeX and NumPy spelling.

A head is a SymPy function whose slope is again made of heads, so that whatever is differentiated
stays stable. `anchors` say where a head is better written as its limit plus a small rest:
σ(w) = 1 − σ(−w) for w > 0. `root` names the helper whose square is the head: where a head decays,
x·root·root keeps digits that x·head loses when the head is subnormal. `scaled` spells the head and its
root of a product of a parameter and z, `polynomial` those of a polynomial in z,
`between` the head of a difference z − y: where a head falls like
e^(−|w|), half an ulp of w is many ulp of the head, so the rounding of w is made good.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, exp, log, pi, sqrt

One = Callable[[Expr], Expr]


@dataclass(frozen=True, kw_only=True)
class Head:
    """One stable block; `meaning` is its definition in SymPy's own functions.

    `latex` is its name, or, where it has none, the expression that readers see in its place.
    """

    name: str
    meaning: One
    slope: One
    latex: str | One
    numpy: str
    anchors: tuple[tuple[Callable[[Expr], sp.Basic], Expr, One], ...] = ()
    root: str = ""
    scaled: tuple[str, str] = ("", "")
    polynomial: tuple[str, str] = ("", "")
    between: str = ""
    bounded: bool = False


class HeadFunction(sp.Function):
    """A head applied to an argument; it evaluates by itself only at 0."""

    nargs = 1
    _row: Head

    @classmethod
    def eval(cls, w):
        return cls._row.meaning(w) if w.is_zero else None

    def fdiff(self, argindex=1):
        return self._row.slope(self.args[0])

    def _eval_is_extended_real(self):
        return self.args[0].is_extended_real


def _function(name: str) -> type[HeadFunction]:
    return type(name, (HeadFunction,), {})


sigmoid = _function("sigmoid")
logistic = _function("logistic")
softplus = _function("softplus")
log_softplus = _function("log_softplus")
softplus_score = _function("softplus_score")
softplus_lag = _function("softplus_lag")
tanh = _function("tanh")
sech2 = _function("sech2")
log_cosh = _function("log_cosh")
expm1 = _function("expm1")
ndtr = _function("ndtr")
npdf = _function("npdf")
step = _function("step")
ramp = _function("ramp")
lean = _function("lean")
log1p = _function("log1p")
sgn = _function("sgn")
absolute = _function("absolute")

_HALF = sp.Rational(1, 2)
_SMALL = sp.Rational(7, 10)  # just beyond log 2, where e^w has fallen to a half

HEADS: tuple[Head, ...] = (
    Head(
        name="sigmoid",
        meaning=lambda w: 1 / (1 + exp(-w)),
        slope=lambda w: logistic(w),
        latex=r"\sigma",
        numpy="_sigmoid({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -sigmoid(-w)),),
        root="_root_sigmoid({0})",
        scaled=("_scaled_sigmoid({0}, {1})", "_scaled_root_sigmoid({0}, {1})"),
        polynomial=("_sigmoid_of({0})", "_root_sigmoid_of({0})"),
        between="_sigmoid_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="logistic",
        meaning=lambda w: exp(-w) / (1 + exp(-w)) ** 2,
        slope=lambda w: -tanh(w / 2) * logistic(w),
        latex=lambda w: sigmoid(w) * sigmoid(-w),
        numpy="_logistic({0})",
        root="_root_logistic({0})",
        scaled=("_scaled_logistic({0}, {1})", "_scaled_root_logistic({0}, {1})"),
        polynomial=("_logistic_of({0})", "_root_logistic_of({0})"),
        between="_logistic_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="softplus",
        meaning=lambda w: log(1 + exp(w)),
        slope=lambda w: sigmoid(w),
        latex=r"\mathrm{softplus}",
        numpy="_softplus({0})",
        between="_softplus_between({0}, {1})",
    ),
    Head(
        name="log_softplus",
        meaning=lambda w: log(log(1 + exp(w))),
        slope=lambda w: softplus_score(w),
        latex=lambda w: log(softplus(w)),
        numpy="_log_softplus({0})",
    ),
    Head(
        name="softplus_score",
        meaning=lambda w: 1 / ((1 + exp(-w)) * log(1 + exp(w))),
        slope=lambda w: -softplus_score(w) * sigmoid(w) * softplus_lag(w),
        latex=lambda w: sigmoid(w) / softplus(w),
        numpy="_softplus_score({0})",
        bounded=True,
    ),
    Head(
        name="softplus_lag",
        meaning=lambda w: 1 / log(1 + exp(w)) - exp(-w),
        slope=lambda w: exp(-w) - softplus_score(w) / softplus(w),
        latex=lambda w: 1 / softplus(w) - exp(-w),
        numpy="_softplus_lag({0})",
        bounded=True,
    ),
    Head(
        name="tanh",
        meaning=lambda w: (exp(w) - exp(-w)) / (exp(w) + exp(-w)),
        slope=lambda w: sech2(w),
        latex=r"\tanh",
        numpy="np.tanh({0})",
        anchors=(
            (lambda w: w > _HALF, sp.S.One, lambda w: -2 * sigmoid(-2 * w)),
            (lambda w: w < -_HALF, sp.S.NegativeOne, lambda w: 2 * sigmoid(2 * w)),
        ),
        bounded=True,
    ),
    Head(
        name="sech2",
        meaning=lambda w: 4 / (exp(w) + exp(-w)) ** 2,
        slope=lambda w: -2 * tanh(w) * sech2(w),
        latex=lambda w: sp.sech(w) ** 2,
        numpy="_sech2({0})",
        root="_sech({0})",
        between="_sech2_between({0}, {1})",
        bounded=True,
    ),
    Head(
        name="log_cosh",
        meaning=lambda w: log((exp(w) + exp(-w)) / 2),
        slope=lambda w: tanh(w),
        latex=lambda w: log(sp.cosh(w)),
        numpy="_log_cosh({0})",
    ),
    Head(
        name="expm1",
        meaning=lambda w: exp(w) - 1,
        slope=lambda w: exp(w),
        latex=lambda w: exp(w) - 1,
        numpy="np.expm1({0})",
        anchors=((lambda w: w < -_SMALL, sp.S.NegativeOne, lambda w: exp(w)),),
    ),
    Head(
        name="log1p",
        meaning=lambda w: log(1 + w),
        slope=lambda w: 1 / (1 + w),
        latex=r"\log(1 + {0})",
        numpy="np.log1p({0})",
    ),
    Head(
        name="ndtr",
        meaning=lambda w: (1 + sp.erf(w / sqrt(2))) / 2,
        slope=lambda w: npdf(w),
        latex=r"\Phi",
        numpy="_ndtr({0})",
        anchors=((lambda w: w > 0, sp.S.One, lambda w: -ndtr(-w)),),
        root="_root_ndtr({0})",
        bounded=True,
    ),
    Head(
        name="npdf",
        meaning=lambda w: exp(-(w**2) / 2) / sqrt(2 * pi),
        slope=lambda w: -w * npdf(w),
        latex=r"\varphi",
        numpy="_npdf({0})",
        root="_root_npdf({0})",
        bounded=True,
    ),
    Head(
        name="step",
        meaning=lambda w: (1 + sp.sign(w)) / 2,  # at 0 either value will do: what follows takes both sides
        slope=lambda w: sp.S.Zero,
        latex=lambda w: (1 + sgn(w)) / 2,
        numpy="_step({0})",
        bounded=True,
    ),
    Head(
        name="ramp",
        meaning=lambda w: (w + sp.Abs(w)) / 2,
        slope=lambda w: step(w),
        latex=lambda w: (w + absolute(w)) / 2,
        numpy="np.maximum({0}, 0.0)",
    ),
    Head(
        name="lean",
        meaning=lambda w: (plain(step(w)) - plain(ndtr(w))) / plain(npdf(w)),
        slope=lambda w: w * lean(w) - 1,
        latex=lambda w: (step(w) - ndtr(w)) / npdf(w),
        numpy="_lean({0})",
        bounded=True,
    ),
    Head(
        name="sgn",
        meaning=lambda w: sp.sign(w),
        slope=lambda w: sp.S.Zero,  # the Dirac part at 0 is dropped, by convention
        latex=r"\mathrm{sgn}",
        numpy="np.sign({0})",
        bounded=True,
    ),
    Head(
        name="absolute",
        meaning=lambda w: sp.Abs(w),
        slope=lambda w: sgn(w),
        latex=sp.Abs,
        numpy="np.abs({0})",
    ),
)

for _row in HEADS:
    globals()[_row.name]._row = _row


# exp is SymPy's own; this row says how it behaves among the heads.
EXP = Head(
    name="exp",
    meaning=exp,
    slope=exp,
    latex=exp,
    numpy="np.exp({0})",
    anchors=((lambda w: sp.And(w > -_HALF, w < _HALF), sp.S.One, lambda w: expm1(w)),),
    root="np.exp({0} / 2)",
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


def plain(expr: sp.Expr) -> sp.Expr:
    """`expr` with every head written out in SymPy's own functions."""
    while found := expr.atoms(HeadFunction):
        expr = expr.xreplace({h: h._row.meaning(h.args[0]) for h in found})
    return expr
