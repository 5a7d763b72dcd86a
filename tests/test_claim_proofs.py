"""Steps of claims are what their proofs say: slopes are those of the formulas, wrong ones are refused."""

import re
from dataclasses import replace
from importlib import import_module
from itertools import product

import mpmath
import pytest
import sympy as sp

from derive import catalogue
from derive.claims.convexity import elementwise, steps
from derive.claims.convexity.curvature import curvature
from derive.claims.convexity.extremes import largest
from derive.claims.convexity.shape import bends, curve, pieces
from derive.claims.convexity.steps import jump_steps
from derive.claims.convexity.vectors.concrete import sign
from derive.claims.convexity.witness import jump
from derive.claims.working import equality
from derive.heads import plain
from derive.model import PROVED, UNDECIDED, VECTOR, A, Finite, Quantity, Unproved, Y, Z, entries
from tables import explained, label, sample

SAMPLE = sample()


def findings(names):
    """Every finding about a subject, with the answer it stands in."""
    return [(answer, finding) for answer in explained(names).answers for finding in answer.findings]


@pytest.mark.parametrize("names", SAMPLE, ids=label)
def test_nothing_proved_rests_on_samples(names):
    for answer, finding in findings(names):
        if finding.outcome == PROVED:
            weak = [s.rule for s in finding.steps if not (s.proof.proved or s.proof.method == "definition")]
            assert not weak, f"{answer.claim}: {finding.name}: {weak}"


SLOPES = {  # what is differentiated, by which letter, how often
    "∂L/∂a": ("loss", A, 1),
    "∂a/∂z": ("output", Z, 1),
    "∂²a/∂z²": ("output", Z, 2),
    "∂L/∂z": ("composed", Z, 1),
    "∂²L/∂z²": ("composed", Z, 2),
}
NAMED = re.compile(rf"({'|'.join(SLOPES)})(?: at y = (−?\d+))?")
SPOTS = (sp.Rational(3, 10), sp.Rational(7, 10), sp.Rational(-9, 10))
OWN = ("matching",)  # claims about a loss of their own


def equalities(names):
    """Steps that say of a slope of the subject what it is, by normal form: what, expression, target."""
    for answer, finding in findings(names):
        for step in finding.steps:
            named = NAMED.fullmatch(step.quantity.text)
            known = step.expr.free_symbols <= {Z, A, Y, *(p.symbol for p in answer.subject.parameters)}
            if not named or not known or answer.claim in OWN or step.proof.method != "normal form":
                continue
            if step.relation == "=":
                y = named[2] and sp.Integer(named[2].replace("−", "-"))
                yield SLOPES[named[1]], step.expr, y


def slope_of_formula(what, y, at):
    """A slope of the entries' own formulas, by differences in 40 digits."""
    of, letter, order = what
    formula = plain(of.subs(Y, y))
    with mpmath.workdps(40):
        function = sp.lambdify([letter], formula, "mpmath")
        return mpmath.diff(function, mpmath.mpf(at.p) / at.q, order)


def formulas(subject):
    """The loss in a, the output in z, and their composition, at the defaults of the parameters."""
    act, los = entries(subject)
    defaults = {p.symbol: p.default for p in subject.parameters}
    loss = None if los is None else los.expr.subs(defaults)
    output = Z if act is None else act.expr.subs(defaults)
    return {"loss": loss, "output": output, "composed": None if loss is None else loss.subs(A, output)}


def targets(subject, y):
    """Targets to try: the one that a step names, or all of a finite set, or a number inside."""
    place = getattr(entries(subject)[1], "target", None)
    if y is not None:
        return [y]
    return [sp.Integer(v) for v in place.values] if isinstance(place, Finite) else [sp.Rational(1, 4)]


def test_slopes_in_steps_are_those_of_the_formulas():
    count = 0
    for names in SAMPLE:
        subject = explained(names).subject
        if subject.kind == VECTOR:
            continue
        act, los = entries(subject)
        of, defaults = formulas(subject), {p.symbol: p.default for p in subject.parameters}
        for (what, letter, order), expr, named in dict.fromkeys(equalities(names)):
            for at, y in product(SPOTS, targets(subject, named)):
                place = los.prediction if what == "loss" or act is None else act.domain
                if not place.lo < at < place.hi:
                    continue
                value = expr.subs(defaults).subs(A, at if letter == A else of["output"])
                value = sp.N(plain(value).subs({Z: at, Y: y}), 30)
                truth = slope_of_formula((of[what], letter, order), y, at)
                assert abs(value - truth) < 1e-12 * (1 + abs(truth)), (names, what, expr, at, y)
                count += 1
    assert count > 100


def test_a_wrong_step_is_refused():
    refused = 0
    for names in SAMPLE:
        for _, expr, _ in equalities(names):
            if explained(names).subject.kind == VECTOR:
                continue
            quantity = Quantity(name="q", latex="q", text="q")
            parameters = explained(names).subject.parameters
            for wrong in (expr + sp.Rational(1, 10**6), 2 * expr + 1, -expr - 1):
                with pytest.raises(Unproved):
                    equality(quantity, ("rule", "says", wrong), expr, parameters=parameters)
            refused += 1
    assert refused > 20


def test_a_wrong_jump_slope_or_extreme_leaves_its_claim_unproved(monkeypatch):
    bent = curve(catalogue.subject("leaky_relu", "absolute_error"))
    bend = bends(bent)[0]
    assert jump_steps(bent, bend)[0].proof.proved
    monkeypatch.setattr(steps, "jump", lambda bend: jump(bend) + sp.Rational(1, 10**9))
    with pytest.raises(Unproved):
        jump_steps(bent, bend)
    smooth = curve(catalogue.subject("sigmoid", "bce"))
    monkeypatch.setattr(steps, "curvature", lambda piece: curvature(piece) + sp.Rational(1, 10**9))
    with pytest.raises(Unproved):
        steps.second_derivative(smooth, pieces(smooth)[0])
    wrong = elementwise.verdict.__wrapped__(smooth)
    assert wrong.outcome == UNDECIDED and "neither proved" in wrong.how
    constants = import_module("derive.claims.convexity.constants")
    monkeypatch.setattr(constants, "largest", lambda *row: replaced(largest(*row)))
    assert constants._smooth(smooth).outcome == UNDECIDED


def replaced(extreme):
    """An extreme that is a little too large."""
    return replace(extreme, value=extreme.value + sp.Rational(1, 10**9))


def test_the_sign_of_zero_is_zero_or_unknown():
    zeros = sp.log(6) - sp.log(2) - sp.log(3), sp.exp(sp.log(3)) - 3, sp.sqrt(6) / sp.sqrt(2) - sp.sqrt(3)
    for number in (*zeros, sp.log(1 + sp.E) - 1 - sp.log(1 + sp.exp(-1))):
        assert sign(number) == 0
    machin = 4 * sp.atan(sp.Rational(1, 5)) - sp.atan(sp.Rational(1, 239)) - sp.pi / 4
    with pytest.raises(ArithmeticError):
        sign(machin)  # 0, and nothing here proves it
    assert [sign(v) for v in (sp.log(2) - sp.Rational(7, 10), sp.sqrt(2) - 1)] == [-1, 1]
