"""Emitted code of layers: clean files, lines of matrices, and small passes worked out by hand."""

from functools import cache

import numpy as np
import pytest

from derive.api.executed import executed
from derive.catalogue.layers import LAYERS
from derive.derivation.layers.steps import finished
from derive.emit.layers import code
from derive.emit.layers.lowering import Spelling, lowered
from derive.model import FEATURES, OUTPUTS, ROWS, LayerDerivation
from derive.program.layers import program
from test_format import black, ruff, twice

ROWS_OF = {layer.name: layer for layer in LAYERS}
NAMES = tuple(ROWS_OF)
X, W, GAIN = (*(array.at for array in ROWS_OF["dense"].moving[:2]), ROWS_OF["layer_norm"].weights[0].at)


@cache
def text(name):
    """The code of a layer, whose steps are proved elsewhere."""
    return code(LayerDerivation(subject=ROWS_OF[name], steps=(), gradient=()), program(ROWS_OF[name]))


@cache
def module(name):
    """The functions of a layer's code."""
    return executed(text(name), name)


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """A folder with the code of all layers."""
    folder = tmp_path_factory.mktemp("layers")
    for name in NAMES:
        (folder / f"{name}.py").write_text(text(name), encoding="utf-8")
    return folder


def test_files_are_what_black_writes_and_ruff_passes(emitted):
    assert black(emitted) == ruff(emitted) == twice(emitted) == ""


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_say_what_there_is(name):
    found, layer = module(name), ROWS_OF[name]
    assert layer.source in " ".join(found["__doc__"].split())
    for function in ("value", "forward", "backward"):
        assert found[function].__doc__
    for parameter in layer.parameters:
        assert f"{parameter.name}:" in found["forward"].__doc__
    text(name).encode("ascii")


@pytest.mark.parametrize("name", NAMES)
def test_one_gradient_for_each_array(name):
    found, layer = module(name), ROWS_OF[name]
    sizes = found["_SIZES"][1]
    given = found["_drawn"](np.random.default_rng(0), **sizes)
    output, saved = found["forward"](*given)
    slopes = found["backward"](np.ones(np.shape(output)), saved)
    slopes = slopes if len(layer.moving) > 1 else (slopes,)
    assert [s.shape for s in slopes] == [v.shape for v in given[: len(layer.moving)]]


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_those_of_the_derivation(name):
    """With the sums that have lines of their own put back, backward lines are the derivatives as they end."""
    lines = {line.at: line.meaning for line in program(ROWS_OF[name]).backward}
    ends = {d.bar: d.expr for d in finished(ROWS_OF[name]) if not d.through}
    named = {at: meaning for at, meaning in lines.items() if at not in ends}
    for identity in ROWS_OF[name].identities:
        named.pop(identity.at, None)
    assert {at: lines[at].subs(named) for at in ends} == ends


def test_dense_by_hand():
    found = module("dense")
    x, w, b = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0], [7.0, 11.0]]), np.array([0.5, -0.5])
    z, saved = found["forward"](x, w, b)
    assert z.tolist() == [[13.5, 28.5]]
    slopes = found["backward"](np.array([[1.0, 10.0]]), saved)
    assert [s.tolist() for s in slopes] == [[[73.0, 115.0]], [[1.0, 2.0], [10.0, 20.0]], [1.0, 10.0]]


def test_no_array_has_more_axes_than_it_needs():
    """The passes of a dense layer are products of matrices, and no larger array is formed."""
    code = text("dense")
    for line in ("z = x @ w.T", "z += b", "x_bar = g @ w", "w_bar = g.T @ x", "b_bar = g.sum(0)"):
        assert f"    {line}\n" in code


@pytest.mark.parametrize("name", NAMES)
def test_no_selection_is_formed(name):
    assert "omega" not in text(name).split('"""', 2)[2]


def test_products_broadcast():
    n, d, k = ROWS.indices[0], FEATURES.indices[0], OUTPUTS.indices[0]
    by = Spelling(parameters={})
    assert lowered(X + GAIN, (n, d), by).text == "x + gamma"
    assert lowered(X * GAIN, (d, n), by).text == "x.T * gamma[:, None]"
    assert lowered(W * X, (n, k, d), by).text == "w * x[:, None, :]"


def test_of_no_array_but_a_number_is_made_a_full_one():
    found = module("batch_mean")
    mean, saved = found["forward"](np.array([[1.0, 2.0], [3.0, 6.0]], np.float32))
    assert (mean, mean.dtype) == (3.0, np.float32)
    assert found["backward"](8, saved).tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_a_query_that_sees_nothing_gives_nothing():
    found = module("attention")
    q, k, v = np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 4))
    o, saved = found["forward"](q, k, v, mask=np.array([[False, False], [True, False]]))
    slopes = found["backward"](np.ones_like(o), saved)
    assert o.tolist() == [[0.0] * 4, [1.0] * 4]
    assert all(np.isfinite(s).all() for s in slopes)
    assert not slopes[0][0].any()


def test_scores_that_overflow_are_no_empty_rows():
    found = module("attention")
    q, k, v = np.full((1, 2), 1e200), np.array([[-1e200, -1e200], [-2e200, -1e200]]), np.ones((2, 3))
    assert np.isnan(found["value"](q, k, v)).all()
    assert np.isnan(found["value"](q, -k, v)).all()
    assert np.isnan(found["value"](q, k, v, mask=np.array([True, False]))).all()
    assert found["value"](q / 1e50, k / 1e50, v).tolist() == [[1.0] * 3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_entries_are_centred_to_nothing(dtype):
    rows = np.linspace(0.1, 9, 50, dtype=dtype)[:, None] * np.ones(7, dtype)
    beta = np.linspace(-1, 1, 7, dtype=dtype)
    y = module("layer_norm")["value"](rows, np.ones(7, dtype), beta, epsilon=1e-30)
    assert (y == beta).all()
    y = module("batch_norm")["value"](rows.T, np.ones(50, dtype), np.zeros(50, dtype), epsilon=1e-30)
    assert not y.any()


def test_a_shape_is_told_as_numpy_tells_it():
    with pytest.raises(ValueError, match=r"^b has shape \(3,\), but \(2,\) is needed$"):
        module("dense")["value"](np.ones((4, 3)), np.ones((2, 3)), np.ones(3))


def test_a_value_that_several_lines_use_is_computed_once():
    backward = text("swiglu_block").partition("def _backward(")[2].partition("return")[0]
    assert backward.count("_sigmoid(a)") == 1


def test_tokens_that_come_twice_add_up():
    found = module("embedding")
    tokens = np.array([[2, 0], [2, 2]])
    y, saved = found["forward"](np.eye(4), tokens)
    assert y.shape == (2, 2, 4)
    assert found["backward"](np.ones_like(y), saved).sum(1).tolist() == [4.0, 0.0, 12.0, 0.0]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_tokens_that_come_often_add_up(dtype):
    random = np.random.default_rng(0)
    tokens = np.concatenate([np.zeros(100), np.full(33, 4), random.integers(7, size=50)]).astype(dtype)
    g = random.integers(-5, 5, (len(tokens), 3)).astype(float)
    wanted = np.zeros((9, 3))
    np.add.at(wanted, tokens, g)
    _, saved = module("embedding")["forward"](np.ones((9, 3)), tokens)
    assert np.array_equal(module("embedding")["backward"](g, saved), wanted)


def test_windows_overlap():
    found = module("conv1d")
    x, w, b = np.arange(6.0).reshape(1, 1, 6), np.array([[[1.0, 10.0]]]), np.zeros(1)
    z, saved = found["forward"](x, w, b, stride=2, padding=1, dilation=2)
    assert z.tolist() == [[[10.0, 31.0, 53.0]]]
    slope, _, _ = found["backward"](np.ones_like(z), saved)
    assert slope.tolist() == [[[0.0, 11.0, 0.0, 11.0, 0.0, 10.0]]]
    with pytest.raises(ValueError, match="x has 6 places"):
        found["value"](x, np.ones((1, 1, 9)), b)
    with pytest.raises(ValueError, match="w has no taps"):
        found["value"](x, np.ones((1, 1, 0)), b)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("letter", "NDKHTSFVC")
def test_where_there_is_nothing_no_one_warns(name, letter):
    """Sizes of 0, rows and others; warnings are errors."""
    found = module(name)
    if letter not in (sizes := found["_SIZES"][1]) or (name, letter) == ("embedding", "V"):
        return
    given = found["_drawn"](np.random.default_rng(0), **sizes | {letter: 0})
    output, saved = found["forward"](*given)
    slopes = found["backward"](np.ones(np.shape(output)), saved)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    assert all(s.shape == v.shape and np.isfinite(s).all() for s, v in zip(slopes, given, strict=False))


def test_masks_are_drawn_at_the_rate():
    found = module("dropout")
    mask = found["draw"]((1000, 100), np.random.default_rng(0), rate=0.25)
    assert mask.dtype == bool
    assert abs(mask.mean() - 0.75) < 0.01  # seven standard deviations
    y = found["value"](np.ones(mask.shape), mask, rate=0.25)
    assert np.unique(y).tolist() == [0.0, 1 / 0.75]
