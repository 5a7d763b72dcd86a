"""One new row is all that a new activation or loss costs: LaTeX, code, checks, figure and tables follow."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import derive

IMPORT = "from derive.catalogue.origins import outside\n"
# No row has these functions.
ROWS = {
    "activations.py": r"""
    Activation(
        name="steep_swish", title="swish with β = 5/4", latex=r"\mathrm{steep}",
        expr=Z / (1 + exp(-5 * Z / 4)),
        range=Interval(lo=-Rational(1, 2)), range_is_enclosure=True,
        known=(outside(-1.5, -0.1994463602967439, "SciPy 1.17.1: z * special.expit(1.25 * z)"),
               outside(2.5, 2.394780680210953, "SciPy 1.17.1: z * special.expit(1.25 * z)")),
        source="Ramachandran, Zoph and Le 2017, arXiv:1710.05941",
    ),
)
""",
    "rectifiers.py": r"""
    Activation(
        name="s_relu", title="S-shaped rectifier", latex=r"\mathrm{SReLU}",
        expr=Piecewise((1 + (Z - 1) / 4, Z >= 1), (-1 + (Z + 1) / 2, Z <= -1), (Z, True)),
        range=REALS,
        kinks=(S.NegativeOne, S.One),
        known=tuple(outside(z, a, "numpy.interp(z, (-3, -1, 1, 5), (-2, -1, 1, 2))")
                    for z, a in ((-1.5, -1.25), (0.5, 0.5), (2.5, 1.375))),
        source="Jin et al. 2015, arXiv:1512.07030",
    ),
)
""",
}

# No rule of the program knows the form of this map, nor of this loss.
VECTOR_ROWS = {
    "vector_activations.py": r"""
    Activation(
        name="taylor_softmax", title="Taylor softmax", kind=VECTOR,
        expr=(1 + ZS[J] + ZS[J] ** 2 / 2) / total(1 + ZS[N] + ZS[N] ** 2 / 2),
        range=Simplex(closed=False), squashes=True,
        known=(outside((-0.5, 1.25, 2.0), 0.5776173285198556, "numpy.polynomial: (1, 1, 1/2) at z"),),
        source="de Brebisson and Vincent 2015, arXiv:1511.05042",
    ),
    Activation(
        name="softplus_gated", title="gated unit with a softplus gate", kind=VECTOR, inputs=GATED,
        expr=US[J] * log(1 + exp(VS[J])),
        range=REALS,
        known=(outside((0.5, -1.5), 0.5 * 0.20141327798275246, "half of PyTorch 2.13: F.softplus(v)"),),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
)
""",
    "vector_losses.py": r"""
    Loss(
        name="poly_cross_entropy", title="cross-entropy with a first power more", kind=VECTOR,
        expr=-total(YS[N] * log(AS[N])) + 1 - total(YS[N] * AS[N]),
        prediction=INTERIOR, target=Simplex(), reads="probability", hard=(0, 1),
        known=(outside((0.125, 0.25, 0.625, 0.0, 1.0, 0.0), 2.136294361119891, "math.log(4) + 3 / 4"),),
        source="Leng et al. 2022, arXiv:2204.12511",
    ),
)
""",
}


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A function that runs derive, from a copy of the package with one row more, in a folder of its own."""
    folder = tmp_path_factory.mktemp("extended")
    source = Path(derive.__file__).parent
    shutil.copytree(source, folder / "derive", ignore=shutil.ignore_patterns("__pycache__"))
    for name, row in {**ROWS, **VECTOR_ROWS}.items():
        table = folder / "derive" / "catalogue" / name
        text = table.read_text(encoding="utf-8").removesuffix("# fmt: skip\n").rstrip()
        assert text.endswith(")")
        text = text[:-1].replace("\n\nfrom ", f"\n\n{IMPORT}from ", 1)
        table.write_text(text + row.lstrip("\n"), encoding="utf-8")

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "derive", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            timeout=300,
        )

    run.folder = folder
    return run


def test_pairs_appear(extended):
    rows = json.loads(extended("list", "pairs", "--json").stdout)
    new = {row["loss"] for row in rows if row["activation"] == "steep_swish"}
    assert new == {los for act, los in derive.legal_pairs() if act == "silu"}


@pytest.mark.parametrize("los", ["half_squared_error", "log_cosh", "logistic"])
def test_every_check_passes(extended, los):
    done = extended("check", "steep_swish", los)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("los", ["huber", "hinge"])
def test_several_kinks_are_no_obstacle(extended, los):
    done = extended("check", "s_relu", los)
    assert done.returncode == 0, done.stdout + done.stderr


def test_latex_code_and_page_follow(extended):
    assert r"\mathrm{steep}" in extended("latex", "steep_swish", "half_squared_error", "--standalone").stdout
    assert extended("export", "steep_swish", "half_squared_error", "-o", "swish.py").returncode == 0
    checked = subprocess.run([sys.executable, extended.folder / "swish.py"], capture_output=True, text=True)
    assert checked.returncode == 0 and checked.stdout.startswith("passed")
    assert extended("latex", "steep_swish").returncode == 0


FAR_OUT = {"truth64", "truth32"}  # a form without a row in maps.py may lose digits at the ends of the floats


@pytest.mark.parametrize(
    ("names", "may_fail"),
    [
        (("poly_cross_entropy",), set()),
        (("softplus_gated",), set()),
        (("taylor_softmax",), FAR_OUT),
        (("softmax", "poly_cross_entropy"), FAR_OUT),
        (("softplus_gated", "half_squared_error"), FAR_OUT),
        (("taylor_softmax", "poly_cross_entropy"), FAR_OUT),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_vector_rows_follow(extended, names, may_fail):
    rows = json.loads(extended("check", *names, "--json", "-").stdout)
    failed = {row["check"] for row in rows if not row["passed"]}
    assert failed <= may_fail and len(rows) == 9
    assert extended("latex", *names, "--standalone").returncode == 0
