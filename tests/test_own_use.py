"""Functions of a user's own get what the catalogue's get: on the command line, in Python, from a file."""

import json
import os
import shlex
import subprocess
import sys
import time

import numpy as np
import pytest
import sympy as sp

import derive
from derive.asked import Asked, is_name
from derive.checks import run
from derive.cli import main
from derive.model import A, Accuracy, BadInput, Y, Z
from derive.subjects import subject

FILE = """
[activation.my_activation]
expr = "z/(1 + exp(-beta*z))"
title = "my gate"
source = "written for a test"
[activation.my_activation.parameters.beta]
default = "1.702"
domain = "(0, inf)"

[activation.bent]
expr = "max(z, beta*z)"
[activation.bent.parameters.beta]
default = "0.25"
domain = "(0, 1)"

[loss.my_loss]
expr = "(a - y)**2/2"
"""


@pytest.fixture
def mine(tmp_path):
    """A file of functions, in the folder where commands run."""
    (tmp_path / "mine.toml").write_text(FILE)
    return tmp_path


def ran(line: str, folder=None, **options):
    """A finished command."""
    words = [sys.executable, "-m", "derive", *shlex.split(line)[1:]]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=100, **options)


def here(capsys, line: str):
    """(exit code, stdout, stderr) of a command in this process, without a limit of time."""
    code = main([*shlex.split(line)[1:], "--time-limit", "0"])
    return (code, *capsys.readouterr())


def test_expressions_as_latex():
    done = ran('derive latex "z/(1+exp(-beta*z))" "(a-y)**2/2" --param beta=1.702')
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\frac{z}{1 + e^{-\beta z}}" in done.stdout and r"\boxed" in done.stdout


def test_functions_of_the_catalogue_in_expressions(mine):
    done = ran('derive export "z*sigmoid(z)" "quantile(a, y, q=0.9)" -o code.py', mine)
    assert (done.returncode, done.stdout) == (0, "") and "within 64 ulp" in done.stderr
    checked = subprocess.run([sys.executable, "code.py"], cwd=mine, capture_output=True, text=True)
    assert checked.returncode == 0 and "passed" in checked.stdout, checked.stderr


def test_functions_of_a_file_are_checked(mine):
    done = ran("derive check --functions mine.toml my_activation my_loss", mine)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "my_activation+my_loss" in done.stdout and "8 passed, 0 failed" in done.stdout
    assert "not given" in done.stdout  # known values


FORMS = (
    ("z/(1 + exp(-beta*z))", "(a - y)**2/2"),
    (Z / (1 + sp.exp(-sp.Symbol("beta") * Z)), (A - Y) ** 2 / 2),
    (sp.Symbol("z") / (1 + sp.exp(-sp.Symbol("beta") * sp.Symbol("z"))), "half_squared_error"),
)


@pytest.mark.parametrize("names", FORMS, ids=("texts", "SymPy", "a name"))
def test_python_takes_texts_and_expressions(names):
    pair = derive.derive(*names, params={"beta": 1.702})
    z, y, s = 0.7, 0.2, 1 / (1 + np.exp(-1.702 * 0.7))
    assert pair.module["loss"](z, y) == pytest.approx((z * s - y) ** 2 / 2, rel=1e-14)
    slope = s + 1.702 * z * s * (1 - s)
    assert pair.module["grad"](z, y) == pytest.approx((z * s - y) * slope, rel=1e-14)
    assert pair.module["loss"](z, y, beta=2.0) != pair.module["loss"](z, y)
    assert all(step.proof.holds for step in pair.steps)


def test_python_takes_entries():
    pair = derive.derive("tanh(z)**3", "huber")
    again = derive.derive(pair.subject.activation, pair.subject.loss)
    assert again.derivation == pair.derivation


def test_a_file_gives_entries_like_the_catalogues(mine, capsys):
    file = str(mine / "mine.toml")
    pair = derive.derive("bent", "my_loss", functions=file)
    assert pair.subject.activation.kinks == (0,) and "at z = 0" in " ".join(pair.derivation.conventions)
    assert pair.module["grad"](0.0, 1.0) == -0.25  # the branch of smaller slope: (0 - 1)·min(1, beta)
    assert derive.explain("bent", functions=file, claims=("saturation",)).answers[0].outcome
    code, out, err = here(capsys, f"derive show my_activation bce --functions {file}")
    assert code == 2 and "(0, 1)" in err and err.count("\n") == 1
    code, out, _ = here(capsys, f"derive show bent my_loss --functions {file} --json")
    assert code == 0 and json.loads(out)["inferred"]


def test_a_file_is_listed(mine, capfd):
    file = mine / "mine.toml"
    code = main(["list", "--functions", str(file), "--json"])
    found = json.loads(capfd.readouterr().out)
    assert code == 0 and [row["loss"] for row in found["losses"]] == ["my_loss"]
    assert [row["activation"] for row in found["pairs"]] == ["my_activation", "bent"]
    file.write_text("[activation.sigmoid]\nexpr = 'z'\n")
    assert main(["list", "--functions", str(file)]) == 2


def test_what_is_not_foreseen_is_a_limit_in_one_line(capsys, monkeypatch):
    """The defect: the derivation raises."""

    def broken(*_, **__):
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr("derive.api.derived", broken)
    code, out, err = here(capsys, "derive show 'z*tanh(z)'")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "a limit was reached: ZeroDivisionError at test_own_use.py" in err and "two lines" in err


def test_other_defaults_of_the_catalogue_follow_into_code():
    pair = derive.derive("elu", "huber", params={"alpha": "1/2", "delta": 2})
    assert "def loss(z, y, *, alpha=0.5, delta=2.0)" in pair.code()
    assert pair.module["_self_check"]() == []
    assert all(verdict.passed for verdict in run(pair.material(), ("known",)))


@pytest.mark.parametrize(
    ("line", "hints"),
    [
        ("derive show sigmiod 'a-y'", ["'sigmiod'", "sigmoid"]),
        ("derive show 'z*beta'", ["beta", "--param"]),
        ("derive show 'z*beta' --param beta=x", ["beta", "number"]),
        ("derive show 'z*beta' --param beta", ["name=number"]),
        ("derive show 'z*beta' --param beta=1 --param beta=2", ["twice"]),
        ("derive show 'z**2' --param beta=1", ["no parameter 'beta'", "has none"]),
        ("derive show elu --param alpha=-1", ["alpha", "(0, ∞)"]),
        ("derive show elu --param beta=1", ["no parameter 'beta'", "alpha"]),
        ("derive show sigmoid bce --where 'z>0'", ["its own domain"]),
        ("derive show 'z**2' --where 'q>0'", ["z, a and y"]),
        ("derive show 'z*a'", ["z is of activations"]),
        ("derive latex z '-y*log(a)'", ["(0, ∞)", "--where"]),
        ("derive show 'z**2' bce", ["(0, 1)"]),
        ("derive show z --functions nosuch.toml", ["nosuch.toml"]),
        ("derive show '9**9**9**9*z'", ["exponent"]),
        ("derive show '__import__(1)'", ["__import__"]),
        ("derive show z --time-limit -1", ["seconds"]),
        ("derive compare elu huber --param alpha=0.5", ["default"]),
    ],
)
def test_bad_input_is_one_line_and_code_2(capsys, line, hints):
    code, out, err = here(capsys, line)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert all(hint in err for hint in hints), err


def test_a_restriction_makes_a_pair_legal(capsys):
    code, out, _ = here(capsys, "derive latex z '-y*log(a)' --where 'z>0'")
    assert code == 0 and r"-\frac{y}{a}" in out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits need processes that fork")
def test_work_is_ended_after_a_time():
    start = time.monotonic()
    done = ran("derive show 'gelu(z)*mish(z)' 'log(cosh(a-y))' --time-limit 0.2")
    assert time.monotonic() - start < 30
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        done.stderr
        == "derive: a limit was reached: not done after 0.2 s. Try: --time-limit 2, or a simpler function\n"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits need processes that fork")
def test_work_is_held_to_an_amount_of_memory(capfd):
    from derive.cli.child import limited

    def greedy():
        try:
            return len(bytearray(2**36)) and 0
        except MemoryError:
            return 3

    assert limited(greedy, 20) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits need processes that fork")
def test_a_work_that_dies_is_a_limit(capfd):
    from derive.cli.child import limited

    assert limited(lambda: os.kill(os.getpid(), 9), 20) == 3
    assert "SIGKILL" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits need processes that fork")
def test_a_derivation_in_python_is_given_up_after_a_limit():
    for work in (derive.derive, derive.explain, derive.match):
        with pytest.raises(TimeoutError, match=r"not done after 0\.01 s"):
            work("atan(z)*softplus(z)", limit=0.01)
    assert derive.derive("2*z", limit=60).gradient == 2
    with pytest.raises(BadInput, match="q"):
        derive.derive("2*z*q", limit=60)
    with pytest.raises(BadInput, match="a limit is a number of seconds, not -1"):
        derive.derive("2*z", limit=-1)


def test_where_digits_are_lost_is_said():
    """Near 0 the terms of sin z − z + z³/6 cancel but for z⁵/120."""
    found = derive.derive("sin(z) - z + z**3/6")
    assert isinstance(found.accuracy[0], Accuracy) and found.accuracy[0].lost
    assert any(low < 0.001 < high for low, high in found.accuracy[0].lost)
    for row in found.accuracy:
        words = found.module[{"loss": "value", "gradient": "grad", "hessian": "hess"}[row.quantity]].__doc__
        assert ("digits are lost for z in" in " ".join(words.split())) == bool(row.lost)
    assert all(verdict.passed for verdict in run(found.material(), ("truth64", "truth32")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sigmoid", True),
        ("loss:bce", True),
        ("sigmoid+bce", True),
        ("z", False),
        ("a+y", False),
        ("2*z", False),
    ],
)
def test_names_are_told_from_expressions(text, name):
    assert is_name(text) == name and Asked(names=(text,)).own != name


def test_the_same_words_mean_the_same():
    one, other = (Asked(names=("z*sigmoid(k*z)", "huber"), parameters=(("k", v),)) for v in ("1.5", 1.5))
    assert subject(one) == subject(other) and hash(one) != hash(Asked(names=("z",)))
