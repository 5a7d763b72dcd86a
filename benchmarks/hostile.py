"""Texts that a user might give, and texts that nobody should: random grammar, mutations, hostile seeds."""

from random import Random

from derive.expression import CONSTANTS, MANY, ONE, OTHER_NAMES

SEEDS = (
    "__import__('os').system('touch CANARY')", "open('CANARY','w')", "exec('open(\"CANARY\",\"w\")')",
    "().__class__.__bases__[0].__subclasses__()", "z.__class__.__mro__", "z.subs.__globals__",
    "(lambda: z)()", "[z for z in (1,)]", "{z: z}", "{z}", "z[0]", "f'{z}'", "b'z'", "'z'", "(z:=1)",
    "z = 1", "z; z", "await z", "yield z", "lambda z: z", "import os", "print(z)", "eval('z')",
    "getattr(z, 'x')", "globals()", "z @ z", "z // 2", "z % 2", "z << 99999999", "~z", "not z", "z and z",
    "z is z", "z in z", "...", "None", "True", "1j", "0x10", "1_000", "1e999999999", "1e-999999999",
    "9**9**9**9", "z**z**z**z", "2**99999", "((z**9)**9)**9", "exp(exp(exp(exp(exp(z)))))",
    "exp(1e9*log(z))", "exp(1e30*log(2))", "sinh(1e29*log(3))", "log(log(log(z)))",
    "max(" + ",".join(f"sin({n}*z)" for n in range(30)) + ")", "(" * 200 + "z" + ")" * 200, "-" * 300 + "z",
    "max(max(max(max(z,1),-z),z**2),min(z,max(z,3)))", "[" * 400, "z" + "+z" * 400, "z*" * 200 + "z",
    "9" * 400, "1/" * 100 + "z", "sqrt(" * 24 + "z" + ")" * 24, "abs(" * 24 + "z" + ")" * 24, "z\x00",
    "z\n", "z\r\n+1", "\u202ez", "ｚ", "а", "𝐳", "z²", "π*z", "∞", "z−1", "exp(*z)", "exp(**z)", "exp(z=1)",
    "exp(z, out=z)", "where(z, z, z)", "where(z>0, z)", "Piecewise((z, z>0))", "Piecewise(z)",
    "Piecewise((z, True), (z, True))", "z if z > 0 else", "z if z else z", "z>0", "(z>0)*z",
    "1 if 1>2 else z", "z if exp(z)>sin(z) else -z", "relu(relu)(z)", "exp", "exp(exp)",
    "sigmoid.__call__(z)", "tanh(z).real", "z.real", "1 .real", "1..real", "quantile(a, y, q=9)",
    "quantile(a, y, q=a)", "quantile(a, y, q=0.5, q=0.6)", "huber(a)", "gelu(z, z)",
    "mish(mish(mish(mish(mish(mish(z))))))", "gelu_tanh(gelu_tanh(gelu_tanh(gelu_tanh(gelu_tanh(z)))))",
    "0**0", "0/0", "log(0)", "sqrt(-1)", "log(sin(z)-2)", "1/(z-z)", "z/0", "(-8)**(1/3)",
    "e**(e**(e**(e**9)))", "pi**pi**pi**pi", "sin(1e30)", "tan(pi/2)", "atanh(1)", "asin(2)", "xlogy(0, 0)",
    "clip(z, 2, 1)", "logaddexp(z, z, z, z, z, z, z)", "abs(abs(abs(z)-1)-1)", "sign(sign(sign(z)))",
    "max(z, z)", "min(z, -z, z**2, z**3, z**4, z**5)", "", " ", "\t", "#", "z #", "z\\", "\\", "'", '"',
    "'''", "\ud800", "z" * 500, "z_" * 250, "🙂", "z if z>0 else z if z>1 else z",
    "where(where(z>0,1,0)>0, z, -z)", "where(z==0, 1, sin(z)/z)", "z if not (z>0 and z<1 or z==2) else 0",
)  # fmt: skip
ALPHABET = "zay0123456789.+-*/()<>=!&|~^,;:'\"\\_@#%$ \t\n\x00eExpifelsorandt[]{}²−π"
WORDS = (
    "lambda",
    "import",
    "__class__",
    "**",
    "//",
    "if",
    "else",
    "and",
    "or",
    "not",
    "for",
    "in",
    "1e9",
    ":=",
    "()",
)
CATALOGUE = (
    "mish",
    "gelu",
    "silu",
    "elu",
    "softsign",
    "relu6",
    "leaky_relu",
    "probit",
    "cloglog",
    "log_sigmoid",
)
LOSSES = ("huber", "quantile", "bce", "hinge", "squared_error", "poisson", "log_cosh")
NUMBERS = ("0", "1", "2", "3", "0.5", "1.702", "-1", "1e-3", "10", "2.5", "100", "1e8", "7/3")


def text(rng: Random) -> str:
    """One text: of the grammar, mutated, hostile, or noise."""
    kind = rng.random()
    if kind < 0.45:
        return valid(rng)
    if kind < 0.75:
        return mutated(rng, valid(rng) if rng.random() < 0.7 else rng.choice(SEEDS))
    if kind < 0.85:
        return rng.choice(SEEDS)
    if kind < 0.95:
        return valid(rng).replace("z", f"({rng.choice(SEEDS)[:80]})", 1)
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(60)))


def valid(rng: Random) -> str:
    """A text of the grammar, in z or in a and y; it may still be undefined or beyond a limit."""
    letters = ("z",) if rng.random() < 0.6 else ("a", "y")
    return _expression(rng, letters, rng.randrange(5))


def _expression(rng: Random, letters: tuple[str, ...], depth: int) -> str:
    def inner() -> str:
        return _expression(rng, letters, depth - 1)

    if depth <= 0:
        return rng.choice((*letters, *letters, *NUMBERS, *CONSTANTS))
    kind = rng.randrange(12)
    if kind < 4:
        return f"({inner()}){rng.choice('+-*/')}({inner()})"
    if kind == 4:
        return f"({inner()})**{rng.choice(('2', '3', '0.5', '-1', '(1/3)', '10', inner()))}"
    if kind < 8:
        return f"{rng.choice((*ONE, *OTHER_NAMES))}({inner()})"
    if kind == 8:
        name = rng.choice(tuple(MANY))
        return f"{name}({', '.join(inner() for _ in range(MANY[name][1]))})"
    if kind == 9:
        return f"where({inner()} {rng.choice(('<', '>', '<=', '>='))} {inner()}, {inner()}, {inner()})"
    if kind == 10 and "a" in letters:
        return f"{rng.choice(LOSSES)}({inner()}, y)"
    return f"{rng.choice(CATALOGUE)}({inner()})"


def mutated(rng: Random, given: str) -> str:
    """A text with some letters replaced, doubled, taken out, or words put in."""
    letters = list(given)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(letters) + 1)
        way = rng.randrange(5)
        if way == 0:
            letters[at:at] = rng.choice(ALPHABET)
        elif way == 1:
            letters[at : at + 1] = rng.choice(ALPHABET)
        elif way == 2:
            del letters[at : at + rng.randrange(1, 4)]
        elif way == 3:
            letters[at:at] = rng.choice(WORDS)
        else:
            letters[at:at] = letters[at : at + rng.randrange(1, 12)] * rng.randrange(1, 4)
    return "".join(letters)
