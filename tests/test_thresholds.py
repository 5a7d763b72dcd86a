"""Code compares z with numbers so that every float falls on its side, whatever parameters are admitted."""

from math import inf, nextafter

import pytest
import sympy as sp

from derive.api import derived
from derive.asked import Asked
from derive.emit.spelling import condition
from derive.model import Z
from derive.subjects import subject

ROOT = 2 * sp.log(sp.exp(3) - 1)


@pytest.mark.parametrize("number", [ROOT, -ROOT, sp.Rational(1, 3), sp.Rational(-2, 3), sp.sqrt(2), -sp.pi])
@pytest.mark.parametrize("relation", [sp.Gt, sp.Ge, sp.Lt, sp.Le])
def test_floats_beside_a_number_fall_on_their_sides(number, relation):
    text = condition(relation(Z, number, evaluate=False), frozenset())
    near = float(number)
    sign, value = text.split()[1], float(text.split()[2])
    for z in (nextafter(near, -inf), near, nextafter(near, inf)):
        got = z >= value if sign == ">=" else z < value
        assert got == bool(relation(sp.Rational(z) - number, 0))


def test_a_float_is_compared_with_as_it_is():
    assert condition(sp.Gt(Z, sp.Rational(1, 2)), frozenset()) == "z > 0.5"
    assert condition(sp.Or(sp.Eq(Z, 3), sp.Gt(Z, 3)), frozenset()) == "z >= 3"


def test_a_parameter_that_turns_a_comparison_is_held():
    made = derived(subject(Asked(names=("min(b*z, z + 1)",), parameters=(("b", "1/2"),))))
    assert not made.subject.parameters and "b is held" in " ".join(made.subject.inferred)
