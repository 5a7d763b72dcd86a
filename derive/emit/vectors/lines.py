"""A routine as the lines of a Python function: only what is used, repeats named, what fits inlined."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import sympy as sp
from sympy import Expr, Indexed, Sum

from derive.emit.layout import WIDTH, laid
from derive.emit.vectors.products import arranged, corrected, is_label, may_be_infinite, may_overflow
from derive.emit.vectors.signs import sign
from derive.emit.vectors.spelling import Letters, python_name, text
from derive.heads import HeadFunction
from derive.model import J
from derive.program.vectors import Routine
from derive.program.vectors.lines import GIVEN, Line, fresh, name_of, vector
from derive.rules.floats import Root
from derive.rules.indexed import substitute, written_out

INDENT = "    "
Shape = Literal["row", "vector", "both"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a function is written: its letters, its argument, what it returns.

    "row" is a number for each row, "vector" a vector or several stacked ones, "both" the one and the other.
    """

    letters: Letters
    x: str
    shape: Shape


def body(routine: Routine, style: Style) -> list[str]:
    """The lines of a function that computes the results of a routine."""
    tidy = fitted(shared(_arranged(used(_direct(used(routine))))), style)
    style = _signed(tidy, style)
    lines = [row for line in _ignoring(tidy) for row in _line(line, style.letters)]
    return [*_returned(tidy, lines, style)]


def _arranged(routine: Routine) -> Routine:
    """The routine with its sums and products in the order in which they keep their digits."""
    lines = [
        replace(
            line,
            arguments=tuple(map(arranged, line.arguments)),
            meanings=(
                line.meanings if line.block else tuple(m if m is None else arranged(m) for m in line.meanings)
            ),
        )
        for line in routine.lines
    ]
    return _marked(Routine(lines=tuple(lines), results=tuple(map(arranged, routine.results))))


def _marked(routine: Routine) -> Routine:
    """The routine in which letters for products of inputs, which may overflow, are not assumed finite."""
    for n, line in enumerate(routine.lines):
        if line.block or line.arguments or not may_overflow(line.meanings[0]):
            continue
        (target,) = line.targets
        letter, symbol = name_of(target), sp.Symbol(name_of(target), extended_real=True)
        new = vector(letter, extended_real=True) if isinstance(target, sp.IndexedBase) else symbol
        meaning = new[J] if isinstance(new, sp.IndexedBase) else new
        rows = [_written_line(other, target, meaning) for other in routine.lines[n + 1 :]]
        rows = [*routine.lines[:n], replace(line, targets=(new,)), *rows]
        results = tuple(_written(r, target, meaning) for r in routine.results)
        routine = Routine(lines=tuple(rows), results=results)
    return routine


SIGNS = {
    "_log_softmax": (-1, 1, 1, 1, 1, 1, 1),
    "_support": (1, 1),
    "_unit": (0, 1, 1),
    "_norm": (1,),
}


def _signed(routine: Routine, style: Style) -> Style:
    """The style with the signs of what the lines compute, as far as they are known."""
    signs = dict(style.letters.signs)
    for line in routine.lines:
        if line.block == "_others":
            found: tuple[int, ...] = (sign(line.arguments[0], signs),)
        elif line.block:
            found = SIGNS.get(line.block, ())
        else:
            found = (sign(_read(line)[0], signs),)
        signs |= {name_of(t): s for t, s in zip(line.targets, found, strict=False) if s}
    return replace(style, letters=replace(style.letters, signs=signs))


def _direct(routine: Routine) -> Routine:
    """The routine without lines that give a letter to what is used once: it is written there."""
    for line in reversed(routine.lines):
        if line.block or line.arguments or len(line.targets) > 1:
            continue
        target = line.targets[0]
        places = [x for other in routine.lines for x in _read(other)] + list(routine.results)
        uses = sum(_count(x, target) for x in places)
        if uses == 1:
            meaning = line.meanings[0]
            rows = [other for other in routine.lines if other is not line]
            rows = [_written_line(other, target, meaning) for other in rows]
            results = tuple(_written(r, target, meaning) for r in routine.results)
            routine = Routine(lines=tuple(rows), results=results)
    return routine


def _count(expr: Expr, target) -> int:
    """How often a letter stands in an expression."""
    return sum(
        name_of(e.base if isinstance(e, Indexed) else e) == name_of(target)
        for e in sp.preorder_traversal(expr)
        if isinstance(e, Indexed) or (isinstance(e, sp.Symbol) and not isinstance(target, sp.IndexedBase))
    )


def _written_line(line: Line, target, meaning: Expr) -> Line:
    if line.block or line.arguments:
        return replace(line, arguments=tuple(_written(a, target, meaning) for a in line.arguments))
    return replace(line, meanings=tuple(_written(m, target, meaning) for m in line.meanings))


def _written(expr: Expr, target, meaning: Expr) -> Expr:
    if isinstance(target, sp.IndexedBase):
        return written_out(expr, target, meaning)
    return expr.xreplace({target: meaning})


def _ignoring(routine: Routine) -> list[Line]:
    """The lines to write, with _ for what nobody needs of a block's results."""
    needed = _letters(routine.results).union(*(_letters(_read(line)) for line in routine.lines))
    blank = sp.Symbol("_")
    return [
        replace(line, targets=tuple(t if name_of(t) in needed else blank for t in line.targets))
        for line in routine.lines
        if line.block != GIVEN
    ]


def _returned(routine: Routine, lines: list[str], style: Style) -> list[str]:
    """The lines and the return, which takes the place of a last line that gives its one result."""
    last = _return(routine.results, style)
    if lines and len(last) == 1:
        name = last[0].strip().removeprefix("return ")
        for n in range(len(lines) - 1, -1, -1):
            if lines[n].startswith(f"{INDENT}{name} = "):
                rows = "\n".join(lines[n:]).replace(f"{name} =", "return", 1).split("\n")
                return [*lines[:n], *rows] if max(map(len, rows)) <= WIDTH else [*lines, *last]
            if not lines[n].startswith((INDENT * 2, f"{INDENT})")):
                break
    return [*lines, *last]


def used(routine: Routine) -> Routine:
    """The routine without lines whose results nobody needs."""
    needed = _letters(routine.results)
    kept: list[Line] = []
    for line in reversed(routine.lines):
        if line.block == GIVEN or needed & set(map(name_of, line.targets)):
            kept.append(line)
            needed |= _letters(_read(line))
    return replace(routine, lines=tuple(reversed(kept)))


def _read(line: Line) -> tuple[Expr, ...]:
    """What a line reads."""
    if line.arguments or line.block:
        return line.arguments
    return tuple(m for m in line.meanings if m is not None)


def _letters(exprs: tuple[Expr, ...]) -> set[str]:
    found = {name_of(e.base) for x in exprs for e in x.atoms(Indexed)}
    return found | {str(s) for x in exprs for s in x.free_symbols if isinstance(s, sp.Symbol)}


def shared(routine: Routine) -> Routine:
    """The routine with sums and heads that occur more than once named, the smallest first."""
    while True:
        exprs = [x for line in routine.lines for x in _read(line)] + list(routine.results)
        parts = [p for x in exprs for p in _parts(x)]
        again = [p for p in dict.fromkeys(parts) if parts.count(p) > 1]
        if not again:
            return routine
        routine = _named(routine, min(again, key=lambda p: (sp.count_ops(p), str(p))))


def _parts(expr: Expr) -> Iterator[Expr]:
    """The sums and heads inside an expression, each in the index J; not exp, which multiplies as a block."""
    walk = sp.preorder_traversal(expr)
    for e in walk:
        if isinstance(e, Sum | HeadFunction | Root | sp.Add | sp.log) and not (e.is_number or is_label(e)):
            at = _in_j(e)
            if at is not None:
                yield at
        if isinstance(e, Root) and e != expr:
            yield at  # once more, since it stands in a square
        if e.is_Mul and e.args[0].is_Rational and abs(e.args[0]) < 1:
            squares = (_in_j(f.base) for f in e.args if f.is_Pow and f.exp == 2 and f.base.is_Add)
            yield from filter(None, squares)  # once more: 0.5 * r * r where r**2 may overflow
        if isinstance(e, Root) or corrected(e):
            walk.skip()


def _in_j(expr: Expr) -> Expr | None:
    """An expression with its one index called J and its bound ones by one name; None if it has more."""
    indices = {i for e in expr.atoms(Indexed) for i in e.indices} - _bound(expr)
    indices = {i for i in indices if str(i) != "k*"}
    if len(indices) > 1:
        return None
    for index in indices:
        expr = substitute(expr, index, J) if index != J else expr
    return _canonical(expr)


def _bound(expr: Expr) -> set:
    return {k for total in expr.atoms(Sum) for k in total.bound_symbols}


BOUND = sp.Symbol("_k", integer=True)


def _canonical(expr: Expr) -> Expr:
    """The expression with every bound index called by one name."""
    if isinstance(expr, Sum):
        ((index, low, size),) = expr.limits
        return Sum(substitute(_canonical(expr.function), index, BOUND), (BOUND, low, size))
    if not expr.args or isinstance(expr, Indexed):
        return expr
    return expr.func(*[_canonical(a) for a in expr.args])


def _named(routine: Routine, part: Expr) -> Routine:
    """The routine with a letter for a part, given just before it is first used."""
    lines: list[Line] = []
    done = False
    read = tuple(x for line in routine.lines for x in _read(line))
    # Parameters are letters too, and no line gives them.
    name = fresh(list(routine.lines), _letter(part), _letters(read + routine.results))
    # What may be infinite is not assumed finite, which real numbers are.
    real = {"extended_real": True} if may_be_infinite(part) else {"real": True}
    target = vector(name, **real) if J in part.free_symbols else sp.Symbol(name, **real)
    letter = target[J] if isinstance(target, sp.IndexedBase) else target
    new = Line(targets=(target,), meanings=(part,))
    for line in routine.lines:
        changed = _replaced_line(line, part, letter)
        if changed != line and not done:
            lines.append(new)
            done = True
        lines.append(changed)
    results = tuple(_replaced(r, part, letter) for r in routine.results)
    lines = lines if done else [*lines, new]
    if done or results != routine.results:
        return replace(routine, lines=tuple(lines), results=results)
    raise AssertionError(f"{part} was not found")


def _letter(part: Expr) -> str:
    if isinstance(part, Sum):
        return "total"
    if isinstance(part, Root):
        return "q"
    return "d" if part.is_Add else "m" if part.is_Mul or part.is_Pow else "s"


def _replaced_line(line: Line, part: Expr, letter: Expr) -> Line:
    if line.block or line.arguments:
        return replace(line, arguments=tuple(_replaced(a, part, letter) for a in line.arguments))
    return replace(line, meanings=tuple(_replaced(m, part, letter) for m in line.meanings))


def _replaced(expr: Expr, part: Expr, letter: Expr) -> Expr:
    """An expression with a part called by its letter, at whichever index it stands."""
    if expr.func == part.func and _in_j(expr) == part:
        indices = {i for e in expr.atoms(Indexed) for i in e.indices} - _bound(expr)
        indices = {i for i in indices if str(i) != "k*"}
        for index in indices:
            return substitute(letter, J, index)
        return letter
    if not expr.args or isinstance(expr, Indexed | Root) or corrected(expr):
        return expr
    return expr.func(*[_replaced(a, part, letter) for a in expr.args])


def fitted(routine: Routine, style: Style) -> Routine:
    """The routine with parts named of what does not fit into one line."""
    tried: set[Expr] = set()
    while (part := _too_long(routine, style, tried)) is not None:
        tried.add(part)
        routine = _named(routine, part)
    return routine


def _too_long(routine: Routine, style: Style, tried: set[Expr]) -> Expr | None:
    """The heaviest part of a statement that does not fit; None where all do."""
    style = _signed(routine, style)
    for line in routine.lines:
        fits = line.block == GIVEN or _fits(_line(line, style.letters))
        if not fits and (part := _heaviest(_read(line), style.letters, tried)):
            return part
    if not _fits(_return(routine.results, style)):
        return _heaviest(routine.results, style.letters, tried)
    return None


def _fits(rows: list[str]) -> bool:
    # A last line that gives the result begins with "return" instead of its letter.
    if " = _combined(" in rows[0]:  # products that are summed as one stay together
        return max(map(len, rows)) <= WIDTH
    return len(rows) == 1 and len(rows[0]) <= WIDTH - 5


def _heaviest(exprs: tuple[Expr, ...], letters: Letters, tried: set[Expr]) -> Expr | None:
    """The longest part that can have a name: of several expressions one of them, of one a part of it."""
    parts = list(exprs) if len(exprs) > 1 else [a for a in _arguments(exprs[0]) if a.args]
    found = [p for p in map(_in_j, parts) if p is not None and p not in tried and not _atomic(p)]
    return max(found, key=lambda p: len(text(p, letters)), default=None)


def _arguments(expr: Expr) -> list[Expr]:
    """The parts of an expression; of a sum over an index the parts of its body."""
    parts = [a for a in expr.args if isinstance(a, Expr)]
    sums = [_body_in_j(a) for a in parts if isinstance(a, Sum)]
    if isinstance(expr, Sum):
        return [_body_in_j(expr)]
    return [*parts, *sums, *(b for a in parts if a.is_Mul or a.is_Pow for b in a.args if b.args)]


def _body_in_j(total: Sum) -> Expr:
    ((index, _, _),) = total.limits
    return substitute(total.function, index, J)


def _atomic(expr: Expr) -> bool:
    _, rest = expr.as_coeff_Mul()
    return not rest.args or isinstance(rest, Indexed)


def _line(line: Line, letters: Letters) -> list[str]:
    names = [python_name(t, letters.names) for t in line.targets]
    needed = max((n for n, name in enumerate(names, 1) if name != "_"), default=0)
    if len(names) - needed > 1:
        names[needed:] = ["*_"]
    left = ", ".join(names)
    return statement(f"{left} = ", _right(line, letters))


def _right(line: Line, letters: Letters) -> str:
    if line.block:
        arguments = ", ".join(text(a, letters) for a in line.arguments)
        return f"{line.block}({arguments})"
    return text(_read(line)[0], letters)


def _return(results: tuple[Expr, ...], style: Style) -> list[str]:
    """The last statement, with the results in the shapes that are promised."""
    return statement("return ", _shaped(results, style))


def _shaped(results: tuple[Expr, ...], style: Style) -> str:
    if style.shape == "both":
        value, *rest = results
        row, vector = replace(style, shape="row"), replace(style, shape="vector")
        return f"{_shaped((value,), row)}, {_shaped(tuple(rest), vector)}"
    words = [text(r, style.letters) for r in results]
    if style.shape == "row":
        closed = results[0].is_Symbol or re.fullmatch(r"-?_\w+\([^()]*(\([^()]*\)[^()]*)*\)", words[0])
        return f"{words[0]}[..., 0]" if closed else f"({words[0]})[..., 0]"
    if all(r == 0 for r in results):
        return f"np.zeros_like({style.x})"
    return words[0] if len(words) == 1 else f"_joined({', '.join(words)})"


def statement(head: str, words: str) -> list[str]:
    """The rows of a statement, broken like black at the commas of its call."""
    return laid(INDENT + head + words, "")
