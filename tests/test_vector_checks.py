"""Every check of vector subjects passes on what is emitted, and catches the defect it exists for."""

from dataclasses import replace

import pytest

from derive.catalogue import subject
from derive.checks.table import Material
from derive.checks.vector import VECTOR_CHECKS
from derive.derivation.vector import derive_vector
from derive.emit.vector_numpy import code
from derive.model import PS, YS, J, Proof

NAMES = (("softmax", "cross_entropy"), ("softmax",), ("cross_entropy",))
DERIVATIONS = {names: derive_vector(subject(*names)) for names in NAMES}
PAIR = DERIVATIONS[NAMES[0]]
CHECKS = {check.name for check in VECTOR_CHECKS}


def material(derivation, text=None):
    """What the checks look at, with the emitted text or another one."""
    text = code(derivation) if text is None else text
    module = {"__name__": "emitted"}
    exec(text, module)
    return Material(subject=derivation.subject, derivation=derivation, program=None, code=text, module=module)


def caught(given):
    """The names of the checks that fail, or that cannot be run."""
    return {check.name for check in VECTOR_CHECKS if not passes(check, given)}


def passes(check, given):
    try:
        return check.run(given).passed
    except (ValueError, ArithmeticError, LookupError, TypeError):
        return False


@pytest.mark.parametrize("names", NAMES, ids="+".join)
def test_what_is_emitted_passes(names):
    verdicts = [check.run(material(DERIVATIONS[names])) for check in VECTOR_CHECKS]
    assert [v for v in verdicts if not v.passed] == []
    assert all(v.limit >= v.worst >= 0 for v in verdicts)


# Name of the defect: (text of the emitted pair, what takes its place, the checks that must catch it).
IN_CODE = {
    "p - y": ("(e * y_others - y * others) / (1 + rest)", "e / (1 + rest) - y", {"truth64", "truth32"}),
    "no compensation": ("    e += e * np.fmax(np.fmin(error, 1), -1)", "    ", {"truth64"}),
    "gap not halved": (
        "np.take_along_axis(z, top, -1) / 2 - z / 2",
        "(np.take_along_axis(z, top, -1) - z) / 2",
        {"truth64"},
    ),
    "1 - p": ("p * (others / (1 + rest))", "p * (1 - p)", {"truth64", "truth32"}),
    "log of a sum": ("np.log1p(rest[..., 0])", "np.log(1 + rest[..., 0])", {"truth64", "truth32"}),
    "others by subtraction": ("    np.put_along_axis(others, top, rest, -1)\n", "", {"truth64", "truth32"}),
    "half precision": (
        "return x.astype(np.float64), dtype",
        'return x.astype("f2" if dtype == "f4" else "f8").astype("f8"), dtype',
        {"truth32"},
    ),
    "dtype lost": (
        "return (mass * _jacobian(*_weights(z))).astype(dtype)",
        "return mass * _jacobian(*_weights(z))",
        {"arrays"},
    ),
    "domain not guarded": ("if (y < 0).any():", "if False:", {"arrays"}),
    "indices not guarded": ("((y < 0) | (y >= classes)).any()", "(y < 0).any()", {"arrays"}),
    "mask ignored": ("np.fmax(y * distance, 0)", "(y * distance)", {"arrays"}),
    "nothing left, unnoticed": ("np.where(peak > -np.inf, 1.0, np.nan)", "1.0", {"arrays"}),
    "NaN hidden": ("0 * largest, -1)  # 0 * NaN is NaN", "0.0, -1)", {"arrays"}),
    "hvp without its shift": (" - np.take_along_axis(v, top[..., :1], -1) / 2", "", {"arrays"}),
    "wrong formula": (
        "return -(y * np.log(p)).sum()",
        "return -1.001 * (y * np.log(p)).sum()",
        {"selfcheck"},
    ),
    "sign of the gradient": (
        "(e * y_others - y * others)",
        "(y * others - e * y_others)",
        {"differences", "truth64", "truth32", "arrays", "selfcheck"},
    ),
    "labels from the other end": ("(np.arange(classes) == ", "(np.arange(classes)[::-1] == ", {"arrays"}),
}


@pytest.mark.parametrize("defect", IN_CODE)
def test_defect_in_the_code_is_caught_by_its_checks_alone(defect):
    text, planted, expected = IN_CODE[defect]
    assert code(PAIR).count(text) == 1
    assert caught(material(PAIR, code(PAIR).replace(text, planted))) == expected


def test_wrong_loss_with_its_own_gradient_fails_the_self_check():
    text = code(PAIR).replace("return 2 * apart + ", "return 4 * apart + 2 * ")
    text = text.replace("(e * y_others - y * others)", "2 * (e * y_others - y * others)")
    assert {"selfcheck", "differences", "truth64", "known"} <= caught(material(PAIR, text))


def swapped(derivation, number, **changes):
    """The derivation with one step changed."""
    steps = list(derivation.steps)
    steps[number] = replace(steps[number], **changes)
    return replace(derivation, steps=tuple(steps))


IN_DERIVATION = {
    "a step that is wrong but says it is proved": swapped(PAIR, 2, expr=YS[J] / PS[J]),
    "a step without a proof": swapped(PAIR, 2, proof=Proof(method="none")),
    "a step that passes for a definition": swapped(PAIR, 2, proof=Proof(method="definition")),
    "another gradient": replace(PAIR, gradient=PS[J] - 2 * YS[J]),
    "another Hessian": replace(PAIR, hessian=PS[J]),
}


@pytest.mark.parametrize("derivation", IN_DERIVATION.values(), ids=IN_DERIVATION)
def test_defect_in_the_derivation_is_caught_by_the_steps_alone(derivation):
    assert caught(material(derivation, code(PAIR))) == {"steps"}


def test_wrong_known_value_is_caught_by_known_alone():
    loss = PAIR.subject.loss
    wrong = replace(loss, known=(replace(loss.known[0], value=loss.known[0].value + 1e-6), *loss.known[1:]))
    derivation = replace(PAIR, subject=replace(PAIR.subject, loss=wrong))
    assert caught(material(derivation, code(PAIR))) == {"known"}


@pytest.mark.parametrize(
    ("names", "text", "planted"),
    [
        (("softmax",), "0.0 - p[..., :, None] * p[..., None, :]", "p[..., :, None] * p[..., None, :]"),
        (("cross_entropy",), "np.where(a > 1e-150, y / (a * a), y / a / a)", "y / (a * a)"),
        (("cross_entropy",), "-y / a", "-y / (a + 1e-17)"),
    ],
)
def test_defect_in_a_single_is_caught(names, text, planted):
    emitted = code(DERIVATIONS[names])
    assert emitted.count(text) == 1
    assert "truth64" in caught(material(DERIVATIONS[names], emitted.replace(text, planted)))


def test_every_check_is_the_reason_of_some_defect():
    planted = [expected for *_, expected in IN_CODE.values()]
    assert set().union({"steps", "known"}, *planted) == CHECKS
