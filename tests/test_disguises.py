"""Every spelling of a function that has a stable block is the catalogue's function, and gets its program."""

import pytest

from derive import catalogue, own
from derive.api import derived
from derive.asked import Asked
from derive.derivation import derive
from derive.model import PROVED, A, Pair, Y, Z
from derive.program import program
from derive.proof import prove
from derive.rules.disguises import DISGUISES, unmasked
from derive.rules.stable import recognise
from derive.subjects import subject

SPELLINGS = {
    "sigmoid": (
        "1/(1+exp(-z))", "exp(z)/(1+exp(z))", "(1+tanh(z/2))/2", "1-1/(1+exp(z))", "0.5+0.5*tanh(0.5*z)",
        "1/(e**-z+1)", "1-sigmoid(-z)", "exp(-softplus(-z))", "exp(z/2)/(exp(z/2)+exp(-z/2))", "expit(z)",
        "exp(z/2)/(2*cosh(z/2))", "exp(log_sigmoid(z))", "(sinh(z/2)+cosh(z/2))/(2*cosh(z/2))",
        "exp(z - log(1+exp(z)))", "1 - exp(-z)/(1+exp(-z))",
    ),
    "softplus": (
        "log(1+exp(z))", "log1p(exp(z))", "logaddexp(0, z)", "max(z,0)+log1p(exp(-abs(z)))",
        "z+log(1+exp(-z))",
        "-log(1/(1+exp(z)))", "-log(sigmoid(-z))", "-log(1-sigmoid(z))", "z-log(sigmoid(z))",
        "-log1p(-sigmoid(z))",
    ),
    "log_sigmoid": (
        "-log(1+exp(-z))", "log(sigmoid(z))", "log(exp(z)/(1+exp(z)))", "z-log(1+exp(z))",
        "min(z,0)-log1p(exp(-abs(z)))", "log((1+tanh(z/2))/2)",
    ),
    "tanh": (
        "(exp(z)-exp(-z))/(exp(z)+exp(-z))", "2*sigmoid(2*z)-1", "(1-exp(-2*z))/(1+exp(-2*z))",
        "sinh(z)/cosh(z)",
        "(exp(2*z)-1)/(exp(2*z)+1)", "1-2/(1+exp(2*z))",
    ),
    "gelu": ("z*Phi(z)", "0.5*z*(1+erf(z/sqrt(2)))", "z*erfc(-z/sqrt(2))/2", "z*ndtr(z)"),
    "mish": ("z*tanh(softplus(z))", "z*tanh(log1p(exp(z)))", "z*tanh(logaddexp(z, 0))"),
    "probit": ("Phi(z)", "erfc(-z/sqrt(2))/2", "1-Phi(-z)", "(1+erf(z/2**0.5))/2"),
    "cloglog": ("1-exp(-exp(z))", "-expm1(-exp(z))"),
}  # fmt: skip
OF_LOSSES = {
    "log_cosh": (
        "log(cosh(a-y))", "log((exp(a-y)+exp(y-a))/2)", "log(exp(a-y)+exp(y-a))-log(2)",
        "(a-y)+softplus(-2*(a-y))-log(2)", "abs(a-y)+log1p(exp(-2*abs(a-y)))-log(2)",
    ),
    "logistic": ("log(1+exp(-y*a))", "softplus(-y*a)", "-log(sigmoid(y*a))", "logaddexp(0, -y*a)"),
}  # fmt: skip


def cases(table):
    """(name, spelling) of every spelling."""
    return [(name, text) for name, texts in table.items() for text in texts]


@pytest.mark.parametrize("row", DISGUISES, ids=lambda row: row.name)
def test_row_is_true_and_undoes_itself(row):
    assert prove(
        row.before.subs(dict.fromkeys(row.before.free_symbols, Z)),
        row.after.subs(dict.fromkeys(row.after.free_symbols, Z)),
    ).proved
    assert unmasked(row.before) != row.before
    assert unmasked(unmasked(row.before)) == unmasked(row.before)


@pytest.mark.parametrize(("name", "text"), cases(SPELLINGS), ids=str)
def test_activation_has_the_blocks_of_the_catalogue(name, text):
    assert recognise(own.activation(text).expr) == recognise(unmasked(catalogue.activation(name).expr))


@pytest.mark.parametrize(("name", "text"), cases(OF_LOSSES), ids=str)
def test_loss_has_the_blocks_of_the_catalogue(name, text):
    assert recognise(own.loss(text).expr) == recognise(catalogue.loss(name).expr)


@pytest.mark.parametrize(
    ("act", "text"), [("sigmoid", SPELLINGS["sigmoid"][2]), ("softplus", SPELLINGS["softplus"][3])]
)
def test_program_of_a_pair_is_that_of_the_catalogue(act, text):
    los = catalogue.loss("half_squared_error")
    mine = derive(Pair(activation=own.activation(text), loss=los))
    theirs = derive(Pair(activation=catalogue.activation(act), loss=los))
    assert program(mine).gradient == program(theirs).gradient


@pytest.mark.parametrize(
    "text", ["sqrt(z**2+4)-2", "3*sqrt(z**2+1e-6)-3*sqrt(1e-6)", "sqrt(eps+z**2)-sqrt(eps)"]
)
def test_root_less_its_value_at_0_is_kept_whole(text):
    assert "hyperbola" in str(recognise(own.activation(text, parameters={"eps": "1e-4"}).expr))


ROOTS = {
    "z + (sqrt(z**2 + 1) - 1)/2": "z + hyperbola(z)/2",  # the bent identity
    "z/sqrt(1 + 3*z**2)": "sqrt(3)*hyperbola_slope(sqrt(3)*z)/3",  # ISRU
    "z + sqrt(1 + z**2) - 1": "raised_hyperbola(z)",
    "sqrt(z**2 + 4)": "2*(hyperbola(z/2) + 1)",
    "(1 + z**2)**-1.5": "2*rise_slope(z)",
    "(z + sqrt(z**2 + 4))/2": "2*squareplus(z/2)",
}


@pytest.mark.parametrize("text", ROOTS)
def test_a_root_never_squares_what_is_large(text):
    found = derived(subject(Asked(names=(text,))))
    assert str(found.program.loss) == ROOTS[text]
    assert {(row.ulp, row.lost) for row in found.accuracy} == {(64, ())}


def test_what_is_no_disguise_stays():
    for expr in (A - Y, Z * 2 + 1, catalogue.activation("elu").expr, catalogue.loss("huber").expr):
        assert unmasked(expr) == expr
    assert PROVED
