"""Formulas are written as a mathematician writes them, in LaTeX and in a terminal, and keep their meaning."""

import random

import pytest
import sympy as sp
from sympy import Abs, Eq, Piecewise, Sum, cosh, erf, exp, log, sqrt

from derive import heads as h
from derive.catalogue import ACTIVATIONS, LOSSES
from derive.emit.display import aligned, broken, reason
from derive.emit.measure import terms, width
from derive.emit.printer import latex_of
from derive.emit.prose import as_sentence, latex_of_prose
from derive.emit.text import plain, readable
from derive.model import I_, PS, YS, ZS, A, J, K, N, Y, Z
from latex_reader import read

S = sp.Symbol("negative_slope", nonnegative=True)
ALPHA, BETA, DELTA = sp.symbols("alpha beta delta", positive=True)


def mul(*factors):
    """A product that stays as it stands."""
    return sp.Mul(*factors, evaluate=False)


def piecewise(*rows):
    """Cases that stay as they stand."""
    return Piecewise(*rows, evaluate=False)


SLOPE = (1 - Y) / (1 - A) - Y / A
WRITTEN = (
    # Terms: a positive one in front, numbers before letters, the target after the output.
    (A - Y, "a - y", "a - y"),
    (Y - A, "y - a", "y - a"),
    (1 - A, "1 - a", "1 - a"),
    (1 - 2 * A, "1 - 2a", "1 - 2*a"),
    (2 * A - 1, "2a - 1", "2*a - 1"),
    (1 - A**2, "1 - a^{2}", "1 - a**2"),
    (1 - Y * A, "1 - y a", "1 - y*a"),
    (1 + exp(-Z), "1 + e^{-z}", "1 + exp(-z)"),
    (A + ALPHA, r"a + \alpha", "a + α"),
    (SLOPE, r"\frac{1 - y}{1 - a} - \frac{y}{a}", "(1 - y)/(1 - a) - y/a"),
    (mul(-1, A - Y), "-(a - y)", "-(a - y)"),
    (sp.Add(A, mul(-1, A - Y), evaluate=False), "a - (a - y)", "a - (a - y)"),
    # Factors: number, parameter, target, residual, output, function, sum.
    (mul(A - Y, A, 1 - A), r"(a - y)\,a(1 - a)", "(a - y)*a*(1 - a)"),
    (mul(2, A - Y, 1 - A**2), "2(a - y)(1 - a^{2})", "2*(a - y)*(1 - a**2)"),
    (mul(A - Y, A * (1 - A)), r"(a - y)\,a(1 - a)", "(a - y)*a*(1 - a)"),
    (S * (S * Z - Y), "s(s z - y)", "negative_slope*(negative_slope*z - y)"),
    (ALPHA * exp(Z), r"\alpha e^{z}", "α*exp(z)"),
    (Y * log(A), r"y \log a", "y*log(a)"),
    (Y * (1 - A) * log(1 - A), r"y(1 - a) \log(1 - a)", "y*(1 - a)*log(1 - a)"),
    (Z * h.npdf(Z), r"z\,\varphi(z)", "z*φ(z)"),
    (h.npdf(Z) * (2 - Z**2), r"\varphi(z)(2 - z^{2})", "φ(z)*(2 - z**2)"),
    (h.sigmoid(Z) * (1 - h.sigmoid(Z)), r"\sigma(z)(1 - \sigma(z))", "σ(z)*(1 - σ(z))"),
    (mul(2, mul(2, Z)), r"2 \cdot 2z", "2*2*z"),
    # What cancels stays visible.
    (
        mul((A - Y) / (A * (1 - A)), A * (1 - A)),
        r"\frac{a - y}{a(1 - a)} \cdot a(1 - a)",
        "((a - y)/(a*(1 - a)))*a*(1 - a)",
    ),
    (
        mul(SLOPE, A * (1 - A)),
        r"\left(\frac{1 - y}{1 - a} - \frac{y}{a}\right) a(1 - a)",
        "((1 - y)/(1 - a) - y/a)*a*(1 - a)",
    ),
    (mul(-Y / A, A * (1 - A)), r"-\frac{y}{a} \cdot a(1 - a)", "-(y/a)*a*(1 - a)"),
    # Fractions, roots, powers, functions.
    ((A - Y) ** 2 / 2, r"\frac{1}{2}(a - y)^{2}", "(a - y)**2/2"),
    (3 * Z / 2, r"\frac{3z}{2}", "3*z/2"),
    (exp(-(Z**2) / 2) / sqrt(2 * sp.pi), r"\frac{e^{-z^{2}/2}}{\sqrt{2\pi}}", "exp(-z**2/2)/sqrt(2*pi)"),
    (Z * (1 + erf(Z / sqrt(2))) / 2, r"\frac{z}{2}(1 + \mathrm{erf}(z/\sqrt{2}))", None),
    (h.sigmoid(Z) ** 2, r"\sigma(z)^{2}", "σ(z)**2"),
    (h.sech2(Z), r"\mathrm{sech}^{2}(z)", "sech(z)**2"),
    (1 - sp.tanh(A - Y) ** 2, r"1 - \tanh^{2}(a - y)", "1 - tanh(a - y)**2"),
    (h.logistic(Z), r"\sigma(z)\,\sigma(-z)", "σ(z)*σ(-z)"),
    (log(cosh(A - Y)), r"\log \cosh(a - y)", "log(cosh(a - y))"),
    (h.log_cosh(Z - Y), r"\log \cosh(z - y)", "log(cosh(z - y))"),
    (DELTA * sp.sign(A - Y), r"\delta\,\mathrm{sgn}(a - y)", "δ*sign(a - y)"),
    (Abs(Y - A), r"\lvert a - y \rvert", "|a - y|"),
    (sp.Symbol("gain_rate"), r"\mathrm{gain\_rate}", "gain_rate"),
    # Cases.
    (
        Piecewise((A - Y, Z > 0), (0, True)),
        r"\begin{cases} a - y & \text{if } z > 0, \\ 0 & \text{if } z \le 0 \end{cases}",
        "{ a - y if z > 0; 0 if z ≤ 0 }",
    ),
    (
        Piecewise((1, Z > 0), (0, Eq(Z, 0)), (-1, True)),
        r"\begin{cases} 1 & \text{if } z > 0, \\ 0 & \text{if } z = 0, \\ -1 & \text{if } z < 0 \end{cases}",
        "{ 1 if z > 0; 0 if z = 0; -1 if z < 0 }",
    ),
    (
        piecewise((piecewise((A - Y, Abs(A - Y) < DELTA), (0, True)), Z > 0), (Y, True)),
        r"\begin{cases} a - y & \text{if } z > 0 \text{ and } \lvert a - y \rvert < \delta, \\ "
        r"0 & \text{if } z > 0 \text{ and } \lvert a - y \rvert \ge \delta, \\ "
        r"y & \text{if } z \le 0 \end{cases}",
        None,
    ),
    (
        piecewise((1, sp.And(Z > 0, Y > 0)), (0, True)),
        r"\begin{cases} 1 & \text{if } y > 0 \text{ and } z > 0, \\ 0 & \text{otherwise} \end{cases}",
        None,
    ),
    # Indices.
    (PS[J] * Sum(YS[N], (N, 1, K)) - YS[J], r"p_{j} \sum_{k=1}^{K} y_{k} - y_{j}", "p_j*Σ_k y_k - y_j"),
    (PS[J] * (sp.KroneckerDelta(I_, J) - PS[I_]), r"p_{j}(\delta_{ij} - p_{i})", "p_j*(δ_ij - p_i)"),
    (-Sum(YS[N] * log(PS[N]), (N, 1, K)), r"-\sum_{k=1}^{K} y_{k} \log p_{k}", "-Σ_k y_k*log(p_k)"),
    (
        exp(ZS[J]) / Sum(exp(ZS[N]), (N, 1, K)) ** 2,
        r"\frac{e^{z_{j}}}{\left(\sum_{k=1}^{K} e^{z_{k}}\right)^{2}}",
        "exp(z_j)/(Σ_k exp(z_k))**2",
    ),
)


@pytest.mark.parametrize(("expr", "latex", "text"), WRITTEN, ids=[row[1] for row in WRITTEN])
def test_written_as_a_mathematician_writes(expr, latex, text):
    assert latex_of(expr) == latex
    assert text is None or readable(expr) == text


def test_the_output_goes_by_the_name_it_is_given():
    assert latex_of(A * (1 - A), a=r"\hat{y}") == r"\hat{y}(1 - \hat{y})"


NUMBERS = (sp.S.Half, sp.Integer(-1), sp.Integer(2))
LEAVES = (*NUMBERS, A, Y, Z, DELTA, 1 - A, A - Y, h.sigmoid(Z), exp(-Z), Z / sqrt(2))
LINE = 20.0
UNARY = (
    lambda x: exp(x / 3), h.sigmoid, h.tanh, h.ndtr, Abs, lambda x: sp.Pow(x, 2, evaluate=False),
    lambda x: sp.Pow(2 + Abs(x), -1, evaluate=False), lambda x: log(2 + Abs(x)), lambda x: mul(-1, x),
    lambda x: sqrt(1 + x**2), lambda x: sp.tanh(x) ** 2, h.sech2, h.logistic, lambda x: x / 2,
)  # fmt: skip
AT = {A: 0.3, Y: 0.7, Z: -0.45, DELTA: 1.25}


def grown(rng, depth):
    """A random expression, in parts unevaluated."""
    if depth == 0:
        return rng.choice(LEAVES)
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(UNARY)(grown(rng, depth - 1))
    parts = [grown(rng, depth - 1) for _ in range(rng.choice((2, 2, 3)))]
    return (sp.Mul if kind < 0.75 else sp.Add)(*parts, evaluate=rng.random() < 0.4)


def value(expr):
    """What an expression is at the point of these tests."""
    return float(h.plain(expr).subs(AT))


def meant(expr):
    """What the LaTeX of an expression says it is there."""
    return read(latex_of(expr), **{str(symbol): at for symbol, at in AT.items()})


@pytest.mark.parametrize("seed", range(300))
def test_the_latex_means_the_expression(seed):
    expr = grown(random.Random(seed), 3)
    assert meant(expr) == pytest.approx(value(expr), rel=1e-9, abs=1e-12)  # floats, and cancellation in sums


@pytest.mark.parametrize("seed", range(300))
def test_the_text_means_the_expression(seed):
    expr = grown(random.Random(seed), 3)
    text = readable(expr)
    if "|" in text:  # bars do not say which of them opens
        return
    local = {str(s): s for s in AT} | {"σ": h.sigmoid, "Φ": h.ndtr, "δ": DELTA}
    assert value(sp.parse_expr(text, local_dict=local)) == pytest.approx(value(expr), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("wrong", ["-a - y", "(a - y)a", "-(y - a)", r"\frac{a - y}{2}"])
def test_the_reader_tells_formulas_apart(wrong):
    assert read(wrong, a=0.3, y=0.7) != pytest.approx(value(mul(-1, A - Y)))


@pytest.mark.parametrize("row", (*ACTIVATIONS, *LOSSES), ids=lambda row: row.name)
def test_every_entry_is_written_in_symbols_that_latex_knows(row):
    assert latex_of(row.expr).isascii()


SENTENCES = (
    ("only the term with index k holds p_k", "only the term with index $k$ holds $p_{k}$"),
    ("σ′ = σ(1 − σ), written in a", r"$\sigma' = \sigma(1 - \sigma)$, written in $a$"),
    ("at z = 0 the slope is 0 (a convention)", "at $z = 0$ the slope is 0 (a convention)"),
    ("a logit of -inf is a masked class", r"a logit of $-\infty$ is a masked class"),
    ("a target there costs +inf", r"a target there costs $+\infty$"),
    ("softmax + z, z + softmax", "softmax + $z$, $z$ + softmax"),
    ("the factor a(1 − a) cancels", "the factor $a(1 - a)$ cancels"),
    ("at |a − y| = δ they agree", r"at $\lvert a - y\rvert = \delta$ they agree"),
    ("a² is 1 − tanh²(z)", r"$a^{2}$ is $1 - \tanh^{2}(z)$"),
    ("at a + delta − y = 0 it is Min(1, alpha)", r"at $a + \delta - y = 0$ it is $\min(1, \alpha)$"),
    ("(see e^(−z), or 1/a)", "(see $e^{-z}$, or $1/a$)"),
    ("50% of leaky_relu & 3", r"50\% of leaky\_relu \& 3"),
    ("Poincaré – 1.5.5", r"Poincar\'{e} -- 1.5.5"),
)


@pytest.mark.parametrize(("text", "latex"), SENTENCES)
def test_formulas_within_sentences_are_set_as_formulas(text, latex):
    assert latex_of_prose(text) == latex


def test_reasons_are_words_with_formulas_between():
    assert reason("(3) slope of the loss") == r"\text{(3) slope of the loss}"
    assert reason("(3) write in a") == r"\text{(3) write in } a"


def test_an_unknown_character_is_named():
    with pytest.raises(ValueError, match="☃"):
        latex_of_prose("a ☃")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cross-entropy of p", "Cross-entropy of p."),
        ("p_k cancels", "p_k cancels."),
        ("a kink at 0.", "A kink at 0."),
        ("a cancels", "A cancels."),
    ],
)
def test_sentences_begin_with_a_capital_and_end_with_a_stop(text, sentence):
    assert as_sentence(text) == sentence


def test_latex_of_steps_is_plain_in_a_terminal():
    shown = r"\sum_{k=1}^{K} \frac{\partial L}{\partial p_{k}}\,\frac{\partial p_{k}}{\partial z_{j}}"
    assert plain(shown) == "Σ_{k=1}^{K} ∂L/∂p_k · ∂p_k/∂z_j"
    assert plain(r"\frac{\partial^2 L}{\partial a^2}") == "∂²L/∂a²"
    assert plain(r"\frac{a - y}{2}\,\sigma(z)^{2}") == "(a - y)/2 · σ(z)²"


def test_terms_are_split_outside_of_brackets_only():
    assert terms(r"a + \frac{b - c}{d} - (e + f)") == ["a", r"+ \frac{b - c}{d}", "- (e + f)"]


def test_long_right_sides_are_broken_into_lines_that_fit():
    long = " + ".join(["a^{2}(1 - a)^{2}"] * 12)
    lines = broken(rf"\boxed{{{long}}}", LINE)
    assert len(lines) == 1 and lines[0].count(r"\\") >= 2 and broken(long, 1000) == [long]
    assert all(width(line) <= LINE for line in broken(long, LINE))
    assert aligned(["a &= b"]) == "\\begin{aligned}\na &= b\n\\end{aligned}"


def test_cases_are_as_wide_as_their_widest_row_and_add_up():
    cases = r"\begin{cases} a + b & \text{if } c, \\ a & \text{if } d \end{cases}"
    assert width(r"a + b \text{if } c") < width(cases) < width(2 * r"a + b \text{if } c")
    assert width(cases + cases) == 2 * width(cases)
