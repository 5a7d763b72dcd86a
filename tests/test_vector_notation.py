"""Vector notation says the same as the index notation it is made from, and reads as in a textbook."""

import numpy as np
import pytest
import sympy as sp
from sympy import IndexedBase, log

from derive.catalogue import ACTIVATIONS, LOSSES
from derive.emit.printer import latex_of
from derive.emit.text import readable
from derive.heads import plain
from derive.model import AS, CS, DIM, HS, I_, LARGEST, PS, SS, TS, VECTOR, XS, YS, ZS, D, J, K, M, N
from derive.proof.indexed import vanishes
from derive.rules.indexed import delta, over
from derive.rules.vectors import VectorForm, component, in_vectors
from derive.rules.vectors.algebra import applied, diagonal, outer, total, transposed, unit
from tables import derivation, label
from vector_reader import read

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
WRITTEN = (  # a form, its LaTeX and its text
    (
        PS * RESIDUAL - total(PS * RESIDUAL) * PS,
        r"p \odot (p - y) - (p^{\top}(p - y))\,p",
        "p ⊙ (p - y) - (pᵀ(p - y)) p",
    ),
    (total(YS) * PS - YS, r"(\mathbf{1}^{\top} y)\,p - y", "(1ᵀ y) p - y"),
    (1 - 2 * AS / K, r"\mathbf{1} - \frac{2a}{K}", "1 - (2 a)/K"),
    (PS * (1 - PS) ** GAMMA / AS, r"\frac{p \odot (1 - p)^{\gamma}}{a}", "(p ⊙ (1 - p)**γ)/a"),
    (GAMMA / AS, r"\frac{\gamma}{a}", "γ/a"),
    (GAMMA * (1 - log(AS)) / AS, r"\frac{\gamma(1 - \log a)}{a}", "γ(1 - log(a))/a"),
    (E, r"e_{k^{*}} - y", "e_k* - y"),
    (applied(transposed(HS), 1 - YS), r"H^{\top}(\mathbf{1} - y)", "Hᵀ(1 - y)"),
    (total(RESIDUAL**2) * ZS / 2, r"\frac{\lVert p - y \rVert^{2}\,z}{2}", "(‖p - y‖² z)/2"),
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


@pytest.mark.parametrize(("expr", "latex", "text"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_printed_as_in_a_textbook(expr, latex, text):
    form = VectorForm(expr=expr, indices=(J,))
    assert latex_of(form) == latex and readable(form) == text
    assert says_what_it_means(form)


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


# What a reader of the LaTeX understands.


def by_name(letter, rng):
    """Random numbers for a letter: of its own size, where it is a vector or a matrix."""
    shape = tuple({K: 3, DIM: 2}[n] for n in letter.shape) if isinstance(letter, IndexedBase) else ()
    return rng.uniform(0.2, 0.9, shape)


def values_of(form):
    """Random numbers for every letter of a form, and the same by their LaTeX."""
    rng = np.random.default_rng(1)
    bases = form.expr.atoms(IndexedBase)
    labels = {base.label for base in bases}
    symbols = {s for s in form.expr.free_symbols if isinstance(s, sp.Symbol)} - labels - {K, DIM, LARGEST}
    found = {letter: by_name(letter, rng) for letter in sorted(bases | symbols, key=str)}
    named = {latex_of(letter): column(value) for letter, value in found.items()}
    unit_vector = np.array([[0.0], [1.0], [0.0]])  # k* is 2
    return found, named | {"K": 3, "e_{k^{*}}": unit_vector, "I": np.eye(3)}


def column(value):
    """A vector as a column."""
    return value[:, None] if value.ndim == 1 else value


def meant(form, found):
    """The components of a form by its index notation, as an array."""
    entry = component(form).xreplace({LARGEST: sp.Integer(2), K: sp.Integer(3), DIM: sp.Integer(2)})
    sizes = [2 if index == D else 3 for index in form.indices]
    array = np.empty(sizes)
    for place in np.ndindex(*sizes):
        at = entry.xreplace({i: sp.Integer(n + 1) for i, n in zip(form.indices, place, strict=True)}).doit()
        arrays = {(b.label, len(b.shape)): v for b, v in found.items() if isinstance(b, IndexedBase)}
        numbers = {
            e: arrays[e.base.label, len(e.indices)][tuple(int(i) - 1 for i in e.indices)]
            for e in at.atoms(sp.Indexed)
        }
        scalars = {s: v for s, v in found.items() if isinstance(s, sp.Symbol)}
        array[place] = plain(at).subs(numbers | scalars).evalf()
    return column(array) if array.ndim == 1 else array


def says_what_it_means(form):
    """Whether the LaTeX of a form, read again, is what its components are."""
    found, named = values_of(form)
    said, right = read(latex_of(form), named), meant(form, found)
    return np.broadcast_to(said, right.shape) == pytest.approx(
        right, rel=1e-12, abs=1e-12
    )  # float64, and differences


@pytest.mark.parametrize("expr", [row[0] for row in FORMS], ids=str)
def test_the_latex_of_a_form_means_its_components(expr):
    if not expr.has(AS[LARGEST]):  # a component in a scalar, which the reader does not know
        assert says_what_it_means(in_vectors(expr))


ALONE = [(row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR]
PAIRS = [("softmax", "cross_entropy"), ("softmax", "half_squared_error"), ("identity", "multi_margin")]


def forms(names):
    """The forms in the steps of a derivation."""
    return [step.expr for step in derivation(names).steps if isinstance(step.expr, VectorForm)]


@pytest.mark.parametrize("names", (*ALONE, *PAIRS), ids=label)
def test_the_latex_of_every_form_means_its_components(names):
    assert all(says_what_it_means(form) for form in forms(names))


@pytest.mark.parametrize("wrong", ["y p^{\\top}", "p y^{\\top} + p", "p^{\\top} y", "p \\odot y"])
def test_the_reader_tells_vectors_from_rows(wrong):
    form = VectorForm(expr=outer(PS, YS), indices=(I_, J))
    found, named = values_of(form)
    assert np.shape(read(wrong, named)) != (3, 3) or read(wrong, named) != pytest.approx(meant(form, found))
