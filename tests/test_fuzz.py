"""Random and hostile texts: read or refused in one line, at once, and never run. `make fuzz` throws more."""

import ast
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from benchmarks.hostile import ALPHABET, SEEDS, text, valid
from derive import own
from derive.model import BadInput

TEXTS = 3000
INFERRED = 12
FILES = 120
GOOD = """
[activation.my_gate]
expr = "z*sigmoid(beta*z)"
parameters = {beta = {default = 1.5, domain = "(0, inf)"}}
kinks = []
[loss.my_loss]
expr = "where(abs(a-y) < 1, (a-y)**2, 2*abs(a-y)-1)"
target = "R"
"""


@pytest.fixture(autouse=True, scope="module")
def warm():
    """What the first reading imports is not the text's doing."""
    fuzz.reading("mish(z) + huber(a, y, delta=2)")


@pytest.mark.parametrize("start", range(0, TEXTS, TEXTS // 10))
def test_random_texts(start):
    found = {n: fuzz.reading(text(Random(f"test:{n}"))) for n in range(start, start + TEXTS // 10)}
    assert {n: how for n, how in found.items() if how not in ("read", "refused")} == {}
    assert set(found.values()) == {"read", "refused"}


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_hostile_texts(seed):
    assert fuzz.reading(seed) in ("read", "refused")


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(max_size=60) | st.text(alphabet=ALPHABET, max_size=60))
def test_any_text(given_text):
    assert fuzz.reading(given_text) in ("read", "refused")


@pytest.mark.parametrize("n", range(INFERRED))
def test_inference_of_random_expressions(n):
    assert not fuzz.inferring(valid(Random(f"infer:{n}"))).startswith("broken")


def test_random_files(tmp_path):
    rng, path = Random(1), tmp_path / "mine.toml"
    refused = 0
    for _ in range(FILES):
        letters = list(GOOD)
        for _ in range(rng.randrange(1, 4)):
            letters[rng.randrange(len(letters))] = rng.choice(ALPHABET)
        path.write_bytes("".join(letters).encode("utf-8", "replace"))
        try:
            own.load(path)
        except BadInput as error:
            refused += fuzz.refusal(str(error)) == "refused"
    assert refused > FILES / 2


class Planted:
    """A reader that runs its text."""

    @staticmethod
    def read(given_text, *_):
        eval(compile(ast.parse(given_text, mode="eval"), "x", "eval"), {})


@pytest.mark.parametrize(
    ("reader", "given_text", "found"),
    [
        (Planted.read, "__import__('os').listdir('.')", "was run"),
        (lambda *_: 1 / 0, "z", "ZeroDivisionError"),
        (lambda *_: next(n for n in iter(int, 1) if n), "z", "takes more than"),
    ],
)
def test_planted_defect_is_found(monkeypatch, reader, given_text, found):
    monkeypatch.setattr(fuzz, "read", reader)
    monkeypatch.setattr(fuzz, "SECONDS", 0.5)
    fuzz.listen()
    assert found in fuzz.reading(given_text)


@pytest.mark.parametrize("message", ["two\nlines", "a\x1b[31m", "long" * 200])
def test_bad_message_is_found(message):
    assert fuzz.refusal(message).startswith("broken")
