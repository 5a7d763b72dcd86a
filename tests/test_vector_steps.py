"""Wrong steps, planted one by one, are refused: a proof for every K does not take them."""

import pytest
from sympy import Eq, Piecewise, Symbol

from derive.catalogue import subject
from derive.derivation.vectors import letters, step, work
from derive.derivation.vectors.letters import GS
from derive.heads import sigmoid
from derive.model import AS, I_, PS, SS, US, VS, YS, ZS, J, K, N, Quantity, Unproved
from derive.rules.indexed import delta, over
from derive.rules.vectors import in_vectors

PAIR = ("softmax", "cross_entropy")
p, y, a, s = (base[J] for base in (PS, YS, AS, SS))
each = delta(N, J)
LENGTH = Symbol("n", positive=True)


def _about(names, expr, *wrt):
    found = work(subject(*names))
    return found.about(Quantity(name="planted", latex="", text=""), found.slope(expr, *wrt))


GRADIENT = _about(PAIR, letters(subject(*PAIR)).loss, ZS[J])
WRONG = {
    "sign": y - p * over(YS[N]),
    "index": p * over(YS[N]) - YS[I_],
    "bound index": over(PS[N] * YS[N]) - y,
    "assumption not handed in": p - y,
    "lost factor": p - y * over(YS[N]),
    "one K too many": K * p - y,
}


@pytest.mark.parametrize("expr", WRONG.values(), ids=WRONG)
def test_a_wrong_step_is_refused(expr):
    with pytest.raises(Unproved, match="no proof"):
        step(GRADIENT, "planted", "wrong", expr)


@pytest.mark.parametrize("name", WRONG)
def test_the_assumption_refuses_it_too(name):
    """But for what Σ y = 1 makes true."""
    if name in ("assumption not handed in", "lost factor"):
        assert step(GRADIENT, "planted", "true", WRONG[name], assuming=True).proof.proved
    else:
        with pytest.raises(Unproved):
            step(GRADIENT, "planted", "wrong", WRONG[name], assuming=True)


PLANTED = {
    "support without its count": (("sparsemax",), PS[N], ZS[J], SS[N] * (each - s)),
    "root without its sum": (("entmax15",), PS[N], ZS[J], GS[N] * (each - GS[J])),
    "length squared": (("l2_normalize",), AS[N], ZS[J], (each - a * AS[N]) / LENGTH**2),
    "gate without its slope": (("glu",), AS[N], VS[J], US[N] * sigmoid(VS[N]) * each),
    "missing delta": (("bilinear_glu",), AS[N], US[J], VS[N]),
    "another index": (("log_softmax",), letters(subject("log_softmax")).output[N], ZS[J], each - PS[N]),
    "largest for every index": (
        ("crammer_singer",),
        letters(subject("crammer_singer")).loss,
        AS[J],
        1 - y,
    ),
}


@pytest.mark.parametrize("names, expr, wrt, wrong", PLANTED.values(), ids=PLANTED)
def test_a_wrong_slope_of_an_entry_is_refused(names, expr, wrt, wrong):
    with pytest.raises(Unproved):
        step(_about(names, expr, wrt), "planted", "wrong", wrong)


@pytest.mark.parametrize(
    "cases",
    [
        Piecewise((p * (1 - p), Eq(N, J)), (p * PS[N], True)),
        Piecewise((p * (1 + p), Eq(N, J)), (-p * PS[N], True)),
        Piecewise((-p * PS[N], Eq(N, J)), (p * (1 - p), True)),
    ],
)
def test_wrong_cases_are_refused(cases):
    with pytest.raises(Unproved):
        step(_about(("softmax",), PS[N], ZS[J]), "planted", "wrong", cases)


@pytest.mark.parametrize("wrong", [p + y, 2 * p - y, p * y])
def test_a_wrong_vector_is_refused(wrong):
    with pytest.raises(Unproved):
        step(GRADIENT, "planted", "wrong", in_vectors(wrong, (J,)), assuming=True)
