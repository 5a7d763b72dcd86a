"""Numba code: its functions to the last place, its loops vectorised, every check of the NumPy file passed."""

import subprocess
import sys
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import flint
import numpy as np
import pytest

from derive import api, derive
from derive.checks import Material, run
from derive.emit.numba import coefficients, used_maths
from derive.model import BadInput
from test_format import black, ruff

numba = pytest.importorskip("numba")
maths = pytest.importorskip("derive.emit.numba.maths")

PAIR = ("sigmoid", "bce")
# One of each kind: an activation alone, a loss with a kink and a parameter, and waves.
KINDS = (("gelu",), ("identity", "huber"), ("sin", "tukey"))
SMALLEST = 5e-324

# What the last places of a function may be worth, in ulp, and where it is measured besides everywhere.
BOUNDS = {
    "exp": (1.0, (-745.2, 709.8)),
    "expm1": (1.1, (-2.0, 2.0)),
    "log": (0.8, (0.5, 2.0)),
    "log1p": (1.0, (-1.0, 2.0)),
    "log1p_unit": (1.25, (0.0, 1.0)),
    "tanh": (0.7, (-20.0, 20.0)),
    "sinh": (1.1, (-710.4, 710.4)),
}
SPECIAL = (0.0, SMALLEST, 1e-310, 2.3e-308, 0.35, 0.5, 0.6931, 1.0, 36.7, 37.4, 709.78, 710.47, 745.1, 1e308)


@cache
def looped(function):
    """A function of one float, compiled as a loop over an array."""

    @numba.njit(error_model="numpy")
    def loop(x, made):
        for n in range(x.size):
            made[n] = function(x[n])

    return loop


def values(function, x):
    made = np.empty_like(x)
    looped(function)(x, made)
    return made


def points(low, high, count=1500):
    """Numbers of every size and sign, of an interval, and special ones."""
    rng = np.random.default_rng(4)
    sizes = np.exp2(np.concatenate([rng.uniform(-1074, 1024, count), rng.uniform(-60, 10, count)]))
    found = np.concatenate([SPECIAL, sizes])
    return np.concatenate([found, -found, rng.uniform(low, high, 2 * count)])


def true(name, x):
    """The enclosed value of a function at a float, None where there is none or it is beyond all floats."""
    given = flint.arb(float(x))
    if name == "log1p_unit":
        return given.log1p() if 0 <= x <= 1 else None
    if name.startswith("log") and not given > (-1 if name == "log1p" else 0):
        return None
    if (name in ("exp", "expm1", "sinh") and x > 710.48) or (name == "sinh" and x < -710.48):
        return None
    return getattr(given, name)()


def errors(name, function):
    """(error in ulp, place) of a function at every point where it has a finite value."""
    x = points(*BOUNDS[name][1])
    with flint.ctx.workprec(200):
        for place, got in zip(x, values(function, x), strict=True):
            wanted = true(name, place)
            if wanted is None or abs(wanted) > sys.float_info.max:
                continue
            if not np.isfinite(got):
                yield np.inf, place
                continue
            unit = np.spacing(abs(float(wanted.mid())))
            yield float(abs(flint.arb(float(got)) - wanted).mid()) / unit, place


@pytest.mark.parametrize("name", BOUNDS)
def test_functions_to_the_last_place(name):
    worst = max(errors(name, getattr(maths, f"_{name}")))
    assert worst[0] <= BOUNDS[name][0], worst


def test_a_wrong_digit_is_measured():
    @numba.njit(error_model="numpy")
    def off(x):
        return maths._exp(x) * (1.0 + 1e-15)

    assert max(errors("exp", off))[0] > BOUNDS["exp"][0]


def test_functions_at_the_ends():
    x = np.array([-np.inf, -1e300, -1.0, 0.0, 1e300, np.inf, np.nan])
    for name in BOUNDS.keys() - {"log1p_unit"}:
        with np.errstate(all="ignore"):
            assert np.array_equal(
                values(getattr(maths, f"_{name}"), x), getattr(np, name)(x), equal_nan=True
            ), name


def test_integers_and_signs():
    x = np.concatenate([np.arange(-5, 6) / 2, [1e15 + 0.5, 2.0**52 + 1, -1e300, 0.49999999999999994]])
    for name in ("rint", "floor", "sign"):
        assert np.array_equal(values(getattr(maths, f"_{name}"), x), getattr(np, name)(x)), name


def test_the_constants_are_those_computed():
    text = Path(maths.__file__).read_text(encoding="utf-8")
    for made in ("exponential", "logarithm", "logarithm_to_two"):
        assert all(repr(value) in text for value in getattr(coefficients, made)()), made
    for name, value in coefficients.logs_of_two().items():
        assert getattr(maths, name) == value


def test_only_what_is_needed_is_copied():
    text = "\n".join(used_maths("x = _exp(1.0)"))
    assert "def _tail" in text and "_MAGIC =" in text
    assert "_log" not in text and "LN2_HEAD" not in text


@cache
def material(*names):
    found = derive(*names)
    return Material(
        subject=found.subject,
        derivation=found.derivation,
        program=found.program,
        code=found.code("numba"),
        module=found.load("numba"),
        target="numba",
    )


ALL = ("truth64", "truth32", "known", "kinks", "arrays", "selfcheck")


@pytest.mark.parametrize("names, only", [(PAIR, ALL), *((kind, ("known", "arrays")) for kind in KINDS)])
def test_every_check_passes(names, only):
    assert [v for v in run(material(*names), only) if not v.passed] == []


def test_lost_care_is_found():
    """A loop that counts no odd element leaves NaN, infinities and targets to themselves."""
    good = material(*PAIR)
    code = good.code.replace("odd += 0 if plain else 1", "odd += 0")
    assert code != good.code
    namespace = {"__name__": "careless"}
    exec(compile(code, "<careless>", "exec"), namespace)
    (verdict,) = run(replace(good, code=code, module=namespace), ("arrays",))
    assert not verdict.passed and "NaN in y" in verdict.where


def test_loops_are_vectorised():
    loop = material(*PAIR).module["_both"]
    x = material(*PAIR).module["_fixed"](np.zeros(8))
    loop(x, x, np.empty(8), np.empty(8))
    llvm = "".join(loop.inspect_llvm().values())
    assert "@llvm.fma.v" in llvm and "@exp(" not in llvm


def test_calls_of_two_threads_do_not_meet():
    both = material(*PAIR).module["loss_and_grad"]
    z, y = np.linspace(-40, 40, 200_000), np.resize([0.0, 1.0], 200_000)
    wanted, found = both(z, y), {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: both(z, y)})) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[n], wanted) for n in range(4))


def test_compiled_code_is_kept(tmp_path):
    (tmp_path / "kept.py").write_text(derive("identity", "hinge").code("numba"), encoding="utf-8")
    program = "import kept; kept.grad(0.5, 1.0); print(sum(kept._grad.stats.cache_hits.values()))"
    hits = [
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert [int(h) for h in hits] == [0, 1]


def test_black_and_ruff_change_nothing(tmp_path):
    for names in (PAIR, *KINDS):
        (tmp_path / f"{'_'.join(names)}.py").write_text(material(*names).code, encoding="utf-8")
    assert black(tmp_path) + ruff(tmp_path) == ""


def test_without_numba_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(api, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"derive-gradients\[numba\]"):
        api.ready("numba")
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match="extra 'numba'"):
        derive(*PAIR).load("numba")


def test_vectors_are_refused():
    with pytest.raises(BadInput, match="elementwise"):
        derive("softmax", "cross_entropy").code("numba")
