"""Every check of layers passes on what is emitted, and catches the defect it exists for."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from derive.accuracy.layers import Place, certified, off
from derive.api.executed import executed
from derive.bounds import LAYER
from derive.catalogue.layers import LAYERS
from derive.checks.layers import LAYER_CHECKS, Material, run
from derive.checks.layers.samples import held
from derive.derivation.layers import derive_layer
from derive.emit.layers import code
from derive.model import LayerDerivation, Proof
from derive.program.layers import program
from derive.rules.layers import base_of

ROWS_OF = {layer.name: layer for layer in LAYERS}
QUICK = ("known", "differences", "arrays", "sizes")


@cache
def material(name):
    """What the checks look at, without the steps, whose proofs take longest."""
    layer = ROWS_OF[name]
    derivation, lines = LayerDerivation(subject=layer, steps=(), gradient=()), program(layer)
    text = code(derivation, lines)
    return Material(derivation=derivation, program=lines, code=text, module=executed(text, name))


def failed(given, only):
    """The names of the checks that fail, of those asked for."""
    return {verdict.check for verdict in run(given, only) if not verdict.passed}


def changed(name, **functions):
    """The material of a layer with some functions of its module made by others from them."""
    original = material(name)
    made = {function: make(original.module[function]) for function, make in functions.items()}
    return replace(original, module={**original.module, **made})


@pytest.mark.parametrize("name", ROWS_OF)
def test_layers_pass_the_quick_checks(name):
    assert [v for v in run(material(name), QUICK) if not v.passed] == []


@pytest.mark.parametrize("name", ["dense", "batch_norm", "attention", "embedding"])
def test_layers_pass_every_check(name):
    given = replace(material(name), derivation=derive_layer(ROWS_OF[name]))
    verdicts = run(given)
    assert [v for v in verdicts if not v.passed] == []
    assert [v.check for v in verdicts] == [check.name for check in LAYER_CHECKS]


def first_slope(change):
    """A backward pass whose first gradient is changed."""

    def made(backward):
        def run(g, saved):
            first, *rest = backward(g, saved)
            return change(first), *rest

        return run

    return made


def output(change):
    """A forward pass whose output is changed."""

    def made(forward):
        def run(*arrays, **keywords):
            found, saved = forward(*arrays, **keywords)
            return change(found), saved

        return run

    return made


def scaled(factor):
    """A change by a factor, in the dtype that there is."""
    return lambda v: v * v.dtype.type(factor)


def test_a_step_that_is_not_proved_is_found():
    derivation = derive_layer(ROWS_OF["dense"])
    first, *rest = derivation.steps
    doubtful = replace(derivation, steps=(replace(first, proof=Proof(method="sampled", points=9)), *rest))
    assert failed(replace(material("dense"), derivation=doubtful), ["steps"]) == {"steps"}


@pytest.mark.parametrize(
    ("check", "functions"),
    [
        ("known", {"forward": output(scaled(1 + 1e-9))}),
        ("differences", {"backward": first_slope(scaled(1 + 1e-10))}),
        ("truth64", {"backward": first_slope(scaled(1 + 2.0**-46))}),
        ("truth64", {"forward": output(scaled(1 + 2.0**-46))}),
        ("truth32", {"backward": first_slope(lambda v: v * v.dtype.type(1 + 2.0**-17))}),
        ("truth32", {"forward": output(lambda v: v.astype(np.float16).astype(v.dtype))}),
        ("sizes", {"backward": first_slope(lambda v: v * (1 + 1e-3 * (v.size > 100)))}),
        ("sizes", {"backward": first_slope(lambda v: np.asarray(v, np.float64))}),
    ],
)
def test_wrong_numbers_are_found(check, functions):
    assert failed(changed("layer_norm", **functions), [check]) == {check}


def test_a_wrong_row_is_found():
    """Code that was derived from another formula than the row's agrees with itself alone."""
    layer = ROWS_OF["batch_mean"]
    given = material("batch_sum")
    wrong = replace(given, derivation=replace(given.derivation, subject=layer))
    assert failed(wrong, ["known", "differences", "truth64"]) == {"known", "differences", "truth64"}


def writes(forward):
    """A forward pass that changes its first argument."""

    def run(first, *rest, **keywords):
        if isinstance(first, np.ndarray) and first.flags.writeable and first.dtype == np.float64:
            first *= 1
            first += 1e-9
        return forward(first, *rest, **keywords)

    return run


def keeps(backward):
    """A backward pass that hands back g itself."""
    return lambda g, saved: (g, *backward(g, saved)[1:])


def without(*names):
    """A function that forgets keywords."""
    return lambda f: lambda *arrays, **keywords: f(
        *arrays, **{k: v for k, v in keywords.items() if k not in names}
    )


def in_double(forward):
    """A forward pass in float64 alone."""
    return lambda *arrays, **keywords: forward(*(np.asarray(v, np.float64) for v in arrays), **keywords)


def of_two_axes(forward):
    """A forward pass for two axes alone."""

    def run(x, *rest, **keywords):
        if np.ndim(x) != 2:
            raise ValueError("x has other axes")
        return forward(x, *rest, **keywords)

    return run


def patient(forward):
    """A forward pass that takes shapes which do not fit."""

    def run(x, w, b):
        try:
            return forward(x, w, b)
        except ValueError:
            return forward(np.ones((2, 3)), np.ones((2, 3)), np.ones(2))

    return run


@pytest.mark.parametrize(
    ("name", "functions"),
    [
        ("dense", {"forward": writes}),
        ("dense", {"forward": in_double}),
        ("dense", {"forward": of_two_axes}),
        ("dense", {"forward": patient}),
        ("dense", {"value": lambda f: lambda *arrays: f(*arrays) + 1e-9}),
        ("residual", {"backward": keeps}),
        ("layer_norm", {"forward": without("epsilon")}),
        ("attention", {"forward": without("mask")}),
        ("attention", {"forward": without("scale")}),
        ("conv1d", {"forward": without("stride")}),
        ("embedding", {"forward": lambda f: lambda e, o: f(e, np.asarray(o).astype(int) % len(e))}),
    ],
)
def test_what_arrays_must_keep_is_found(name, functions):
    assert failed(changed(name, **functions), ["arrays"]) == {"arrays"}


def test_truth_is_that_of_the_formula():
    """A dense layer of one number, whose sum cancels: its truth, how far it moves, and what is off."""
    x, w, b = (np.array(v) for v in ([[1 + 2.0**-30]], [[1 - 2.0**-30]], [-1.0]))
    arrays = {base_of(a.at): v for a, v in zip(ROWS_OF["dense"].moving, (x, w, b), strict=True)}
    sizes = {size: 1 for base in arrays for size in base.shape}
    place = Place(layer=ROWS_OF["dense"], arrays=arrays, g=np.array([[3.0]]), sizes=sizes)
    true = certified(place)
    assert true.hi[0].tolist() == [[-(2.0**-60)]]
    assert [v.item() for v in true.hi[1:]] == [w.item() * 3, x.item() * 3, 3.0]
    assert 1 <= true.moves[0] <= 3.01  # what x, w and b do, each by all of itself
    assert off(np.zeros((1, 1)), true, 0, "float64") < 1  # a rounding of one term
    assert off(np.full((1, 1), 1e-13), true, 0, "float64") > LAYER
    for wrong in (np.zeros(1), np.zeros((1, 1), np.float32), np.full((1, 1), np.nan)):
        assert off(wrong, true, 0, "float64") == np.inf


def test_a_file_that_is_wrong_says_so():
    original = material("dense")
    wrong = replace(original, code=original.code.replace("x_bar = g @ w", "x_bar = 2 * g @ w"))
    assert wrong.code != original.code
    assert failed(wrong, ["selfcheck"]) == {"selfcheck"}


def test_a_layer_without_a_value_from_outside_is_found():
    original = material("dense")
    bare = replace(original.derivation, subject=replace(ROWS_OF["dense"], known=()))
    assert failed(replace(original, derivation=bare), ["known"]) == {"known"}


def test_a_value_from_outside_is_of_its_own_parameters():
    """Where a row's defaults are others, its example is still of those that it says."""
    layer = ROWS_OF["dropout"]
    (example,) = layer.known
    other = replace(held(layer, {"rate": 0.9}), known=(replace(example, parameters=(("rate", 0.5),)),))
    given = material("dropout")
    derivation = replace(given.derivation, subject=other)
    assert failed(replace(given, derivation=derivation), ["known"]) == set()
    unsaid = replace(other, known=(example,))
    assert failed(replace(given, derivation=replace(derivation, subject=unsaid)), ["known"]) == {"known"}


def test_what_float16_cannot_hold_is_infinite():
    given = material("weight_decay")
    layer = held(ROWS_OF["weight_decay"], {"decay": 1e6})
    large = replace(given, derivation=replace(given.derivation, subject=layer))
    assert failed(large, ["arrays"]) == set()


@pytest.mark.parametrize("epsilon", [1e-12, 1e-30])
@pytest.mark.parametrize("name", ["layer_norm", "batch_norm"])
def test_the_accuracy_is_that_of_any_epsilon(name, epsilon):
    given = material(name)
    other = replace(
        given, derivation=replace(given.derivation, subject=held(ROWS_OF[name], {"epsilon": epsilon}))
    )
    assert failed(other, ["truth32", "truth64"]) == set()


@pytest.mark.parametrize("name", ["layer_norm", "batch_norm"])
def test_a_mean_beyond_its_entries_is_found(name):
    """Rounding leaves some of equal entries, which a small epsilon makes large."""
    given = material(name)
    text = given.code.replace(
        "np.clip(x.sum(axis) / x.shape[axis], low, high)", "x.sum(axis) / x.shape[axis]"
    )
    assert text != given.code
    layer = held(ROWS_OF[name], {"epsilon": 1e-12})
    other = replace(given, module=executed(text, name), derivation=replace(given.derivation, subject=layer))
    assert failed(other, ["truth32"]) == {"truth32"}
