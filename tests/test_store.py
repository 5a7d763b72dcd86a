"""Files are whole or absent; a build goes on where it was, and makes again what changed."""

import dataclasses
import os
import signal
import stat

import pytest

from derive import catalogue, store
from derive.asked import Asked
from derive.cli import build, main
from derive.model import BadInput
from tables import explained

PAIR, OTHER, THIRD = (catalogue.pair(*names) for names in catalogue.REFERENCE[:3])
MADE = store.Made(files={"README.md": "σ\n"}, row="| σ |")


@pytest.fixture(autouse=True)
def hearing():
    """What the command does about interrupts ends with the test."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_write_replaces_and_leaves_nothing_beside(tmp_path):
    target = tmp_path / "file"
    for text in ("σ\n", "shorter"):
        store.write(target, text)
        assert target.read_bytes() == text.encode()
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupted_write_changes_nothing(tmp_path, monkeypatch):
    target = tmp_path / "file"
    target.write_text("old")

    def interrupt(*paths):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.write(target, "new")
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_write_keeps_links_and_modes(tmp_path):
    target, link = tmp_path / "file", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    store.write(link, "new")
    assert link.is_symlink() and target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_device_is_written_to_not_replaced():
    before = os.stat(os.devnull)
    store.write(store.Path(os.devnull), "text")
    assert os.stat(os.devnull).st_ino == before.st_ino and not os.path.isfile(os.devnull)


@pytest.mark.parametrize("place", [".", "absent/file", "file/file"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot write"):
        store.write(tmp_path / place, "text")


def test_write_if_new_leaves_the_time_of_an_unchanged_file(tmp_path):
    target = tmp_path / "file"
    assert store.write_if_new(target, "a")
    os.utime(target, (1, 1))
    assert not store.write_if_new(target, "a") and target.stat().st_mtime == 1
    assert store.write_if_new(target, "b") and target.stat().st_mtime > 1


def test_what_is_remembered_comes_back(tmp_path):
    assert store.recall(tmp_path, PAIR) is None
    store.remember(tmp_path, PAIR, MADE)
    assert store.recall(tmp_path, PAIR) == MADE
    assert store.recall(tmp_path, OTHER) is None
    store.forget(tmp_path)
    assert store.recall(tmp_path, PAIR) is None


def test_a_changed_row_is_made_again(tmp_path):
    store.remember(tmp_path, PAIR, MADE)
    sigmoid = PAIR.activation
    for changed in (
        dataclasses.replace(sigmoid, expr=sigmoid.expr + 1),
        dataclasses.replace(sigmoid, source="elsewhere"),
    ):
        assert store.recall(tmp_path, dataclasses.replace(PAIR, activation=changed)) is None
    assert store.recall(tmp_path, dataclasses.replace(PAIR)) == MADE


@pytest.mark.parametrize(
    ("name", "forgets"),
    [
        ("heads.py", True),
        ("emit/latex.py", True),
        ("program/choices.json", True),
        ("cli/show.py", False),
        ("catalogue/losses.py", False),
    ],
)
def test_a_changed_source_is_noticed_where_pages_depend_on_it(tmp_path, monkeypatch, name, forgets):
    for file in ("heads.py", "emit/latex.py", "program/choices.json", "cli/show.py", "catalogue/losses.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("")
    monkeypatch.setattr(store, "PACKAGE", tmp_path)
    before = store.fingerprint.__wrapped__()
    (tmp_path / name).write_text("x = 1")
    assert (store.fingerprint.__wrapped__() != before) == forgets


def test_another_version_of_a_maker_is_noticed(monkeypatch):
    before = store.fingerprint.__wrapped__()
    monkeypatch.setattr(store.metadata, "version", lambda name: "0")
    assert store.fingerprint.__wrapped__() != before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}'])
def test_a_damaged_memory_is_no_memory(tmp_path, text):
    store.remember(tmp_path, PAIR, MADE)
    next(tmp_path.iterdir()).write_text(text)
    assert store.recall(tmp_path, PAIR) is None


@pytest.fixture
def three_pairs(tmp_path, monkeypatch):
    """Three reference pairs in an empty folder, made by a stand-in that counts; the names it made."""
    made = []

    def make(output, item):
        made.append(item.names)
        pair = catalogue.pair(*item.names)
        files = {"gradient.py": f"{item.names}"}
        store.remember(build.CACHE, pair, store.Made(files=files, row=f"| {pair.name} |"))
        return build.write_pages(output / pair.folder, files)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalogue, "REFERENCE", catalogue.REFERENCE[:3])
    monkeypatch.setattr(build, "make", make)
    monkeypatch.setattr(build, "layered", tuple)
    return made


def run_build(*options):
    """The exit code of a build in this process."""
    return main(["build", "-j", "1", *options])


def test_a_second_build_makes_nothing_and_mends_what_was_touched(three_pairs, tmp_path):
    assert run_build() == 0 and three_pairs == list(catalogue.REFERENCE)
    page = tmp_path / "output" / PAIR.folder / "gradient.py"
    text = page.read_text()
    page.write_text("touched")
    (tmp_path / "output" / OTHER.folder / "gradient.py").unlink()
    assert run_build() == 0 and len(three_pairs) == 3
    assert page.read_text() == text and (tmp_path / "output" / OTHER.folder / "gradient.py").exists()
    assert run_build("--fresh") == 0 and len(three_pairs) == 6


def test_the_summary_is_true_of_the_folder(three_pairs, capsys):
    for options, says in (
        ((), "output: 4 files written, 0 unchanged; 3 made, 0 reused, 0 failed\n"),
        ((), "output: 0 files written, 4 unchanged; 0 made, 3 reused, 0 failed\n"),
        (("-o", "new"), "new: 4 files written, 0 unchanged; 0 made, 3 reused, 0 failed\n"),
        (("--fresh",), "output: 0 files written, 4 unchanged; 3 made, 0 reused, 0 failed\n"),
    ):
        assert run_build(*options) == 0 and capsys.readouterr().out == says


@pytest.mark.parametrize("text", ["# My project\n", "", b"\xff"])
def test_an_index_of_somebody_else_is_left_alone(three_pairs, tmp_path, capsys, text):
    (tmp_path / "README.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = (tmp_path / "README.md").read_bytes()
    assert run_build("-o", ".") == 2 and three_pairs == []
    assert (tmp_path / "README.md").read_bytes() == before and len(list(tmp_path.iterdir())) == 1
    assert capsys.readouterr().err.startswith("derive: README.md is not of derive's making")


def test_a_folder_that_cannot_be_made_is_named_as_given(three_pairs, tmp_path, capsys):
    (tmp_path / "file").write_text("kept")
    assert run_build("-o", "file") == 2 and (tmp_path / "file").read_text() == "kept"
    assert capsys.readouterr().err == "derive: cannot make the folder file: File exists\n"


def test_a_named_pair_gets_its_folder_and_no_index(three_pairs, tmp_path):
    assert run_build("tanh", "huber", "-o", "notes") == 0 and three_pairs == [("tanh", "huber")]
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["tanh_huber"]
    assert run_build("probit+bce*", "-o", "notes") == 0 and len(three_pairs) == 4


REFUSED = (
    ("tanh", "huber", "--all"),
    ("tanh",),
    ("tanh", "hubr"),
    ("loss:huber",),
    ("__import__('os')", "bce"),
)


@pytest.mark.parametrize("options", REFUSED)
def test_what_has_no_folder_is_refused(three_pairs, tmp_path, options):
    assert run_build(*options, "-o", "notes") == 2 and not (tmp_path / "notes").exists()


def test_an_interrupted_build_sweeps_up_after_killed_workers(three_pairs, monkeypatch, tmp_path):
    (tmp_path / "output" / PAIR.folder).mkdir(parents=True)
    for name in (".gradient.py.123.part", ".other.part"):
        (tmp_path / "output" / PAIR.folder / name).write_text("half")

    def interrupt(output, item):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "make", interrupt)
    assert run_build() == 130
    assert [path.name for path in (tmp_path / "output" / PAIR.folder).iterdir()] == [".other.part"]


def test_an_interrupted_build_goes_on_where_it_was(three_pairs, monkeypatch, tmp_path):
    whole = build.make

    def interrupt_at_second(output, item):
        if len(three_pairs) == 1:
            raise KeyboardInterrupt
        return whole(output, item)

    monkeypatch.setattr(build, "make", interrupt_at_second)
    assert run_build() == 130 and three_pairs == [catalogue.REFERENCE[0]]
    monkeypatch.setattr(build, "make", whole)
    assert run_build() == 0 and three_pairs == list(catalogue.REFERENCE)
    index = (tmp_path / "output" / "README.md").read_text()
    assert [index.index(pair.name) for pair in (PAIR, OTHER, THIRD)] == sorted(
        index.index(pair.name) for pair in (PAIR, OTHER, THIRD)
    )


def test_a_pair_that_fails_is_named_and_the_others_are_made(three_pairs, monkeypatch, capsys):
    whole = build.make
    fails = catalogue.REFERENCE[1]
    failed = build.Outcome(error="no proof")
    monkeypatch.setattr(build, "make", lambda out, item: failed if item.names == fails else whole(out, item))
    assert run_build() == 1 and three_pairs == [catalogue.REFERENCE[0], catalogue.REFERENCE[2]]
    assert f"{' + '.join(fails)} could not be made: no proof" in capsys.readouterr().err


def test_a_folder_that_is_no_longer_made_is_named_and_left(three_pairs, tmp_path, capsys):
    stale = tmp_path / "output" / "old_pair" / "gradient.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("kept")
    assert run_build() == 0 and stale.read_text() == "kept"
    assert "old_pair" in capsys.readouterr().err


def test_a_claim_that_changes_or_another_z3_makes_pages_anew(monkeypatch, tmp_path):
    package = tmp_path / "derive"
    (package / "claims").mkdir(parents=True)
    (package / "claims" / "convexity.py").write_text("one")
    monkeypatch.setattr(store, "PACKAGE", package)
    before = store.fingerprint.__wrapped__()
    (package / "claims" / "convexity.py").write_text("two")
    changed = store.fingerprint.__wrapped__()
    monkeypatch.setattr(store, "_version", lambda name: "another")
    assert len({before, changed, store.fingerprint.__wrapped__()}) == 3


def test_a_real_pair_is_made_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    why = explained(("sigmoid", "bce")).files().keys()
    done = build.make(tmp_path / "output", Asked(names=("sigmoid", "bce")))
    pages = {path.name for path in (tmp_path / "output" / "sigmoid_bce").iterdir()}
    assert pages == {"README.md", "derivation.tex", "gradient.py", "figure.svg", *why}
    assert done == build.Outcome(files=len(pages), written=len(pages))
    assert build.restored(tmp_path / "output", PAIR) == build.Outcome(files=len(pages))
    assert build.make(tmp_path / "output", Asked(names=("sigmoid", "no_loss"))).error.startswith("BadInput")
