"""The benchmarks: inputs lie in the domains, and without PyTorch the comparison says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from derive import catalogue
from derive.accuracy.vectors.truth import truth
from derive.model import NONNEGATIVE, UNIT_CLOSED, VECTOR, Finite, LogSimplex, OneHot, Simplex
from derive.rivals.draws import drawn, inside, target

ROOT = Path(__file__).parents[1]
ROWS = [row for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES) if row.kind == VECTOR]
WITHOUT = "import runpy, sys; sys.modules['torch'] = None; runpy.run_path('{}', run_name='__main__')"


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_a_finite_value_where_it_is_drawn(row, size):
    at = drawn(row, np.random.default_rng(size), (size,), default=False)
    assert {name for name, _ in at.parameters} == {p.name for p in row.parameters}
    assert all(np.isfinite(float(ball)) for ball in truth(row, "loss", at))


SUMS = {
    Simplex(): lambda x: x.sum(axis=-1),
    OneHot(): lambda x: (x**2).sum(axis=-1) * x.sum(axis=-1),
    LogSimplex(): lambda x: np.exp(x).sum(axis=-1),
}


@pytest.mark.parametrize("shape", [(1,), (7,), (4, 3)])
@pytest.mark.parametrize("domain", SUMS, ids=lambda domain: type(domain).__name__)
def test_draws_lie_in_their_sets(domain, shape):
    random = np.random.default_rng(1)
    y = inside(domain, random.normal(size=shape)) if domain == LogSimplex() else target(domain, random, shape)
    assert y.shape == shape
    np.testing.assert_allclose(SUMS[domain](y), np.ones(shape[:-1]), rtol=1e-14)


def test_draws_of_intervals_and_labels_lie_in_them():
    random = np.random.default_rng(1)
    assert set(target(Finite(values=(-1, 1)), random, (9,))) == {-1.0, 1.0}
    assert target(NONNEGATIVE, random, (9,)).min() >= 0
    assert 0 <= target(UNIT_CLOSED, random, (9,)).min() < target(UNIT_CLOSED, random, (9,)).max() <= 1


def test_comparison_without_pytorch_names_the_extra_in_one_line():
    folder = ROOT / "benchmarks"
    command = [sys.executable, "-c", WITHOUT.format(folder / "compare.py")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder)))}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "'torch'" in line and "compare" in line
