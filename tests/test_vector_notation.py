"""Vector notation says the same as the index notation it is made from, and reads as in a textbook."""

import pytest
import sympy as sp
from sympy import log

from derive.model import AS, CS, HS, I_, LARGEST, PS, SS, TS, XS, YS, ZS, D, J, K, M, N
from derive.proof.indexed import vanishes
from derive.rules.indexed import delta, over
from derive.rules.vector_algebra import applied, diagonal, outer, total, transposed, unit
from derive.rules.vectors import VectorForm, component, in_vectors

NORM, GAMMA = sp.Symbol("n", positive=True), sp.Symbol("gamma", positive=True)
RESIDUAL = PS - YS
E = unit(LARGEST) - YS

# Index notation, and what a textbook writes for it.
FORMS = (
    (PS[J] - YS[J], RESIDUAL),
    (PS[J] * over(YS[N]) - YS[J], total(YS) * PS - YS),
    (PS[J] * over(CS[N] * YS[N]) - CS[J] * YS[J], total(CS * YS) * PS - CS * YS),
    (PS[I_] * (delta(I_, J) - PS[J]), diagonal(PS) - outer(PS, PS)),
    (
        PS[J] * (PS[J] - YS[J] + over(PS[N] * YS[N]) - over(PS[N] ** 2)),
        PS * RESIDUAL - total(PS * RESIDUAL) * PS,
    ),
    ((delta(N, J) - AS[N] * AS[J]) / NORM, (diagonal(1) - outer(AS, AS)) / NORM),
    (SS[J] * (delta(N, J) - SS[N] / over(SS[M], M)), diagonal(SS) - outer(SS, SS) / total(SS)),
    ((delta(LARGEST, I_) - YS[I_]) * (delta(LARGEST, J) - YS[J]), outer(E, E)),
    ((PS[J] - YS[J]) * XS[D], outer(RESIDUAL, XS)),
    (-CS[J] * YS[J] * (1 - PS[J]) ** GAMMA / PS[J], -CS * YS * (1 - PS) ** GAMMA / PS),
    (delta(I_, J) * (2 * PS[J] - YS[J]) * PS[I_], diagonal(PS * (2 * PS - YS))),
    (PS[I_] * PS[J] * (PS[I_] + PS[J] - YS[I_] - YS[J]), outer(PS * RESIDUAL, PS) + outer(PS, PS * RESIDUAL)),
    (
        over(YS[N] * (1 - YS[J]) * HS[J, N]) - over(YS[J] * (1 - YS[N]) * HS[N, J]),
        (1 - YS) * applied(HS, YS) - YS * applied(transposed(HS), 1 - YS),
    ),
    (over(over(HS[M, N] * YS[N] * TS[M], M)), total(TS * applied(HS, YS))),
    (AS[LARGEST] - over(YS[N] * AS[N]), AS[LARGEST] - total(YS * AS)),
    (over(YS[N] * log(YS[N])) - over(YS[N] * AS[N]), -total(YS * (AS - log(YS)))),
    (1 - 2 * AS[J] / K, 1 - 2 * AS / K),
)
WITHOUT = (  # no vector notation
    1 / (AS[I_] - AS[J]),
    over(1 / (AS[J] - AS[N])),
    HS[J, J],
    PS[I_] * PS[J] * PS[N],
    sp.Piecewise((1, sp.Eq(J, 1)), (0, True)),
    AS[J] * J,
)


@pytest.mark.parametrize(("expr", "wanted"), FORMS, ids=[str(row[0]) for row in FORMS])
def test_written_as_in_a_textbook(expr, wanted):
    assert in_vectors(expr).expr == wanted


@pytest.mark.parametrize("expr", [row[0] for row in FORMS], ids=str)
def test_the_component_of_a_form_is_what_it_was_made_from(expr):
    assert vanishes(component(in_vectors(expr)) - expr)


@pytest.mark.parametrize("expr", WITHOUT, ids=str)
def test_what_has_no_vector_notation_has_no_form(expr):
    assert in_vectors(expr) is None


def test_indices_say_what_counts_rows_and_columns():
    assert in_vectors(PS[J] * YS[I_]).expr == outer(YS, PS)
    assert in_vectors(PS[J] * YS[I_], (J, I_)).expr == outer(PS, YS)
    assert in_vectors(sp.S.Zero, (I_, J)) == VectorForm(expr=sp.S.Zero, indices=(I_, J))
    assert in_vectors(PS[J], ()) is None


@pytest.mark.parametrize(
    ("form", "entry"),
    [
        (diagonal(1), delta(I_, J)),
        (outer(ZS, unit(LARGEST)), ZS[I_] * delta(LARGEST, J)),
        (total(ZS) * outer(1, ZS), over(ZS[N]) * ZS[J]),
        (diagonal(applied(transposed(HS), ZS)), delta(I_, J) * over(HS[N, I_] * ZS[N])),
    ],
    ids=str,
)
def test_components_of_matrices(form, entry):
    assert vanishes(component(VectorForm(expr=form, indices=(I_, J))) - entry)
    wrong = VectorForm(expr=2 * form, indices=(I_, J))
    assert not vanishes(component(wrong) - entry)
