"""The letters of a normal form: symbols, and generators for what is no rational function of them."""

from dataclasses import dataclass, field

import sympy as sp


@dataclass(frozen=True, kw_only=True)
class Field:
    """The generators met so far, by what they stand for.

    `powers` holds (n, w) for generators whose power n is w, `many_valued` the logarithms of what may be
    negative, `met` the arguments of functions, with what they became. With `odds`, functions with bounds are
    written in generators that show them; without `turns` none of a logarithm's factors is written f sgn f;
    without `primes` the root of 33 is one generator, not the product of those of 3 and 11: fewer letters.
    The generator of e^w is e^(w·step), by default e^(w/unit).
    """

    unit: int
    odds: bool = False
    turns: bool = True
    primes: bool = True
    names: dict[tuple, sp.Symbol] = field(default_factory=dict)
    powers: dict[sp.Symbol, tuple[int, sp.Expr]] = field(default_factory=dict)
    symbols: dict[str, sp.Symbol] = field(default_factory=dict)
    many_valued: set[sp.Symbol] = field(default_factory=set)
    met: dict[str, list[tuple[sp.Expr, sp.Expr]]] = field(default_factory=dict)
    steps: dict[sp.Expr, sp.Rational] = field(default_factory=dict)

    def step(self, exponent: sp.Expr) -> sp.Rational:
        return self.steps.get(exponent, sp.Rational(1, self.unit))

    def generator(self, *key, positive: bool | None = None) -> sp.Symbol:
        if key not in self.names:
            self.names[key] = self.known(sp.Symbol(f"g{len(self.names)}", real=True, positive=positive))
        return self.names[key]

    @property
    def squares(self) -> dict[sp.Symbol, sp.Expr]:
        """The generators whose squares are numbers."""
        return {s: w for s, (n, w) in self.powers.items() if n == 2 and w.is_number}

    def known(self, symbol: sp.Symbol) -> sp.Symbol:
        return self.symbols.setdefault(str(symbol), symbol)
