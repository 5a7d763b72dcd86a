"""One pair of a run: derived, emitted and checked with a clock, and remembered for the next run."""

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from derive import store
from derive.api import Derived, DerivedLayer, made
from derive.asked import Asked
from derive.checks import checks_of, run
from derive.model import Verdict
from derive.subjects import layer, subject

FOLDER: Final = Path(".derive") / "check"
TRUTHS: Final = Path(".derive") / "truth"
POINTS: Final = 2000
SECONDS: Final = 600  # after which a pair has failed; the slowest take less than a tenth
STAGES: Final = ("derive and prove", "program", "emit")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be done with each pair of a run; `memory` is where nothing is remembered if None."""

    target: str = "numpy"
    points: int = POINTS
    memory: Path | None = FOLDER
    truths: Path | None = TRUTHS


@dataclass(frozen=True, kw_only=True)
class Ran:
    """The verdicts of one pair, the seconds of processor time of each stage, and how steps are known."""

    verdicts: tuple[Verdict, ...]
    seconds: tuple[tuple[str, float], ...] = ()
    proved: int = 0
    sampled: int = 0

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(verdict.passed for verdict in self.verdicts)


class Late(Exception):
    """A pair took longer than it may."""


def ran(item: Asked, order: Order) -> Ran:
    """What came of one pair; whatever goes wrong with it is a failed verdict, and the others go on."""
    try:
        with within(SECONDS):
            found = _checked(item, order)
    except Exception as error:
        return Ran(verdicts=(_failed(item, error),))
    if order.memory is not None:
        remember(item, order, found)
    return found


def died(item: Asked) -> Ran:
    """What is said of a pair whose process died of it."""
    return Ran(verdicts=(_failed(item, Late("its process died: memory, or a library that gave up")),))


def _failed(item: Asked, error: Exception) -> Verdict:
    where = str(error) if isinstance(error, Late) else f"{type(error).__name__}: {error}"
    name = "+".join(map(str, item.names))
    return Verdict(pair=name, check="made", passed=False, worst=math.inf, limit=0, where=where)


def _checked(item: Asked, order: Order) -> Ran:
    """The verdicts of a pair, with the time of every stage."""
    clock = Clock()
    found = clock.time(STAGES[0], lambda: made(item))
    clock.time(STAGES[1], lambda: found.program)
    if isinstance(found, DerivedLayer):
        return _layer(found, clock)
    material = clock.time(STAGES[2], lambda: found.material(order.target))
    material = replace(material, points=order.points, memory=order.truths)
    names = [check.name for check in checks_of(material.subject)]
    verdicts = [clock.time(name, lambda name=name: run(material, (name,)))[0] for name in names]
    proofs = _proofs(found)
    return Ran(
        verdicts=tuple(verdicts),
        seconds=tuple(clock.found.items()),
        proved=proofs.count(True),
        sampled=proofs.count(False),
    )


def _layer(found: DerivedLayer, clock: "Clock") -> Ran:
    """The verdicts of a layer."""
    clock.time(STAGES[2], found.code)
    verdicts = clock.time("check", found.check)
    proved = sum(step.proof.proved for step in found.steps)
    return Ran(verdicts=verdicts, seconds=tuple(clock.found.items()), proved=proved)


def _proofs(found: Derived) -> list[bool]:
    """Whether each step and each form is proved, or only sampled."""
    return [step.proof.proved for step in found.steps] + [p.proved for _, p in found.program.proofs]


class Clock:
    """Seconds of processor time by stage, since other work on the machine does not count."""

    def __init__(self) -> None:
        self.found: dict[str, float] = {}

    def time(self, stage: str, work: Callable[..., Any]) -> Any:
        """What some work gives; how long it took is kept."""
        start = time.process_time()
        try:
            return work()
        finally:
            self.found[stage] = time.process_time() - start


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise Late in what takes longer; only where the system has such an alarm."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        raise Late(f"it took longer than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def key(item: Asked, order: Order) -> str:
    """A hash of all that the verdicts of a pair depend on."""
    return _key(item, order.target, order.points)


@cache
def _key(item: Asked, target: str, points: int) -> str:
    return store.key(layer(item) or subject(item), store.VERDICTS, target, points)


def _file(item: Asked, order: Order) -> Path:
    assert order.memory is not None
    suffix = "" if order.target == "numpy" else f".{order.target}"
    return order.memory / f"{'+'.join(map(str, item.names)).replace(':', '.')}{suffix}.json"


def remember(item: Asked, order: Order, found: Ran) -> None:
    """Keep what came of a pair, for the next run."""
    assert order.memory is not None
    store.folder(order.memory)
    store.write(_file(item, order), json.dumps({"key": key(item, order), **asdict(found)}))


def recall(item: Asked, order: Order) -> Ran | None:
    """What came of a pair with the same rows, sources and versions; None where it has to run."""
    if order.memory is None:
        return None
    try:
        kept = json.loads(_file(item, order).read_text(encoding="utf-8"))
        if kept["key"] != key(item, order):
            return None
        return Ran(
            verdicts=tuple(Verdict(**row) for row in kept["verdicts"]),
            seconds=tuple((stage, float(value)) for stage, value in kept["seconds"]),
            proved=kept["proved"],
            sampled=kept["sampled"],
        )
    except (OSError, ValueError, KeyError, TypeError):  # absent or damaged: it runs again
        return None
