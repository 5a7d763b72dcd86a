"""What a cross-entropy says of the probability that the truth gets, typically and rarely."""

from collections.abc import Iterator

import sympy as sp

from derive.claims.reading.exact import DOWN, UP, below, numeral, percent
from derive.claims.reading.given import Given
from derive.claims.reading.letters import COST, EACH, MEAN_LOG, SIZE, C, S, T, W, letter, quantity
from derive.claims.working import equality, relation
from derive.model import I_, PROVED, Finding, Proof, Step, Table

THRESHOLDS = tuple(map(sp.Rational, ("1/2", "1/5", "1/10", "1/100", "1/1000")))
LOG_GEOMETRIC = quantity("log G", r"\log G")
GEOMETRIC, PERPLEXITY = quantity("G", "G"), quantity("1/G", r"\frac{1}{G}")
DRAWN = quantity("mean of q", r"\bar{q}")


def typical(known: Given) -> tuple[Finding, ...]:
    """Geometric mean and perplexity, the mean probability of the truth, and how often it is small."""
    return geometric(known), drawn(known), rare(known)


def geometric(known: Given) -> Finding:
    """The geometric mean of the probabilities of the truth."""
    mean = sp.exp(-known.cross_entropy)
    says = (
        f"the truth gets the probability G = e^(−C) = {numeral(mean)} in the geometric mean, as from a fair "
        f"choice among e^C = {numeral(1 / mean)} classes (the perplexity)"
    )
    how = "the cross-entropy is the mean of −log q, and the logarithm turns products into sums"
    return Finding(
        name="geometric mean", says=says, outcome=PROVED, how=how, steps=tuple(_geometric()), value=mean
    )


def _geometric() -> Iterator[Step]:
    definition = Proof(method="definition")
    says = "the logarithm of the geometric mean of the probabilities q_i of the n truths"
    yield Step(quantity=LOG_GEOMETRIC, rule="definition", says=says, expr=MEAN_LOG, proof=definition)
    says = "the cross-entropy is the mean of −log q_i"
    yield Step(quantity=LOG_GEOMETRIC, rule="cross-entropy", says=says, expr=-C, proof=definition)
    line = ("exponential", "e to both sides", sp.exp(-C))
    yield equality(GEOMETRIC, line, sp.exp(-C), result=True)
    yield equality(PERPLEXITY, ("reciprocal", "the perplexity", sp.exp(C)), 1 / sp.exp(-C), result=True)


def drawn(known: Given) -> Finding:
    """How often an answer drawn from the model's probabilities is right, at least."""
    mean = sp.exp(-known.cross_entropy)
    says = (
        f"an answer drawn from the model's probabilities is right in {percent(mean, DOWN)} of the cases or "
        "more, on average; the mean confidence is at least as large"
    )
    arithmetic = sp.Sum(EACH[I_], (I_, 1, SIZE)) / SIZE
    jensen = "the exponential is convex: the mean of e^(log q) is at least e to the mean of log q"
    steps = (
        Step(
            quantity=DRAWN,
            rule="drawn answers",
            says="an answer drawn for example i is right with the probability q_i",
            expr=arithmetic,
            proof=Proof(method="definition"),
        ),
        relation(DRAWN, "≥", ("Jensen's inequality", jensen, sp.exp(-C)), "rule", result=True),
    )
    how = "Jensen's inequality; the confidence is the largest of the probabilities, the truth's among them"
    return Finding(name="drawn answers", says=says, outcome=PROVED, how=how, steps=steps, value=mean)


def rare(known: Given) -> Finding:
    """How often the truth gets a small probability, at most."""
    bound = known.cross_entropy / sp.log(10)
    says = "at most a share C/(−log t) of the truths gets a probability of t or less"
    if below(bound, sp.S.One):
        says += f": at most {percent(bound, UP)} get 1/10 or less"
    return Finding(
        name="small probabilities",
        says=says,
        outcome=PROVED,
        how="Markov's inequality for −log q ≥ 0; attained where these have exactly t and the others 1",
        steps=tuple(_markov()),
        value=bound if below(bound, sp.S.One) else sp.S.One,
    )


def _markov() -> Iterator[Step]:
    says = "where q ≤ t, with w = 1, the cost is at least −log t; elsewhere, with w = 0, at least 0"
    yield relation(COST, "≥", ("log is increasing", says, -W * sp.log(T)), "rule")
    says = "the mean over the examples; the share of those with w = 1 is s"
    yield relation(letter(C), "≥", ("mean", says, -S * sp.log(T)), "rule")
    says = "by −log t > 0, for t < 1"
    yield relation(letter(S), "≤", ("divide", says, C / -sp.log(T)), "rule", result=True)


def rare_table(known: Given) -> Table:
    """The largest possible share of truths with a small probability."""
    return Table(
        title="How many truths can have a small probability",
        head=("probability of the truth", "share, at most"),
        rows=tuple((f"{numeral(t)} or less", _share(known, t)) for t in THRESHOLDS),
    )


def _share(known: Given, threshold: sp.Rational) -> str:
    bound = known.cross_entropy / -sp.log(threshold)
    return percent(bound, UP) if below(bound, sp.S.One) else "all of them"
