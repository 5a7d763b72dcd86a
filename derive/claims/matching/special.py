"""The two functions beyond the elementary ones that antiderivatives of activations need."""

import sympy as sp
from mpmath.libmp import prec_to_dps


class Special(sp.Function):
    """A function of one argument that knows its slope, its value and how it is written."""

    nargs = 1
    letter: str

    def _eval_evalf(self, prec):
        return self.meaning(self.args[0]).evalf(prec_to_dps(prec))

    def _latex(self, printer):
        return rf"{self.letter}\left({printer.doprint(self.args[0])}\right)"

    def _eval_is_extended_real(self):
        return True


class Li2(Special):
    """The dilogarithm Li₂(w) for w < 1."""

    letter = r"\mathrm{Li}_{2}"

    @staticmethod
    def meaning(w: sp.Expr) -> sp.Expr:
        """What it is in SymPy's functions."""
        return sp.polylog(2, w)

    def fdiff(self, argindex=1):
        return -sp.log(1 - self.args[0]) / self.args[0]


class E1(Special):
    """The exponential integral E₁(w) for w > 0."""

    letter = r"\mathrm{E}_{1}"

    @staticmethod
    def meaning(w: sp.Expr) -> sp.Expr:
        """What it is in SymPy's functions."""
        return sp.expint(1, w)

    def fdiff(self, argindex=1):
        return -sp.exp(-self.args[0]) / self.args[0]
