"""Text becomes an expression by Python's grammar alone: exactly, within limits, and never by being run."""

import ast
import time
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from scipy import special

from derive import expression
from derive.expression import (
    LONGEST,
    MANY,
    ONE,
    OTHER_NAMES,
    read,
    read_interval,
)
from derive.model import REALS, A, BadInput, Interval, Y, Z
from derive.own.domains import require

# (text, expression, a value at z = 3/4 from NumPy)
MEANINGS = (
    ("z", Z, 0.75),
    ("-z", -Z, -0.75),
    (
        "z/(1 + exp(-1.702*z))",
        Z / (1 + sp.exp(-sp.Rational(851, 500) * Z)),
        0.5863900575346379,
    ),
    ("2**3*z", 8 * Z, 6.0),
    ("-z**2", -(Z**2), -0.5625),
    ("2**-1", sp.Rational(1, 2), 0.5),
    ("1e-3 + .5 + 2.", sp.Rational(2501, 1000), 2.501),
    ("z**0.5", sp.sqrt(Z), 0.75**0.5),
    ("2**z", sp.exp(Z * sp.log(2)), 2**0.75),
    ("e**z", sp.exp(Z), np.exp(0.75)),
    ("pi*z", sp.pi * Z, np.pi * 0.75),
    ("max(z, -z)", sp.Max(Z, -Z), 0.75),
    ("min(max(z, 0), 6)", sp.Min(sp.Max(Z, 0), 6), 0.75),
    ("relu(z) - ln(1 + z**2)", sp.Max(Z, 0) - sp.log(1 + Z**2), 0.75 - np.log(1.5625)),
)
NUMPY = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log2": np.log2, "log10": np.log10,
    "sqrt": np.sqrt, "square": np.square, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "sech": lambda w: 1 / np.cosh(w), "asinh": np.arcsinh, "atanh": np.arctanh, "logit": special.logit,
    "sigmoid": special.expit, "softplus": lambda w: np.logaddexp(0.0, w), "erf": special.erf,
    "erfc": special.erfc, "Phi": special.ndtr, "relu": lambda w: np.maximum(w, 0.0), "abs": np.abs,
    "sign": np.sign, "max": np.maximum, "min": np.minimum, "clip": np.clip, "logaddexp": np.logaddexp,
    "pow": np.power, "xlogy": special.xlogy, "xlog1py": special.xlog1py,
}  # fmt: skip
HOSTILE = (
    "__import__('os').system('true')", "z.__class__", "().__class__.__bases__[0]", "(lambda: 1)()",
    "exec('1')", "eval('z')", "open('f')", "[z for z in (1,)]", "{z}", "z[0]", "f'{z}'", "'z'", "b'z'",
    "z if z else 1", "(z:=1)", "z = 1", "z; z", "import os", "print(z)", "lambda z: z", "not z",
    "z < 1", "z and z", "z // 2", "z % 2", "z @ z", "z << 2", "~z", "...", "None", "True", "1j", "0x10",
    "1_000", "z z", "(z", "z)", "", "   ", "#", "z # comment", "z\n+1", "z\\\n+1", "z\x00", "z\t+1",
    "ｚ", "π", "z²", "z^2", "z−1", "exp", "exp()", "exp(z, z)", "exp(z=1)", "exp(*z)", "exp(**z)",
    "max(z)", "exp.real(z)", "exp(exp)", "(exp)(z)(z)", "w", "y", "Z", "sin", "foo(z)", "z" * 2,
    "9**9**9**9", "2**99999", "z**65", "((z**9)**9)**9", "(z**64)**2", "10**64**2", "z**z**z**99",
    "1e31", "1e999999999", "1e-999999999", "9" * 31, "2**64*2**64*2**64*2**64*2**64*2**64*2**64",
    "exp(1e15*log(2))", "sinh(1e29*log(3))", "e**(1e20*log(2))", "2**(1e20*log(3)/log(2))", "1/0",
    "0**-1", "1/(z-z)", "log(0)", "log(-1)", "sqrt(-1)", "(-1)**0.5", "(-2)**z", "0**z", "log1p(-2)",
    "(" * 300 + "z" + ")" * 300, "-" * 400 + "z", "exp(" * 60 + "z" + ")" * 60, "+".join(["z"] * 240),
    "z" + "+1" * 300, "[" * 400, "(" * 450,
)  # fmt: skip
FINE = ("z" + "+z" * 60, "exp(exp(exp(z)))", "(1+z)**64", "+".join(f"{n}.25*sin(z)" for n in range(20)))


@pytest.mark.parametrize(("text", "meaning", "value"), MEANINGS, ids=[m[0] for m in MEANINGS])
def test_text_means(text, meaning, value):
    found = read(text).expr
    assert found == meaning
    assert float(found.subs(Z, sp.Rational(3, 4))) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("name", [*ONE, *MANY])
def test_function_is_the_one_of_that_name(name):
    """Against NumPy and SciPy, whose functions have these names."""
    arguments = (0.75, 0.5, 0.625)[: 1 if name in ONE else MANY[name][1]]
    found = read(f"{name}({', '.join(map(str, arguments))})").expr
    assert float(found) == pytest.approx(float(NUMPY[name](*arguments)), rel=1e-14)


def test_other_names_are_the_same_functions():
    for other, name in OTHER_NAMES.items():
        more = ", 0" * (MANY[name][1] - 1) if name in MANY else ""
        assert read(f"{other}(z{more})").expr == read(f"{name}(z{more})").expr


def test_letters_are_those_given():
    rate = sp.Symbol("rate", positive=True)
    assert read("rate*a - y", {"a": A, "y": Y, "rate": rate}).expr == rate * A - Y
    with pytest.raises(BadInput, match="unknown name 'z'"):
        read("z", {"a": A})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_in_one_short_line_and_at_once(text):
    start = time.monotonic()
    with pytest.raises(BadInput) as caught:
        read(text)
    assert time.monotonic() - start < 2  # a power that is worked out takes for ever
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    assert "expression " in message


def test_length_is_limited_before_anything_is_parsed():
    with pytest.raises(BadInput, match=f"at most {LONGEST}"):
        read("(" * (LONGEST + 1))


@pytest.mark.parametrize("text", FINE)
def test_long_and_deep_within_reason_is_read(text):
    assert read(text).expr.has(Z)


def test_nothing_is_evaluated():
    """The reader's own source calls nothing that runs text."""
    for file in Path(expression.__file__).parent.glob("*.py"):
        calls = {
            ast.unparse(n.func).removeprefix("sp.")
            for n in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(n, ast.Call)
        }
        assert not calls & {"eval", "exec", "compile", "sympify", "parse_expr", "S", "literal_eval"}


@pytest.mark.parametrize(
    ("text", "where", "at"),
    [
        ("log(z)", "", "z = 0"),
        ("1/z", "", "z = 0"),
        ("z/z", "", "z = 0"),  # SymPy makes 1 of it
        ("log(exp(z)-1)", "", "z"),
        ("sqrt(z)", "", "z = -1"),
        ("z**z", "", "z"),
        ("1/z", "z>=0", "z = 0"),
        ("1/(exp(z)-1)", "", "z = 0"),
        ("1/(z-7)", "", "not shown"),  # not shown, and so refused
    ],
)
def test_undefined_is_refused_with_a_place(text, where, at):
    with pytest.raises(BadInput, match=at) as caught:
        require(read(text).needs, {Z: read_interval(where) if where else REALS}, "--where 'z>0'")
    assert "--where" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1/(1+z**2)", ""),
        ("log(1+exp(z))", ""),
        ("sqrt(1+z**2)", ""),
        ("log(cosh(z))", ""),
        ("1/(1+abs(z))", ""),
        ("log(z)", "z>0"),
        ("1/z", "z<0"),
        ("sqrt(z)", "z>=0"),
        ("1/z", "0<z<=1"),
    ],
)
def test_defined_is_let_pass(text, where):
    require(read(text).needs, {Z: read_interval(where) if where else REALS}, "--where 'z>0'")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("z>0", Interval(lo=sp.S.Zero)),
        ("0 < z", Interval(lo=sp.S.Zero)),
        ("z >= -1.5", Interval(lo=-sp.Rational(3, 2), closed_lo=True)),
        ("-1<z<=1", Interval(lo=-sp.S.One, hi=sp.S.One, closed_hi=True)),
        ("z < pi", Interval(hi=sp.pi)),
    ],
)
def test_condition_is_an_interval(text, domain):
    assert read_interval(text) == domain


@pytest.mark.parametrize(
    "text", ["z", "z==1", "y>0", "z>1>z", "0<z<0", "0<1", "z<z", "z>0 or z<1", "z>exp", ""]
)
def test_other_conditions_are_refused(text):
    with pytest.raises(BadInput):
        read_interval(text)


def test_a_word_of_python_is_named():
    with pytest.raises(BadInput, match=r"at column 3: 'lambda' is a word of Python's. Try: my_lambda"):
        read("z*lambda", {"z": Z})
