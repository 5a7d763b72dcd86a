"""The checks of arrays, masks, parameters and refusals catch what they exist for."""

import numpy as np
import pytest

from test_vector_checks import SOFTMAX_CE, failed, in_float32, material, scaled, with_functions


def without_axis(f):
    return lambda *given, axis=-1, **keywords: f(*given, **keywords)


def upside_down(f):
    """Class indices from the other end."""

    def function(z, y, *given, **keywords):
        y, classes = np.asarray(y), np.shape(z)[-1] if np.ndim(z) else 0
        if y.dtype.kind == "i" and y.ndim < np.ndim(z) and ((y >= 0) & (y < classes)).all():
            y = classes - 1 - y
        return f(z, y, *given, **keywords)

    return function


def nan_in_place(f):
    """NaN only where the input has it."""
    return lambda z, y, **keywords: np.where(np.isnan(z), np.nan, np.nan_to_num(f(z, y, **keywords)))


def overwriting(f):
    def function(z, *given, **keywords):
        if isinstance(z, np.ndarray):
            z[...] = z
        return f(z, *given, **keywords)

    return function


def unguarded(f):
    """Targets that are wrong are made right."""

    def function(z, y, *given, **keywords):
        y = np.asarray(y)
        return f(z, np.abs(y) / np.abs(y).sum(-1, keepdims=True) if y.ndim else y, *given, **keywords)

    return function


def forgiving(name, default):
    """A parameter that is wrong is its default."""

    def make(f):
        def function(*given, **keywords):
            try:
                return f(*given, **keywords)
            except ValueError:
                return f(*given, **{**keywords, name: default})

        return function

    return make


def unmasked(f):
    return lambda z, *given, **keywords: f(np.where(np.isneginf(z), -1.0, z), *given, **keywords)


def warning(f):
    def function(*given, **keywords):
        np.log(np.zeros(1))
        return f(*given, **keywords)

    return function


def lower_off(f):
    """A matrix that is no longer symmetric."""
    return lambda z, *given, **keywords: f(z, *given, **keywords) * (1 + 1e-9 * np.tri(np.shape(z)[-1]))


def stacked(f):
    """A tuple of blocks gives one array."""

    def function(z, *given, **keywords):
        if isinstance(z, tuple):
            z, given = np.concatenate(z, -1), [
                np.concatenate(g, -1) if isinstance(g, tuple) else g for g in given
            ]
        return f(z, *given, **keywords)

    return function


IN_ARRAYS = {
    "axis ignored": (SOFTMAX_CE, "grad", without_axis),
    "dtype lost": (SOFTMAX_CE, "hess", lambda f: lambda *given, **k: f(*given, **k).astype(float)),
    "rounded twice": (("softmax",), "value", in_float32(lambda z, v: v * np.float32(1 + 2**-22))),
    "labels from the other end": (SOFTMAX_CE, "loss", upside_down),
    "NaN only in its place": (("multi_rmse",), "grad", nan_in_place),
    "NaN everywhere": (("softmax",), "value", lambda f: lambda z, **k: f(z, **k) + 0 * np.sum(z)),
    "inputs overwritten": (("multi_rmse",), "loss", overwriting),
    "targets made right": (SOFTMAX_CE, "grad", unguarded),
    "bad parameter ignored": (("squared_multi_margin",), "loss", forgiving("margin", 1.0)),
    "bad weights ignored": (("weighted_cross_entropy",), "grad", forgiving("class_weight", 1.0)),
    "mask ignored": (SOFTMAX_CE, "loss", unmasked),
    "a mask in a support ignored": (("sparsemax",), "value", unmasked),
    "a warning": (("multi_rmse",), "grad", warning),
    "no tuple back": (("triplet",), "grad", stacked),
    "product of another matrix": (("triplet",), "hvp", scaled(1 + 1e-9)),
    "no symmetry": (
        ("cosine_similarity",), "hess", lower_off
    ),
    "out not filled": (
        SOFTMAX_CE, "loss_and_grad", lambda f: lambda *given, out=None, **k: out or f(*given, **k)
    ),
    "no empty batch": (("softmax",), "value", lambda f: lambda z, **k: f(z, **k) + np.max(z) * 0),
    "no broadcasting": (
        ("multi_rmse",), "loss", lambda f: lambda z, y, **k: f(np.broadcast_to(z, np.shape(y)), y, **k)
    ),
    "a view of the input": (("multi_rmse",), "hvp", lambda f: lambda z, y, v, **k: f(z, y, v, **k) * 0 + z),
}  # fmt: skip


@pytest.mark.parametrize("defect", IN_ARRAYS)
def test_defect_with_arrays_is_caught(defect):
    names, function, plant = IN_ARRAYS[defect]
    assert failed(material(*names), ("arrays",)) == set()
    assert failed(with_functions(material(*names), **{function: plant}), ("arrays",)) == {"arrays"}
