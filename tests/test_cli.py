"""The command line: what it prints, where it writes, and its exit codes."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
import sympy as sp

import derive
from derive import api, catalogue
from derive.cli import COMMANDS, check, main, parser
from derive.cli.jobs import each
from derive.model import A, Unproved, Verdict, Y
from derive.runs import one
from derive.runs.one import Ran
from tables import derivation


@pytest.fixture(autouse=True)
def hearing():
    """What the command does about interrupts ends with the test."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capsys):
    """A function from arguments to (exit code, stdout, stderr)."""

    def call(*arguments):
        code = main(arguments)
        return (code, *capsys.readouterr())

    return call


def python(*arguments, **options):
    """A finished process of this Python."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


@pytest.mark.parametrize("command", ["", *(command.NAME for command in COMMANDS)])
def test_help_explains_with_examples(run, command):
    code, out, err = run(*command.split(), "--help")
    assert (code, err) == (0, "") and "examples:" in out and f"derive {command}".strip() in out


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        ("latex sigmiod bce", ["'sigmiod'", "sigmoid"]),
        ("latex sigmoid bcee", ["'bcee'", "bce"]),
        ("show gelo", ["'gelo'", "gelu"]),
        ("show bce sigmoid", ["the activation comes first. Try: sigmoid bce"]),
        ("show foo bar", ["'foo'", "'bar'"]),
        ("show sigmoid+bcee", ["unknown loss 'bcee'", "bce"]),
        ("show identity activation:relu", ["'activation:relu'", "in the place of the loss"]),
        (f"show {'x' * 200}", [f"'{'x' * 59}…'"]),
        ("latex colour:gelu", ["colour", "activation:gelu", "loss:gelu"]),
        ("latex loss:gelu", ["unknown loss 'gelu'"]),
        ("export identity bce", ["(0, 1)", "(-∞, ∞)", "sigmoid"]),
        ("export sigmoid cross_entropy", ["softmax"]),
        ("export sigmoid bce --target basic", ["'basic'", "numpy"]),
        ("latex sigmoid bce -o nowhere/file.tex", ["nowhere", "no folder"]),
        ("latex sigmoid bce -o .", ["is a folder"]),
        ("latex sigmoid bce extra", ["extra"]),
        ("latex", ["ACT"]),
        ("list things", ["things", "activations"]),
        ("check sigmoid bce --all", ["--all"]),
        ("check sigmiod bce", ["sigmoid"]),
        ("check sigmoid bce --json nowhere/rows.json", ["nowhere"]),
        ("check sigmoid bce --json .", ["is a folder"]),
        ("check sigmoid bce --json ''", ["--json", "empty path"]),
        ("latex sigmoid bce -o ''", ["--output", "empty path"]),
        ("build -o ''", ["--output", "empty path"]),
        ("build -j 0", ["'0'"]),
        ("lst", ["'lst'", "list"]),
        ("--nonsense", ["--help"]),
    ],
)
def test_bad_input_is_one_line_and_code_2(run, monkeypatch, tmp_path, arguments, hints):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "outcome_of", None)  # no work is begun
    code, out, err = run(*shlex.split(arguments))
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("derive: ") and all(hint in err for hint in hints), err
    assert "x" * 61 not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unproved("no proof"), 1),
        (derive.BadInput("no such thing"), 2),
        (ModuleNotFoundError("no", name="scipy"), 2),
        (MemoryError(), 3),
        (BrokenProcessPool("a worker died"), 3),
        (KeyboardInterrupt(), 130),
    ],
    ids=repr,
)
def test_exit_codes(run, monkeypatch, error, code):
    def fail(*names):
        raise error

    monkeypatch.setattr(api, "derived", fail)
    got, out, err = run("show", "sigmoid", "bce")
    assert (got, out, err.count("\n")) == (code, "", 1)


def test_a_defect_of_the_program_is_not_swallowed(monkeypatch):
    monkeypatch.setattr(api, "derived", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["show", "sigmoid", "bce"])


def test_list_prints_every_row(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    for row in (*catalogue.ACTIVATIONS, *catalogue.LOSSES):
        assert row.name in out and all(alias in out for alias in row.aliases)
    assert f"{len(derive.legal_pairs())} pairs" in out


def test_list_as_json(run):
    found = json.loads(run("list", "--json")[1])
    pairs = json.loads(run("list", "pairs", "--json")[1])
    assert found["pairs"] == pairs and found.keys() == {"activations", "losses", "layers", "pairs"}
    assert [(row["activation"], row["loss"]) for row in pairs] == list(derive.legal_pairs())
    assert {(row["activation"], row["loss"]) for row in pairs if row["reference"]} == set(
        derive.reference_pairs()
    )
    assert [row["activation"] for row in found["activations"]] == [row.name for row in catalogue.ACTIVATIONS]


def test_show_as_json(run):
    code, out, _ = run("show", "sigmoid", "bce", "--json")
    found = json.loads(out)
    keys = {
        "pair",
        "activation",
        "loss",
        "gradient",
        "hessian",
        "steps",
        "conventions",
        "assumptions",
        "warning",
        "condition",
        "inferred",
        "accuracy",
    }
    assert code == 0 and found.keys() == keys
    assert not any(found[key] for key in ("warning", "condition", "inferred"))
    names = {"a": A, "y": Y}
    assert sp.sympify(found["gradient"], names) == A - Y
    assert sp.expand(sp.sympify(found["hessian"], names) - A * (1 - A)) == 0
    assert all({"quantity", "rule", "says", "latex", "proof"} <= step.keys() for step in found["steps"])
    assert all("proved" in step["proof"] or "checked" in step["proof"] for step in found["steps"])


def test_show_prints_every_step(run):
    code, out, _ = run("show", "sigmoid", "bce")
    assert code == 0 and all(
        step.says in " ".join(out.split()) for step in derivation(("sigmoid", "bce")).steps
    )


@pytest.mark.parametrize("command", ["show", "show --json", "latex", "export"])
def test_a_doubled_link_is_said_first(run, command):
    words = "link applied twice: did you mean identity + logistic?"
    code, out, err = run(*command.split(), "sigmoid", "logistic")
    assert code == 0 and words in (out.splitlines()[0] if command == "show" else err)
    assert command == "latex" or words in out
    _, out, err = run(*command.split(), "sigmoid", "bce")
    assert "link applied twice" not in out + err


@pytest.mark.parametrize("names", ["activation:tanh", "loss:log_cosh", "mse"])
def test_one_name_alone(run, names):
    assert run("latex", names)[0] == 0


@pytest.mark.parametrize(
    "names", ["sigmoid+bce", "sigmoid_bce", "Sigmoid BCE", "expit_log_loss", "activation:sigmoid loss:bce"]
)
def test_a_pair_in_other_words(run, names):
    assert run("latex", *names.split()) == run("latex", "sigmoid", "bce")


@pytest.mark.parametrize(
    "arguments", ["latex sigmoid bce", "latex sigmoid bce --standalone", "export sigmoid bce"]
)
def test_a_file_holds_what_is_printed(run, tmp_path, arguments):
    target = tmp_path / "file"
    target.write_text("old")
    assert run(*arguments.split(), "-o", str(target)) == (0, "", "")
    printed = run(*arguments.split())[1]
    assert target.read_text(encoding="utf-8") == printed == run(*arguments.split(), "-o", "-")[1]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_exported_code_checks_itself(tmp_path):
    target = tmp_path / "gradient.py"
    assert main(["export", "tanh", "half_squared_error", "-o", str(target)]) == 0
    assert python(str(target)).returncode == 0


GOOD = Verdict(pair="a+b", check="steps", passed=True, worst=0, limit=0)
BAD = Verdict(pair="a+b", check="truth", passed=False, worst=80, limit=64, where="z=40")


def test_check_shows_and_keeps_what_failed(run, monkeypatch, tmp_path):
    monkeypatch.setattr(check, "outcome_of", lambda item, order: Ran(verdicts=(GOOD, BAD)))
    code, out, _ = run("check", "sigmoid", "bce", "--json", str(tmp_path / "rows.json"))
    assert code == 1 and "FAIL 80/64" in out and "FAILED a+b, truth: 80, allowed is 64. z=40" in out
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert [row["passed"] for row in rows] == [True, False]
    assert rows[1] == {
        "pair": "a+b",
        "check": "truth",
        "passed": False,
        "worst": 80,
        "limit": 64,
        "where": "z=40",
    }


def test_check_prints_json_and_the_table_aside(run, monkeypatch):
    monkeypatch.setattr(check, "outcome_of", lambda item, order: Ran(verdicts=(GOOD,)))
    code, out, err = run("check", "sigmoid", "bce", "--json", "-")
    assert code == 0 and [row["pair"] for row in json.loads(out)] == ["a+b"]
    assert "1 checks over 1 subject" in err


def test_check_passes(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "outcome_of", lambda item, order: Ran(verdicts=(GOOD,)))
    assert run("check", "-j", "1")[0] == run("check", "gelu")[0] == 0


def test_check_goes_on_after_a_pair_that_cannot_be_made(run, monkeypatch, tmp_path):
    def checked(item, order):
        if item.names == ("sigmoid", "bce"):
            raise Unproved("step 3")
        return Ran(verdicts=(GOOD,))

    monkeypatch.setattr(one, "_checked", checked)
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("check", "-j", "1")
    assert code == 1 and "FAILED sigmoid+bce, made" in out and "Unproved: step 3" in out
    assert f"{len(derive.reference_pairs()) - 1} passed, 1 failed" in out


def test_interrupted_check_keeps_what_is_done(run, monkeypatch, tmp_path):
    calls = []

    def outcome(item, order):
        calls.append(item)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return Ran(verdicts=(GOOD,))

    monkeypatch.setattr(check, "outcome_of", outcome)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("check", "-j", "1", "--json", str(tmp_path / "rows.json"))
    assert code == 130 and "2 checks over 2 subjects" in out and "2 of" in err
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 2


def test_a_check_interrupted_at_once_shows_no_table(run, monkeypatch, tmp_path):
    def interrupt(item, order):
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "outcome_of", interrupt)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("check", "-j", "1", "--json", str(tmp_path / "rows.json"))
    assert (code, out, err.count("\n")) == (130, "", 1) and list(tmp_path.iterdir()) == []


def test_a_real_check_in_processes(tmp_path):
    rows = tmp_path / "rows.json"
    done = python("-m", "derive", "check", "sigmoid", "bce", "--json", str(rows))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(rows.read_text())
    assert len(found) > 1 and all(row["passed"] and row["pair"] == "sigmoid+bce" for row in found)


def test_each_gives_every_result_from_processes():
    assert dict(each(abs, range(-5, 5), 2)) == {n: abs(n) for n in range(-5, 5)}
    assert list(each(abs, (), 2)) == []


def _dies_of_three(number):
    if number == 3:
        os.abort()
    return number


def test_the_death_of_a_process_is_the_fault_of_one_item():
    found = dict(each(_dies_of_three, range(8), 2, lost=lambda number: "lost"))
    assert found == {n: n for n in range(8) if n != 3} | {3: "lost"}
    with pytest.raises(BrokenProcessPool):
        dict(each(_dies_of_three, range(8), 2))


def test_what_is_heeded_ends_the_work():
    def stop():
        raise BrokenPipeError

    for jobs in (1, 2):
        with pytest.raises(BrokenPipeError):
            list(each(abs, range(5), jobs, heed=stop))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("arguments", ["export sigmoid bce -o", "check sigmoid bce --json"])
def test_a_full_disk_is_one_line(run, monkeypatch, arguments):
    monkeypatch.setattr(check, "outcome_of", lambda item, order: Ran(verdicts=(GOOD,)))
    code, _, err = run(*arguments.split(), "/dev/full")
    assert (code, err) == (2, "derive: cannot write /dev/full: No space left on device\n")


README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", sorted(set(re.findall(r"(?:`|\$ )derive ([a-z]+ [^`\n]*|[a-z]+)", README))))
def test_a_command_in_the_readme_is_one(line):
    assert parser().parse_args(shlex.split(line)).run in [command.run for command in COMMANDS]


def test_the_python_in_the_readme_does_what_it_says():
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1].replace("pair.check()", "")
    done = python("-c", program + "print(pair.gradient, grad(40.0, 1.0))")
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"# (a - y|-\d\S+)", program)
    assert done.stdout.splitlines()[-1].split(None, 3) == " ".join(shown).split(None, 3)
