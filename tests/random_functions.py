"""Random functions of one's own: compositions of what a user may write, held to what every subject is.

    python tests/random_functions.py --count 2000 --seed 7 --seconds 240

prints how many were derived and agree with certified finite differences, and every one that did not.
"""

import argparse
import collections
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from derive.api import derived
from derive.asked import Asked
from derive.balls import Unreachable
from derive.catalogue import ACTIVATIONS, LOSSES
from derive.checks import Material, run
from derive.model import ELEMENTWISE, REALS, BadInput, Unproved
from derive.subjects import subject

Choose = Callable[[Sequence], object]

CHECKS = ("steps", "differences", "kinks")  # what holds of code however many digits it loses
BOUND = {"b": "1/2", "c": "3"}  # letters with their numbers
SECONDS = 20  # of the processor, for one function

ONE = tuple(a.name for a in ACTIVATIONS if a.kind == ELEMENTWISE and a.domain == REALS and not a.inputs)
BASIC = (
    "exp",
    "tanh",
    "sigmoid",
    "softplus",
    "sin",
    "cos",
    "atan",
    "erf",
    "abs",
    "relu",
    "sign",
    "cosh",
    "log_cosh_of",
)
NUMBERS = ("1", "2", "3", "1/2", "0.25", "1.702")
SCORES = tuple(
    row.name for row in LOSSES if row.kind == ELEMENTWISE and row.prediction == REALS and not row.parameters
)


def activation(choose: Choose, depth: int) -> str:
    """The text of a random function of z."""
    return _inner(choose, depth, "z")


def _inner(choose: Choose, depth: int, letter: str) -> str:
    if depth == 0:
        return choose(
            (letter, letter, f"b*{letter}", f"{letter}/2", f"-{letter}", f"{letter} + 1", f"c - {letter}")
        )
    form = choose(FORMS)
    return form(choose, lambda: _inner(choose, depth - 1, letter), letter)


def _function(choose, part, letter):
    return f"{choose(ONE)}({part()})"


def _basic(choose, part, letter):
    return {"log_cosh_of": "log(cosh({}))"}.get(name := choose(BASIC), name + "({})").format(part())


def _sum(choose, part, letter):
    return f"({part()} {choose('+-')} {part()})"


def _product(choose, part, letter):
    return f"({part()})*({part()})"


def _multiple(choose, part, letter):
    return f"{choose((*NUMBERS, *BOUND))}*({part()})"


def _quotient(choose, part, letter):
    return f"({part()})/({choose(NUMBERS)} + ({part()})**2)"


def _root(choose, part, letter):
    return f"sqrt({choose(NUMBERS)} + ({part()})**2)"


def _power(choose, part, letter):
    return f"({part()})**{choose('23')}"


def _largest(choose, part, letter):
    return f"{choose(('max', 'min'))}({part()}, {part()})"


def _cases(choose, part, letter):
    return f"where({letter} > {choose(('0', '1', '-2'))}, {part()}, {part()})"


def _logarithm(choose, part, letter):
    return f"log({choose(NUMBERS)} + exp({part()}))"


FORMS = (
    _function, _function, _function, _basic, _basic, _sum, _product, _multiple, _quotient, _root, _power,
    _largest, _cases, _logarithm,
)  # fmt: skip


def names(choose: Choose, depth: int) -> tuple[str, ...]:
    """An activation alone, or behind it a loss of the catalogue or one made of a - y."""
    act = activation(choose, depth)
    kind = choose(("alone", "alone", "named", "own"))
    if kind == "alone":
        return (act,)
    return act, choose(SCORES) if kind == "named" else _inner(choose, max(depth - 1, 1), "(a - y)")


def outcome(wanted: tuple[str, ...]) -> str:
    """'agrees', or why not: 'refused', 'limit' and 'unproved' with a sentence, 'wrong' with what is."""
    letters = tuple(
        (letter, value) for letter, value in BOUND.items() if any(letter in _words(n) for n in wanted)
    )
    try:
        made = derived(subject(Asked(names=wanted, parameters=letters)))
        material = Material(
            subject=made.declared,
            derivation=replace(made.derivation, subject=made.declared),
            program=made.program,
            code=made.code(),
            module=made.module,
        )
        wrong = [f"{v.check}: {v.worst:.3g} {v.where}" for v in run(material, CHECKS) if not v.passed]
    except BadInput as error:
        return f"refused: {error}"
    except Unreachable as error:
        return f"limit: {error}"
    except Unproved as error:
        return f"unproved: {error}"
    return f"wrong: {'; '.join(wrong)}" if wrong else "agrees"


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


class TooLong(BaseException):
    """A function took longer than it may."""


def _stop(*_: object) -> None:
    raise TooLong


def timed(wanted: tuple[str, ...]) -> str:
    """The outcome, or that it took too long, or what was raised."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return outcome(wanted)
    except TooLong:
        return f"time: more than {SECONDS} s"
    except Exception as error:
        last = error.__traceback__
        while last and last.tb_next:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_filename.split('/derive/')[-1]}:{last.tb_lineno}" if last else ""
        return f"raised: {type(error).__name__}: {str(error)[:200]} ({place})"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> int:
    """Try so many functions; 1 where one is wrong or raises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--verbose", action="store_true", help="print those that agree, too")
    given = parser.parse_args()
    found: collections.Counter[str] = collections.Counter()
    start, slow = time.monotonic(), 0.0
    for n in range(given.count):
        if time.monotonic() - start > given.seconds:
            break
        draw = random.Random(given.seed * 1_000_003 + n)
        wanted, before = names(draw.choice, draw.randint(1, given.depth)), time.process_time()
        said = timed(wanted)
        spent = time.process_time() - before
        slow = max(slow, spent)
        kind = said.partition(":")[0]
        found[kind] += 1
        if kind != "agrees" or given.verbose:
            print(f"{given.seed}/{n} {spent:.1f} s {' ;; '.join(wanted)}\n    {said[:400]}", flush=True)
    print(
        f"{sum(found.values())} functions, {time.monotonic() - start:.0f} s, "
        f"slowest {slow:.1f} s: {dict(found)}"
    )
    return 1 if found["wrong"] or found["raised"] else 0


if __name__ == "__main__":
    sys.exit(main())
