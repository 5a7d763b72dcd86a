"""The letters of these proofs, and what their steps are about."""

import sympy as sp

from derive.model import I_, K, N, Proof, Quantity, Step
from derive.proof import indexed

# Of the whole: cross-entropy in nats, accuracy and error, entropies, mean confidence, mean of q.
C, A, E, F, H, M, U, V = sp.symbols("C A E F H M U V", positive=True)
Q, T, B, S = sp.symbols("q t b s", positive=True)  # a probability of the truth, a threshold, bounds
W = sp.Symbol("w", nonnegative=True)  # 1 for an answer that is counted, else 0
SIZE = sp.Symbol("n", integer=True, positive=True)  # of the examples
TOP = sp.Symbol("m", integer=True, positive=True)  # how many likeliest classes


def _vector(letter: str) -> sp.IndexedBase:
    return sp.IndexedBase(sp.Symbol(letter, positive=True), shape=(K,))


RATES, CONSTANT, GIVEN, TRUTHS = (_vector(letter) for letter in "rcqt")
EACH = sp.IndexedBase(sp.Symbol("q", positive=True), shape=(SIZE,))
MEAN_LOG = sp.Sum(sp.log(EACH[I_]), (I_, 1, SIZE)) / SIZE


def over_classes(term: sp.Expr) -> sp.Expr:
    """The sum over the classes k."""
    return sp.Sum(term, (N, 1, K))


def letter(symbol: sp.Symbol) -> Quantity:
    """A letter as what a step is about."""
    return Quantity(name=symbol.name, latex=symbol.name, text=symbol.name)


def quantity(text: str, latex: str) -> Quantity:
    """Something larger as what a step is about."""
    return Quantity(name=text, latex=latex, text=text)


COST = quantity("−log q", r"-\log q")


def summed(about: Quantity, line: tuple[str, str, sp.Expr], truth: sp.Expr, *, result: bool = False) -> Step:
    """A step (rule, sentence, expression) whose equality with `truth` is proved for every size."""
    rule, says, expr = line
    proof: Proof = indexed.prove(expr, truth)
    return Step(quantity=about, rule=rule, says=says, expr=expr, proof=proof, result=result)
