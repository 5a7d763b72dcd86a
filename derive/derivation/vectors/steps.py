"""Steps with their proofs: every one against what its quantity means, with all letters written out."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from sympy import Eq, Expr, KroneckerDelta, Piecewise

from derive.derivation.vectors.letters import Letters
from derive.derivation.vectors.rates import all_letters
from derive.heads import plain
from derive.model import YS, N, OneHot, Proof, Quantity, Simplex, Step, Subject, entries
from derive.proof.indexed import Facts, prove
from derive.rules.indexed import (
    Known,
    names_in,
    normal,
    over,
    slope,
    slopes_of,
    spelled,
    substitute,
)
from derive.rules.vectors import VectorForm, component

ASSUMPTION = "Σ_k y_k = 1"
DISTRIBUTION: Facts = {over(YS[N]): sp.S.One}


@dataclass(frozen=True, kw_only=True)
class Work:
    """A subject and the letters it is written in; what its steps are proved from."""

    subject: Subject
    found: Letters

    def plain(self, expr: Expr) -> Expr:
        """`expr` with every letter written out, but for names and selections."""
        return spelled(plain(expr), self.found.definitions)

    def slope(self, expr: Expr, *wrt: Expr) -> Expr:
        """The derivative of the entries' own formulas, which a quantity means."""
        expr = self.plain(expr)
        for by in wrt:
            expr = slope(expr, by, _plain_rates(self.found, by))
        return expr

    def about(self, quantity: Quantity, means: Expr) -> "About":
        """A quantity of this subject with what it means."""
        return About(quantity=quantity, means=means, found=self.found)

    @property
    def sums_to_one(self) -> bool:
        """Whether the targets may be assumed to sum to one."""
        los = entries(self.subject)[1]
        return los is not None and isinstance(los.target, Simplex | OneHot)


@lru_cache(maxsize=256)
def _plain_rates(found: Letters, by: Expr) -> Known:
    """The slopes of the names, all letters written out."""
    return slopes_of(names_in(found.names, found.definitions), by)


def work(subject: Subject) -> Work:
    """A subject with its letters."""
    return Work(subject=subject, found=all_letters(subject))


@dataclass(frozen=True, kw_only=True)
class About:
    """A quantity, the expression that it means, and the letters its steps are written in."""

    quantity: Quantity
    means: Expr
    found: Letters


def step(about: About, rule: str, says: str, expr, *, assuming: bool = False, **look) -> Step:
    """The step quantity = expr with its proof; Unproved where it does not hold."""
    claimed = component(expr) if isinstance(expr, VectorForm) else plain(expr)
    proof = _proof(about.means, claimed, about.found, assuming)
    return Step(quantity=about.quantity, rule=rule, says=says, expr=expr, proof=proof, **look)


@lru_cache(maxsize=512)
def _proof(means: Expr, claimed: Expr, found: Letters, assuming: bool) -> Proof:
    """The proof of a step; a line that says the same in other words has the same one."""
    return prove(
        means,
        claimed,
        definitions=found.definitions,
        names=found.names,
        selections=found.selections,
        facts=DISTRIBUTION if assuming else None,
    )


def definition(quantity: Quantity, says: str, expr: Expr) -> Step:
    """The step that says what a quantity means."""
    return Step(
        quantity=quantity,
        rule="definition",
        says=says,
        expr=expr,
        proof=Proof(method="definition"),
    )


def by_cases(expr: Expr, i: Expr, j: Expr) -> Piecewise:
    """`expr` where i = j, and where not."""
    same, other = substitute(expr, i, j), expr.xreplace({KroneckerDelta(i, j): sp.S.Zero})
    return Piecewise((same, Eq(i, j)), (other, True))


def ending(about: About, work: Work, rule: str, says: str, expr: Expr) -> list[Step]:
    """The last steps of a quantity: one more where the assumption on the targets makes it shorter."""
    shorter = expr.xreplace(assumed(work)) if work.sums_to_one else expr
    if shorter == expr:
        return [step(about, rule, says, expr, result=True)]
    return [
        step(about, rule, says, expr),
        step(
            about,
            "targets sum to one",
            f"under the assumption {ASSUMPTION}",
            shorter,
            assuming=True,
            result=True,
        ),
    ]


def assumed(work: Work) -> dict[Expr, Expr]:
    """The sums of targets, and of targets as the loss weighs them, that are 1 under the assumption."""
    values = dict(DISTRIBUTION)
    for letter in work.found.letters:
        total = normal(over(spelled(letter.base[N], work.found.definitions))) if _is_target(letter) else None
        if total is not None and sp.expand(normal(total).xreplace({normal(over(YS[N])): sp.S.One})) == 1:
            values[over(letter.base[N])] = sp.S.One
    return values


def _is_target(letter) -> bool:
    return letter.component.has(YS) and str(letter.base.label).startswith("y")


def assumptions(steps: Iterable[Step]) -> tuple[str, ...]:
    """The assumptions that steps name."""
    return (ASSUMPTION,) if any(ASSUMPTION in s.says for s in steps) else ()
