"""Random functions of one's own: compositions of what a user may write, held to what every subject is.

    python tests/random_functions.py --count 2000 --seed 7 --seconds 240

prints how many were derived and agree with certified finite differences, why others did not, and how to go on
from there. Each is tried in a process of its own, which ends after some seconds; of every tenth the accuracy
is measured, too, as a user gets it.
"""

import argparse
import collections
import os
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derive.api import Derived, derived
from derive.asked import Asked
from derive.balls import Unreachable
from derive.catalogue import ACTIVATIONS, LOSSES
from derive.checks import Material, run
from derive.emit import code
from derive.model import ELEMENTWISE, REALS, BadInput, Unproved
from derive.subjects import subject

Choose = Callable[[Sequence], object]

CHECKS = ("steps", "differences", "kinks")  # what holds of code however many digits it loses
BOUND = {"b": "1/2", "c": "3"}  # letters with their numbers
SECONDS = 20  # of the processor, for one function
MEASURED = 10  # of so many functions the accuracy of one is measured
MANY = 400  # characters of an outcome that are printed
KINDS = ("agrees", "refused", "limit", "time", "unproved", "wrong", "raised")
WARM = ("z*sigmoid(z)", "(a - y)**2")  # what the first derivation loads, the others share

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


def outcome(wanted: tuple[str, ...], measured: bool = False) -> str:
    """'agrees', or why not: 'refused', 'limit' and 'unproved' with a sentence, 'wrong' with what is."""
    letters = tuple(
        (letter, value) for letter, value in BOUND.items() if any(letter in _words(n) for n in wanted)
    )
    try:
        made = derived(subject(Asked(names=wanted, parameters=letters)))
        wrong = [
            f"{v.check}: {v.worst:.3g} {v.where}"
            for v in run(material(made, measured), CHECKS)
            if not v.passed
        ]
    except BadInput as error:
        return f"refused: {error}"
    except Unreachable as error:
        return f"limit: {error}"
    except Unproved as error:
        return f"unproved: {error}"
    if wrong and not measured:  # where digits are lost, that is declared once it is measured
        return outcome(wanted, True)
    return f"wrong: {'; '.join(wrong)}" if wrong else "agrees"


def material(made: Derived, measured: bool) -> Material:
    """What the checks look at; the accuracy takes longer than all else, and they do not ask for it."""
    about = made.declared if measured else made.subject
    there = replace(made.derivation, subject=about)
    text = code(there, made.program)
    return Material(
        subject=about, derivation=there, program=made.program, code=text, module=executed(text, made.name)
    )


def executed(text: str, name: str) -> Mapping[str, Any]:
    """The namespace of emitted code."""
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(text, f"<{name}>", "exec"), namespace)
    return namespace


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of one function, and the seconds of the processor that it took."""

    said: str
    seconds: float

    @property
    def kind(self) -> str:
        """The word in front of what is said."""
        return self.said.partition(":")[0]


def tried(wanted: tuple[str, ...], measured: bool = False) -> Tried:
    """What becomes of a function in a process of its own, which ends where it takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _in_child(wanted, measured, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status, used = os.wait4(child, 0)
    return Tried(
        said=said or _ended(os.waitstatus_to_exitcode(status)), seconds=used.ru_utime + used.ru_stime
    )


def _in_child(wanted: tuple[str, ...], measured: bool, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    try:
        os.write(writing, untroubled(wanted, measured).encode())
    finally:
        os._exit(0)


def _ended(code: int) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"time: more than {SECONDS} s"
    return f"raised: ended with {code}"


def untroubled(wanted: tuple[str, ...], measured: bool) -> str:
    """The outcome, or what was raised and where."""
    try:
        return outcome(wanted, measured)
    except Exception as error:
        last = error.__traceback__
        while last and last.tb_next:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_filename.split('/derive/')[-1]}:{last.tb_lineno}" if last else ""
        return f"raised: {type(error).__name__}: {str(error)[:200]} ({place})"


def reason(one: Tried) -> str:
    """Why a function is not derived, without what is its own: numbers and formulas."""
    text = one.said.rpartition(": ")[2] if one.kind == "unproved" else one.said
    return re.sub(r"'.*?'|[^\s,;]*[()*/+=\d][^\s,;]*", "…", text.partition(". Try")[0])[:90]


def summary(found: Sequence[Tried]) -> list[str]:
    """Lines that count the outcomes, and those that are not proved by their reasons."""
    kinds = collections.Counter(one.kind for one in found)
    seconds = sorted(one.seconds for one in found) or [0.0]
    lines = [
        f"{len(found)} functions tried: " + ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS),
        f"seconds of the processor: {sum(seconds) / len(seconds):.2f} each, "
        f"median {seconds[len(seconds) // 2]:.2f}, longest {seconds[-1]:.1f}",
    ]
    why = collections.Counter(reason(one) for one in found if one.kind == "unproved")
    return [*lines, *(f"unproved, {count}: {text}" for text, count in why.most_common())]


def main() -> int:
    """Try so many functions; 1 where one is wrong or raises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="the number of the first function of that seed")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--verbose", action="store_true", help="print those that agree, too")
    given = parser.parse_args()
    found: list[Tried] = []
    start = time.monotonic()
    outcome(WARM)
    for n in range(given.start, given.start + given.count):
        if time.monotonic() - start > given.seconds:
            break
        draw = random.Random(given.seed * 1_000_003 + n)
        wanted = names(draw.choice, draw.randint(1, given.depth))
        found.append(one := tried(wanted, n % MEASURED == 0))
        if one.kind != "agrees" or given.verbose:
            print(
                f"{given.seed}/{n} {one.seconds:.1f} s {' ;; '.join(wanted)}\n    {one.said[:MANY]}",
                flush=True,
            )
    print("\n".join([*summary(found), f"to go on: --seed {given.seed} --start {given.start + len(found)}"]))
    return 1 if {one.kind for one in found} & {"wrong", "raised"} else 0


if __name__ == "__main__":
    sys.exit(main())
