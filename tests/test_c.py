"""Emitted C: warning-free, the same function as the NumPy file, its refusals, export and loading."""

import ctypes
import os
import random
import re
import subprocess
from functools import cache, partial

import numpy as np
import pytest

import derive
from derive import catalogue, native
from derive.api import ready
from derive.checks import CHECKS, Material, run
from derive.cli import main
from derive.emit.c import statements, text
from derive.emit.c.names import prefix, variable
from derive.kernel import OPERATIONS, trace
from derive.model import ELEMENTWISE, Activation, BadInput

# Of every kind: soft and labelled targets, a parameter and several kinks, polynomials, waves, entries alone.
SUBJECTS = (
    ("sigmoid", "bce"),
    ("gelu", "squared_error"),
    ("identity", "huber"),
    ("silu", "hinge"),
    ("exponential", "poisson"),
    ("sin", "hinge"),
    ("activation:elu",),
    ("loss:bce",),
)
STRICT = ("-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Wshadow", "-Wdouble-promotion", "-Werror")
CHECKED = ("identity", "huber")
# libm and NumPy differ in their last bits, and a point may lie this near, relatively, to a root.
NEAR = 2.0**-8


@pytest.fixture(autouse=True, scope="module")
def compiler():
    """Skip without a C compiler; fail where all tools are required (see .ci/run)."""
    try:
        return native.compiler()
    except BadInput as error:
        stop = pytest.fail if os.environ.get("DERIVE_REQUIRE_TOOLS") == "1" else pytest.skip
        stop(str(error))


@cache
def made(names):
    """The derivation of a subject."""
    return derive.derive(*names)


@cache
def code(names):
    """Its C code."""
    return made(names).code("c")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The path of one library with all subjects, each from a file of its own; warnings are errors."""
    folder = tmp_path_factory.mktemp("all")
    files = [folder / f"part{n}.c" for n in range(len(SUBJECTS))]
    for names, file in zip(SUBJECTS, files, strict=True):
        file.write_text(code(names))
    flags = (*STRICT, "-shared", "-fPIC", *map(str, files))
    return native.compiled("extern int nothing;", folder / "all.so", flags)


def loaded(library, names):
    """The functions of a subject."""
    return native.functions(ctypes.CDLL(str(library)), made(names).subject)


@pytest.mark.parametrize("names", SUBJECTS, ids="-".join)
def test_the_file_finds_itself_right(names, tmp_path):
    check = f"-D{prefix(made(names).subject).upper()}_SELF_CHECK"
    program = native.compiled(code(names), tmp_path / "checked", (*STRICT, "-O0", check))
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.returncode, done.stdout[:6]) == (0, "passed")


def test_every_entry_alone_compiles_without_a_warning(tmp_path):
    alone = [f"activation:{row.name}" for row in catalogue.ACTIVATIONS if row.kind == ELEMENTWISE]
    alone += [f"loss:{row.name}" for row in catalogue.LOSSES if row.kind == ELEMENTWISE]
    for n, name in enumerate(alone):
        (tmp_path / f"part{n}.c").write_text(derive.derive(name).code("c"))
    flags = (*STRICT, "-fsyntax-only", *(str(path) for path in tmp_path.glob("part*.c")))
    native.compiled("extern int nothing;", tmp_path / "all", flags)


def points(subject, dtype):
    """Inputs of every size, with infinities and NaN, and a target for each."""
    rng = np.random.default_rng(5)
    tiny = np.finfo(dtype).smallest_subnormal
    far = [0.0, -0.0, tiny, -tiny, 37.0, -745.5, 1e16, -1e30, np.inf, -np.inf, np.nan]
    with np.errstate(over="ignore"):
        z = np.concatenate([rng.uniform(-10, 10, 60), np.logspace(-30, 30, 40), far]).astype(dtype)
    if isinstance(subject, Activation):
        return (z,)
    soft = subject.loss if hasattr(subject, "loss") else subject
    hard = [float(y) for y in soft.hard]
    y = np.resize(hard, z.shape).astype(dtype)
    y[5] = np.nan
    return z, y


@pytest.mark.parametrize("names", SUBJECTS, ids="-".join)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_same_as_numpy(library, names, dtype):
    subject = made(names).subject
    given = points(subject, dtype)
    for name, function in loaded(library, names).items():
        got, wanted = function(*given), made(names).module[name](*given)
        for one, other in zip(np.atleast_2d(got), np.atleast_2d(wanted), strict=True):
            assert one.dtype == other.dtype == dtype
            np.testing.assert_array_equal(np.isnan(one), np.isnan(other))
            np.testing.assert_allclose(one, other, rtol=4 * np.finfo(dtype).eps / NEAR, atol=0)


def test_every_check_passes():
    found = made(CHECKED).check("c")
    assert [row.check for row in found] == [check.name for check in CHECKS]
    assert [row for row in found if not row.passed] == []


@pytest.mark.parametrize("names", [names for names in SUBJECTS if len(names) == 2], ids="-".join)
def test_refused_arguments_leave_results_as_they_are(library, names):
    subject = made(names).subject
    function = getattr(ctypes.CDLL(str(library)), f"{prefix(subject)}_loss_and_grad")
    z, out = np.array([0.5, 1.5]), np.full((2, 2), 7.0)
    usual = np.resize([float(subject.loss.hard[0])], 2)
    numbers = [float(p.default) for p in subject.parameters]

    def call(y, numbers):
        pointers = [ctypes.c_void_p(v.ctypes.data) for v in (z, y, *out)]
        return function(ctypes.c_size_t(2), *pointers, *map(ctypes.c_double, numbers))

    for bad in (np.inf, -np.inf):
        assert call(np.array([usual[0], bad]), numbers) == 1
    for n in range(len(numbers)):
        for bad in (np.nan, np.inf, -1.0):
            assert call(usual, [*numbers[:n], bad, *numbers[n + 1 :]]) == n + 2
    assert np.all(out == 7.0)
    assert call(np.array([np.nan, usual[0]]), numbers) == 0
    assert np.isnan(out[:, 0]).all() and np.isfinite(out[:, 1]).all()


def test_results_may_take_the_place_of_arguments(library):
    both = ctypes.CDLL(str(library)).sigmoid_bce_loss_and_grad
    z, y = np.linspace(-3, 3, 7), np.resize([0.0, 1.0], 7)
    wanted = loaded(library, ("sigmoid", "bce"))["loss_and_grad"](z, y)
    first, second = (ctypes.c_void_p(v.ctypes.data) for v in (z, y))
    assert both(ctypes.c_size_t(7), first, second, first, second) == 0
    np.testing.assert_array_equal((z, y), wanted)


# What is wrong in the file, and the text that is planted for it.
DEFECTS = {
    "a wrong loss and its wrong gradient": (r"log1p\(", "0.5 * log1p("),
    "a wrong gradient": (r"(static double grad\(.*?return )", r"\1 -"),
    "another gradient beside the loss": (r"\*slope = ", "*slope = 1e-12 + "),
    "single precision in float": (r"\(float\)apply\(grad, ", "0.99f * (float)apply(grad, "),
    "a target that is let through": (r"return 1;\n    for", "return 0;\n    for"),
    "results beside a refusal": (
        r"if \(targets\(n, y\)\)\n(?=[^}]*\*?out\[i\])",
        "*out = 0.0;\n    if (targets(n, y))\n",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_self_check_finds(defect):
    found, planted = DEFECTS[defect]
    names = SUBJECTS[0]
    before, mark, after = code(names).partition("#ifdef SIGMOID_BCE_SELF_CHECK")
    wrong, count = re.subn(found, planted, before, flags=re.DOTALL)
    assert count
    exit_code, said = native.self_check(wrong + mark + after, made(names).subject)
    assert exit_code == 1 and "FAILED" in said


def test_a_check_of_compiled_code_finds_what_no_self_check_sees():
    """The textbook gradient, which loses every digit in the tail."""
    whole, lossy = code(("sigmoid", "bce")), "1.0 / (1.0 + exp(-z)) - y"
    alone = re.sub(
        r"(static double grad\(.*?\{\n).*?\n\}", rf"\1    return {lossy};\n}}", whole, flags=re.DOTALL
    )
    wrong = re.sub(r"\*slope = .*;\n\}", f"*slope = {lossy};\n}}", alone)
    about = made(("sigmoid", "bce"))
    assert native.self_check(wrong, about.subject)[0] == 0
    planted = Material(
        subject=about.subject,
        derivation=about.derivation,
        program=None,
        code=wrong,
        module=native.load(wrong, about.subject),
        target="c",
    )
    assert [row.check for row in run(planted, only=("truth64",)) if not row.passed] == ["truth64"]


# Operations, one by one and together.

SPECIAL = np.array([-np.inf, -1e300, -2.5, -1.0, -1e-310, -0.0, 0.0, 0.5, 1.5, 40.0, 1e300, np.inf, np.nan])


def as_c(functions, folder):
    """A library with C functions, each traced from a function of two arrays."""
    parts = [text.TOP, *text.HELPERS.values()]
    for name, function in functions.items():
        graph = trace({"value": function}, ("z", "y"))
        parts.append(statements.function(name, graph).removeprefix("static "))
    flags = ("-shared", "-fPIC", "-Wno-unused-function")
    library = ctypes.CDLL(str(native.compiled("\n".join(parts), folder / "all.so", flags)))
    for name in functions:
        getattr(library, name).argtypes = (ctypes.c_double, ctypes.c_double)
        getattr(library, name).restype = ctypes.c_double
    return library


def operation(row):
    """A function of two numbers, with that operation of the table as its last."""
    if row.name == "power":
        return lambda z, y: row.ufunc(z, 1.5)  # powers in formulas are numbers
    if row.name.startswith("logical"):
        return lambda z, y: row.ufunc(*(z < 1.0, y > 0.0)[: row.ufunc.nin])
    return lambda z, y: row.ufunc(*(z, y)[: row.ufunc.nin])


def test_operations_are_those_of_numpy(tmp_path):
    rows = [row for row in OPERATIONS.values() if row.name not in ("erfcx", "ndtr", "log_ndtr")]
    functions = {f"op_{row.name}": operation(row) for row in rows}
    functions |= {
        "larger_than_half": lambda z, y: np.maximum(0.5, z),
        "or_one": lambda z, y: np.maximum(z, y > z),
    }
    functions |= {"smaller_than_half": lambda z, y: np.minimum(z, 0.5)}
    library = as_c(functions, tmp_path)
    z, y = (v.ravel() for v in np.meshgrid(SPECIAL, SPECIAL))
    for name, function in functions.items():
        with np.errstate(all="ignore"):
            wanted = np.asarray(function(z, y)).astype(float)
        got = np.array([getattr(library, name)(*pair) for pair in zip(z, y, strict=True)])
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted), name)
        np.testing.assert_allclose(got, wanted, rtol=2.0**-50, atol=0, err_msg=name)


@pytest.mark.parametrize("name", ["erfcx", "ndtr", "log_ndtr"])
def test_what_libm_lacks_is_refused(name):
    graph = trace({"value": operation(OPERATIONS[name])}, ("z", "y"))
    with pytest.raises(BadInput, match=name):
        statements.function("f", graph)


def expression(rng, depth):
    """A random function of two numbers: arithmetic, comparisons and choices, which are exact in both."""
    if depth == 0:
        number = rng.choice([-2.0, -0.5, 0.25, 3.0])
        return rng.choice([lambda z, y: z, lambda z, y: y, lambda z, y: 0.0 * z + number])
    one, two, three = (expression(rng, rng.randrange(depth)) for _ in range(3))
    return rng.choice(
        [
            lambda z, y: one(z, y) + two(z, y),
            lambda z, y: one(z, y) - two(z, y),
            lambda z, y: one(z, y) * two(z, y),
            lambda z, y: one(z, y) / (2.0 + np.abs(two(z, y))),
            lambda z, y: -one(z, y),
            lambda z, y: 1.0 * (one(z, y) < two(z, y)),
            lambda z, y: np.where((one(z, y) <= two(z, y)) & ~(three(z, y) > 0.0), two(z, y), three(z, y)),
            lambda z, y: np.where((one(z, y) == two(z, y)) | (z > y), one(z, y), -three(z, y)),
            lambda z, y: np.maximum(one(z, y), -two(z, y)),
        ]
    )


def test_statements_group_as_the_graph_does(tmp_path):
    rng = random.Random(4)
    functions = {f"f{n}": expression(rng, 6) for n in range(80)}
    library = as_c(functions, tmp_path)
    for name, function in functions.items():
        for z, y in ((0.7, -1.3), (-2.1, -2.1), (3.3, 0.1)):
            assert getattr(library, name)(z, y) == float(function(np.float64(z), np.float64(y))), name


def test_names_are_safe():
    assert [variable(name) for name in ("double", "n", "t1", "exp", "β")] == [
        "double_",
        "n_",
        "t1_",
        "exp_",
        "_",
    ]
    assert [variable(name) for name in ("z", "y", "delta", "negative_slope")] == [
        "z",
        "y",
        "delta",
        "negative_slope",
    ]


# The command line.


def test_export_writes_a_file_and_its_header(tmp_path, capsys):
    assert main(["export", "identity", "huber", "--target", "c", "-o", str(tmp_path / "loss.c")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loss.c", "loss.h"]
    flags = (*STRICT, f"-I{tmp_path}", "-DIDENTITY_HUBER_SELF_CHECK")
    program = native.compiled((tmp_path / "loss.c").read_text(), tmp_path / "loss", flags)
    assert subprocess.run([program], capture_output=True).returncode == 0
    assert main(["export", "identity", "huber", "--target", "c"]) == 0
    printed = capsys.readouterr().out
    assert printed.rstrip("\n") == code(("identity", "huber")).rstrip("\n")
    assert main(["export", "identity", "huber", "--target", "c", "-o", str(tmp_path / "whole.txt")]) == 0
    assert (tmp_path / "whole.txt").read_text() == printed and not (tmp_path / "whole.h").exists()


@pytest.mark.parametrize("names", SUBJECTS, ids="-".join)
def test_the_header_shows_how_python_loads_it(library, names):
    source = code(names)
    shown = re.findall(r"^ \*     ((?:import|row|grad|[za], y|z|slope).*)$", source, re.MULTILINE)
    assert len(shown) == 7
    namespace = {}
    exec("\n".join(shown).replace("./gradient.so", str(library)), namespace)
    given = [namespace[name] for name in "zay" if name in namespace]
    np.testing.assert_allclose(namespace["slope"], made(names).module["grad"](*given), rtol=1e-14)


REFUSED = {
    ("export", "softmax", "cross_entropy", "--target", "c"): "elementwise",
    ("check", "softmax", "cross_entropy", "--target", "c"): "elementwise",
    ("export", "sigmoid", "bce", "--target", "c", "-o", 'a"b.c'): "no name for a C header. Try: gradient",
    ("check", "sigmoid", "bce", "--target", "fortran"): "unknown target 'fortran'. Try: numpy",
}


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_refusals_take_one_line(command, capsys):
    assert main(list(command)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and REFUSED[command] in err


def test_a_missing_compiler_takes_one_line(capsys, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert main(["check", "sigmoid", "bce", "--target", "c"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "no-such-compiler" in err
    with pytest.raises(BadInput, match="C compiler"):
        ready("c")


BAD_CALLS = {
    "a target": (lambda f: f(0.5, np.inf), ValueError),
    "complex numbers": (lambda f: f(0.5 + 1j, 1.0), TypeError),
    "one array too few": (lambda f: f(0.5), TypeError),
    "a keyword": (lambda f: f(0.5, 1.0, gamma=1.0), TypeError),
    "a parameter": (lambda f: f(0.5, 1.0, delta=-1.0), ValueError),
    "a parameter that is no number": (lambda f: f(0.5, 1.0, delta="1"), ValueError),
    "results of another shape": (
        partial(lambda f, out: f(0.5, 1.0, out=out), out=(np.empty(2),) * 2),
        ValueError,
    ),
    "one array of results": (partial(lambda f, out: f(0.5, 1.0, out=out), out=np.empty(2)), ValueError),
}


@pytest.mark.parametrize("what", BAD_CALLS)
def test_loaded_functions_refuse(library, what):
    call, error = BAD_CALLS[what]
    with pytest.raises(error):
        call(loaded(library, ("identity", "huber"))["loss_and_grad"])
