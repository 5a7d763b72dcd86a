"""Every check of vector subjects passes on what is emitted, and catches the defect it exists for."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import derive
from derive.catalogue import ACTIVATIONS, LOSSES, legal_pairs, subject
from derive.checks import Material, run
from derive.checks.settings import another, off_default, settings
from derive.checks.vectors import VECTOR_CHECKS
from derive.checks.vectors import truth as truth_room
from derive.checks.vectors.kinks import selects, ties
from derive.checks.vectors.masks import nothing
from derive.checks.vectors.usual import blocks, target_axes
from derive.model import VECTOR, Activation, Pair, Proof

SINGLES = [(row.name,) for row in (*ACTIVATIONS, *LOSSES) if row.kind == VECTOR]
PAIRS = [names for names in legal_pairs() if subject(*names).kind == VECTOR]
CHECKS = {check.name for check in VECTOR_CHECKS}
QUICK = ("known", "kinks", "arrays", "memory")
SOFTMAX_CE = ("softmax", "cross_entropy")


@cache
def material(*names):
    """What the checks look at, as the program makes it."""
    made = derive.derive(*names)
    return Material(
        subject=made.subject,
        derivation=made.derivation,
        program=made.program,
        code=made.code(),
        module=made.module,
    )


def failed(given, only=None):
    """The names of the checks that fail."""
    return {verdict.check for verdict in run(given, only) if not verdict.passed}


def with_functions(original, **functions):
    """The material with some functions of its module made by others from them; loss_and_grad follows."""
    module = dict(original.module)
    module |= {name: make(module[name]) for name, make in functions.items()}

    def loss_and_grad(*given, out=None, **keywords):
        both = module["loss"](*given, **keywords), module["grad"](*given, **keywords)
        if out is None:
            return both
        if [v.shape for v in out] != [np.shape(v) for v in both]:
            raise ValueError("out")
        for into, value in zip(out, both, strict=True):
            into[...] = value
        return out

    if "loss" in module and "loss_and_grad" not in functions:
        module["loss_and_grad"] = loss_and_grad
    return replace(original, module=module)


@pytest.mark.parametrize("names", SINGLES, ids="+".join)
def test_singles_pass_the_quick_checks(names):
    assert [v for v in run(material(*names), QUICK) if not v.passed] == []


@pytest.mark.parametrize("names", PAIRS[::40], ids="+".join)
def test_pairs_pass_the_quick_checks(names):
    assert [v for v in run(material(*names), QUICK) if not v.passed] == []


@pytest.mark.parametrize("names", [SOFTMAX_CE, ("identity", "multi_rmse"), ("sparsemax",)], ids="+".join)
def test_every_check_passes(names):
    verdicts = run(material(*names))
    assert [v for v in verdicts if not v.passed] == []
    assert all(v.limit >= v.worst >= 0 for v in verdicts)
    assert {v.check for v in verdicts} == CHECKS


def scaled(factor):
    """A function whose results are off by a factor."""
    return lambda f: lambda *given, **keywords: f(*given, **keywords) * factor


def in_float32(planted):
    """A function with other results where the first argument is float32."""

    def make(f):
        def function(z, *given, **keywords):
            value = f(z, *given, **keywords)
            return planted(np.asarray(z), value) if np.asarray(z).dtype == np.float32 else value

        return function

    return make


def textbook(f):
    """softmax(z) − y, which has no digits left where one class dominates."""

    def grad(z, y, **keywords):
        value = f(z, y, **keywords)
        z, y = np.asarray(z, float), np.asarray(y, float)
        with np.errstate(all="ignore"):
            e = np.exp(z - z.max(-1, keepdims=True)) if z.size and z.shape == y.shape else None
            plain = value if e is None else (e / e.sum(-1, keepdims=True) - y).astype(value.dtype)
            far = np.ptp(z, axis=-1, keepdims=True) if z.size else 0
        return np.where((far > 30) & np.isfinite(far), plain, value).astype(value.dtype)

    return grad


def open_at_the_margin(f):
    """The Hessian of two vectors at a distance of exactly 1 taken a little nearer."""

    def hess(z, y, **keywords):
        if isinstance(z, np.ndarray) and z.dtype.kind == "f" and z.shape[-1] % 2 == 0:
            with np.errstate(all="ignore"):
                apart = np.subtract(*np.split(z.astype(float), 2, -1)) ** 2
            z = np.where(apart.sum(-1, keepdims=True) == 1, z * (1 - 2.0**-40), z).astype(z.dtype)
        return f(z, y, **keywords)

    return hess


def with_matrix(f):
    """A function that makes an array of K × K on its way."""

    def function(z, *given, **keywords):
        np.ones((np.atleast_1d(z).shape[-1],) * 2)
        return f(z, *given, **keywords)

    return function


# Name of the defect: (subject, functions changed, the checks that must catch it, and no others).
IN_CODE = {
    "textbook gradient": (SOFTMAX_CE, {"grad": textbook}, {"truth64", "truth32"}),
    "gradient off by 1e-9": (
        ("multi_rmse",),
        {"grad": scaled(1 + 1e-9)},
        {"differences", "truth64", "arrays"},
    ),
    "float32 overflows early": (
        ("multi_rmse",),
        {"loss": in_float32(lambda z, v: np.where(v > 1e30, np.inf, v).astype(v.dtype))},
        {"truth32"},
    ),
    "a matrix on the way": (("multi_rmse",), {"loss": with_matrix}, {"memory"}),
    "a margin that is open where it is 0": (("contrastive",), {"hess": open_at_the_margin}, {"kinks"}),
}


@pytest.mark.parametrize("defect", IN_CODE)
def test_defect_in_the_code_is_caught_by_its_checks_alone(defect):
    names, functions, expected = IN_CODE[defect]
    assert failed(with_functions(material(*names), **functions)) == expected


def test_truth_that_shares_the_mistake_of_the_code_is_caught_by_differences(monkeypatch):
    """Both gradients twice as large: only the formula's own values show it."""
    honest = truth_room.certified
    planted = with_functions(material("multi_rmse"), grad=scaled(2))

    def shared(about, quantity, row):
        found = honest(about, quantity, row)
        with np.errstate(over="ignore"):
            return replace(found, hi=found.hi * 2, lo=found.lo * 2) if quantity == "gradient" else found

    truth_room.truths.cache_clear()
    monkeypatch.setattr(truth_room, "certified", shared)
    verdicts = failed(planted, ("truth64", "truth32", "differences"))
    truth_room.truths.cache_clear()
    assert verdicts == {"differences"}


def swapped(derivation, number, **changes):
    """The derivation with one step changed."""
    steps = list(derivation.steps)
    steps[number] = replace(steps[number], **changes)
    return replace(derivation, steps=tuple(steps))


def last(derivation, name):
    """The number of the last step about a quantity."""
    return max(n for n, step in enumerate(derivation.steps) if step.quantity.name == name)


IN_DERIVATION = {
    "a step that is wrong but says it is proved": lambda d: swapped(
        d, last(d, "dL/dz"), expr=2 * d.steps[last(d, "dL/dz")].expr
    ),
    "a step without a proof": lambda d: swapped(d, last(d, "dL/dz"), proof=Proof(method="none")),
    "a step that passes for a definition": lambda d: swapped(
        d, last(d, "dL/dz"), proof=Proof(method="definition")
    ),
    "another gradient": lambda d: replace(d, gradient=2 * d.gradient),
    "another Hessian": lambda d: replace(d, hessian=-d.hessian),
}


@pytest.mark.parametrize("defect", IN_DERIVATION)
def test_defect_in_the_derivation_is_caught_by_the_steps(defect):
    given = material(*SOFTMAX_CE)
    planted = replace(given, derivation=IN_DERIVATION[defect](given.derivation))
    assert failed(planted, ("steps",)) == {"steps"}


def test_unproved_form_of_the_code_is_caught_by_the_steps():
    given = material(*SOFTMAX_CE)
    program = replace(given.program, proofs=(("gradient", Proof(method="none")),))
    assert failed(replace(given, program=program), ("steps",)) == {"steps"}


@pytest.mark.parametrize("names", [("cross_entropy",), SOFTMAX_CE, ("identity", "multi_rmse"), ("softmax",)])
def test_wrong_known_value_is_caught_by_known(names):
    given = material(*names)

    def wrong(entry):
        first = entry.known[0]
        return replace(entry, known=(replace(first, value=first.value + 1e-6), *entry.known[1:]))

    about = given.subject
    about = replace(about, loss=wrong(about.loss)) if isinstance(about, Pair) else wrong(about)
    assert failed(replace(given, subject=about), ("known",)) == {"known"}


def test_wrong_formula_in_the_file_is_caught_by_the_self_check():
    given = material(*SOFTMAX_CE)
    spoiled = given.code.replace("def _formula(", "def _plain(").replace(
        "def _self_check", "def _formula(*given):\n    return 1.001 * _plain(*given)\n\n\ndef _self_check"
    )
    assert spoiled != given.code
    assert failed(replace(given, code=spoiled), ("selfcheck",)) == {"selfcheck"}


SMOOTH = {("entmax15",)}  # its Jacobian is continuous where the support changes
SELECTING = {names for names in (*SINGLES, ("identity", "multi_margin")) if selects(subject(*names))} - SMOOTH


@pytest.mark.parametrize("names", sorted(SELECTING), ids="+".join)
def test_kinks_are_found_wherever_there_are_selections(names):
    about = subject(*names)
    quantities = ("gradient",) if isinstance(about, Activation) else ("gradient", "hessian")
    assert sum(len(ties(about, quantity)) for quantity in quantities) >= 3


@pytest.mark.parametrize("names", [*SINGLES, *PAIRS], ids="+".join)
def test_other_parameters_are_admissible_and_differ(names):
    about = subject(*names)
    for parameter in about.parameters:
        value, inside = off_default(parameter), parameter.domain
        assert value != parameter.default and inside.lo < value < inside.hi
    for setting in settings(about, 5)[1:]:
        for parameter, (name, value) in zip(about.parameters, setting, strict=True):
            assert name == parameter.name and value == another(parameter, 5)
            if parameter.per_class:
                assert len(set(value)) == 5
                assert all(parameter.domain.lo < v < parameter.domain.hi for v in value)


def test_shapes_follow_from_the_formulas():
    shapes = {names[0]: (blocks(subject(*names)), target_axes(subject(*names))) for names in SINGLES}
    assert shapes["softmax"] == (1, None) and shapes["swiglu"] == (2, None)
    assert shapes["brier"] == (1, 1) and shapes["multi_quantile"] == (1, 0)
    assert shapes["triplet"] == (3, None) and shapes["contrastive"] == (2, 0)
    assert target_axes(subject("softmax", "squared_error")) == 1


# The input of a masked class: ∓∞ for a logit, 0 for a probability; none where there is no mask.
MASKED = {
    SOFTMAX_CE: -np.inf,
    ("log_softmax", "nll"): -np.inf,
    ("identity", "cross_entropy_logits"): -np.inf,
    ("sparsemax",): -np.inf,
    ("softmin", "brier"): np.inf,
    ("cross_entropy",): 0,
    ("reverse_kl",): None,
    ("softmax", "reverse_kl"): None,
    ("glu",): None,
}


@pytest.mark.parametrize("names", MASKED, ids="+".join)
def test_masks_follow_from_the_formulas(names):
    assert nothing(subject(*names)) == MASKED[names]
