"""The matching loss has slope a − y: F against integrals of the entry's formula, code against both."""

import contextlib
import io
import json
import warnings

import numpy as np
import pytest
import scipy.integrate
import sympy as sp
from sympy import exp

from derive import api, catalogue, cli
from derive.claims.claim import answer
from derive.claims.matching import CLAIM
from derive.claims.matching.antiderivative import antiderivative
from derive.claims.matching.matched import matching
from derive.claims.matching.rows import ROWS
from derive.claims.matching.searched import searched
from derive.claims.places import proof_of
from derive.expression import read
from derive.heads import plain
from derive.model import (
    ELEMENTWISE,
    NOT_APPLICABLE,
    PROVED,
    REALS,
    REFUTED,
    UNDECIDED,
    Activation,
    BadInput,
    Interval,
    Z,
)
from derive.proof.pieces import joined, pieces
from derive.rules import W

ACTIVATIONS = tuple(row for row in catalogue.ACTIVATIONS if row.kind == ELEMENTWISE)
WITHOUT = {
    "gelu_tanh",
    "mish",
    "log1mexp",
    "squareplus",
    "power_response",
    "logit",
    "hard_tanh",
}  # no closed form found
SPECIAL = {"softplus", "silu", "quick_gelu", "log_sigmoid", "cloglog", "loglog"}  # in Li₂ or E₁
OPEN = {"squareplus", "hard_tanh"}  # of which it is not decided here whether they ever decrease
UNNAMED = {"step"}  # whose inverse is none, so that nothing is compared
CALLED = {
    "identity": "half the squared error",
    "sigmoid": "binary cross-entropy",
    "tanh": "binary cross-entropy of outputs and targets moved to [0, 1]",
    "lecun_tanh": "binary cross-entropy of outputs and targets moved to [0, 1]",
    "inverse_squared": "half the inverse Gaussian deviance times −2",
    "exponential": "Poisson negative log-likelihood",
    "half_logit_sigmoid": "binary cross-entropy divided by 2",
    "inverse": "half the Gamma deviance with the opposite sign",
    "neg_inverse": "half the Gamma deviance",
    "inverse_root": "half the inverse Gaussian deviance",
    "negative_binomial_mean": "negative binomial negative log-likelihood",
    "positive_identity": "half the squared error",
}
VECTORS = {
    "softmax": PROVED,
    "softmax_temperature": PROVED,
    "softmin": PROVED,
    "sparsemax": PROVED,
    "l2_normalize": PROVED,
    "log_softmax": REFUTED,
    "spherical_softmax": REFUTED,
    "entmax15": UNDECIDED,
    "glu": NOT_APPLICABLE,
    "bilinear_glu": NOT_APPLICABLE,
    "reglu": NOT_APPLICABLE,
    "geglu": NOT_APPLICABLE,
    "swiglu": NOT_APPLICABLE,
}


def fixed(expr: sp.Expr, act: Activation) -> sp.Expr:
    return plain(expr).subs({p.symbol: p.default for p in act.parameters}).doit()


def kinks_of(act: Activation) -> list[float]:
    """Its kinks, at the defaults of its parameters."""
    return [float(fixed(sp.S(kink), act)) for kink in act.kinks]


def function(act: Activation):
    """The entry's formula in NumPy."""
    return sp.lambdify(Z, fixed(act.expr, act), ["numpy", "scipy"])


def places(domain) -> list[float]:
    """Points on both sides, inside the domain."""
    tried = (-5.5, -2.25, -0.75, 0.5, 1.75, 6.0)
    return [z for z in tried if float(domain.lo) < z < float(domain.hi)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.of))
def test_row_is_an_antiderivative(row):
    """The table is its own test, by normal form; E₁, Li₂ and logarithms in 30 digits, too."""
    of, gives = row.of.subs(W, Z), row.gives.subs(W, Z)
    domain = Interval(lo=sp.S.Zero) if gives.has(sp.log(Z)) or of.has(1 / Z) else REALS
    assert proof_of(gives.diff(Z), of, domain).method == "normal form"
    z, h = sp.Rational(5, 4), sp.Rational(1, 10**8)
    slope = (plain(gives).subs(Z, z + h) - plain(gives).subs(Z, z - h)).evalf(40) / (2 * h)
    assert abs(slope - plain(of).subs(Z, z).evalf(40)) < 1e-12


@pytest.mark.parametrize("act", ACTIVATIONS, ids=lambda a: a.name)
def test_potential_is_the_integral(act):
    """F(z) − F(start), evaluated by SymPy, against SciPy's quadrature of the entry's own formula."""
    made = matching(act)
    assert (made.found is None) == (act.name in WITHOUT)
    assert made.closed == (act.name not in WITHOUT | SPECIAL)
    if made.found is None:
        return
    big, f, start = fixed(made.found.expr, act), function(act), float(made.start)
    for z in places(act.domain):
        breaks = [k for k in kinks_of(act) if min(start, z) < k < max(start, z)]
        truth, _ = scipy.integrate.quad(f, start, z, epsabs=1e-12, epsrel=1e-12, points=breaks or None)
        assert float((big.subs(Z, z) - big.subs(Z, start)).evalf(25)) == pytest.approx(
            truth, rel=1e-9, abs=1e-11
        )


@pytest.mark.parametrize("act", ACTIVATIONS, ids=lambda a: a.name)
def test_convex_exactly_where_the_activation_does_not_decrease(act):
    """Proved: no step down between 10,000 points; refuted: f′ < 0 at the witness, in 30 digits."""
    first, convex, called = answer(CLAIM, act).findings
    assert first.outcome == PROVED
    assert (convex.outcome == UNDECIDED) == (act.name in OPEN), convex.how
    assert all(step.proof.holds for finding in (first, convex, called) for step in finding.steps)
    if convex.outcome == REFUTED:
        assert dips(act, convex.witness)
        return
    low, high = max(float(act.domain.lo) + 0.01, -20.0), min(float(act.domain.hi) - 0.01, 20.0)
    with np.errstate(all="ignore"):
        values = function(act)(np.linspace(low, high, 10_000))
    assert (
        convex.outcome == UNDECIDED
        or (np.diff(np.broadcast_to(values, 10_000)) >= -1e-12 * (1 + np.abs(values[1:]))).all()
    )


def dips(act: Activation, witness) -> bool:
    """Whether the formula itself falls where a witness says: it has a negative slope, or a jump downwards."""
    at = dict(witness.at)
    known = {p.symbol: at.get(str(p.symbol), p.default) for p in act.parameters}
    expr, step = plain(act.expr).subs(known), sp.Rational(1, 10**15)
    if "z" in at:
        ends = [expr.subs(Z, at["z"] + side * step).evalf(60) for side in (1, -1)]
        return ends[0] < ends[1] and abs((ends[0] - ends[1]) / (2 * step) - witness.value.evalf(60)) < 1e-12
    jumps = [
        expr.subs(Z, k + step) - expr.subs(Z, k - step)
        for k in (sp.S(kink).subs(known) for kink in act.kinks)
    ]
    return any(abs(jump - witness.value) < 1e-12 and jump < 0 for jump in jumps)


@pytest.mark.parametrize("act", ACTIVATIONS, ids=lambda a: a.name)
def test_name_in_the_catalogue(act):
    found = answer(CLAIM, act).findings[2]
    assert found.outcome == (UNDECIDED if act.name in UNNAMED else PROVED)
    wanted = CALLED.get(act.name)
    assert found.says.startswith(f"the matching loss is {wanted}" if wanted else "no elementwise loss")


@pytest.mark.parametrize(("name", "outcome"), VECTORS.items())
def test_vector_activations(name, outcome):
    found = answer(CLAIM, catalogue.subject(name)).findings[0]
    assert found.outcome == outcome
    assert (found.witness is not None) == (outcome == REFUTED)
    assert all(step.proof.proved for step in found.steps)


def test_every_subject_is_answered():
    for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES):
        assert answer(CLAIM, row).findings


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("relu(z)", [0]),
        ("min(max(z, 0), 6)", [0, 6]),
        ("abs(abs(z) - 1)", [-1, 0, 1]),
        ("max(max(z, 0), -z)", [0]),
        ("z*min(max(z + 3, 0), 6)/6", [-3, 3]),
    ],
)
def test_pieces_are_the_function(text, cut):
    expr = read(text).expr
    found = pieces(expr)
    assert [piece.low for piece in found[1:]] == cut
    for z in np.linspace(-7.3, 7.9, 40):
        assert joined(found).subs(Z, sp.Rational(str(z))) == expr.subs(Z, sp.Rational(str(z)))


def test_antiderivative_is_continuous_where_pieces_meet():
    big = antiderivative(joined(pieces(read("min(max(z, -1), 6)").expr))).expr
    for end in (-1, 6):
        one, two = (piece.expr.subs(Z, end) for piece in pieces(big) if end in (piece.low, piece.high))
        assert one == two


def test_wrong_antiderivatives_are_refused(monkeypatch):
    """A planted row with a wrong constant gives none; so does an answer that jumps or is not one."""
    from derive.claims.matching import antiderivative as module
    from derive.claims.matching import searched as search

    cosine = next(row for row in ROWS if row.of == sp.cos(W))
    wrong = type(cosine)(of=cosine.of, gives=cosine.gives * (1 + sp.Rational(1, 10**9)))
    monkeypatch.setattr(module, "ROWS", (wrong,))
    assert module.antiderivative.__wrapped__(sp.cos(Z)) is None
    jumping = 2 * sp.atan(sp.tan(Z / 2) / sp.sqrt(3)) / sp.sqrt(3)
    for f, big in ((1 / (2 + sp.cos(Z)), jumping), (sp.cos(Z), sp.sin(2 * Z)), (1 / (1 + Z**2), sp.log(Z))):
        monkeypatch.setattr(search, "_asked", lambda exprs, seconds, big=big: [big])
        assert search.searched(f, REALS) is None


def test_search_finds_and_gives_up_in_time():
    found = searched(Z**3 / (1 + Z**2), REALS)
    assert found.proof.proved and sp.expand(found.expr - Z**2 / 2 + sp.log(1 + Z**2) / 2) == 0
    assert searched(exp(Z**7) * sp.sin(exp(Z)), REALS, seconds=0.2) is None


CODE = (
    "mish",
    "cloglog",
    "arctan",
    "leaky_relu",
    "silu",
    "inverse",
    "z/(1 + exp(-1.702*z))",
    "min(max(z, 0), 6)",
)


@pytest.mark.parametrize("text", CODE)
def test_code_computes_the_loss(text):
    """10,000 points: the gradient is f − y of the formula, and the loss its integral from one to the next."""
    found = api.match(text)
    source = found.code()
    module = run(source)
    assert module["_self_check"]() == []
    domain, f = found.activation.domain, function(found.activation)
    low, high = max(float(domain.lo) + 0.1, -9.0), min(float(domain.hi), 9.0)
    z, y = np.linspace(low, high, 10_000), 0.375
    with np.errstate(all="ignore"):
        wanted = f(z) - y
    np.testing.assert_allclose(module["grad"](z, y), wanted, rtol=1e-9, atol=1e-10)
    loss, middle = module["loss"](z, y), (z[1:] + z[:-1]) / 2
    step = (np.diff(z) / 6) * (wanted[1:] + wanted[:-1] + 4 * (f(middle) - y))  # Simpson's rule
    kinks = np.array(kinks_of(found.activation))
    smooth = ~((z[:-1, None] < kinks) & (kinks < z[1:, None])).any(axis=1)
    np.testing.assert_allclose(np.diff(loss)[smooth], step[smooth], rtol=1e-5, atol=1e-9)
    pair = module["loss_and_grad"](z, y)
    assert (pair[0] == loss).all() and (pair[1] == module["grad"](z, y)).all()
    assert module["loss"](np.float32([0.5]), 0.0).dtype == np.float32
    assert np.isnan(module["grad"](np.nan, 0.0))
    with pytest.raises(ValueError, match="targets"):
        module["loss"](0.5, np.inf)


def run(source: str) -> dict:
    module = {"__name__": "emitted"}
    exec(compile(source, "<emitted>", "exec"), module)
    return module


def test_code_of_what_the_catalogue_has_is_the_catalogues():
    assert api.match("sigmoid").code() == api.derive("sigmoid", "bce").code()
    assert api.match("softmax").code() == api.derive("softmax", "cross_entropy").code()


def test_self_check_sees_a_wrong_loss_and_a_wrong_gradient():
    source = api.match("mish").code()
    for right, wrong in (
        ("_potential(z) - y * z", "_potential(z) + y * z"),
        ("_output(z) - y", "_output(z) + y"),
    ):
        assert right in source
        assert run(source.replace(right, wrong, 1))["_self_check"]()


def test_outside_its_domain_code_gives_nan():
    module = run(api.match("log(z)", "z>0").code())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(module["grad"]([-1.0, 0.0], 0.5)).all()


@pytest.mark.parametrize(
    ("text", "convex", "says"),
    [
        ("1/(1+exp(-z))", PROVED, "binary cross-entropy"),
        ("-z", REFUTED, "half the squared error with the opposite sign"),
        ("exp(z)", PROVED, "Poisson"),
        ("sign(z)", PROVED, "no elementwise"),
        ("-sign(z)", REFUTED, "no elementwise"),
        ("sin(z)", REFUTED, "no elementwise"),
        ("z**3", PROVED, "no elementwise"),
        ("z**2*exp(-z)", REFUTED, "no elementwise"),
    ],
)
def test_ones_own_function(text, convex, says):
    first, second, third = api.match(text).answer.findings
    assert first.outcome == PROVED and second.outcome == convex
    assert says in third.says


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("log(z)", "z<1", "not defined at z = "),
        ("log(-1 - z**2)", "", "defined"),
        ("nosuch", "", "unknown activation 'nosuch'"),
        ("sigmoid", "z>0", "its own domain"),
        ("y*a", "", "unknown name 'y'"),
        ("z^2", "", "'\\*\\*'"),
    ],
)
def test_what_cannot_be_is_refused(text, where, why):
    with pytest.raises(BadInput, match=why):
        api.match(text, where)


def printed(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(
            ["match", *arguments, "--time-limit", "0"]
        )  # none, so that it is done in this process
    return code, out.getvalue(), err.getvalue()


def test_command():
    code, text, _ = printed("atan(z)")
    assert code == 0 and "L = z*atan(z) - log(1 + z**2)/2 - y*z" in text
    assert printed("-exp(-z)")[0] == 0
    assert json.loads(printed("softmax", "--json")[1])["answers"][0]["claim"] == "matching"
    assert r"\mathrm{E}_{1}\left(e^{z}\right)" in printed("cloglog", "--latex")[1]
    assert "\\documentclass" in printed("sigmoid", "--latex", "--standalone")[1]
    assert "```math" in printed("mish", "--markdown")[1]
    assert "def loss(z, y)" in printed("arctan", "--code")[1]


@pytest.mark.parametrize(
    "given",
    [("-q",), ("--nosuch", "z"), ("log(z)", "--where", "z<1"), ("sigmoid", "--json", "--standalone"), ()],
)
def test_bad_input_is_one_line_and_code_2(given):
    code, out, err = printed(*given)
    assert code == 2 and out == "" and err.count("\n") == 1 and err.startswith("derive: ")
