"""Functions of a user's own: what is inferred is right, what is said is verified, the rest is refused."""

import numpy as np
import pytest
import sympy as sp

from derive import catalogue, own
from derive.model import (
    ELEMENTWISE,
    NONNEGATIVE,
    POSITIVE,
    REALS,
    UNIT_CLOSED,
    UNIT_OPEN,
    A,
    BadInput,
    Finite,
    Interval,
    Y,
    Z,
)
from derive.own.sets import read_set

UNIT_BALL = Interval(lo=-sp.S.One, hi=sp.S.One)
# text: domain, range, whether it is an enclosure, kinks; worked out by hand
ACTIVATIONS = (
    ("z**3", REALS, REALS, False, ()),
    ("tanh(z)", REALS, UNIT_BALL, False, ()),
    ("exp(z)", REALS, POSITIVE, False, ()),
    ("1/(1+z**2)", REALS, Interval(lo=sp.S.Zero, hi=sp.S.One, closed_hi=True), False, ()),
    ("z*exp(-z**2/2)", REALS, Interval(lo=-sp.exp(-sp.Rational(1, 2)), hi=sp.exp(-sp.Rational(1, 2)),
                                       closed_lo=True, closed_hi=True), False, ()),
    ("log(z)", POSITIVE, REALS, False, ()),
    ("1/z", POSITIVE, POSITIVE, False, ()),
    ("1/(z-1)", Interval(hi=sp.S.One), Interval(hi=sp.S.Zero), False, ()),
    ("log(z/(1-z))", UNIT_OPEN, REALS, False, ()),
    ("z*log(z)", POSITIVE, Interval(lo=-sp.exp(-1), closed_lo=True), False, ()),
    ("(z+sqrt(z**2+4))/2", REALS, POSITIVE, False, ()),
    ("abs(z)", REALS, NONNEGATIVE, False, (0,)),
    ("clip(z, -1, 2)", REALS, Interval(lo=-sp.S.One, hi=sp.S(2), closed_lo=True, closed_hi=True), False,
     (-1, 2)),
    ("max(exp(z), 2)", REALS, Interval(lo=sp.S(2), closed_lo=True), False, (sp.log(2),)),
    ("z if z > 0 else 0.1*z", REALS, REALS, False, (0,)),
    ("1 if z > 3 else 0", REALS, UNIT_CLOSED, True, (3,)),
    ("sin(z)", REALS, Interval(lo=-sp.S.One, hi=sp.S.One, closed_lo=True, closed_hi=True), True, ()),
)  # fmt: skip
LOSSES = (
    ("(a-y)**2/2", REALS, REALS, "mean", (-1, 0, 1)),
    ("-y*log(a)-(1-y)*log(1-a)", UNIT_OPEN, UNIT_CLOSED, "probability", (0, 1)),
    ("a-y*log(a)", POSITIVE, NONNEGATIVE, "mean", (0, 1)),
    ("max(0, 1-y*a)", REALS, Finite(values=(-1, 1)), "raw score", (-1, 1)),
    ("log(1+exp(-y*a))", REALS, Finite(values=(-1, 1)), "raw score", (-1, 1)),
    ("hinge(a, 2*y-1)", REALS, Finite(values=(0, 1)), "raw score", (0, 1)),
    ("y/a+log(a)", POSITIVE, NONNEGATIVE, "mean", (0, 1)),
)
REFUSED = (
    ("log(-1-z**2)", "defined"),
    ("tan(z)", "not shown"),
    ("z+a", "unknown name"),
    ("z*beta", "--param beta"),
    ("abs(sin(z))", "zeros"),
)


@pytest.mark.parametrize(
    ("text", "domain", "range_", "enclosure", "kinks"), ACTIVATIONS, ids=lambda v: str(v)[:20]
)
def test_activation_is_inferred(text, domain, range_, enclosure, kinks):
    found = own.activation(text)
    assert (found.domain, found.range, found.range_is_enclosure, found.kinks) == (
        domain,
        range_,
        enclosure,
        kinks,
    )
    assert found.own and any("range" in line for line in found.inferred)


ROWS = [r for r in catalogue.ACTIVATIONS if r.kind == ELEMENTWISE and not r.parameters][::2]  # a sample


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_catalogue_agrees_with_what_is_inferred(row):
    """The rows' own formulas, as SymPy gives them: kinks as typed, exact ranges alike."""
    found = own.activation(row.expr, where=_where(row.domain))
    assert sorted(found.kinks) == sorted(row.kinks)
    if not found.range_is_enclosure and not row.range_is_enclosure:
        assert (sp.simplify(found.range.lo - row.range.lo), sp.simplify(found.range.hi - row.range.hi)) in (
            (0, 0), (0, sp.nan), (sp.nan, 0), (sp.nan, sp.nan)
        )  # fmt: skip
    values = sp.lambdify(Z, row.expr, ["scipy", "numpy"])(
        np.array([z for z in POINTS if _lies(row.domain, z)])
    )
    low, high = float(found.range.lo), float(found.range.hi)
    assert ((values >= low) & (values <= high)).all()


POINTS = (-30.0, -3.7, -1.0, -0.3, 0.0, 0.2, 0.9, 1.0, 2.5, 7.1, 30.0)


def _lies(domain, z):
    return float(domain.lo) < z < float(domain.hi)


def _where(domain):
    ends = [f"z > {domain.lo}" * domain.lo.is_finite, f"z < {domain.hi}" * domain.hi.is_finite]
    return " and ".join(filter(None, ends))


@pytest.mark.parametrize(("text", "prediction", "target", "reads", "hard"), LOSSES, ids=lambda v: str(v)[:20])
def test_loss_is_inferred(text, prediction, target, reads, hard):
    found = own.loss(text)
    assert (found.prediction, found.target, found.reads, found.hard) == (prediction, target, reads, hard)


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_cannot_be_is_refused(text, why):
    with pytest.raises(BadInput, match=why) as caught:
        own.activation(text)
    assert "\n" not in str(caught.value)


def test_parameters_are_read_with_their_domains():
    found = own.activation("log(1+exp(beta*z))/beta", parameters={"beta": "1.5", "unused": 2})
    assert [(p.name, p.default, p.domain, p.latex) for p in found.parameters] == [
        ("beta", sp.Rational(3, 2), POSITIVE, r"\beta")
    ]
    assert found.range == POSITIVE
    scaled = own.activation("z/(1+exp(-beta*z))", parameters={"beta": 1.702}).range
    assert scaled.lo.free_symbols and scaled.hi == sp.oo


@pytest.mark.parametrize(
    "name", ["__import__", "loss", "np", "lambda", "print", "é", "x" * 31, "t1", "exp", "a", "out"]
)
def test_names_that_would_do_harm_are_refused(name):
    from derive.expression import checked

    with pytest.raises(BadInput):
        checked(name, "parameter")


class Hostile(sp.Function):
    """A function that would act when it is built anew."""

    acted = 0

    @classmethod
    def eval(cls, w):
        Hostile.acted += 1


@pytest.mark.parametrize("expr", [Hostile(Z), sp.gamma(Z), sp.Integral(Z, Z), sp.I * Z, sp.Symbol("w") * Z])
def test_sympy_is_read_by_a_list_of_nodes(expr):
    before = Hostile.acted
    with pytest.raises(BadInput):
        own.activation(expr)
    assert Hostile.acted == before


def test_sympy_symbols_count_by_their_names():
    z, beta = sp.symbols("z beta")
    assert own.activation(z / (1 + sp.exp(-z))).expr == Z / (1 + sp.exp(-Z))
    assert own.activation(sp.Max(0, z) * beta, parameters={"beta": 2}).parameters[0].name == "beta"
    a, y = sp.symbols("a y", positive=True)
    assert own.loss((a - y) ** 2).expr == (A - Y) ** 2


@pytest.mark.parametrize(
    ("given", "kind"), [("z", "activation"), ("a-y", "loss"), (Z**2, "activation"), (A * Y, "loss")]
)
def test_kind_is_told_by_the_letters(given, kind):
    assert own.kind_of(given) == kind


@pytest.mark.parametrize("given", ["z*a", "1", "beta", Z * Y])
def test_kind_of_anything_else_is_refused(given):
    with pytest.raises(BadInput):
        own.kind_of(given)


GOOD = r"""
[activation.my_gate]
expr = "z*sigmoid(beta*z)"
parameters = {beta = {default = 1.702, domain = "(0, inf)", latex = '\beta'}}
range = "(-0.279/beta, inf)"
latex = '\mathrm{Gate}'
title = "a gated unit"
source = "a note of 2024"
known = [[1.0, 0.8457957659328212], {at = [2.0], value = 1.0, origin = "a table", parameters = {beta = 0.0}}]
aliases = ["gate"]

[activation.bent]
expr = "my_gate(z) if z > -1 else my_gate(-1) + (z + 1)/10"
kinks = [-1]

[activation.between]
expr = "clip(z, lower, upper)"
parameters = {lower = {default = -1, domain = "R"}, upper = {default = 1, domain = "(lower, inf)"}}
kinks = ["lower", "upper"]

[loss.steep]
expr = "where(a > y, (a-y)**2, tau*(a-y)**2)"
parameters = {tau = 3}
kinks = ["a - y"]
reads = "mean"
hard = [0]

[loss.of_labels]
expr = "steep(a, y)"
target = "{-1, 1}"
"""
BAD = {
    "x = 1": "unknown key 'x'",
    "[activation.sigmoid]\nexpr = 'z'": "name of a function|catalogue",
    "[activation.g]\nexpr = 'z'\nrang = 'R'": "Try: range",
    "[activation.g]\nexpr = 'z*sigmoid(z)'\nrange = '(0, inf)'": "at z = ",
    "[activation.g]\nexpr = 'softplus(z)'\nrange = '(0, 5)'": "at z = ",
    "[activation.g]\nexpr = 'tanh(z)'\nkinks = [1]": "no kink at z",
    "[activation.g]\nexpr = 'abs(z)'\nkinks = []": "kink at z = 0 too",
    "[activation.g]\nexpr = 'log(z)'\ndomain = 'R'": "not defined at z = 0",
    "[activation.ga]\nexpr = 'gb(z)'\n[activation.gb]\nexpr = 'ga(z)'": "call one another",
    "[activation.g]\nexpr = 'z'\nlatex = '\\\\input{x}'": "latex",
    "[activation.g]\nexpr = 'z'\ntitle = 'a\\u0022\\u0022\\u0022'": "title",
    "[activation.g]\nexpr = 'z'\nsource = 'a\\nb'": "source",
    "[activation.g]\nexpr = 'z'\nknown = [[1]]": "known",
    "[activation.g]\nexpr = 'z*b'": "unknown name 'b'",
    "[activation.g]\nexpr = 'z'\nparameters = {b = 1}": "does not occur",
    "[activation.g]\nexpr = 3": "expr is a text",
    "[activation._g]\nexpr = 'z'": "begins with a letter",
    "[loss.g]\nexpr = 'abs(a-y)'\nkinks = ['a']": "no kink where",
    "[loss.g]\nexpr = '(a-y)**2'\nreads = 'foo'": "reads is one of",
    "[loss.g]\nexpr = 'log(a)*y'\nprediction = 'R'": "not defined at a = 0",
    "[loss.g]\nexpr = '(a-y)**2'\nhard = [3]\ntarget = '[0, 1]'": "hard target 3",
    "a = [[[": "no TOML",
    "[activation]\ng = 3": "holds tables",
}


def written(tmp_path, text):
    """A file that holds a text."""
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


CORNERS = (
    ("min(-(a - y)**3, 2*(a - y))", sp.Piecewise((-((A - Y) ** 3), A - Y >= 0), (2 * A - 2 * Y, True))),
    ("relu6(((a - y)/2)**3)", sp.Piecewise(
        (6, 2 * sp.cbrt(6) <= A - Y), ((A - Y) ** 3 / 8, A - Y > 0), (0, True)
    )),
)  # fmt: skip


@pytest.mark.parametrize(("text", "cases"), CORNERS)
def test_at_a_corner_the_slopes_are_those_of_least_size(text, cases):
    assert own.loss(text).expr == cases


def test_file_of_functions_is_read(tmp_path):
    found = own.load(written(tmp_path, GOOD))
    gate, bent, between = found.activations
    assert (gate.latex, gate.title, gate.source, gate.aliases) == (
        r"\mathrm{Gate}", "a gated unit", "a note of 2024", ("gate",)
    )  # fmt: skip
    assert [k.at for k in gate.known] == [(1.0,), (2.0,)]
    assert bent.kinks == (-1,) and bent.expr.has(sp.exp)
    low, high = (p.symbol for p in between.parameters)
    assert between.range == Interval(lo=low, hi=high, closed_lo=True, closed_hi=True)
    steep, labels = found.losses
    assert steep.hard == (0,) and steep.kinks == (A - Y,)
    assert labels.target == Finite(values=(-1, 1)) and labels.reads == "raw score"


@pytest.mark.parametrize(("text", "why"), BAD.items(), ids=range(len(BAD)))
def test_wrong_file_is_refused_in_one_line(tmp_path, text, why):
    with pytest.raises(BadInput, match=why) as caught:
        own.load(written(tmp_path, text))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("R", REALS), ("(0, inf)", POSITIVE), ("[0, 1]", UNIT_CLOSED), ("{-1, 1}", Finite(values=(-1, 1))),
        ("z >= 0", NONNEGATIVE), ("(-1, 1)", UNIT_BALL), ("(-inf, 1)", Interval(hi=sp.S.One)),
    ],
)  # fmt: skip
def test_sets_are_read(text, meaning):
    assert read_set(text, Z) == meaning


@pytest.mark.parametrize(
    "text", ["", "(", "{}", "{1.5}", "(1, 0)", "(z, 1)", "[0; 1]", "(0, 1", "q > 0", "0" * 200]
)
def test_other_sets_are_refused(text):
    with pytest.raises(BadInput):
        read_set(text, Z)
