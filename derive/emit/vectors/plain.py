"""The part of an emitted vector file that does not trust the rest: plain formulas, and a check by them.

A sum is a loop over its index, a component is a number: nothing here knows axes or blocks.
"""

from textwrap import fill

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum

from derive.emit.layout import laid
from derive.emit.spelling import spell
from derive.model import (
    AS,
    REALS,
    YS,
    ZS,
    A,
    Activation,
    Finite,
    Interval,
    J,
    K,
    Known,
    LogSimplex,
    Loss,
    Name,
    OneHot,
    Parameter,
    Selection,
    Set,
    Simplex,
    Subject,
    Y,
    entries,
)
from derive.program.vectors.chain import target_shape

Row = Name | Selection
WIDTH = 88
INNER = "    total"  # names of sums: total_1, total_2, …

SUPPORT = '''
def _indicator(x, power):
    """The indicator of x > tau with sum(max(x - tau, 0)**power) = 1, by bisection."""
    low, high = max(x) - 1, max(x)
    for _ in range(200):
        tau = (low + high) / 2
        full = sum(max(v - tau, 0) ** power for v in x) > 1
        low, high = (tau, high) if full else (low, tau)
    return [float(v > low) for v in x]
'''

SLOPES = '''
def _slopes(f, x, step=1e-4):
    """Central differences of f at x, of fourth order, by component."""
    unit = step * np.eye(len(x))
    near = [f(x + u) - f(x - u) for u in unit]
    far = [f(x + 2 * u) - f(x - 2 * u) for u in unit]
    pairs = zip(near, far, strict=True)
    return np.array([(8 * one - two) / (12 * step) for one, two in pairs])
'''

LOSS_CHECK = '''
def _self_check():
    """The largest error against _formula, its differences and known values."""
    rng = np.random.default_rng(0)
    errors = [_miss(loss(*at, **more), known) for at, more, known in _KNOWN]
    for K in (1, 2, 3, 7):
        @x@ = @draw@
        @y_line@errors.append(_miss(loss(@call@), _formula(@call@)))
        slopes = _slopes(lambda x@y_kept@: _formula(x@y@), @x@)
        errors.append(_miss(grad(@call@), slopes))
        bends = _slopes(lambda x@y_kept@: grad(x@y@), @x@)
        errors.append(_miss(hess(@call@), bends))
    return max(errors)
'''

VALUE_CHECK = '''
def _self_check():
    """The largest error against _formula, its differences and known values."""
    rng = np.random.default_rng(0)
    errors = [_miss(value(*at, **more)[-1], known) for at, more, known in _KNOWN]
    for K in (1, 2, 3, 7):
        @x@ = @draw@
        errors.append(_miss(value(@call@), _formula(@call@)))
        errors.append(_miss(grad(@call@), _slopes(_formula, @x@).T))
    return max(errors)


def _formula(z):
    """The activation, plainly."""
    return np.array(_activation(z@defaults@))
'''

COMPOSED = '''
def _formula(@arguments@):
    """The loss, plainly."""
    return _cost(@inner@@rest@@defaults@)
'''

MISS = '''
def _miss(found, wanted):
    """The difference, relative where that is large."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    return (np.abs(found - wanted) / (1 + np.abs(wanted))).max()
'''

MAIN = """
_TOLERANCE = 1e-8  # of differences of fourth order with step 1e-4


if __name__ == "__main__":
    worst = _self_check()
    if not worst <= _TOLERANCE:
        sys.exit(f"FAILED: the largest error is {worst:.1e}")
    print(f"passed: largest error {worst:.1e} against the plain formula, its")
    print("differences and known values; the tails are not covered")
"""


def plain_parts(subject: Subject) -> list[str]:
    """The entries' formulas as their sources print them, their composition, and the self-check."""
    act, los = entries(subject)
    parts = [_entry("_activation", act)] if act else []
    parts += [_entry("_cost", los)] if los else []
    rows = [row for entry in (act, los) if entry for row in entry.selections]
    parts += [SUPPORT] if any(row.rule == "support" for row in rows) else []
    parts += [_composed(act, los)] if los else []
    return [*parts, SLOPES, MISS, _known(subject), _check(subject), MAIN]


def _entry(name: str, entry: Activation | Loss) -> str:
    """An entry's formula as a function of lists of numbers."""
    vectors = [i.base for i in entry.inputs] or [ZS if name == "_activation" else AS]
    x = "z" if name == "_activation" else "a"
    expr = _over_vectors(entry)
    letters = [str(v.label) for v in vectors]
    arguments = [x, *(["y"] if _reads_target(entry) else []), *(_letter(p) for p in entry.parameters)]
    what = "activation" if name == "_activation" else "loss"
    lines = [f"def {name}({', '.join(arguments)}):"]
    lines.append(f'    """The {what} as its source prints it, not stabilised."""')
    if len(letters) > 1:
        lines += [f"    {', '.join(letters)} = np.split({x}, {len(letters)})"]
    lines.append(f"    K = len({letters[0]})")
    each = [_letter(p) for p in entry.parameters if p.per_class]
    lines += [f"    {n} = np.broadcast_to({n}, K)" for n in each]
    plain = _Plain()
    lines += [row for found in _ordered(entry) for row in plain.letter(found)]
    lines += plain.result(expr, vector=isinstance(entry, Activation))
    return "\n".join(lines)


def _letter(parameter: Parameter) -> str:
    """The letter of a parameter in the formula."""
    return str(getattr(parameter.symbol, "label", parameter.symbol))


def _over_vectors(entry: Activation | Loss) -> Expr:
    """The formula over vectors: an elementwise loss summed, an elementwise activation by component."""
    if entry.kind == "vector":
        return entry.expr
    if isinstance(entry, Activation):
        return ZS[J]
    return Sum(entry.expr.xreplace({A: AS[J], Y: YS[J]}), (J, 1, K))


def _reads_target(entry: Activation | Loss) -> bool:
    return isinstance(entry, Loss) and target_shape(entry) != "none"


def _ordered(entry: Activation | Loss) -> list[Row]:
    """Names and selections, each after those it uses."""
    waiting: list[Row] = [*entry.selections, *entry.names]
    done: list[Row] = []
    while waiting:
        letters = {getattr(r.symbol, "label", r.symbol) for r in waiting}
        ready = next(r for r in waiting if not _content(r).free_symbols & (letters - {_label(r)}))
        waiting.remove(ready)
        done.append(ready)
    return done


def _label(row: Row) -> sp.Symbol:
    return getattr(row.symbol, "label", row.symbol)


def _content(row: Row) -> Expr:
    return row.of if isinstance(row, Selection) else row.meaning


class _Plain:
    """The printer of formulas as loops, in the letters of the formula."""

    def name(self, symbol) -> str:
        """The letter of a symbol or a vector."""
        return str(getattr(symbol, "label", symbol)).replace("*", "_")

    def text(self, expr: Expr) -> str:
        return spell(self.flat(expr)).replace(")**", ") ** ").replace("]**", "] ** ")

    def flat(self, expr: Expr) -> Expr:
        if isinstance(expr, Indexed):
            at = "][".join(self.name(i) for i in expr.indices)
            return sp.Symbol(f"{self.name(expr.base)}[{at}]", real=True)
        if isinstance(expr, KroneckerDelta):
            return sp.Symbol(f"float({self.name(expr.args[0])} == {self.name(expr.args[1])})", real=True)
        if isinstance(expr, Sum):
            loops = " ".join(f"for {index} in range(K)" for index, _, _ in reversed(expr.limits))
            return sp.Symbol(f"sum({self.text(expr.function)} {loops})", real=True)
        if expr.is_Symbol:
            return sp.Symbol(self.name(expr), real=True)
        if isinstance(expr, sp.erf):
            return sp.Symbol(f"special.erf({self.text(expr.args[0])})", real=True)
        return expr.func(*[self.flat(a) for a in expr.args]) if expr.args else expr

    def letter(self, row: Row) -> list[str]:
        """The lines that compute a name or a selection."""
        name = self.name(row.symbol)
        if isinstance(row, Name):
            return self.statement(f"    {name} = ", row.meaning, "")
        of = self.text(row.of)
        if row.rule == "support":
            return [f"    {name} = _indicator([{of} for j in range(K)], {row.power})"]
        if row.rule == "largest":
            scores = [f"    scores = [{of} for j in range(K)]"]
            return [*scores, f"    {name} = scores.index(max(scores))"]
        if isinstance(row.symbol, sp.Symbol):
            return [f"    {name} = float({of} > 0)"]
        each = f"[float({of} > 0) for j in range(K)]"
        return [f"    {name} = {each if len(row.symbol.shape) == 1 else f'[{each} for i in range(K)]'}"]

    def result(self, expr: Expr, vector: bool) -> list[str]:
        """The lines that return a value, or a list of one for each component."""
        if vector:
            return self.statement("    return [", expr, " for j in range(K)]")
        return self.statement("    return ", expr, "")

    def statement(self, head: str, expr: Expr, tail: str) -> list[str]:
        """A statement; where it does not fit into a line, after those that name its sums."""
        if len(f"{head}{self.text(expr)}{tail}") <= WIDTH:
            return [f"{head}{self.text(expr)}{tail}"]
        inner = expr.function if isinstance(expr, Sum) else expr
        parts = _whole_parts(inner) if inner not in _whole_parts(inner) else _below(inner)
        first = head.strip(" =") if head.startswith(INNER) else INNER.strip()
        named = {e: sp.Symbol(f"{first}_{n}", real=True) for n, e in enumerate(parts, 1)}
        rows = [row for e, n in named.items() for row in self.statement(f"    {n} = ", e, "")]
        return [*rows, *self.loop(head, expr.xreplace(named), tail)]

    def loop(self, head: str, expr: Expr, tail: str) -> list[str]:
        """A statement that is one sum, its loops on lines of their own where need be."""
        whole = f"{head}{self.text(expr)}{tail}"
        if len(whole) > WIDTH and tail:
            return [head, f"        {self.text(expr)}{tail[:-1]}", "    ]"]
        if len(whole) <= WIDTH or not isinstance(expr, Sum):
            return laid(whole, "")
        body = f"        {self.text(expr.function)}"
        loops = [f"for {index} in range(K)" for index, _, _ in reversed(expr.limits)]
        joined = " ".join([body, *loops])
        inside = [joined] if len(joined) <= WIDTH else [body, *(f"        {row}" for row in loops)]
        return [f"{head}sum(", *inside, f"    ){tail}"]


def _below(expr: Expr) -> list[Expr]:
    """The largest such parts of the arguments."""
    return list(dict.fromkeys(part for a in expr.args for part in _whole_parts(a)))


def _whole_parts(expr: Expr) -> list[Expr]:
    """The largest parts of an expression that are sums, or functions of sums, of no free index."""
    if expr.has(Sum) and not _free(expr) and (isinstance(expr, Sum | sp.Function) or expr.is_Pow):
        return [expr]
    found = [part for a in expr.args for part in _whole_parts(a)] if expr.has(Sum) else []
    return list(dict.fromkeys(found))


def _free(total: Expr) -> set[sp.Symbol]:
    """The indices of an expression that no sum binds."""
    indices = {i for e in total.atoms(Indexed) for i in e.indices}
    return indices - {k for s in total.atoms(Sum) for k in s.bound_symbols}


def _composed(act: Activation | None, los: Loss) -> str:
    y = ["y"] if _reads_target(los) else []
    x = "z" if act else "a"
    inner = f"_activation(z{_defaults(act.parameters)})" if act else "a"
    words = {"arguments": ", ".join([x, *y]), "inner": inner, "rest": ", y" if y else ""}
    return _filled(COMPOSED, **words, defaults=_defaults(los.parameters))


def _defaults(parameters: tuple[Parameter, ...]) -> str:
    return "".join(f", {float(p.default)}" for p in parameters)


def _filled(template: str, **words: str) -> str:
    for name, value in words.items():
        template = template.replace(f"@{name}@", value)
    return template


def _known(subject: Subject) -> str:
    """The table of known values: of an entry alone its own, of a pair none of its own."""
    act, los = entries(subject)
    entry = los if act is None else act if los is None else None
    rows = [_known_row(k, entry) for k in entry.known] if entry else []
    origins = (
        [fill(f"# {o}", 88, subsequent_indent="# ") for o in dict.fromkeys(k.origin for k in entry.known)]
        if entry
        else []
    )
    return "\n".join([*origins, "_KNOWN = [", *rows, "]"]) if rows else "_KNOWN = []"


def _known_row(known: Known, entry: Activation | Loss) -> str:
    at = list(known.at)
    size = max(len(entry.inputs), 1)
    arguments: list[list[float] | float]
    if not _reads_target(entry):
        arguments = [at]
    elif target_shape(entry) == "vector":
        k = len(at) // (size + 1)
        arguments = [at[: size * k], at[size * k :]]
    else:
        arguments = [at[:-1], at[-1]]
    given = ", ".join(map(repr, arguments)) + ("," if len(arguments) == 1 else "")
    more = "{" + ", ".join(f'"{n}": {v!r}' for n, v in known.parameters) + "}"
    parts = (f"({given})", more, repr(known.value))
    row = f"    ({', '.join(parts)}),"
    if len(row) <= WIDTH:
        return row
    lines = [line for part in parts for line in _part(part, arguments)]
    return "\n".join(["    (", *lines, "    ),"])


def _part(part: str, arguments: list) -> list[str]:
    """One of a row's parts on a line, or the arguments one a line."""
    if len(part) + 9 <= WIDTH:
        return [f"        {part},"]
    return ["        (", *(f"            {a!r}," for a in arguments), "        ),"]


def _check(subject: Subject) -> str:
    act, los = entries(subject)
    x = "a" if act is None else "z"
    if act is not None and los is None:
        words = {"x": x, "draw": _draw(act), "call": x, "defaults": _defaults(act.parameters)}
        return _filled(VALUE_CHECK, **words)
    assert los is not None
    reads = _reads_target(los)
    y = ", y" if reads else ""
    words = {"x": x, "draw": _draw(los if act is None else act), "call": f"{x}{y}", "y": y}
    words |= {"y_kept": ", y=y" if reads else "", "y_line": f"y = {_target(los)}\n        " if reads else ""}
    return _filled(LOSS_CHECK, **{k: words[k] for k in ("y_line", "y_kept", "x", "draw", "call", "y")})


def _draw(entry: Activation | Loss) -> str:
    """Inputs of moderate size."""
    many = max(len(entry.inputs), 1)
    size = f"{many} * K" if many > 1 else "K"
    inside: Set = entry.prediction if isinstance(entry, Loss) else REALS
    if isinstance(inside, LogSimplex):
        return f"-rng.uniform(0.2, 3, {size})"
    if isinstance(inside, Simplex) or (isinstance(inside, Interval) and inside.hi == 1):
        return f"rng.uniform(0.2, 0.8, {size})"
    return f"rng.uniform(-3, 3, {size})"


def _target(los: Loss) -> str:
    """Targets of the loss."""
    scalar = target_shape(los) == "scalar"
    size = "" if scalar else ", K"
    if isinstance(los.target, Simplex):
        return "rng.dirichlet(np.ones(K))"
    if isinstance(los.target, OneHot):
        return "np.eye(K)[rng.integers(K)]"
    if isinstance(los.target, Finite):
        return f"rng.choice({los.target.values}{size})"
    if isinstance(los.target, Interval) and los.target.lo.is_finite:
        return f"rng.uniform(0.2, 0.8{size})"
    return f"rng.uniform(-3, 3{size})"
