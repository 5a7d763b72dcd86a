"""The command as a process: interrupts, pipes, full disks, narrow encodings, and how fast it starts."""

import os
import signal
import subprocess
import sys
import time

import pytest

import derive

# Opens in its own session, so that an interrupt reaches it and its workers as one from a keyboard does.
OWN_GROUP = {"start_new_session": True}


def python(*arguments, **options):
    """A finished process of this Python."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


SOON = 5  # seconds: far above what it takes, far below what the work would

# A command that works until it is stopped, with two workers.
SLEEPERS = """
import sys, time
from derive.cli import check, main
def outcome_of(item, order):
    print(item.names, file=sys.stderr, flush=True)
    time.sleep(120)
if __name__ == "__main__":
    check.outcome_of = outcome_of
    sys.exit(main(["check", "-j", "2"]))
"""

posix = pytest.mark.skipif(os.name != "posix", reason="signals and devices of POSIX")


@pytest.fixture
def sleepers(tmp_path):
    """The process of a command whose two workers are at work."""
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS)
    command, pipes = [sys.executable, str(script)], {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, cwd=tmp_path, **OWN_GROUP) as process:
        assert [process.stderr.readline()[0] for _ in range(2)] == ["(", "("]
        yield process
        if group_lives(process.pid):
            os.killpg(process.pid, signal.SIGKILL)


def group_lives(number):
    """Whether a process of the group is there."""
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


def workers_end(number):
    """Whether the group of processes is soon gone."""
    end = time.monotonic() + SOON
    while group_lives(number) and time.monotonic() < end:
        time.sleep(0.02)
    return not group_lives(number)


@posix
@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_interrupts_end_the_command_and_its_workers(sleepers, times):
    for _ in range(times):
        os.killpg(sleepers.pid, signal.SIGINT)
        time.sleep(0.1)
    out, err = sleepers.communicate(timeout=SOON)
    count = f"0 of {len(derive.reference_pairs())} pairs"
    assert (sleepers.returncode, out) == (130, "")
    assert err == f"derive: interrupted: {count} were checked; the same command goes on from here\n"
    assert workers_end(sleepers.pid)


@posix
def test_a_check_nobody_reads_ends_at_once(sleepers):
    sleepers.stdout.close()
    assert sleepers.wait(timeout=SOON) == 141
    assert sleepers.stderr.read() == "" and workers_end(sleepers.pid)


@posix
def test_workers_end_with_a_killed_command(sleepers):
    sleepers.kill()
    sleepers.wait()
    assert workers_end(sleepers.pid)


def test_a_closed_pipe_is_silent():
    with subprocess.Popen(
        [sys.executable, "-m", "derive", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", ["list", "--help", "list --help", "--version"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_what_cannot_be_printed_is_one_line(where, arguments, unbuffered):
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = shell(f"{arguments} {where}", env=env)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith("derive: cannot write standard output: ")


def shell(line, **options):
    """The finished command, with the redirections of the line."""
    command = ["sh", "-c", f"'{sys.executable}' -m derive {line}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@posix
def test_no_message_is_lost_on_a_wrong_stream():
    assert (done := shell("nonsense 2>&-")).returncode == 2 and done.stdout == ""
    assert shell("nonsense 2>/dev/full").returncode == 2
    assert shell("latex gelu -o /dev/stdout | cat").stdout == shell("latex gelu").stdout


def test_a_terminal_without_unicode_is_served():
    done = python("-m", "derive", "list", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and "sigmoid" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"sympy", "numpy", "flint", "scipy", "matplotlib", "multiprocessing"}),
        (["latex", "sigmoid", "bce"], {"scipy", "matplotlib", "multiprocessing"}),
    ],
    ids=["help", "latex"],
)
def test_nothing_is_imported_that_is_not_needed(arguments, unwanted):
    program = f"import sys; from derive.cli import main; code = main({arguments}); print(*sys.modules)"
    done = python("-c", program)
    assert done.returncode == 0 and unwanted.isdisjoint(done.stdout.split()), done.stderr
    assert "argparse" in done.stdout.split()  # the list is there


def test_help_takes_well_under_half_of_importing_sympy():
    assert fastest("-m", "derive", "--help") < 0.4 * fastest("-c", "import sympy")


def fastest(*arguments):
    """Seconds of the fastest of five runs: what is slow in one run is the machine."""
    found = []
    for _ in range(5):
        start = time.perf_counter()
        assert python(*arguments).returncode == 0
        found.append(time.perf_counter() - start)
    return min(found)
