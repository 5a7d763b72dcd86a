"""Names, quantities and tables about expected losses."""

from collections.abc import Iterable

import sympy as sp

from derive.claims.scoring import certainly_negative, near
from derive.heads import plain
from derive.model import UNIT_OPEN, A, Interval, Parameter, Quantity, Step, Table
from derive.rules.reader import facing_up

PROPER, COMPOSITE, CALIBRATED, FISHER = (
    "proper",
    "proper through a link",
    "the sign decides",
    "Hessian = Fisher information",
)
SAYS = "the expected loss is least where the prediction is the truth"

PI = sp.Symbol("pi", positive=True)  # the probability of the upper label, strictly between 0 and 1
CHANCE = (Parameter(symbol=PI, default=sp.Rational(1, 2), domain=UNIT_OPEN, latex=r"\pi"),)
MU = sp.Symbol("mu", real=True)
ODDS = tuple(sp.Rational(n, d) for n, d in ((3, 4), (2, 3), (9, 10), (1, 4)))

EXPECTED = Quantity(name="E L", latex=r"\mathrm{E}\,L", text="E L")
EXPECTED_SLOPE = Quantity(
    name="dE L/da", latex=r"\frac{\partial\, \mathrm{E}\,L}{\partial a}", text="∂E L/∂a"
)
AT_TRUTH = Quantity(
    name="dE L/da at the truth",
    latex=r"\left.\frac{\partial\, \mathrm{E}\,L}{\partial a}\right|_{a = \pi}",
    text="∂E L/∂a at a = π",
)
LINK = Quantity(name="psi", latex=r"\psi(a)", text="ψ(a)")
LINK_SLOPE = Quantity(name="psi'", latex=r"\psi'(a)", text="ψ′(a)")
PULL = Quantity(name="w", latex="w(a)", text="w(a)")
EXCESS = Quantity(name="excess", latex=r"\mathrm{E}\,L(a) - \mathrm{E}\,L(\pi)", text="E L(a) − E L(π)")
EXCESS_OF_MEAN = Quantity(
    name="excess", latex=r"\mathrm{E}\,L(a) - \mathrm{E}\,L(\mu)", text="E L(a) − E L(μ)"
)

Better = tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]  # π, the better a, its expected loss, that of the truth


def better(
    expected: sp.Expr,
    truth: sp.Expr,
    tried: Iterable[sp.Expr],
    odds_tried: Iterable[sp.Expr] = ODDS,
    place: Interval = UNIT_OPEN,
) -> Better | None:
    """A probability at which some prediction costs certainly less than the truth; the best that is tried."""
    grid = tuple(tried)
    for odds in odds_tried:
        here, own = plain(expected).subs(PI, odds), truth.subs(PI, odds)
        if not own.is_number:
            return None
        cost = here.subs(A, own)
        others = [
            (_size(value), a, value)
            for a in (*grid, *near(own, place))
            if a != own and (value := here.subs(A, a)).is_number
        ]
        if not others:
            continue
        _, best, value = min(others, key=lambda row: (row[0], str(row[1])))
        if certainly_negative(value - cost):
            return odds, best, value, cost
    return None


def _size(value: sp.Expr) -> float:
    """A number near enough to choose by; what is chosen is decided exactly."""
    try:
        return float(sp.N(value, 20))
    except (TypeError, ValueError, OverflowError):
        return float("inf")


def comparison(found: Better, truth: sp.Expr, name: str) -> Table:
    """Both expected losses, exactly."""
    odds, best, value, cost = found
    head = ("prediction", "a", "expected loss", "about")
    rows = (
        ("a better one", best, value, f"{_size(value):.4f}"),
        (name, truth.subs(PI, odds), cost, f"{_size(cost):.4f}"),
    )
    says = f"Expected losses for π = {odds}"
    return Table(title=says, head=head, rows=rows)


def in_powers(expr: sp.Expr) -> sp.Expr:
    """A quotient in lowest terms and in factors, e^a one letter."""
    base = sp.Symbol("E", positive=True)
    written = plain(expr).replace(
        lambda e: isinstance(e, sp.exp) and (e.exp / A).is_Integer, lambda e: base ** (e.exp / A)
    )
    if written.atoms(sp.Function) or written.has(sp.Piecewise):
        return expr
    return facing_up(sp.factor(sp.cancel(sp.together(written)))).subs(base, sp.exp(A))


def hold(steps: Iterable[Step]) -> bool:
    """Whether every step is proved or a definition; one that was sampled is none."""
    return all(step.proof.proved or step.proof.method == "definition" for step in steps)
