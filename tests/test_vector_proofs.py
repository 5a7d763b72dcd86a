"""The proofs for every size: each row's derivatives are those of the books, and what is wrong is refused."""

import random

import pytest
import sympy as sp
from sympy import Indexed, KroneckerDelta

from derive.catalogue import pair
from derive.catalogue.vector_activations import VECTOR_ACTIVATIONS
from derive.catalogue.vector_losses import VECTOR_LOSSES
from derive.model import (
    AS,
    I_,
    LARGEST,
    LS,
    PS,
    YS,
    ZS,
    Activation,
    J,
    K,
    LogSimplex,
    M,
    N,
    Simplex,
    Unproved,
)
from derive.proof.indexed import prove
from derive.rules.indexed import contracted, names_in, over, slope_through, spelled, substitute
from tests.vector_forms import FORMS
from tests.vector_numbers import number

ROWS = {row.name: row for row in (*VECTOR_ACTIVATIONS, *VECTOR_LOSSES)}
CLASSES = 3
CHANGES = 3  # wrong forms made of each right one
SMALL = 1e-25


def blocks(row) -> list[sp.IndexedBase]:
    """The vectors that a row reads."""
    return [i.base for i in row.inputs] or [ZS if isinstance(row, Activation) else AS]


def definitions(row) -> dict:
    """The letter of an activation's output."""
    if not isinstance(row, Activation):
        return {}
    letters = {Simplex: PS, LogSimplex: LS}
    return {letters.get(type(row.range), AS): row.expr}


def derivatives(row):
    """(letters, derivative by the calculus, the book's form) of every first and second derivative."""
    whole = substitute(row.expr, J, N) if isinstance(row, Activation) else row.expr
    forms = FORMS[row.name]
    for one in blocks(row):
        first = slope_through(whole, one[J], row.names)
        yield str(one), first, forms[str(one)]
        for other in blocks(row):
            letters = f"{other}{one}"
            if letters in forms or letters[::-1] not in forms:
                again = slope_through(contracted(first), other[I_], row.names)
                yield letters, again, forms.get(letters, sp.S.Zero)


def proved(row, left, right) -> bool:
    """Whether left = right is proved, in the letters of a row."""
    try:
        known = {"names": row.names, "selections": row.selections}
        return prove(left, right, definitions=definitions(row), **known).proved
    except Unproved:
        return False


by_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@by_row
def test_derivatives_are_those_of_the_books(row):
    assert [letters for letters, found, form in derivatives(row) if not proved(row, found, form)] == []


@by_row
def test_what_is_wrong_in_numbers_is_refused(row):
    """Forms changed at one place: where the numbers at K = 3 differ, there is no proof."""
    rng, refuted = random.Random(row.name), 0
    for letters, found, form in derivatives(row):
        assert not differ(row, found, form)
        for wrong in {changed(form, rng) for _ in range(CHANGES)}:
            if differ(row, found, wrong):
                refuted += 1
                assert not proved(row, found, wrong), (letters, wrong)
    assert refuted >= 1


def changed(expr, rng):
    """`expr` with a sign, an index, a power, a number or a factor changed at one place, or a δ left out."""
    places = [
        e
        for e in sp.preorder_traversal(expr)
        if isinstance(e, Indexed | KroneckerDelta | sp.Add | sp.Mul | sp.Pow)
    ]
    if not places:
        return expr + 1
    place = rng.choice(places)
    if isinstance(place, KroneckerDelta):
        new = rng.choice([sp.S.One, sp.S.Zero, 1 - place])
    elif isinstance(place, Indexed):
        new = rng.choice([-place, place**2, sp.S.One, place.subs(place.indices[0], rng.choice([I_, J, N]))])
    elif isinstance(place, sp.Pow):
        new = place.base ** (place.exp + rng.choice([-1, 1]))
    else:
        head, *rest = rng.sample(place.args, len(place.args))
        new = rng.choice([place.func(*rest), place.func(-head, *rest), place.func(2 * head, *rest)])
    return expr.xreplace({place: new})


def differ(row, left, right) -> bool:
    """Whether two sides differ in numbers at some place, of a random row with K = 3."""
    rng, values = random.Random(1), {}
    indicators = {s.symbol for s in row.selections}
    for name in row.names:
        values[name.symbol] = number(name.meaning, {K: CLASSES}, values, rng, indicators)
    written = [spelled(side, definitions(row)) for side in (left, right)]
    for i, j, k in [(1, 1, 1), (1, 2, 1), (1, 2, 3), (2, 2, 3), (2, 1, 1)]:
        at = {I_: i, J: j, N: k, LARGEST: 2, K: CLASSES}
        one, other = (number(side, at, values, rng, indicators) for side in written)
        if not abs(one - other) < SMALL:
            return True
    return False


LENGTH = ROWS["l2_normalize"].names[0]
SUPPORT = ROWS["sparsemax"]


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        (over(ZS[N] ** 2) / LENGTH.symbol, LENGTH.symbol, True),
        (sp.sqrt(over(ZS[N] ** 2)), LENGTH.symbol, True),
        (over(ZS[N] ** 2), LENGTH.symbol, False),
        (ZS[J] / (over(ZS[N] ** 2) - LENGTH.symbol**2), YS[J] / (over(ZS[N] ** 2) - LENGTH.symbol**2), False),
    ],
)
def test_names_obey_their_relations(left, right, holds):
    assert proved(ROWS["l2_normalize"], left, right) == holds


def test_outputs_of_a_support_sum_to_one():
    output = substitute(SUPPORT.expr, J, N)
    assert proved(SUPPORT, over(output), sp.S.One) and not proved(SUPPORT, over(output**2), sp.S.One)


def test_assumption_serves_in_both_letters():
    """Σ_k y_k = 1 is used in every term, and only where it is handed in."""
    left, right = over(YS[N] * (ZS[J] + over(YS[M] * ZS[M], M))), ZS[J] + over(YS[M] * ZS[M], M)
    assert prove(left, right, facts={over(YS[N]): sp.S.One}).proved
    with pytest.raises(Unproved):
        prove(left, right)


PAIRS = ("softmax+focal", "entmax15+brier", "l2_normalize+cosine_similarity", "softmin+brier")


@pytest.mark.parametrize("names", PAIRS)
def test_chain_rule_of_a_pair(names):
    """∂L/∂z_j written out at once equals Σ_k ∂L/∂a_k ∂a_k/∂z_j, and not with one index exchanged."""
    both = pair(*names.split("+"))
    inner, outer = both.activation, both.loss
    meaning = {AS: inner.expr}
    known = {
        "names": inner.names + names_in(outer.names, meaning),
        "selections": inner.selections + outer.selections,
        "definitions": meaning,
    }
    whole = slope_through(spelled(outer.expr, meaning), ZS[J], known["names"])
    rate = contracted(slope_through(outer.expr, AS[N], outer.names))
    jacobian = slope_through(substitute(inner.expr, J, N), ZS[J], inner.names)
    assert prove(whole, over(rate * jacobian), **known).proved
    with pytest.raises(Unproved):
        prove(whole, over(rate * substitute(jacobian, J, I_)), **known)
