"""Networks: composed, derived backwards stage by stage, emitted as one file, and held to differences."""

import re

import numpy as np
import pytest

import derive
from derive.checks.layers.network import run
from derive.cli import main

EXAMPLE = ("dense(4,8) tanh dense(8,3) softmax", "cross_entropy")
NETWORKS = (
    EXAMPLE,
    ("dense(3,2) sigmoid", "bce"),
    ("tanh dense(3,4) relu tanh dense(4,1)", "huber"),
    ("dense(4,6) layer_norm gelu dropout(rate=0.25) dense(6,2)", "cross_entropy_logits"),
    ("dense(4,5) z*sigmoid(1.702*z) dense(5,3) (z + sin(z)**2) dense(3,1)", "log(cosh(a - y))"),
    ("dense(4,5) batch_norm elu(alpha=0.5) swiglu_block(5,7) rms_norm dense(5,2) softplus", "poisson"),
)
NAMES = [stages.split()[-1].partition("(")[0] + str(n) for n, (stages, _) in enumerate(NETWORKS)]
# A text with a defect in place of another, in the code of the example, and the checks that catch it.
DEFECTS = (
    ("w2_bar = z2_bar.T @ a1", "w2_bar = -z2_bar.T @ a1"),
    ("a1_bar = z2_bar @ w2", "a1_bar = 2 * z2_bar @ w2"),
    ("slopes / max(len(rows), 1)", "slopes / max(len(rows) - 1, 1)"),
    ("b1_bar = z1_bar.sum(0)", "b1_bar = z1_bar.mean(0)"),
)
REFUSED = {
    "": "1 to 64 stages",
    "dense(4,8) dense(7,3)": "gives 8",
    "dense(4)": "2 widths",
    "dense(4,0)": "no whole number",
    "dense(4,-1)": "no whole number",
    "dense(3,2) dropout(0.3)": "rate=0.5",
    "dense(3,2) logit": "takes (0, 1)",
    "dense(3,2) logit dense(2,2)": "takes (0, 1)",
    "dense(3,2) layer_norm glu": "not summed over vectors",
    "dense(4,8": "not closed",
    "dense(4,8)) tanh": "not open",
    "dense((4,8))": "unknown function",
    "dense(4,8);import": "dense(4,8);import",
    "dense(4,8) __import__('os')": "unknown function",
    "dense(4,8) z * tanh(z)": "in brackets only",
    "dense(4,8) z dense(8,1)": "in brackets only",
    "dense(4,8) beta*z": "unknown name 'beta'",
    "dense(4,8) sqrt(z) dense(8,1)": "takes (0, ∞)",
    "tanh": "needs a layer",
    "layer_norm": "no width of its own",
    "softmax dense(3,2)": "at the end only",
    "dense(3,2) attention": "cannot stand in a chain",
    "dense(3,2) layer_norm(5)": "takes no widths",
    "dense(3,2) relu(0.3)": "by their names",
    "dense(3,2) dropout(rate=2)": "does not lie in",
    "dense(3,2) dropout(rat=2)": "no parameter",
    "dense(3,2) dropot": "Try: dropout",
    "dense(3,2) " + "tanh " * 80: "1 to 64 stages",
    "x" * 5000: "longer than",
}


@pytest.fixture(scope="module", params=NETWORKS, ids=NAMES)
def network(request):
    """One of the networks, derived."""
    return derive.network(*request.param)


def test_every_check_passes(network):
    failed = [f"{v.check}: {v.worst} {v.where}" for v in network.check() if not v.passed]
    assert not failed


def test_a_list_of_stages_is_the_same(network):
    texts = [stage.text for stage in network.subject.stages]
    pair = network.subject.pair
    texts += [] if pair.activation.name == "identity" else [pair.activation.name]
    loss = pair.loss if pair.loss.own else pair.loss.name
    assert derive.network(texts, loss).subject == network.subject


TOML = """
[activation.bent]
expr = "z + (sqrt(z**2 + c) - sqrt(c))/2"
parameters = { c = 1 }

[loss.shifted]
expr = "log(cosh(a - y)) + (a - y)**2/2"
"""


def test_functions_of_a_file_stand_in_a_chain(tmp_path, capfd):
    (tmp_path / "mine.toml").write_text(TOML, encoding="utf-8")
    found = derive.network("dense(3,4) bent(c=2) dense(4,1)", "shifted", functions=tmp_path / "mine.toml")
    assert all(verdict.passed for verdict in found.check())
    command = ["network", "dense(3,4) bent dense(4,1)", "shifted", "--functions", str(tmp_path / "mine.toml")]
    assert main([*command, "--param", "c=2"]) == 0
    assert capfd.readouterr().out.strip() == found.text().strip().replace("bent(c=2)", "bent")


def test_entries_and_expressions_stand_in_a_list():
    gelu = derive.derive("gelu").subject
    chain = derive.network(["dense(3,4)", gelu, "dense(4,2)"], "huber", params={"delta": 2})
    assert chain.subject.stages[1].entry == gelu and chain.subject.pair.parameters[0].default == 2


SAID = (
    ({"params": {"c": 2}}, "has a parameter 'c'"),
    ({"where": "z > 0"}, "is for an expression"),
    ({"params": {"alpha": "x"}}, "is no number"),
    ({"functions": "none.toml"}, "none.toml"),
)


@pytest.mark.parametrize(("said", "message"), SAID)
def test_what_nothing_heeds_is_refused(said, message):
    with pytest.raises(derive.BadInput, match=re.escape(message)):
        derive.network("dense(3,4) elu dense(4,1)", "huber", **said)


def test_all_steps_are_proved_and_numbered(network):
    assert all(s.proof.proved or s.proof.method == "definition" for s in network.steps)
    text = network.text()
    assert f"({len(network.steps):>2})" in text and "bar" not in text


def test_a_terminal_shows_no_latex():
    text = derive.network("dense(4,5) relu dense(5,7) tanh dense(7,2)", "huber").text()
    assert "∂z⁽³⁾_nk/∂a⁽²⁾_nh₂" in text and not re.search(r"frac\{|\\|_\{nh", text)


def test_its_pages_are_written(network):
    tex, page = network.latex(standalone=True), network.markdown()
    assert tex.count(r"\begin{aligned}") == tex.count(r"\end{aligned}") > 3
    assert page.count("```math") * 2 == page.count("```")
    assert all(stage.entry.source.split(",")[0] in page for stage in network.subject.stages)


def test_a_step_goes_downhill(network):
    module, rng = network.module, np.random.default_rng(0)
    parameters, x = module["initial"](0), rng.normal(size=(9, module["FEATURES"]))
    y = np.abs(module["predict"](module["initial"](1), x))
    y = y / y.sum(-1, keepdims=True) if "softmax" in network.name or "logits" in network.name else y
    before = {name: v.copy() for name, v in parameters.items()}
    new, value = module["step"](parameters, x, y, 1e-3)
    assert module["loss"](new, x, y) < value == module["loss"](parameters, x, y)
    assert all((parameters[name] == v).all() for name, v in before.items())


def test_weight_decay_is_that_of_all_matrices(network):
    module, rng = network.module, np.random.default_rng(0)
    parameters, x = module["initial"](0), rng.normal(size=(4, module["FEATURES"]))
    y = np.full((4, len(module["predict"](parameters, x)[0])), 1 / 2)
    y = y / y.sum(-1, keepdims=True)
    plain, decayed = (module["step"](parameters, x, y, 0.5, decay)[0] for decay in (0.0, 0.25))
    for name, v in parameters.items():
        shrunk = plain[name] - 0.5 * 0.25 * v * (v.ndim == 2)
        np.testing.assert_allclose(decayed[name], shrunk, rtol=1e-14, atol=1e-15)


def test_shapes_that_do_not_fit_are_refused(network):
    module = network.module
    parameters, x = module["initial"](0), np.zeros((2, module["FEATURES"]))
    name = next(iter(parameters))
    for wrong in ({**parameters, name: np.zeros(1)}, {n: v for n, v in parameters.items() if n != name}):
        with pytest.raises(ValueError, match=name):
            module["forward"](wrong, x)
    with pytest.raises(ValueError, match="x has shape"):
        module["forward"](parameters, x[:, :-1])
    with pytest.raises(ValueError, match="y has shape"):
        module["loss"](parameters, x, np.zeros((3, 9)))


def test_float32_stays(network):
    module = network.module
    parameters = module["initial"](0, np.float32)
    x = np.zeros((3, module["FEATURES"]), np.float32)
    y = np.eye(3, len(module["predict"](parameters, x)[0]))
    y[:, 0] += y.sum(-1) == 0
    value, slopes = module["loss_and_grad"](parameters, x, y)
    assert np.isfinite(value) and {v.dtype for v in slopes.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("before, after", DEFECTS)
def test_a_defect_is_caught(before, after):
    found = derive.network(*EXAMPLE)
    code = found.code()
    assert before in code
    namespace = {"__name__": "defect"}
    exec(code.replace(before, after), namespace)
    verdicts = {v.check: v.passed for v in run(found.derivation, code.replace(before, after), namespace)}
    assert not verdicts["differences"] and not verdicts["truth64"] and not verdicts["selfcheck"]


def test_class_indices_stand_for_one_hot_rows():
    module = derive.network(*EXAMPLE).module
    parameters, x, y = module["initial"](0), np.eye(4), np.array([0, 2, 1, 2])
    one, other = (module["loss_and_grad"](parameters, x, t) for t in (y, np.eye(3)[y]))
    assert one[0] == other[0] and all((one[1][n] == other[1][n]).all() for n in parameters)
    with pytest.raises(ValueError, match="class indices"):
        module["loss"](parameters, x, y + 1)


def test_targets_outside_the_domain_are_refused():
    cases = {
        ("dense(3,2) softmax", "cross_entropy"): ([[-0.5, 1.5]], [[0.5, 0.6]], [[1j, 0]]),
        ("dense(3,1) sigmoid", "bce"): ([[-0.5]], [[2.0]], [[1j]]),
        ("dense(3,1)", "hinge"): ([[0.0]],),
    }
    for names, targets in cases.items():
        module = derive.network(*names).module
        for y in targets:
            with pytest.raises((ValueError, TypeError), match=r"targets must|y must"):
                module["loss"](module["initial"](0), np.ones((1, 3)), np.array(y))


def test_a_self_check_sees_nan(capsys):
    code = derive.network("dense(2,2) tanh dense(2,1)", "huber").code()
    namespace = {"__name__": "defect"}
    exec(code.replace("z1 = x @ w1.T + b1", "z1 = np.log(x @ w1.T - 1e9)"), namespace)
    assert namespace["_self_check"]() == 1 and "WRONG" in capsys.readouterr().out


def test_every_stage_may_have_a_width_of_its_own():
    found = derive.network("dense(2,2) " * 64, "huber").subject
    assert len({size for size, _ in found.sizes}) == len(found.sizes) == 65


def test_dropout_keeps_float32():
    module = derive.network("dense(3,5) dropout(rate=0.5) dense(5,2)", "huber").module
    parameters, x = module["initial"](0, np.float32), np.ones((2, 3), np.float32)
    new, _ = module["step"](parameters, x, np.zeros((2, 2)), rng=np.random.default_rng(0))
    assert {v.dtype for v in new.values()} == {np.dtype("float32")}


def test_dropout_needs_a_generator_to_drop():
    module = derive.network("dense(3,50) dropout(rate=0.5) dense(50,2)", "huber").module
    parameters, x = module["initial"](0), np.ones((2, 3))
    assert (module["forward"](parameters, x)[0] == module["forward"](parameters, x)[0]).all()
    drawn = [module["forward"](parameters, x, np.random.default_rng(n))[0] for n in (0, 1)]
    assert not np.allclose(*drawn)


def test_a_network_learns_to_read_digits():
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_digits(return_X_y=True)
    module = derive.network("dense(64,16) tanh dense(16,10) softmax", "cross_entropy").module
    parameters, losses = module["initial"](0), []
    for _ in range(60):
        parameters, value = module["step"](parameters, x / 16, y, 1.0)
        losses.append(value)
    assert losses[-1] < losses[0] / 4
    assert (module["predict"](parameters, x / 16).argmax(1) == y).mean() > 0.9


@pytest.mark.parametrize("stages", REFUSED, ids=range(len(REFUSED)))
def test_what_fits_nowhere_is_refused_in_one_line(stages, capfd):
    assert main(["network", stages, "huber"]) == 2
    _, err = capfd.readouterr()
    assert REFUSED[stages] in err and err.count("\n") == 1 and len(err) < 400


@pytest.mark.parametrize("form", ["--latex", "--standalone", "--markdown", "--code"])
def test_the_command_writes_every_form(form, tmp_path):
    file = tmp_path / "found"
    assert main(["network", *EXAMPLE, form, "-o", str(file)]) == 0
    found = derive.network(*EXAMPLE)
    makes = {"--latex": found.latex, "--markdown": found.markdown, "--code": found.code}
    wanted = makes[form]() if form in makes else found.latex(standalone=True)
    assert file.read_text(encoding="utf-8") == wanted


def test_the_command_checks(capsys):
    assert main(["network", *EXAMPLE, "--check"]) == 0
    assert "truth64" in capsys.readouterr().out
