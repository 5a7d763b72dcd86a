"""Traced graphs compute what was traced, bit for bit, whatever was simplified and wherever it is kept."""

import numpy as np
import pytest
from scipy import special

from derive.emit.fused import fused
from derive.kernel import OPERATIONS, Graph, cost, ordered, trace
from derive.kernel.graph import CONSTANT, INPUT, WHERE
from derive.kernel.trace import Untraceable

EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 1e-310, 5e-324, 1e308, -1e308, 745.0, -745.0, 2.0**-1022, 1e-8)


def points(count=2000):
    """Numbers of every size in two arrays, and every pair of the edges."""
    random = np.random.default_rng(5)
    wide = np.ldexp(random.uniform(-1, 1, (2, count)), random.integers(-1073, 1024, (2, count)))
    near = random.uniform(-40, 40, (2, count))
    return np.hstack([wide, near, np.array(np.meshgrid(EDGES, EDGES)).reshape(2, -1)])


def evaluated(graph: Graph, given):
    """The outputs of a graph, node by node: a second way to run it."""
    values = {}
    for node in ordered(graph):
        args = [values.get(a, a.value if a.op == CONSTANT else given.get(a.name)) for a in node.args]
        if node.op != WHERE and not node.op.startswith("logical"):
            args = [1.0 * arg for arg in args]
        values[node] = np.where(*args) if node.op == WHERE else OPERATIONS[node.op].ufunc(*args)
    leaf = lambda n: given[n.name] if n.op == INPUT else n.value  # noqa: E731
    return [values[node] if node in values else leaf(node) for _, node in graph.outputs]


def run_fused(graph: Graph, **given):
    """The outputs that the emitted lines of a graph fill."""
    lines, rows = fused(graph)
    size = given[graph.inputs[0]].size
    space = {**given, "np": np, "special": special, "work": np.empty((rows, size))}
    space |= {name: np.full(size, np.nan) for name, _ in graph.outputs}
    exec("\n".join(lines), space)
    return [space[name] for name, _ in graph.outputs]


def same(left, right):
    return np.array_equal(np.asarray(left, float), np.asarray(right, float), equal_nan=True)


# One row for each thing that simplifying, ordering or placing must get right.
FUNCTIONS = {
    "signs": lambda x, y, c: (-x) * y - (-(x * -y)) + (-x) / -y + (x - -y) + (-x + y) - (0.0 - x),
    "absolute": lambda x, y, c: np.abs(-x) + np.abs(np.abs(y)) - np.abs(x * -1.0),
    "powers": lambda x, y, c: x**2 + np.abs(y) ** 0.5 + np.square(y) + (x * 1e-200) ** -1,
    "halves": lambda x, y, c: x / 2 + y / 0.25 + x / 3 + y / 1.0,
    "comparisons": lambda x, y, c: (x < 0) + 2.0 * (-x < 0.5) + 4.0 * (c > x) + 8.0 * (x == y) - (-x <= -1),
    "both kinds": lambda x, y, c: np.where((x > 0) & ~(y > 0), x, y) + (x > 0),
    "truth as a number": lambda x, y, c: -((x >= 0) * 1.0) - (1.0 * (y > 0)) + np.where(y > 0, x, 1.0),
    "choices": lambda x, y, c: np.where(x > y, np.where(y > 0, x, c), np.where(x > 0, y, 1.0)) + x,
    "ends": lambda x, y, c: np.maximum(-x, 0.0) + np.minimum(-y, 3.0) * np.clip(x, -c, 4.0),
    "scalars": lambda x, y, c: x * (1 / c + np.sqrt(c)) + y * np.exp(-c) * np.maximum(c, 2.0),
    "functions": lambda x, y, c: np.expm1(-np.abs(x)) * np.log1p(np.abs(y)) + np.rint(x) + np.sign(y),
    "an input": lambda x, y, c: x + 0.0,
    "a number": lambda x, y, c: np.sqrt(4.0) + 0 * c,
}


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_graph_and_fused_lines_give_what_the_function_gives(function):
    x, y = points()
    graph = trace({"out": function, "twice": lambda *a: -function(*a)}, ("x", "y"), ("c",))
    wanted = np.broadcast_to(function(x, y, 1.7), x.shape)
    for found in (evaluated(graph, {"x": x, "y": y, "c": 1.7}), run_fused(graph, x=x, y=y, c=1.7)):
        assert same(np.broadcast_to(found[0], x.shape), wanted)
        assert same(np.broadcast_to(found[1], x.shape), -wanted)


def test_common_steps_are_done_once():
    graph = trace({"p": lambda x: np.exp(-np.abs(x)) + 1, "q": lambda x: 1 + np.exp(-np.abs(-x))}, ("x",))
    assert [node.op for node in ordered(graph)] == ["abs", "negative", "exp", "add"]
    assert cost(graph) == pytest.approx(sum(OPERATIONS[op].cost for op in ("abs", "negative", "exp", "add")))


@pytest.mark.parametrize(
    "function",
    [lambda x: x if x > 0 else -x, np.sum, lambda x: x.sum(), lambda x: x[0], np.cbrt, lambda x: x * "2"],
)
def test_what_no_graph_can_hold_is_refused(function):
    with pytest.raises((Untraceable, AttributeError, TypeError)):
        trace({"out": function}, ("x",))


@pytest.mark.parametrize("op", OPERATIONS)
def test_an_operation_is_spelled_by_the_function_that_does_it(op):
    row = OPERATIONS[op]
    room, name = row.numpy.split(".")
    assert getattr({"np": np, "special": special}[room], name) is row.ufunc
    assert row.cost > 0


def test_a_wrong_simplification_would_be_seen(monkeypatch):
    from derive.kernel import exact

    monkeypatch.setitem(exact._RULES, "subtract", lambda pool, x, y: pool.made("subtract", y, x))
    x, y = points(50)
    graph = trace({"out": lambda x, y: x - y}, ("x", "y"))
    assert not same(run_fused(graph, x=x, y=y)[0], x - y)
