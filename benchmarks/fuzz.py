"""Throws random and hostile texts at the reader of expressions: none is run, none hangs, a refusal is a line.

    python -m benchmarks.fuzz --count 100000

Each text is read; of every `--infer`-th that is read the domain, range and kinks are inferred, and every
`--door`-th is given to the command line as it stands. The last line counts what happened; exit code 1 where
a rule is broken.
"""

import argparse
import contextlib
import io
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.hostile import text
from derive import own
from derive.expression import read
from derive.model import A, BadInput, Y, Z
from derive.own.functions import callable_by_name

SECONDS = 5.0  # a text that takes longer to read hangs
INFERRING = 60.0  # and one whose inference takes longer: on the command line a child's limit ends it
LONGEST_LINE = 500
# What the interpreter tells of while a text is read: only its grammar may be parsed.
ALLOWED = ("compile", "builtins.id", "code.__new__", "array.__new__", "object.__getattr__", "sys._getframe")


class Late(Exception):
    """That the time is over."""


@dataclass(kw_only=True)
class Watch:
    """Whether the interpreter's events are listened to, and those that came."""

    on: bool = False
    events: list[str]


WATCH = Watch(events=[])


def _heard(event: str, arguments: tuple) -> None:
    if WATCH.on and event not in ALLOWED and not _importing(event, arguments):
        WATCH.events.append(event)


def _importing(event: str, arguments: tuple) -> bool:
    """Whether SymPy brings in a module of its own that it had not needed before."""
    if event == "import":
        return str(arguments[0]).startswith(("sympy", "mpmath"))
    if event == "exec":
        return getattr(arguments[0], "co_name", "") == "<module>" and "sympy" in arguments[0].co_filename
    paths = ("open", "os.listdir", "marshal.loads")
    return event in paths and (event == "marshal.loads" or "sympy" in str(arguments[0]))


@cache
def listen() -> None:
    """Hear the interpreter's events from now on."""
    sys.addaudithook(_heard)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Late after so many seconds of the processor."""

    def late(*_: object) -> None:
        raise Late

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def reading(given: str) -> str:
    """What becomes of a text that is read: "read", "refused", or which rule is broken."""
    letters = {"z": Z, "a": A, "y": Y}
    named = callable_by_name()
    WATCH.events.clear()
    try:
        with limited(SECONDS):
            WATCH.on = True
            try:
                read(given, letters, named)
            finally:
                WATCH.on = False
        outcome = "read"
    except BadInput as error:
        outcome = refusal(str(error))
    except Late:
        outcome = f"broken: it takes more than {SECONDS} s"
    except BaseException as error:
        outcome = f"broken: {type(error).__name__}: {str(error)[:80]}"
    return f"broken: {WATCH.events[0]} was run" if WATCH.events else outcome


def refusal(message: str) -> str:
    """ "refused", or what is wrong with the line that says so."""
    if "\n" in message or not message.isprintable():
        return "broken: the message is more than one line"
    return "refused" if len(message) <= LONGEST_LINE else f"broken: a message of {len(message)} letters"


def inferring(given: str) -> str:
    """What becomes of a text whose domain, range and kinks are inferred."""
    try:
        with limited(INFERRING):
            made = own.activation if own.kind_of(given) == "activation" else own.loss
            return "inferred" if made(given).inferred is not None else "broken"
    except BadInput as error:
        found = refusal(str(error))
        return "not inferred" if found == "refused" else found
    except Late:
        return "late"
    except BaseException as error:
        return f"broken: {type(error).__name__}: {str(error)[:80]}"


def door(given: str) -> str:
    """What the command line makes of a text: exit code 2 with one line, or 0."""
    from derive.cli import main

    out, err = io.StringIO(), io.StringIO()
    if "\x00" in given or any("\ud800" <= letter <= "\udfff" for letter in given):
        return "no argument"  # which no shell can pass
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), limited(INFERRING):
            code = main(["match", given])
    except SystemExit as error:
        code = error.code
    except Late:
        return "late"
    except BaseException as error:
        return f"broken: {type(error).__name__}: {str(error)[:80]}"
    lines = err.getvalue().strip().splitlines()
    if code in (0, 1, 3):
        return f"exit code {code}"
    return "exit code 2" if code == 2 and len(lines) == 1 else f"broken: exit code {code}, {len(lines)} lines"


def main() -> int:
    """Run the texts and say what happened."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--infer", type=int, default=200, metavar="N", help="infer of every N-th; 0: of none")
    parser.add_argument(
        "--door", type=int, default=0, metavar="N", help="the command line on every N-th; 0: none"
    )
    given = parser.parse_args()
    listen()
    counts, broken, start = run(given.count, given.seed, given.infer, given.door)
    for line in broken[:50]:
        print(line)
    said = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
    print(f"{given.count} texts in {time.monotonic() - start:.0f} s: {said}; {len(broken)} broken")
    return 1 if broken else 0


def run(count: int, seed: int, infer: int, through: int) -> tuple[Counter, list[str], float]:
    """How often what happened, the texts that broke a rule, and when it began."""
    counts: Counter = Counter()
    broken: list[str] = []
    start, slowest = time.monotonic(), 0.0
    reading("z")  # what is imported on the first call is not the text's doing
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for n in range(count):
            one = text(Random(f"{seed}:{n}"))
            begun = time.monotonic()
            found = [reading(one)]
            slowest = max(slowest, time.monotonic() - begun)
            if found[0] == "read" and infer and n % infer == 0:
                found.append(inferring(one))
            if through and n % through == 0:
                found.append(door(one))
            counts.update(f.split(":")[0] for f in found)
            broken += [f"{seed}:{n} {one!r}: {f}" for f in found if f.startswith("broken")]
            if list(Path(folder).iterdir()):
                broken.append(f"{seed}:{n} {one!r}: a file was written")
                break
    counts["ms at most to read"] = round(1000 * slowest)
    return counts, broken, start


if __name__ == "__main__":
    sys.exit(main())
