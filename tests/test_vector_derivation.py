"""Derivations for symbolic K: each step proved, each end the textbook's, and wrong steps refused."""

import random
from dataclasses import replace
from functools import cache

import pytest
import sympy as sp
from sympy import Indexed, IndexedBase, KroneckerDelta, Piecewise, Symbol, exp, log

from derive.catalogue import ACTIVATIONS, LOSSES, legal_pairs, subject
from derive.derivation.vectors import ASSUMPTION, derive_vector, letters
from derive.derivation.vectors.bends import transposed
from derive.derivation.vectors.letters import ES, FS, GS, YT
from derive.derivation.vectors.two import BINARY, at_two
from derive.heads import plain, sigmoid
from derive.model import (
    AS,
    CS,
    HV,
    I_,
    LARGEST,
    PS,
    QS,
    SS,
    TS,
    US,
    VECTOR,
    VS,
    XS,
    YS,
    ZS,
    A,
    Activation,
    D,
    J,
    K,
    Loss,
    N,
    Simplex,
    Y,
)
from derive.proof import equal
from derive.proof.indexed import prove
from derive.rules.indexed import SIZES, delta, over, slope, spelled
from derive.rules.vectors import VectorForm, component, in_vectors

ROWS = [(row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR]
EVERY_PAIR = [names for names in legal_pairs() if subject(*names).kind == VECTOR]
READ = [
    ("softmax", "cross_entropy"),
    ("softmax", "half_squared_error"),
    ("softmax", "focal"),
    ("log_softmax", "nll"),
    ("identity", "cross_entropy_logits"),
    ("entmax15", "squared_multi_margin"),
    ("l2_normalize", "cosine_similarity"),
    ("sparsemax", "sparsemax_loss"),
    ("swiglu", "multi_rmse"),
]
# The pairs that people look up, and a fixed sample of the others: all of them take minutes.
PAIRS = list(dict.fromkeys([*READ, *random.Random(1).sample(EVERY_PAIR, 8)]))
NAMES = ["+".join(names) for names in (*ROWS, *PAIRS)]
p, y, z, a, e, f, h, s, t = (base[J] for base in (PS, YS, ZS, AS, ES, FS, HV, SS, TS))
join, each = delta(I_, J), delta(N, J)
COUNT = over(SS[N])
LENGTH = Symbol("n", positive=True)

every = pytest.mark.parametrize("derivation", NAMES, indirect=True)


@cache
def derived(name):
    """The derivation of a subject, made once."""
    return derive_vector(subject(*name.split("+")))


PAIR, SQUARED = derived("softmax+cross_entropy"), derived("softmax+half_squared_error")


@pytest.fixture
def derivation(request):
    """The derivation of the subject with the name that the test is for."""
    return derived(request.param)


def results(derivation, name):
    """The right sides that a reader finds boxed for a quantity."""
    return [s.expr for s in derivation.steps if s.quantity.name == name and s.result]


def means_the_same(one, other):
    """Whether two right sides are equal component by component."""
    return sp.expand(one - other) == 0 or prove(one, other).proved


# Every derivation.


@every
def test_every_step_is_proved(derivation):
    methods = [s.proof.method for s in derivation.steps]
    assert methods == ["definition" if s.rule == "definition" else "normal form" for s in derivation.steps]
    assert "normal form" in methods


@every
def test_ends_and_results_agree(derivation):
    """`gradient` and `hessian` are what the boxed steps end in, but for the assumption on the targets."""
    end = derivation.gradient if isinstance(derivation.gradient, tuple) else (derivation.gradient,)
    assert len(end) == len(letters(derivation.subject).inputs)
    exprs = {s.expr for s in derivation.steps if not isinstance(s.expr, VectorForm)}
    assert set(end) <= exprs
    rows = derivation.hessian if isinstance(derivation.hessian, tuple) else ((derivation.hessian,),)
    assert {block for n, row in enumerate(rows) for block in row[n:]} <= exprs
    assert all(rows[m][n] == transposed(row[m]) for n, row in enumerate(rows) for m in range(n + 1, len(row)))


@every
def test_every_letter_is_defined_before_it_is_used(derivation):
    found = letters(derivation.subject)
    given = {*found.inputs, *found.read, TS, XS, YS, CS, QS} - found.definitions.keys()
    for s in derivation.steps:
        if s.rule == "definition":
            given |= {base for base in found.definitions if s.quantity.name == f"letter {base.label}"}
            given |= {found.output} if s.quantity.name == "output" else set()
            continue
        expr = component(s.expr) if isinstance(s.expr, VectorForm) else s.expr
        used = {e.base for e in expr.atoms(Indexed)} & found.definitions.keys()
        assert used <= given, (s.quantity.name, s.rule)


@every
def test_no_index_is_bound_and_free(derivation):
    for s in derivation.steps:
        if isinstance(s.expr, VectorForm):
            continue
        bound = {i for total in s.expr.atoms(sp.Sum) for i in total.bound_symbols}
        free = s.expr.free_symbols & SIZES.keys()
        assert not bound & free, (s.quantity.name, s.rule, s.expr)


@every
def test_sentences_are_short_and_say_something(derivation):
    for s in derivation.steps:
        assert s.says and len(s.says) <= 110 and s.says[-1] != ".", s.says


@every
def test_selections_say_where_the_formulas_hold(derivation):
    for selection in letters(derivation.subject).selections:
        assert selection.ties in derivation.conventions
        assert any("nearby" in sentence for sentence in derivation.conventions)


@every
def test_a_second_derivative_has_its_product_with_a_vector(derivation):
    names = [s.quantity.name for s in derivation.steps if s.result]
    if isinstance(derivation.subject, Activation):
        assert any(name.startswith("Jv") for name in names) and any(name.startswith("vJ") for name in names)
        return
    blocks = derivation.hessian if isinstance(derivation.hessian, tuple) else ((derivation.hessian,),)
    curved = sum(block != 0 for n, row in enumerate(blocks) for block in row[n:])
    assert sum(name.startswith("Hv") and " vector" not in name for name in names) == curved


@every
def test_masks_are_named_where_probabilities_are_exponentials(derivation):
    masked = any("masked class: its" in sentence for sentence in derivation.conventions)
    first = [m.component for m in letters(derivation.subject).letters[:1]]
    assert masked == any(total.function.has(exp) for c in first for total in c.atoms(sp.Sum))


# The textbook's ends.

ENDS = {
    ("softmax", "da/dz"): PS[N] * (each - p),
    ("log_softmax", "da/dz"): each - p,
    ("sparsemax", "da/dz"): SS[N] * (each - s / over(SS[M := sp.Symbol("m", integer=True)], M)),
    ("entmax15", "da/dz"): GS[N] * (each - GS[J] / over(GS[M], M)),
    ("l2_normalize", "da/dz"): (each - a * AS[N]) / LENGTH,
    ("glu", "da/dv"): US[N] * sigmoid(VS[N]) * (1 - sigmoid(VS[N])) * each,
    ("bilinear_glu", "da/du"): VS[N] * each,
    ("reglu", "da/dv"): SS[N] * US[N] * each,
    ("cross_entropy", "dL/da"): -y / a,
    ("nll", "dL/da"): -YT[J],
    ("cross_entropy_logits", "dL/da"): p * over(YT[N]) - YT[J],
    ("brier", "dL/da"): 2 * (a - y),
    ("reverse_kl", "dL/da"): log(a) - log(y) + 1,
    ("crammer_singer", "dL/da"): delta(J, LARGEST) - y,
    ("sparsemax_loss", "dL/da"): p - y,
    ("multi_quantile", "dL/da"): h - QS[J],
    ("multilabel_soft_margin", "dL/da"): (sigmoid(a) - y) / K,
    ("triplet", "dL/du"): Symbol("h", nonnegative=True) * (e - f),
    ("triplet", "dL/dr"): Symbol("h", nonnegative=True) * f,
    ("ranknet", "dL/dv"): sigmoid(VS[J] - US[J]),
    ("gaussian_nll", "dL/du"): (US[J] - y) * exp(-VS[J]),
}


@pytest.mark.parametrize("row, name", ENDS)
def test_an_entry_ends_in_the_textbook_form(row, name):
    (found,) = results(derived(row), name)
    assert sp.expand(found - ENDS[row, name]) == 0
    assert sp.count_ops(found) <= sp.count_ops(ENDS[row, name]) + 1


def test_softmax_with_cross_entropy():
    """The worked example, line by line."""
    mass = over(YS[N])
    lines = [(s.quantity.name, s.rule, s.expr) for s in PAIR.steps]
    assert ("dL/da", "derivative of the loss", -YS[N] / PS[N]) in lines
    assert ("dL/dz", "contract", p * mass - y) in lines
    assert ("dL/dz", "targets sum to one", p - y) in lines
    assert results(PAIR, "dL/dz") == [p - y]
    assert results(PAIR, "d2L/dz2") == [PS[I_] * (join - p)]
    assert results(PAIR, "da/dz") == [PS[N] * (each - p)]
    assert results(PAIR, "dL/dw") == [(p * mass - y) * XS[D]]
    assert results(PAIR, "Hv") == [p * (t - over(PS[N] * TS[N]))]
    assert PAIR.gradient == p * mass - y and PAIR.hessian == PS[I_] * (join - p) * mass
    assert PAIR.assumptions == (ASSUMPTION,)
    vector, matrix = results(PAIR, "dL/dz vector"), results(PAIR, "d2L/dz2 matrix")
    assert vector == [in_vectors(p - y, (J,))]
    assert matrix == [in_vectors(PS[I_] * join - PS[I_] * p, (I_, J))]


def test_softmax_with_half_the_squared_error():
    mean = over(PS[N] * (PS[N] - YS[N]))
    assert results(SQUARED, "dL/dz") == [p * (p - y - mean)]
    assert SQUARED.assumptions == ()
    (bend,) = results(SQUARED, "d2L/dz2")
    both = 2 * PS[I_] + 2 * p - YS[I_] - y - over(PS[N] * (3 * PS[N] - 2 * YS[N]))
    assert means_the_same(bend, PS[I_] * (join * (2 * PS[I_] - YS[I_] - mean) - p * both))
    names = [s.quantity.name for s in SQUARED.steps]
    assert "dL/dz vector" in names and "d2L/dz2 matrix" in names and "dL/dW matrix" in names


def test_two_cases_come_before_the_delta():
    forms = [s.expr for s in PAIR.steps if s.quantity.name == "da/dz"]
    cases = [e for e in forms if isinstance(e, Piecewise)]
    assert len(cases) == 2 and forms.index(cases[-1]) < forms.index(results(PAIR, "da/dz")[0])
    (same, _), (other, _) = cases[-1].args
    assert same == p * (1 - p) and other == -p * PS[N]


def test_the_assumption_is_named_where_it_is_used():
    used = [s for s in PAIR.steps if ASSUMPTION in s.says]
    assert p - y in [s.expr for s in used]
    assert all(s.rule in ("targets sum to one", "vector notation") for s in used)


def test_a_smoothed_target_sums_to_one_too():
    (end,) = results(derived("softmax+smoothed_cross_entropy"), "dL/dz")
    assert end == p - YT[J]


def test_long_slopes_have_a_letter():
    found = letters(subject("softmax", "focal"))
    first, second = (m.base for m in found.letters[-2:])
    gradient = derived("softmax+focal").gradient
    assert sp.expand(gradient - p * (first[J] - over(PS[N] * first[N]))) == 0
    assert found.definitions[second].has(log) and second.shape == (K,)
    matrix = letters(subject("entmax15", "squared_multi_margin")).letters[-1].base
    assert matrix.shape == (K, K)


# Two classes.

BINARY_PAIRS = [names for names in EVERY_PAIR if names[1] == "cross_entropy" and names[0] != "identity"]


@pytest.mark.parametrize("names", BINARY_PAIRS, ids="+".join)
def test_two_classes_are_sigmoid_and_binary_cross_entropy(names):
    derivation = derived("+".join(names))
    gap = sp.Symbol("w", real=True)
    (first,) = results(derivation, "dL/dz_2, K = 2")
    (output,) = results(derivation, "output_2, K = 2")
    rate = output.args[0].diff(ZS[2])
    assert isinstance(output, sigmoid) and first == rate * (output - YS[2])
    (loss,) = [s.expr for s in derivation.steps if s.quantity.name == "L, K = 2"]
    binary = BINARY.subs({A: sigmoid(gap), Y: YS[2]})
    assert equal(plain(loss.xreplace({output: sigmoid(gap)})), plain(binary))
    assert {s.proof.method for s in derivation.steps if s.rule == "two classes"} == {"normal form"}


def test_at_two_writes_the_sums_out():
    assert at_two(over(YS[N] * ZS[N])) == (1 - YS[2]) * ZS[1] + YS[2] * ZS[2]


@pytest.mark.parametrize(
    "names",
    [("softmax", "half_squared_error"), ("sparsemax", "brier"), ("softmax", "weighted_cross_entropy")],
)
def test_other_pairs_say_nothing_of_two_classes(names):
    derivation = derived("+".join(names))
    assert not any(s.rule == "two classes" for s in derivation.steps)


# New rows.


def test_a_new_row_derives_by_itself():
    """A loss that no row has: its formula alone gives gradient and second derivative behind softmax."""
    loss = replace(LOSSES_BY_NAME["brier"], name="cubed", expr=over((AS[N] - YS[N]) ** 3))
    pair = replace(PAIR.subject, loss=loss)
    derivation = derive_vector(pair)
    assert all(s.proof.proved for s in derivation.steps if s.rule != "definition")
    assert results(derivation, "dL/dz") and results(derivation, "Hv")


LOSSES_BY_NAME = {row.name: row for row in LOSSES}


def test_an_activation_of_a_new_kind_derives_by_itself():
    """A quotient of another weight, in its own letter: no step knows the softmax."""
    softmax = PAIR.subject.activation
    weight = 1 + ZS[J] ** 2
    row = replace(softmax, name="cauchymax", expr=weight / over(weight.xreplace({J: N})))
    derivation = derive_vector(row)
    assert isinstance(row.range, Simplex)
    assert all(s.proof.proved for s in derivation.steps if s.rule != "definition")
    plain_slope = slope(row.expr.xreplace({J: N}), ZS[J])
    assert prove(plain_slope, spelled(derivation.gradient, letters(row).definitions)).proved


def test_the_letters_of_a_pair_are_distinct():
    for names in EVERY_PAIR:
        found = letters(subject(*names))
        bases = [str(m.base.label) for m in found.letters]
        assert len(bases) == len(set(bases)), names
        assert all(isinstance(base, IndexedBase) for base in found.definitions)
        assert isinstance(subject(*names).loss, Loss) and not found.loss.atoms(KroneckerDelta)
