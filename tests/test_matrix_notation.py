"""Matrix notation of layers says what the index notation says that it is made from, and reads well."""

from functools import reduce
from unicodedata import normalize

import numpy as np
import pytest
import sympy as sp
from sympy import IndexedBase, Sum, exp

from derive.catalogue.layers import LAYERS
from derive.derivation.layers import derive_layer, matrices, steps
from derive.derivation.layers.steps import finished
from derive.emit.printer import latex_of
from derive.emit.signs import notation_of
from derive.emit.text import readable
from derive.heads import plain, sigmoid
from derive.model import FEATURES, HIDDEN, KEYS, OUTPUTS, ROWS, Unproved
from derive.proof.indexed import prove, vanishes
from derive.rules.indexed import SIZES, over
from derive.rules.layers import cotangent, indices_of, marks_of, of_output
from derive.rules.vectors import VectorForm, component
from derive.rules.vectors.algebra import (
    applied,
    around,
    diagonal,
    multiplied,
    outer,
    shape_of,
    total,
    transposed,
    turned,
)
from derive.rules.vectors.graphs import in_matrices
from vector_reader import SIDE, MatrixReader

(n, m, *_), (d, e, *_), (k, q, *_), (h, *_) = (axis.indices for axis in (ROWS, FEATURES, OUTPUTS, HIDDEN))
N, D, K, H = (axis.size for axis in (ROWS, FEATURES, OUTPUTS, HIDDEN))


def array(name, *sizes):
    return IndexedBase(sp.Symbol(name, real=True), shape=sizes)


X, W, G, U = array("x", N, D), array("w", K, D), array("g", N, K), array("u", N, D)
B, GAMMA, R = array("b", K), array("gamma", D), array("r", N)
A, C = array("a", N, H), array("c", N, H)
UBAR, PBAR = cotangent(U), cotangent(W)

# Index notation with the indices of rows and columns; its matrix notation in LaTeX and in text.
WRITTEN = (
    (over(G[n, k] * W[k, d], k), (n, d), "G W", "G W"),
    (over(G[n, k] * X[n, d], n), (k, d), r"G^{\top} X", "Gᵀ X"),
    (over(G[n, k] * X[n, d], n), (d, k), r"X^{\top} G", "Xᵀ G"),
    (over(G[n, k], n), (k,), r"G^{\top} \mathbf{1}", "Gᵀ 1"),
    (B[k] + over(W[k, d] * X[n, d], d), (n, k), r"X W^{\top} + \mathbf{1}\,b^{\top}", "X Wᵀ + 1 bᵀ"),
    (GAMMA[d] * U[n, d], (n, d), r"U\,\mathrm{diag}(\gamma)", "U diag(γ)"),
    (R[n] * UBAR[n, d], (n, d), r"\mathrm{diag}(r)\,\bar{U}", "diag(r) Ū"),
    (X[n, d] - R[n], (n, d), r"X - r\,\mathbf{1}^{\top}", "X - r 1ᵀ"),
    (
        W[k, d] * (PBAR[k, d] - B[k]),
        (k, d),
        r"W \odot (\bar{W} - b\,\mathbf{1}^{\top})",
        "W ⊙ (W̄ - b 1ᵀ)",
    ),
    (
        over(over(X[n, d] * W[k, d], d) * PBAR[k, e], k) / sp.sqrt(D),
        (n, e),
        r"\frac{X W^{\top} \bar{W}}{\sqrt{D}}",
        "(X Wᵀ W̄)/sqrt(D)",
    ),
    (
        R[n] * (UBAR[n, d] - over(UBAR[n, e], e) / D),
        (n, d),
        r"\mathrm{diag}(r)\left(\bar{U} - \frac{1}{D}\,\bar{U} \mathbf{1}\,\mathbf{1}^{\top}\right)",
        "diag(r)(Ū - (1/D) Ū 1 1ᵀ)",
    ),
    (
        U[n, d] * over(U[n, e] * UBAR[n, e], e),
        (n, d),
        r"\mathrm{diag}((\bar{U} \odot U) \mathbf{1})\,U",
        "diag((Ū ⊙ U) 1) U",
    ),
    (
        over(UBAR[m, d], m) / N,
        (n, d),
        r"\frac{1}{N}\,\mathbf{1}\,\mathbf{1}^{\top} \bar{U}",
        "(1/N) 1 1ᵀ Ū",
    ),
    (
        A[n, h] * sigmoid(A[n, h]) * C[n, h],
        (n, h),
        r"A \odot \sigma(A) \odot C",
        "A ⊙ σ(A) ⊙ C",
    ),
    (
        over(over(W[k, d] ** 2, d), k) / 2,
        (),
        r"\frac{1}{2}\,\lVert W \rVert_{F}^{2}",
        "‖W‖_F²/2",
    ),
    (over(U[n, d] * B[k] * W[k, d], d), (n, k), r"U W^{\top}\,\mathrm{diag}(b)", "U Wᵀ diag(b)"),
    (over(G[n, k] * B[k] * W[k, d], k), (n, d), r"G\,\mathrm{diag}(b)\,W", "G diag(b) W"),
    (over(exp(X[n, d]), d), (n,), r"\exp(X) \mathbf{1}", "exp(X) 1"),
    (over(R[n] ** 2 * X[n, d], n), (d,), r"X^{\top} r^{2}", "Xᵀ r**2"),
)
THREE = array("a", N, D, K)
WITHOUT = (  # no matrix notation
    (over(THREE[n, d, k], k), (n, d)),
    (over(over(X[n, d] * W[k, d], d) * THREE[n, d, k], k), (n, d)),
    (G[n, k] * X[n, d], (n, d, k)),
    (array("s", N, N)[n, n], (n,)),
    (n * X[n, d], (n, d)),
    (1 / (X[n, d] + G[n, k]), (n, d)),
    (over(1 / (X[n, d] + W[k, d]), d) * G[n, k], (n, d)),
)


def ids(rows):
    return [str(row[0]) for row in rows]


@pytest.mark.parametrize(("expr", "indices", "latex", "text"), WRITTEN, ids=ids(WRITTEN))
def test_printed_as_in_a_textbook(expr, indices, latex, text):
    form = in_matrices(expr, indices)
    assert latex_of(form) == latex and normalize("NFC", readable(form)) == normalize("NFC", text)
    assert prove(expr, component(form)).method == "normal form"


@pytest.mark.parametrize(("expr", "indices"), WITHOUT, ids=ids(WITHOUT))
def test_what_has_no_matrix_notation_has_no_form(expr, indices):
    assert in_matrices(expr, indices) is None


@pytest.mark.parametrize(
    ("at", "latex", "text"),
    [
        (array("pbar", N, K)[n, k], r"\bar{p}_{nk}", "p̄_nk"),
        (array("gammabar", D)[d] ** 2, r"\bar{\gamma}_{d}^{2}", "γ̄_d**2"),
        (over(A[n, h] * cotangent(C)[n, h], h), r"\sum_{h=1}^{H} \bar{c}_{nh} a_{nh}", "Σ_h c̄_nh*a_nh"),
        (over(W[k, d] * G[n, k], k) / N, r"\frac{1}{N} \sum_{k=1}^{K} g_{nk} w_{kd}", "Σ_k g_nk*w_kd/N"),
        (array("w(2)", K, D)[k, d] ** 2, r"{w^{(2)}_{kd}}^{2}", "w⁽²⁾_kd**2"),
        (transposed(array("w(2)bar", K, D)), r"{{}\bar{W}^{(2)}}^{\top}", "W̄⁽²⁾ᵀ"),
    ],
    ids=str,
)
def test_bars_and_stages_stand_above_letters(at, latex, text):
    assert (latex_of(at), readable(at)) == (latex, text)


# The layers of the catalogue.


def entries(layer):
    """What a layer's page says of entries: (entry, expression)."""
    rows = [(v.at, v.meaning) for v in layer.variables]
    rows += [(found.of, found.expr) for found in finished(layer)]
    return rows + [(i.at, side) for i in layer.identities if i.at for side in (i.before, i.after)]


def axes(at, expr):
    """The most axes that an array in an entry's formula has."""
    return max([len(indices_of(at)), *(len(a.indices) for a in expr.atoms(sp.Indexed))])


ROWS_OF_LAYERS = [(layer.name, at, expr) for layer in LAYERS for at, expr in entries(layer)]
FLAT = [row for row in ROWS_OF_LAYERS if axes(*row[1:]) <= 2]
DEEP = [row for row in ROWS_OF_LAYERS if axes(*row[1:]) > 2]


def names(rows):
    return [f"{name}-{n}" for n, (name, *_) in enumerate(rows)]


@pytest.mark.parametrize(("name", "at", "expr"), FLAT, ids=names(FLAT))
def test_every_result_of_at_most_two_indices_has_a_form_that_is_proved(name, at, expr):
    form = in_matrices(expr, indices_of(at))
    assert prove(expr, component(form)).method == "normal form"
    assert not vanishes(component(VectorForm(expr=2 * form.expr, indices=form.indices)) - expr)


@pytest.mark.parametrize(("name", "at", "expr"), DEEP, ids=names(DEEP))
def test_arrays_of_more_axes_have_no_form(name, at, expr):
    assert in_matrices(expr, indices_of(at)) is None


def forms(derivation):
    return [step for step in derivation.steps if isinstance(step.expr, VectorForm)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_ends_in_both_notations(layer):
    """Each gradient by an array of at most two axes is boxed as an entry and as an array."""
    derivation = derive_layer(layer)
    within = {v.at for v in layer.variables if v.through}
    ends = [(f.of, f.expr) for f in finished(layer) if f.of not in within]
    named = [(i.at, side) for i in layer.identities if i.at for side in (i.before, i.after)]
    rows = [*((v.at, v.meaning) for v in layer.variables), *ends, *named]
    assert len(forms(derivation)) == len([row for row in rows if axes(*row) <= 2])
    arrays = {a.at for a in layer.moving}
    boxed = [step for step in forms(derivation) if step.result]
    assert len(boxed) == len([row for row in ends if row[0] in arrays and axes(*row) <= 2])
    assert all(step.rule == "matrix notation" for step in forms(derivation))


def test_a_page_says_what_its_signs_mean():
    (layer,) = (layer for layer in LAYERS if layer.name == "weight_decay")
    assert notation_of(derive_layer(layer).steps) == [
        "W is the matrix of the w_kd, and so for other letters",
        "‖W‖_F² is the sum of the squares of the entries of W",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        multiplied(transposed(G), U),
        multiplied(transposed(X), G),
        around(1, multiplied(transposed(G), X), GAMMA),
        2 * multiplied(transposed(G), X),
    ],
    ids=str,
)
def test_a_wrong_form_is_refused(wrong, monkeypatch):
    expr = over(G[n, k] * X[n, d], n)
    with pytest.raises(Unproved):
        prove(expr, component(VectorForm(expr=wrong, indices=(k, d))))
    monkeypatch.setattr(matrices, "in_matrices", lambda *_: VectorForm(expr=wrong, indices=(k, d)))
    with pytest.raises(Unproved):
        list(steps.slope_step(W[k, d], None, expr, result=True))


# The algebra.

MATRICES = (
    multiplied(X, transposed(W)),
    around(R, G, B),
    outer(R, applied(W, GAMMA)),
    multiplied(X, diagonal(GAMMA), transposed(W)),
    G * multiplied(X, transposed(W)),
)


@pytest.mark.parametrize("matrix", MATRICES, ids=str)
def test_turned_twice_is_the_same_and_turned_once_the_transpose(matrix):
    there = component(VectorForm(expr=matrix, indices=(n, k)))
    assert vanishes(component(VectorForm(expr=turned(matrix), indices=(k, n))) - there)
    assert turned(turned(matrix)) == matrix
    assert (shape_of(matrix), shape_of(turned(matrix))) == ((N, K), (K, N))


# Random products of matrices and vectors, by numbers.

NUMBERS = {N: 2, D: 3, K: 4, H: 5, KEYS.size: 6}
BETWEEN = (m, e, k, q, h, *KEYS.indices[:2])


def drawn(rng, free):
    """A random product over a tree of indices, with further factors beside its edges and at its nodes."""
    bound = [BETWEEN[int(i)] for i in rng.permutation(len(BETWEEN))[: rng.integers(1, 4)]]
    nodes = [*free, *(i for i in bound if i not in free)]
    pairs = [(nodes[t], nodes[int(rng.integers(t))]) for t in range(1, len(nodes))]
    pairs += [pairs[int(rng.integers(len(pairs)))] for _ in range(rng.integers(2))] if pairs else []
    ends = [pair if rng.random() < 0.5 else pair[::-1] for pair in pairs]
    ends += [(nodes[int(rng.integers(len(nodes)))],) for _ in range(rng.integers(not pairs, 3))]
    factors = [array(f"t{t}", *(SIZES[i] for i in at))[at] for t, at in enumerate(ends)]
    expr = sp.Mul(*factors)
    for index in nodes[len(free) :]:
        expr = over(expr, index)
    return expr, factors


def by_einsum(factors, free, arrays):
    letters = {i: chr(97 + t) for t, i in enumerate(sorted({i for f in factors for i in f.indices}, key=str))}
    given = [i for i in free if i in letters]
    before = ",".join("".join(letters[i] for i in f.indices) for f in factors)
    found = np.einsum(f"{before}->{''.join(letters[i] for i in given)}", *(arrays[f.base] for f in factors))
    spread = [slice(None) if i in letters else None for i in free]
    return np.broadcast_to(found[tuple(spread)], [NUMBERS[SIZES[i]] for i in free])


def value(expr, arrays, shape):
    """What a form means in NumPy; `shape` is that of the array it stands for."""
    if isinstance(expr, IndexedBase):
        return arrays[expr]
    if isinstance(expr, transposed):
        return value(expr.args[0], arrays, shape[::-1]).T
    if isinstance(expr, multiplied):
        return reduce(np.matmul, [value(a, arrays, ()) for a in expr.args])
    if isinstance(expr, applied):
        matrix = value(expr.args[0], arrays, ())
        return matrix @ spread(expr.args[1], arrays, matrix.shape[1:])
    if isinstance(expr, outer):
        return np.outer(*(spread(a, arrays, (size,)) for a, size in zip(expr.args, shape, strict=True)))
    if isinstance(expr, around):
        left, matrix, right = expr.args
        found = value(matrix, arrays, shape)
        ends = spread(left, arrays, found.shape[:1]), spread(right, arrays, found.shape[1:])
        return ends[0][:, None] * found * ends[1]
    if isinstance(expr, diagonal):
        return np.diag(value(expr.args[0], arrays, ()))
    if isinstance(expr, total):
        return value(expr.args[0], arrays, ()).sum()
    if not expr.args:
        return NUMBERS.get(expr) or float(expr)
    parts = [value(a, arrays, shape) for a in expr.args]
    letters = [sp.Dummy() for _ in parts]
    return sp.lambdify(letters, plain(expr.func(*letters)), "numpy")(*parts)


def spread(expr, arrays, shape):
    """A vector, or the number that all its components are."""
    return np.broadcast_to(value(expr, arrays, shape), shape)


@pytest.mark.parametrize("free", [(n, d), (d, n), (n,), ()], ids=str)
def test_random_products_by_numbers(free):
    rng = np.random.default_rng(len(free))
    for _ in range(40):
        expr, factors = drawn(rng, free)
        form = in_matrices(expr, free)
        arrays = {f.base: rng.uniform(-1, 1, [NUMBERS[s] for s in f.base.shape]) for f in factors}
        shape = tuple(NUMBERS[SIZES[i]] for i in free)
        wanted = by_einsum(factors, free, arrays)
        assert spread(form.expr, arrays, shape) == pytest.approx(wanted, rel=1e-12, abs=1e-12)  # float64
        assert vanishes(component(form) - expr)


def test_a_bridge_is_no_product_of_matrices():
    """Five matrices of which each inner index is in three: no order of sums makes products of them."""
    ends = ((n, k), (n, h), (k, h), (k, d), (h, d))
    bridge = sp.Mul(*[array(f"t{t}", *(SIZES[i] for i in at))[at] for t, at in enumerate(ends)])
    assert in_matrices(over(over(bridge, k), h), (n, d)) is None


# What a reader of the LaTeX understands.


def meant(form, arrays, numbers):
    """The components of a form by its index notation."""
    sizes = {s: sp.Integer(SIDE) for s in SIZES.values() if isinstance(s, sp.Symbol)}
    entry = component(form).xreplace(sizes | {s: sp.Float(v) for s, v in numbers.items()})
    found = np.empty([SIDE] * len(form.indices))
    for place in np.ndindex(found.shape):
        at = entry.xreplace({i: sp.Integer(p + 1) for i, p in zip(form.indices, place, strict=True)}).doit()
        given = {a: arrays[a.base.label][tuple(int(i) - 1 for i in a.indices)] for a in at.atoms(sp.Indexed)}
        found[place] = plain(at).xreplace({a: sp.Float(v) for a, v in given.items()}).evalf()
    return found


@pytest.mark.parametrize(("name", "at", "expr"), FLAT, ids=names(FLAT))
def test_the_latex_of_a_form_means_its_components(name, at, expr):
    form = in_matrices(expr, indices_of(at))
    rng = np.random.default_rng(1)
    bases = sorted(form.expr.atoms(IndexedBase), key=str)
    arrays = {b: rng.uniform(0.2, 0.9, [SIDE] * len(b.shape)) for b in bases}
    labels = {b.label for b in bases}
    letters = {s for s in form.expr.free_symbols if isinstance(s, sp.Symbol)} - labels - set(SIZES.values())
    numbers = {s: float(rng.uniform(0.2, 0.9)) for s in sorted(letters, key=str)}
    values = {latex_of(s): SIDE for s in form.expr.free_symbols & set(SIZES.values())}
    values |= {latex_of(b): v[:, None] if v.ndim == 1 else v for b, v in arrays.items()}
    reader = MatrixReader(latex_of(form), values | {latex_of(s): v for s, v in numbers.items()})
    said, right = reader.total(), meant(form, {b.label: v for b, v in arrays.items()}, numbers)
    assert not reader.tokens
    right = right[:, None] if right.ndim == 1 else right
    assert np.broadcast_to(said, right.shape) == pytest.approx(right, rel=1e-12)  # float64


def test_the_letters_of_derivatives_are_told_by_their_names():
    assert marks_of(cotangent(X).label.name) == ("x", "", True)
    assert marks_of("w(12)bar") == ("w", "12", True)
    assert marks_of(of_output(X).label.name) == ("g", "", False)
    assert isinstance(over(X[n, d], n), Sum)
