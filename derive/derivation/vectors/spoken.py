"""Short formulas in sentences, in Unicode: n² = Σ_k z_k²."""

import sympy as sp
from sympy import IndexedBase
from sympy.printing.str import StrPrinter

RAISED = {2: "²", 3: "³"}
GREEK = {"tau": "τ", "rho": "ρ", "eta": "η", "tau_a": "τ_a", "l": "ℓ"}


class Spoken(StrPrinter):
    """SymPy's text with indices below and sums by their sign."""

    printmethod = "_spoken"  # an Indexed prints itself otherwise

    def _print_Symbol(self, expr):
        return GREEK.get(expr.name, expr.name)

    def _print_Indexed(self, expr):
        return f"{letter(expr.base)}_{''.join(map(str, expr.indices))}"

    def _print_Sum(self, expr):
        body = self.doprint(expr.function)
        sums = "".join(f"Σ_{index} " for index, _, _ in expr.limits)
        return sums + (f"({body})" if expr.function.is_Add else body)

    def _print_Pow(self, expr, rational=False):
        base = self.doprint(expr.base)
        if expr.exp not in RAISED:
            return super()._print_Pow(expr)
        return (f"({base})" if expr.base.is_Add or expr.base.is_Mul else base) + RAISED[expr.exp]

    def _print_Mul(self, expr):
        number, rest = expr.as_coeff_Mul()
        if number < 0:
            return "-" + self.doprint(-expr)
        whole = sorted(sp.Mul.make_args(rest), key=lambda f: (f.is_Add or f.is_Pow, str(f)))
        parts = [f"({self.doprint(f)})" if f.is_Add else self.doprint(f) for f in whole]
        return (
            " ".join([] if number.p == 1 else [str(number.p)])
            + " ".join(parts)
            + (f"/{number.q}" if number.q > 1 else "")
        )

    def _print_Add(self, expr, order=None):
        terms = sorted(
            expr.args,
            key=lambda t: (t.as_coeff_Mul()[0].is_negative, not t.has(sp.Indexed)),
        )
        first, *rest = (self.doprint(t) for t in terms)
        return first + "".join(f" − {t[1:]}" if t.startswith("-") else f" + {t}" for t in rest)


def spoken(expr: sp.Expr) -> str:
    """A short formula for a sentence."""
    return Spoken().doprint(expr).replace("-", "−")


def letter(base: IndexedBase) -> str:
    """A letter for a sentence."""
    return GREEK.get(str(base.label), str(base.label))
