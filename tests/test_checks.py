"""Every check catches the defect it exists for, and lets the emitted code pass."""

import re
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

import derive
from derive import catalogue
from derive.accuracy import truth as truth_room
from derive.accuracy.kinks import kink_points
from derive.accuracy.points import targets
from derive.accuracy.truth import formula
from derive.checks import CHECKS, Material, run
from derive.checks.truth import _truths
from derive.emit.plain_numpy import plain_parts
from derive.model import Proof

NAMES = [check.name for check in CHECKS]


@cache
def material(*names, **params):
    """What the checks look at, as the program makes it."""
    made = derive.derive(*names, params=params)
    return Material(
        subject=made.subject,
        derivation=made.derivation,
        program=made.program,
        code=made.code(),
        module=made.module,
    )


def failed(planted, only=None):
    """The names of the checks that fail."""
    return {verdict.check for verdict in run(planted, only) if not verdict.passed}


def with_functions(original, **functions):
    """The material with other functions in its module; loss_and_grad follows them."""
    module = {**original.module, **functions}

    def loss_and_grad(z, y, *, out=None, **parameters):
        both = module["loss"](z, y, **parameters), module["grad"](z, y, **parameters)
        if out is None:
            return both
        for into, value in zip(out, both, strict=True):
            into[...] = value
        return out

    return replace(
        original,
        module=(
            {"loss_and_grad": loss_and_grad, **module, **functions}
            if "loss_and_grad" in functions
            else {**module, "loss_and_grad": loss_and_grad}
        ),
    )


def where(condition, planted, original):
    """A function that is `planted` where the condition on its arguments holds, else `original`."""

    def function(z, y, **parameters):
        value = original(z, y, **parameters)
        with np.errstate(all="ignore"):
            chosen = np.where(condition(z, y), planted(np.asarray(z, float), np.asarray(y, float)), value)
        return chosen.astype(np.asarray(value).dtype)[()]

    return function


def always(z, y):
    """The condition that holds everywhere."""
    return np.full(np.broadcast(z, y).shape, True) & ~np.isnan(z) & ~np.isnan(y)


def sigmoid(z):
    """The textbook's."""
    return 1 / (1 + np.exp(-z))


BCE = ("sigmoid", "bce")


@pytest.mark.parametrize("names", [BCE, ("relu", "huber"), ("elu",), ("hinge",)], ids="-".join)
def test_emitted_code_passes_every_check(names):
    verdicts = run(material(*names))
    assert [verdict.check for verdict in verdicts] == NAMES
    assert [verdict for verdict in verdicts if not verdict.passed] == []


# Defects that one check alone is there to catch: (name, subject, plant, the checks that must fail).


def wrong_step(original):
    """The first result has its sign turned."""
    steps = list(original.derivation.steps)
    at = next(n for n, step in enumerate(steps) if step.result)
    steps[at] = replace(steps[at], expr=-steps[at].expr)
    return replace(original, derivation=replace(original.derivation, steps=tuple(steps)))


def unproved_step(original):
    """A step is right, but nobody proved it."""
    steps = list(original.derivation.steps)
    steps[-1] = replace(steps[-1], proof=Proof(method="none"))
    return replace(original, derivation=replace(original.derivation, steps=tuple(steps)))


def unproved_form(original):
    """The code's form of the gradient is not known to equal the reader's."""
    proofs = (("gradient", Proof(method="none")),)
    return replace(original, program=replace(original.program, proofs=proofs))


def wrong_hessian(original):
    """The derivation ends in another second derivative than its entry has."""
    return replace(original, derivation=replace(original.derivation, hessian=original.derivation.gradient))


def wrong_entry(original):
    """The entry has another formula than its source; everything else follows it."""
    known = original.subject.activation.known
    moved = (replace(known[0], value=known[0].value * (1 + 1e-9)), *known[1:])
    activation = replace(original.subject.activation, known=moved)
    return replace(original, subject=replace(original.subject, activation=activation))


def textbook_gradient(original):
    """a − y: every digit is lost at saturation, none in the middle."""
    planted = where(always, lambda z, y: sigmoid(z) - y, original.module["grad"])
    return with_functions(original, grad=planted)


def textbook_in_float32(original):
    """a − y where z is float32, and only far out."""
    far = partial(lambda z, y: (np.asarray(z).dtype == np.float32) & (np.abs(z) > 20))
    return with_functions(original, grad=where(far, lambda z, y: sigmoid(z) - y, original.module["grad"]))


def missing_overflow(original):
    """The loss stops at 1e300."""

    def loss(z, y, **parameters):
        value = original.module["loss"](z, y, **parameters)
        return np.minimum(value, 1e300) if value.dtype == np.float64 else value

    return with_functions(original, loss=loss)


def one_at_the_kink(original):
    """relu′(0) = 1."""
    at_zero = where(lambda z, y: np.asarray(z) == 0, lambda z, y: -y + 0 * z, original.module["grad"])
    return with_functions(original, grad=at_zero)


def float64_always(original):
    """The dtype of z is forgotten."""

    def grad(z, y):
        return original.module["grad"](np.asarray(z, float), y)

    return with_functions(original, grad=grad)


def flat_result(original):
    """The shape of a matrix is forgotten."""

    def hess(z, y):
        value = original.module["hess"](z, y)
        return value.ravel() if value.ndim > 1 else value

    return with_functions(original, hess=hess)


def warning(original):
    """A warning escapes far out."""

    def loss(z, y):
        np.exp(-np.asarray(z, float))
        return original.module["loss"](z, y)

    return with_functions(original, loss=loss)


def any_target(original):
    """Targets are not looked at."""

    def grad(z, y):
        return original.module["grad"](z, np.clip(y, 0, 1))

    return with_functions(original, grad=grad)


def no_nan(original):
    """NaN becomes 0."""
    return with_functions(original, grad=lambda z, y: np.nan_to_num(original.module["grad"](z, y), nan=0.0))


def out_is_ignored(original):
    """loss_and_grad returns new arrays."""

    def both(z, y, *, out=None):
        return original.module["loss"](z, y), original.module["grad"](z, y)

    return replace(original, module={**original.module, "loss_and_grad": both})


def no_limit(original):
    """z = inf gives the largest float's value."""

    def loss(z, y):
        value = original.module["loss"](z, y)
        return np.where(np.isinf(z), 0.0, value).astype(value.dtype)[()]

    return with_functions(original, loss=loss)


def wrong_pair_of_functions(original):
    """The file's loss is twice what it should be, and so is its gradient: they match each other."""
    planted = "_loss, _grad = loss, grad\nloss = lambda *a, **k: 2 * _loss(*a, **k)\n"
    planted += "grad = lambda *a, **k: 2 * _grad(*a, **k)\n"
    return replace(original, code=original.code.replace("\nif __name__ ==", f"\n{planted}\nif __name__ =="))


DEFECTS = (
    (wrong_step, BCE, {"steps"}),
    (unproved_step, BCE, {"steps"}),
    (unproved_form, BCE, {"steps"}),
    (wrong_hessian, BCE, {"steps"}),
    (wrong_entry, BCE, {"known"}),
    (textbook_gradient, BCE, {"truth64", "truth32"}),
    (textbook_in_float32, BCE, {"truth32"}),
    (missing_overflow, ("exponential", "squared_error"), {"truth64", "arrays"}),
    (one_at_the_kink, ("relu", "squared_error"), {"kinks"}),
    (float64_always, BCE, {"arrays"}),
    (flat_result, BCE, {"arrays"}),
    (warning, BCE, {"arrays"}),
    (any_target, BCE, {"arrays"}),
    (no_nan, BCE, {"arrays"}),
    (out_is_ignored, BCE, {"arrays"}),
    (no_limit, BCE, {"arrays"}),
    (wrong_pair_of_functions, BCE, {"selfcheck"}),
)


@pytest.mark.parametrize(
    ("plant", "names", "caught"), DEFECTS, ids=lambda value: getattr(value, "__name__", "")
)
def test_planted_defect_is_caught_by_its_check_and_no_other(plant, names, caught):
    planted = plant(material(*names))
    assert planted != material(*names) and failed(planted) == caught


def test_differences_catch_what_certified_slopes_would_share(monkeypatch):
    """Were all slopes from power series wrong by a factor, and the code with them, differences would tell."""
    original, right = material(*BCE), truth_room.certified

    def wrong(ball, env, at, order, **options):
        value, *slopes = right(ball, env, at, order, **options)
        return [value, *(2 * slope for slope in slopes)]

    planted = with_functions(
        original,
        grad=lambda z, y: 2 * original.module["grad"](z, y),
        hess=lambda z, y: 2 * original.module["hess"](z, y),
    )
    _truths.cache_clear()
    monkeypatch.setattr(truth_room, "certified", wrong)
    try:
        assert failed(planted, ("differences", "truth64", "truth32", "kinks", "arrays")) == {"differences"}
    finally:
        _truths.cache_clear()


@pytest.mark.parametrize("wrong", [-np.inf, np.nan, 1e308])
def test_an_infinite_difference_excuses_no_other_value(wrong):
    original = material("exp(exp(z))")

    def grad(z):
        right = original.module["grad"](z)
        return np.where(np.isinf(right), wrong, right)[()]

    assert failed(original, ("differences",)) == set()
    planted = replace(original, module={**original.module, "grad": grad})
    assert failed(planted, ("differences",)) == {"differences"}


def test_every_check_catches_a_planted_defect():
    assert {name for _, _, caught in DEFECTS for name in caught} | {"differences"} == set(NAMES)


def test_a_nan_at_a_known_value_is_noticed_though_others_follow():
    first = material(*BCE).subject.activation.known[0].at[0]
    loss = where(lambda z, y: z == first, lambda z, y: z * np.nan, material(*BCE).module["loss"])
    assert failed(with_functions(material(*BCE), loss=loss), ("known",)) == {"known"}


def test_the_loss_of_a_known_output_may_be_off_by_the_rounding_of_that_output_alone():
    right = material(*BCE).module["loss"]
    for off, caught in ((2.0**-50, set()), (1e-12, {"known"})):
        planted = with_functions(material(*BCE), loss=lambda z, y, off=off: right(z, y) * (1 + off))
        assert failed(planted, ("known",)) == caught


def test_known_values_outside_a_condition_are_of_the_activation_alone():
    pair = material("elu", "msle")
    assert any(dict(known.parameters).get("alpha", 1) > 1 for known in pair.subject.activation.known)
    assert failed(pair, ("known",)) == set()


@pytest.mark.parametrize(("quantity", "wrong"), [("grad", lambda v: -v), ("hess", lambda v: 1 - v)])
def test_the_slope_of_another_piece_is_noticed_where_a_kink_is_a_change_of_sign(quantity, wrong):
    """κ takes a jump over 0 for a root, and would excuse any value beside it."""
    original = material("identity", "absolute_error" if quantity == "grad" else "huber")
    plain = formula(original.subject)
    left = {(kink.left, y) for y in targets(plain, 3) for kink in kink_points(plain, y)}

    def planted(z, y, **parameters):
        value = original.module[quantity](z, y, **parameters)
        return wrong(value) if (float(z), float(y)) in left else value

    assert failed(with_functions(original, **{quantity: planted}), ("kinks",)) == {"kinks"}


def test_wrong_middle_is_caught_by_differences_and_by_truth():
    original = material("tanh", "half_squared_error")
    middle = where(
        lambda z, y: np.abs(z) < 5, lambda z, y: (np.tanh(z) - y) * (1 - np.tanh(z)), original.module["grad"]
    )
    assert failed(with_functions(original, grad=middle)) >= {"differences", "truth64", "truth32"}


def test_check_that_raises_has_failed_and_says_why():
    planted = replace(material(*BCE), module={})
    verdicts = {verdict.check: verdict for verdict in run(planted)}
    assert not verdicts["truth64"].passed and verdicts["truth64"].where == "KeyError: 'loss'"
    assert verdicts["steps"].passed


def test_checks_by_name():
    assert [verdict.check for verdict in run(material(*BCE), ["kinks", "steps"])] == ["steps", "kinks"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_check_is_described(check):
    assert re.fullmatch(r"[a-z0-9]+", check.name) and len(check.says) > 20


@pytest.mark.parametrize("names", [("inverse_squared", "huber"), ("positive_identity", "smape")])
def test_the_self_check_takes_no_difference_across_a_kink(names):
    assert "linspace(0.265625, " in "".join(plain_parts(catalogue.pair(*names)))
    assert "linspace(0.25, " in "".join(plain_parts(catalogue.pair(names[0], "squared_error")))


def test_the_step_of_the_self_check_is_short_beside_fast_waves():
    assert "h = 1e-6" in "".join(plain_parts(catalogue.pair("sin", "lq")))
    assert "h = 1e-5" in "".join(plain_parts(catalogue.pair("tanh", "lq")))
