"""The part of an emitted file that does not trust the rest: the plain formulas and the check against them."""

import sympy as sp

from derive.emit import elementwise_text as text
from derive.emit.docstrings import argument
from derive.emit.layout import statements
from derive.emit.membership import USUAL, middle
from derive.model import A, Activation, Body, Finite, Known, Loss, Parameter, Subject, Y, Z, entries
from derive.proof.split import without_steps
from derive.rules.branchless import Kept

Parameters = tuple[Parameter, ...]
QUIET = '@np.errstate(all="ignore")  # np.where evaluates every case'
MIDDLE = "np.linspace(-3.0, 3.0, 50) + 0.0117"  # of moderate size, off the kinks
_ASIDE = 1 / 64  # of a kink: far more than the step of a difference
_FAST = 10  # radians a unit of z: beside a kink of a power of such a wave the usual step is a long one


def plain_parts(subject: Subject) -> list[str]:
    """The entries' formulas as their sources print them, their composition, and the self-check."""
    act, los = entries(subject)
    parts = [_function("_activation", "z", act.expr, act.parameters, "the activation")] if act else []
    parts += [_function("_cost", "a, y", los.expr, los.parameters, "the loss")] if los else []
    parts += [_composition(act, los)] if los else []
    return [*parts, _self_check(subject), text.MAIN]


def _function(name: str, arguments: str, expr: sp.Expr, parameters: Parameters, what: str) -> str:
    head = f"def {name}({arguments}{_more(parameters)}):"
    words = f'    """Return {what} as its source prints it, not stabilised."""'
    body = Body(names=(), value=_unblocked(without_steps(expr)))
    lines = statements(body, frozenset(p.symbol for p in parameters))
    quiet = [QUIET] if _divides_in_cases(expr) else []
    return "\n".join([*quiet, head, words, *lines])


def _divides_in_cases(expr: sp.Expr) -> bool:
    """Whether a case holds a logarithm or a quotient, evaluated also where the case is another one."""
    rows = [value for cases in expr.atoms(sp.Piecewise) for value, _ in cases.args]
    return any(value.has(sp.log) or any(map(_divides, value.atoms(sp.Pow))) for value in rows)


def _divides(power: sp.Pow) -> bool:
    """Whether a power is a quotient by a variable."""
    return bool(power.exp.could_extract_minus_sign() and power.base.free_symbols & {Z, A, Y})


def _unblocked(expr: sp.Expr) -> sp.Expr:
    """`expr` with the exponentials and the powers that blocks are made for as functions of their own."""
    blocks = [e for e in expr.atoms(sp.exp) if e.args[0].has(sp.exp) or e.free_symbols - {Z, A, Y}]
    powers = [e for e in expr.atoms(sp.Pow) if sp.fraction(sp.together(e.exp))[1].free_symbols]
    plainly = {e: sp.Function("exp")(_unblocked(e.args[0])) for e in blocks}
    return expr.xreplace(plainly | {e: sp.Pow(e.base, Kept(e.exp)) for e in powers})


def _more(parameters: Parameters) -> str:
    return "".join(f", {p.name}" for p in parameters)


def _composition(act: Activation | None, los: Loss) -> str:
    inner = f"_activation(z{_more(act.parameters)})" if act else "a"
    every = tuple(dict.fromkeys((*(act.parameters if act else ()), *los.parameters)))
    head = f"def _formula({'z' if act else 'a'}, y{_more(every)}):"
    words = '    """Return the loss, plainly."""'
    return "\n".join([head, words, f"    return _cost({inner}, y{_more(los.parameters)})"])


def _self_check(subject: Subject) -> str:
    defaults = "".join(f", {float(p.default)}" for p in subject.parameters)
    act, los = entries(subject)
    known = "".join(_known_checks("_activation", act)) + "".join(_known_checks("_cost", los))
    if los is None:
        return text.SINGLE_CHECK.format(
            points=_points(subject), step=step(subject), defaults=defaults, known=known
        )
    return text.SELF_CHECK.format(
        x=argument(subject),
        points=_points(subject),
        step=step(subject),
        samples=_samples(los),
        defaults=defaults,
        known=known,
    )


def step(subject: Subject) -> str:
    """The step of a difference, short beside the waves of an activation."""
    act, _ = entries(subject)
    given = {p.symbol: p.default for p in subject.parameters}
    waves = act.expr.subs(given).atoms(sp.sin, sp.cos) if act else set()
    fast = any(abs(wave.args[0].coeff(Z)) >= _FAST for wave in waves)
    return "1e-6" if fast else "1e-5"


def _points(subject: Subject) -> str:
    low, high = middle(subject)
    if (low, high) == (-USUAL, USUAL):
        return MIDDLE
    aside = _ASIDE if _at_kink(subject, low) else 0
    return f"np.linspace({low + aside}, {high}, 50)"


def _at_kink(subject: Subject, z: float) -> bool:
    """Whether the loss of a sample has a kink there, across which no difference is a slope."""
    act, los = entries(subject)
    if los is None:
        return False
    defaults = {p.symbol: p.default for p in subject.parameters}
    a = sp.Rational(z) if act is None else act.expr.subs({Z: sp.Rational(z), **defaults})
    places = ({A: a, Y: sp.Rational(y), **defaults} for y in _targets(los))
    return any(kink.subs(at) == 0 for at in places for kink in los.kinks)


def _samples(los: Loss) -> str:
    return f"({', '.join(str(float(y)) for y in _targets(los))})"


def _targets(los: Loss) -> tuple[float, ...]:
    return los.hard if isinstance(los.target, Finite) else (*los.hard, 0.25)


def _known_checks(function: str, entry: Activation | Loss | None) -> list[str]:
    """The check of the first known value with default parameters that is not 0."""
    if entry is None:
        return []
    known = [k for k in entry.known if not k.parameters and k.value != 0][:1]
    return [_known_check(function, entry, k) for k in known]


def _known_check(function: str, entry: Activation | Loss, known: Known) -> str:
    values = [*map(float, known.at), *(float(p.default) for p in entry.parameters)]
    call = f"{function}({', '.join(map(repr, values))})"
    return text.KNOWN.format(call=call, value=repr(float(known.value)), name=entry.name)
