"""Derivations for symbolic K: each step proved, each end the textbook's, and wrong steps refused."""

from dataclasses import replace

import pytest
import sympy as sp
from sympy import MatrixSymbol, Piecewise

from derive.accuracy.indexed import contradictions
from derive.catalogue import ACTIVATIONS, LOSSES, legal_pairs, subject
from derive.derivation.vector import ASSUMPTION, DISTRIBUTION, About, derive_vector, step
from derive.model import AS, I_, PS, VECTOR, XS, YS, ZS, D, J, K, N, Quantity, Unproved
from derive.proof.indexed import component, prove
from derive.rules.indexed import delta, over, slope, written_out

NAMES = (
    *(names for names in legal_pairs() if subject(*names).kind == VECTOR),
    *((row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR),
)
SIZES = (1, 2, 3, 7)
DERIVATIONS = {"+".join(names): derive_vector(subject(*names)) for names in NAMES}
PAIR = DERIVATIONS["softmax+cross_entropy"]
SOFTMAX = PAIR.subject.activation.expr

every = pytest.mark.parametrize("derivation", DERIVATIONS.values(), ids=DERIVATIONS)


def results(derivation, name):
    """The right sides that a reader finds boxed for a quantity."""
    return [s.expr for s in derivation.steps if s.quantity.name == name and s.result]


@every
def test_every_step_is_proved(derivation):
    methods = [s.proof.method for s in derivation.steps]
    assert methods == ["definition" if s.rule == "definition" else "normal form" for s in derivation.steps]
    assert "normal form" in methods


@every
@pytest.mark.parametrize("classes", SIZES)
def test_every_step_holds_in_numbers(derivation, classes):
    claims = {(s.quantity.name, component(s.expr)) for s in derivation.steps}
    wrong = [contradictions(derivation.subject, *claim, classes) for claim in claims]
    assert [place for places in wrong for place in places] == []


def test_pair_ends_in_the_textbook_forms():
    mass = over(YS[N])
    assert results(PAIR, "dL/dz") == [PS[J] - YS[J]]
    assert results(PAIR, "d2L/dz2") == [PS[I_] * (delta(I_, J) - PS[J])]
    assert PAIR.hessian == PS[I_] * (delta(I_, J) - PS[J]) * mass
    assert results(PAIR, "dp/dz") == [PS[N] * (delta(N, J) - PS[J])]
    assert results(PAIR, "dL/dw") == [(PS[J] * mass - YS[J]) * XS[D]]
    assert PAIR.gradient == PS[J] * mass - YS[J] and PAIR.assumptions == (ASSUMPTION,)
    p, y = (MatrixSymbol(name, K, 1) for name in "py")
    assert results(PAIR, "dL/dz vector") == [p - y]
    assert results(PAIR, "d2L/dz2 matrix") == [sp.DiagMatrix(p) - p * p.T]


def test_two_cases_come_before_the_delta():
    forms = [s.expr for s in PAIR.steps if s.quantity.name == "dp/dz"]
    cases = [e for e in forms if isinstance(e, Piecewise)]
    assert cases and forms.index(cases[-1]) < forms.index(results(PAIR, "dp/dz")[0])
    (same, _), (other, _) = cases[-1].args
    assert same == PS[J] * (1 - PS[J]) and other == -PS[J] * PS[N]


def test_the_assumption_is_named_where_it_is_used():
    used = [s for s in PAIR.steps if ASSUMPTION in s.says]
    assert PS[J] - YS[J] in [s.expr for s in used]
    for s in used:
        if not isinstance(s.expr, sp.MatrixExpr):
            assert s.rule == "targets sum to one"


GRADIENT = About(
    quantity=Quantity(name="dL/dz", latex="", text="∂L/∂z_j"),
    means=slope(written_out(PAIR.subject.loss.expr.xreplace({AS: PS}), PS, SOFTMAX), ZS[J]),
    definitions={PS: SOFTMAX},
)
WRONG = {
    "sign": YS[J] - PS[J] * over(YS[N]),
    "index": PS[J] * over(YS[N]) - YS[I_],
    "bound index": over(PS[N] * YS[N]) - YS[J],
    "assumption not handed in": PS[J] - YS[J],
    "lost factor": PS[J] - YS[J] * over(YS[N]),
    "one K too many": K * PS[J] - YS[J],
}


@pytest.mark.parametrize("expr", WRONG.values(), ids=WRONG)
def test_a_wrong_step_is_refused(expr):
    with pytest.raises(Unproved, match="no proof"):
        step(GRADIENT, "planted", "wrong", expr)


@pytest.mark.parametrize("name", WRONG)
def test_the_assumption_and_the_numbers_refuse_it_too(name):
    """But for what Σ y = 1 makes true: the numbers of the samples sum to one."""
    true = name in ("assumption not handed in", "lost factor")
    assert bool(contradictions(PAIR.subject, "dL/dz", WRONG[name], 3)) != true
    if true:
        assert step(GRADIENT, "planted", "true", WRONG[name], facts=DISTRIBUTION).proof.proved
    else:
        with pytest.raises(Unproved):
            step(GRADIENT, "planted", "wrong", WRONG[name], facts=DISTRIBUTION)


@pytest.mark.parametrize(
    "cases",
    [
        Piecewise((PS[J] * (1 - PS[J]), sp.Eq(N, J)), (PS[J] * PS[N], True)),
        Piecewise((PS[J] * (1 + PS[J]), sp.Eq(N, J)), (-PS[J] * PS[N], True)),
        Piecewise((-PS[J] * PS[N], sp.Eq(N, J)), (PS[J] * (1 - PS[J]), True)),
        Piecewise((PS[J] * (1 - PS[J]), sp.Ne(N, J)), (-PS[J] * PS[N], True)),
    ],
)
def test_wrong_cases_are_refused(cases):
    with pytest.raises(Unproved):
        prove(slope(SOFTMAX.xreplace({J: N}), ZS[J]), cases, definitions={PS: SOFTMAX})


def test_a_wrong_matrix_is_refused():
    p, y = (MatrixSymbol(name, K, 1) for name in "py")
    with pytest.raises(Unproved):
        prove(PS[J] - YS[J], p + y)
    with pytest.raises(Unproved):
        prove(PS[I_] * (delta(I_, J) - PS[J]), sp.DiagMatrix(p) - p * y.T)


def test_another_loss_goes_the_same_way():
    """Half the squared error of softmax, from its formula alone: no step knows the cross-entropy."""
    loss = over((AS[N] - YS[N]) ** 2) / 2
    pair = replace(PAIR.subject, loss=replace(PAIR.subject.loss, name="brier", expr=loss))
    derivation = derive_vector(pair)
    assert all(s.proof.proved for s in derivation.steps if s.rule != "definition")
    assert contradictions(pair, "dL/dz", derivation.gradient, 3) == ()
    assert contradictions(pair, "d2L/dz2", derivation.hessian, 3) == ()
    assert derivation.assumptions == () and results(derivation, "dL/dz vector") == []
