"""Functions from a TOML file: each table is an entry; what is given is verified, what is not is inferred."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from derive import catalogue
from derive.catalogue.names import seek
from derive.expression import calls_in, checked, names_in, read
from derive.model import A, Activation, BadInput, Finite, Interval, Known, Loss, Parameter, Set, Y, Z
from derive.own.activations import Said, activation
from derive.own.functions import GREEK, Functions
from derive.own.losses import loss
from derive.own.sets import read_set

LARGEST: Final = 10**6  # bytes of a file
MOST: Final = 200  # functions
KINDS: Final = ("activation", "loss")
COMMON: Final = ("expr", "parameters", "kinks", "latex", "title", "source", "known", "aliases")
KEYS: Final = {
    "activation": (*COMMON, "domain", "range", "squashes"),
    "loss": (*COMMON, "prediction", "target", "reads", "hard"),
}
OF_PARAMETER: Final = ("default", "domain", "latex")
READS: Final = ("mean", "mean of log y", "probability", "log-probability", "raw score")
PLAIN: Final = re.compile(r"[A-Za-z0-9 .,:;()'+/=<>!?*@-]{1,160}")
LATEX: Final = re.compile(
    r"(\\(mathrm|operatorname|mathcal|mathbf|text|[a-zA-Z]+)(?![a-zA-Z])|[A-Za-z0-9 _^{}+*/().-])+"
)
_COMMANDS = """mathrm operatorname mathcal mathbf mathit mathsf ell varphi varepsilon vartheta tanh sin cos
    exp log max min pi Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega hat bar tilde star"""
COMMANDS: Final = GREEK | frozenset(_COMMANDS.split())
Table = Mapping[str, Any]


def load(file: str | Path) -> Functions:
    """The functions of a file, in an order in which each uses those before it."""
    tables = _tables(Path(file))
    waiting = [(kind, name) for kind in KINDS for name in tables.get(kind, {})]
    if len(waiting) > MOST:
        raise BadInput(f"{Path(file).name} defines {len(waiting)} functions; at most {MOST} are read")
    for kind, name in waiting:
        _check_name(kind, name)
    made: dict[tuple[str, str], Activation | Loss] = {}
    for kind, name in _ordered(tables, waiting):
        functions = _together(made)
        try:
            made[kind, name] = _entry(kind, name, tables[kind][name], functions)
        except BadInput as error:
            raise BadInput(f"[{kind}.{name}] {error}") from error
    return _together({key: made[key] for key in waiting})


def _together(made: Mapping[tuple[str, str], Activation | Loss]) -> Functions:
    rows = tuple(made.values())
    return Functions(
        activations=tuple(row for row in rows if isinstance(row, Activation)),
        losses=tuple(row for row in rows if isinstance(row, Loss)),
    )


def _tables(path: Path) -> dict[str, dict[str, Table]]:
    """The tables of a file by kind and name."""
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise BadInput(f"{path.name} has {len(data)} bytes; at most {LARGEST} are read")
        found = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise BadInput(f"{str(path)[:80]!r} cannot be read: {error.strerror}. Try: a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        reason = " ".join(str(error).split())[:120]
        raise BadInput(
            f"{path.name} is no TOML: {reason}. Try: [activation.my_gate] expr = 'z*sigmoid(z)'"
        ) from error
    _known_keys(found, KINDS, f"{path.name}:", "[activation.NAME] or [loss.NAME]")
    for kind, tables in found.items():
        if not (isinstance(tables, dict) and all(isinstance(t, dict) for t in tables.values())):
            raise BadInput(f"{path.name}: {kind} holds tables. Try: [{kind}.my_{kind}]")
        for name, table in tables.items():
            _known_keys(table, KEYS[kind], f"[{kind}.{name[:40]}]", ", ".join(KEYS[kind]))
    return found


def _known_keys(table: Table, known: tuple[str, ...], place: str, tries: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key[:40], known, n=1, cutoff=0.6)  # fewer letters in common mislead
            raise BadInput(f"{place} unknown key {key[:40]!r}. Try: {near[0] if near else tries}")


def _check_name(kind: str, name: str) -> None:
    rows = catalogue.ACTIVATIONS if kind == "activation" else catalogue.LOSSES
    checked(name, kind)
    if name.lower() != name:
        raise BadInput(f"{kind} {name!r}: names are in lower case. Try: {name.lower()}")
    if seek(name, rows, kind):
        raise BadInput(f"{kind} {name!r} is in the catalogue already. Try: my_{name}")


def _ordered(
    tables: Mapping[str, Mapping[str, Table]], waiting: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The functions so that each comes after those it calls; BadInput names a cycle."""
    by_name = {name: (kind, name) for kind, name in waiting}
    done: list[tuple[str, str]] = []

    def visit(key: tuple[str, str], path: tuple[str, ...]) -> None:
        if key in done:
            return
        if key[1] in path:
            raise BadInput(f"[{key[0]}.{key[1]}] functions call one another: {' -> '.join((*path, key[1]))}")
        text = tables[key[0]][key[1]].get("expr")
        for name in calls_in(text) if isinstance(text, str) else ():
            if name in by_name:
                visit(by_name[name], (*path, key[1]))
        done.append(key)

    for key in waiting:
        visit(key, ())
    return done


def _entry(kind: str, name: str, table: Table, functions: Functions) -> Activation | Loss:
    """The entry of a table."""
    text = _text(table, "expr", required=True)
    parameters = _parameters(table)
    numbers = {n: p["default"] for n, p in parameters.items()}
    _all_used(text, numbers)
    said = _said(kind, table, parameters)
    made = (activation if kind == "activation" else loss)(
        text, parameters=numbers, name=name, functions=functions, said=said
    )
    made = replace(made, parameters=tuple(_with_latex(p, parameters[p.name]) for p in made.parameters))
    return replace(made, **_details(kind, name, table, made))


def _all_used(text: str, numbers: Table) -> None:
    used = names_in(text)
    for name in numbers:
        if name not in used:
            raise BadInput(f"parameter {name[:40]!r} does not occur in expr. Try: without it")


def _text(table: Table, key: str, *, required: bool = False) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (required and not value):
        raise BadInput(f"{key} is a text. Try: {key} = 'z*sigmoid(z)'")
    return value


def _parameters(table: Table) -> dict[str, dict[str, Any]]:
    """The parameters: a number, or a table with default, domain and latex."""
    given = table.get("parameters", {})
    if not isinstance(given, dict):
        raise BadInput("parameters is a table. Try: parameters = {beta = 1.5}")
    found: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        whole = value if isinstance(value, dict) else {"default": value}
        _known_keys(whole, OF_PARAMETER, f"parameter {name[:40]!r}:", ", ".join(OF_PARAMETER))
        if "default" not in whole:
            raise BadInput(
                f"parameter {name[:40]!r} needs a default. Try: {{default = 1.0, domain = '(0, inf)'}}"
            )
        if isinstance(whole["default"], bool) or not isinstance(whole["default"], int | float | str):
            raise BadInput(f"parameter {name[:40]!r}: default is a number. Try: {{default = 1.0}}")
        found[name] = whole
    return found


def _said(kind: str, table: Table, parameters: Mapping[str, Table]) -> Said:
    """What the table says of the function."""
    domains = tuple((n, _text(p, "domain")) for n, p in parameters.items() if "domain" in p)
    kinks = _kinks(table) if "kinks" in table else None
    if kind == "activation":
        return Said(
            domain=_interval(table, "domain", Z), range=_text(table, "range"), kinks=kinks, domains=domains
        )
    target = read_set(_text(table, "target"), Y) if "target" in table else None
    return Said(prediction=_interval(table, "prediction", A), target=target, kinks=kinks, domains=domains)


def _interval(table: Table, key: str, letter) -> Interval | None:
    if key not in table:
        return None
    found: Set = read_set(_text(table, key), letter)
    if not isinstance(found, Interval):
        raise BadInput(f"{key} is an interval. Try: {key} = '(0, inf)'")
    return found


def _kinks(table: Table) -> tuple[str, ...]:
    given = table["kinks"]
    if not isinstance(given, list) or any(
        isinstance(k, bool) or not isinstance(k, str | int | float) for k in given
    ):
        raise BadInput("kinks is a list of numbers or texts. Try: kinks = [0, 'theta']")
    return tuple(k if isinstance(k, str) else f"({k!r})" for k in given)


def _details(kind: str, name: str, table: Table, made: Activation | Loss) -> dict[str, Any]:
    """What is taken as it is said, once it is safe to print."""
    found: dict[str, Any] = {"title": _plain(table, "title") or name.replace("_", " ")}
    found["source"] = _plain(table, "source") or "as given"
    found["aliases"] = tuple(_aliases(kind, table))
    found["known"] = tuple(_known(row, made) for row in _rows(table))
    if kind == "activation":
        found["latex"] = latex(_text(table, "latex"))
        if "squashes" in table:
            found["squashes"] = _choice(table, "squashes", (True, False))
        return found
    if "reads" in table:
        found["reads"] = _choice(table, "reads", READS)
    if "hard" in table:
        found["hard"] = _hard(table["hard"], made)
    return found


def _plain(table: Table, key: str) -> str:
    """A line of plain words, since it is printed in docstrings and in LaTeX."""
    value = _text(table, key)
    if value and not PLAIN.fullmatch(value):
        raise BadInput(
            f"{key} holds plain words only, at most 160 letters. Try: {key} = 'a gated unit (2024)'"
        )
    return value


def latex(text: str) -> str:
    """A name in LaTeX, made of letters and of commands that only print."""
    used = re.findall(r"\\([A-Za-z]*)", text)
    balanced = text.count("{") == text.count("}")
    if text and not (LATEX.fullmatch(text) and balanced and len(text) <= 60 and set(used) <= COMMANDS):
        raise BadInput(r"latex is a short name. Try: latex = '\mathrm{Gate}'")
    return text


def _aliases(kind: str, table: Table) -> list[str]:
    given = table.get("aliases", [])
    if not isinstance(given, list) or not all(isinstance(a, str) for a in given):
        raise BadInput("aliases is a list of names. Try: aliases = ['gate']")
    for alias in given:
        _check_name(kind, alias)
    return given


def _choice(table: Table, key: str, allowed: tuple) -> Any:
    if table[key] not in allowed:
        raise BadInput(f"{key} is one of {', '.join(map(str, allowed))}")
    return table[key]


def _hard(given: Any, made: Activation | Loss) -> tuple[int, ...]:
    assert isinstance(made, Loss)
    if not isinstance(given, list) or any(isinstance(v, bool) or not isinstance(v, int) for v in given):
        raise BadInput("hard is a list of whole numbers. Try: hard = [0, 1]")
    for value in given:
        if not _in(made.target, value):
            raise BadInput(f"hard target {value} does not lie in {made.target}")
    return tuple(given)


def _in(place: Set, value: int) -> bool:
    if isinstance(place, Finite):
        return value in place.values
    assert isinstance(place, Interval)
    low, high = value - place.lo, place.hi - value
    above = low.is_extended_positive or (low == 0 and place.closed_lo)
    return bool(above and (high.is_extended_positive or (high == 0 and place.closed_hi)))


def _rows(table: Table) -> list[Any]:
    given = table.get("known", [])
    if not isinstance(given, list):
        raise BadInput("known is a list of [z, value] or [a, y, value]. Try: known = [[2.0, 1.76]]")
    return given


def _known(row: Any, made: Activation | Loss) -> Known:
    """A value from outside: a list, or a table with at, value, origin and parameters."""
    whole = (
        row
        if isinstance(row, dict)
        else {"at": row[:-1], "value": row[-1]} if isinstance(row, list) and row else {}
    )
    _known_keys(whole, ("at", "value", "origin", "parameters"), "known:", "at, value, origin, parameters")
    at, value = whole.get("at"), whole.get("value")
    wanted = 1 if isinstance(made, Activation) else 2
    if not isinstance(at, list) or len(at) != wanted or not all(map(_is_number, [*at, value])):
        form = "[z, value]" if wanted == 1 else "[a, y, value]"
        raise BadInput(
            f"a known value is {form}. Try: known = [[{'2.0' if wanted == 1 else '2.0, 1.0'}, 1.76]]"
        )
    given = whole.get("parameters", {})
    names = {p.name for p in made.parameters}
    if not (isinstance(given, dict) and set(given) <= names and all(map(_is_number, given.values()))):
        raise BadInput(f"parameters of a known value are among {', '.join(sorted(names)) or 'none'}")
    return Known(
        at=tuple(float(v) for v in at),
        value=float(value or 0.0),
        origin=_plain(whole, "origin") or "as given",
        parameters=tuple((n, float(v)) for n, v in given.items()),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _with_latex(parameter: Parameter, given: Table) -> Parameter:
    return replace(parameter, latex=latex(_text(given, "latex"))) if given.get("latex") else parameter


Reader = Callable[[str], Any]
__all__ = ["load", "read"]
