"""What the steps of an elementwise derivation are about, and expressions in these names."""

import sympy as sp

from derive.model import Quantity


def _derivative(name: str, top: str, by: str, order: int = 1) -> Quantity:
    power, raised = ("^2", "²") if order == 2 else ("", "")
    latex = rf"\frac{{\partial{power} {top}}}{{\partial {by}{power}}}"
    return Quantity(name=name, latex=latex, text=f"∂{raised}{top}/∂{by}{raised}")


LOSS_CURVATURE = _derivative("d2L/da2", "L", "a", 2)
LOSS_SLOPE = _derivative("dL/da", "L", "a")
GRADIENT = _derivative("dL/dz", "L", "z")
OUTPUT_SLOPE = _derivative("da/dz", "a", "z")
OUTPUT_CURVATURE = _derivative("d2a/dz2", "a", "z", 2)
SECOND = _derivative("d2L/dz2", "L", "z", 2)
WEIGHT = _derivative("dL/dw", "L", "w")
BIAS = _derivative("dL/db", "L", "b")
INPUT = Quantity(name="x", latex="x", text="x")

# In the order in which a person writes them as factors.
FACTORS = (LOSS_CURVATURE, LOSS_SLOPE, GRADIENT, OUTPUT_SLOPE, OUTPUT_CURVATURE, INPUT)
SYMBOLS = {quantity: sp.Symbol(quantity.name, real=True) for quantity in FACTORS}

L2, L1, G1, A1, A2, X = SYMBOLS.values()
CHAIN_RULE = L1 * A1
PRODUCT_RULE = L2 * A1**2 + L1 * A2
WEIGHT_RULE, BIAS_RULE = G1 * X, G1


def named_latex(named: sp.Expr) -> str:
    """The LaTeX of a sum of products of quantities."""
    terms = sorted((_factors(term) for term in sp.Add.make_args(named)), key=lambda factors: factors[0][0])
    return " + ".join(r"\,".join(latex for _, latex in factors) for factors in terms)


def _factors(term: sp.Expr) -> list[tuple[int, str]]:
    """(place, LaTeX) of the factors of a product, in order."""
    return sorted(_factor(factor) for factor in sp.Mul.make_args(term))


def _factor(factor: sp.Expr) -> tuple[int, str]:
    base, power = factor.as_base_exp()
    place = list(SYMBOLS.values()).index(base)
    latex = FACTORS[place].latex
    return place, latex if power == 1 else rf"\left({latex}\right)^{{{power}}}"
