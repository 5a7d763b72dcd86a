"""Sentences with formulas in Unicode ("σ′ = σ(1 − σ)") as LaTeX: the formulas are found and set as such."""

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby

from derive.emit.shape import PARAMETERS

Write = Callable[[str], str]

SYMBOLS = {
    "−": "-", "·": r"\cdot ", "×": r"\times ", "±": r"\pm ", "∓": r"\mp ", "≤": r"\le ", "≥": r"\ge ",
    "≠": r"\ne ", "≈": r"\approx ", "∈": r"\in ", "∞": r"\infty ", "∂": r"\partial ", "∇": r"\nabla ",
    "Σ": r"\sum ", "∑": r"\sum ", "∏": r"\prod ", "√": r"\surd ", "→": r"\to ", "↦": r"\mapsto ",
    "⊆": r"\subseteq ", "ℝ": r"\mathbb{R}", "′": "'", "″": "''", "²": "^{2}", "³": "^{3}", "ᵀ": r"^{\top}",
    "⊤": r"^{\top}", "½": r"\tfrac{1}{2}", "…": r"\ldots ", "⊙": r"\odot ", "⋆": "^{*}", "𝟏": r"\mathbf{1}",
    "‖": r"\Vert ", "∪": r"\cup ", "∘": r"\circ ", "∣": r"\mid ", "∼": r"\sim ", "∝": r"\propto ",
    "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "δ": r"\delta ", "ε": r"\varepsilon ", "η": r"\eta ",
    "κ": r"\kappa ", "ℓ": r"\ell ", "λ": r"\lambda ", "μ": r"\mu ", "π": r"\pi ", "ρ": r"\rho ",
    "θ": r"\theta ", "ν": r"\nu ", "ξ": r"\xi ", "χ": r"\chi ", "ω": r"\omega ", "Γ": r"\Gamma ",
    "Λ": r"\Lambda ", "Θ": r"\Theta ", "ψ": r"\psi ", "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ",
    "σ": r"\sigma ", "τ": r"\tau ", "φ": r"\varphi ", "Φ": r"\Phi ",
    "Δ": r"\Delta ", "Ω": r"\Omega ",
    "\ue000": "(", "\ue001": "[", "\ue002": ")", "\ue003": "]", "\ue004": ", ",  # of a set
    "\ue005": r"\{", "\ue006": r"\}", "\ue007": "{", "\ue008": "}", "⊗": r"\otimes ", "⁺": "^{+}",
    "⁻": "^{-}",
}  # fmt: skip
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SYMBOLS |= {chr(sign): f"_{{{chr(digit)}}}" for sign, digit in LOWERED.items()}
TYPOGRAPHIC = {"–": "--", "—": "---", "’": "'", "‘": "`", "“": "``", "”": "''", "\N{NO-BREAK SPACE}": "~"}
ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030c": "v "}
ESCAPED = {c: "\\" + c for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\^{}",
}
FUNCTIONS = ("log", "exp", "tanh", "cosh", "sinh", "max", "min", "sin", "cos")
WORDS = ("softplus", "erf", "sgn", "sech", "softmax", "diag", "sqrt")
CAPITALS = ("KL", "CE", "Var")  # divergence, cross-entropy, variance
CALL = "|".join((*FUNCTIONS, *WORDS, *CAPITALS, "Min", "Max"))
PARAMETER = {str(p.symbol): p.latex for p in PARAMETERS if not p.per_class}

# A set behind ∈ is one formula, an interval open or closed at its ends; so is a vector of numbers.
NUMBER = r"−?\d+(?:/\d+)?"
SET = re.compile(
    rf"(?<=∈ )[(\[{{][^()\[\]{{}} ]+(, [^()\[\]{{}} ]+)+[)\]}}]|(?<![\w′])\({NUMBER}(?:, {NUMBER})+\)"
)
# Those of a set do not count among the brackets of the sentence.
EXPECTED = re.compile(r"(?<![A-Za-z])E\[([^\[\]]*)\]")
INSIDE = str.maketrans("([)],{}", "\ue000\ue001\ue002\ue003\ue004\ue005\ue006", " ")
STAR = re.compile(r"(?<![A-Za-z])k\*(?![\w*])")  # k* is a letter; that of a product is not so near
SUBSCRIPT = r"(?:_(?:\{[^}]*\}|(?:[A-Za-z0-9][₀-₉]*(?:'(?![A-Za-z]))?){1,4}⋆?(?![A-Za-z_])))?"
BAR = "\u0304"  # above the letter in front of it
RAISED = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹", "()0123456789")
NUMBERED = r"⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾"  # the number of a stage of a network
LETTER = rf"(?<![A-Za-z_])[A-Za-z]{BAR}?(?:{NUMBERED})?(?:'(?![A-Za-z]))?⋆?{SUBSCRIPT}(?![A-Za-z])"
TOKEN = re.compile(
    rf"(?P<word>\bz3\b)|(?P<call>(?<![A-Za-z])(?:{CALL})(?=[²³(]| Σ| [a-zσ](?:\b|_))"
    rf"|\blog(?= \d)|\b(?:inf|{'|'.join(PARAMETER)})\b(?![⁽{BAR}]))"
    rf"|(?P<symbol>[{''.join(SYMBOLS)}]{BAR}?(?:{NUMBERED})?{SUBSCRIPT})|(?P<letter>{LETTER})|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<square>[a-z]{2}(?=ᵀ))|(?P<sign>[-+*/<>=^(){}| ]|,(?= \w+\))|(?<=\([a-z]),(?= −\w+\)))"
    r"|(?P<text>[^\W\d_][\w'-]+|.)",
    re.DOTALL,
)
# After a variable called a stands one of these; after the article, anything else.
AFTER_A = (
    r"(?=$|[,.;:)]|(?:by|and|is|in|or|with|for|as|to|at|from|treat|again|alone|of|itself|by"
    r"|stands|comes|goes)\b)"
)
ARTICLE = re.compile(rf"[aAI] (?!{AFTER_A[3:]}")
# What begins a sentence and is no formula: the article, and words other than log and its like.
WORD = re.compile(rf"a (?!{AFTER_A[3:]}(?=[a-z]{{2}})|(?!(?:{CALL})\b)[a-z][a-z'-]+\b(?![_(²])")


def latex_of_prose(text: str) -> str:
    """A sentence as LaTeX text."""
    return typeset(text, escape, "${}$".format)


def typeset(text: str, plain: Write, formula: Write) -> str:
    """A sentence whose words are written by `plain`, and whose formulas, in LaTeX, by `formula`."""
    text = SET.sub(lambda m: m[0].translate(INSIDE), STAR.sub("k⋆", text))
    found = _parts(EXPECTED.sub("E\ue001\\1\ue003", text))
    parts = [(kind, "".join(p for _, p in run)) for kind, run in groupby(found, key=lambda p: p[0])]
    return "".join(formula(math(part)) if is_formula else plain(part) for is_formula, part in parts)


def _parts(text: str) -> list[tuple[bool, str]]:
    """The text cut into formulas (True) and words (False)."""
    tokens = [(m.lastgroup or "text", m[0], m.end()) for m in TOKEN.finditer(text)]
    tokens = [("text" if kind == "word" else kind, found, end) for kind, found, end in tokens]
    parts: list[tuple[bool, str]] = []
    for is_text, run in groupby(tokens, key=lambda token: token[0] == "text"):
        found = list(run)
        whole = "".join(t for _, t, _ in found)
        body = "" if is_text else _formula(found, text[found[-1][2] :])
        before, _, after = whole.partition(body) if body else (whole, "", "")
        parts += [(False, before), (True, body), (False, after)]
    return [part for part in parts if part[1]]


def _formula(run: list[tuple[str, str, int]], following: str) -> str:
    """The formula in a run of letters and signs, without the brackets of the sentence; '' if none."""
    text = "".join(t for _, t, _ in run)
    body = re.sub(r"^\+ +", "", text.strip(" /<>=^*,").rstrip("+- /<>=^*,"))
    for opening, closing in ("()", "{}"):
        if body.count(opening) > body.count(closing):
            body = body[: body.rindex(opening)] if body.endswith(opening) else body[body.index(opening) + 1 :]
        if body.count(closing) > body.count(opening):
            body = body[: body.rindex(closing)]
    body = body.strip()
    names = any(kind in ("call", "symbol", "letter", "square") and t in body for kind, t, _ in run)
    article = body in ("a", "A", "I") and ARTICLE.match(body + text.partition(body)[2] + following)
    return body if names and not article else ""


def math(text: str) -> str:
    """A formula in Unicode as LaTeX, without dollar signs."""
    text = re.sub(rf"\b({'|'.join(PARAMETER)})\b", lambda m: PARAMETER[m[1]], text)
    text = re.sub(rf"(.){BAR}", r"\\bar{\1}", text)
    text = re.sub(NUMBERED, lambda m: f"^{{{m[0].translate(RAISED)}}}", text)
    text = re.sub(r"\^\(([^()]*)\)", r"^{\1}", text)
    text = re.sub(r"sqrt\(([^()]*)\)", "√\ue007\\1\ue008", text)
    text = re.sub(r"_(?!\{)((?:(?![²³])\w|'(?![A-Za-z]))+⋆?)", r"_{\1}", text)
    text = re.sub(r"[₀-₉]+", lambda m: f"_{{{m[0].translate(LOWERED)}}}", text)
    text = re.sub(r"(?<![A-Za-z\\])l(?![A-Za-z])", r"\\ell ", text)
    text = re.sub(r"(?<!\^)\{(-?\d.*?)\}", r"\\{\1\\}", text) if "_" not in text else text
    text = re.sub(r"(?<=\w)\|(?=\w)", "∣", text)  # a bar between two letters is that of a condition
    text = re.sub(r"\|([^|]+)\|", r"\\lvert \1\\rvert ", text)
    text = re.sub(rf"(?<![A-Za-z\\])({CALL}|inf)(?![A-Za-z])", lambda m: _word(m[1]), text)
    text = re.sub(r"(\\mathrm\{Var\}|(?<![A-Za-z\\])E) (?=y)", r"\1\\,", text)
    text = text.replace(">=", r"\ge ").replace("<=", r"\le ").replace("*", " ")
    text = "".join(SYMBOLS.get(c, c) for c in text.replace("√\ue007", r"\sqrt{"))
    return re.sub(r" +(?=[ _^'()/]|$)", "", text)


def _word(word: str) -> str:
    if word == "inf":
        return r"\infty "
    if word in CAPITALS:
        return rf"\mathrm{{{word}}}"
    word = word.lower()
    return rf"\{word} " if word in FUNCTIONS else rf"\mathrm{{{word}}}"


def as_sentence(text: str) -> str:
    """A remark with a capital in front, unless a formula is there, and a full stop at the end; '' of ''."""
    if not text:
        return ""
    return (text[0].upper() + text[1:] if WORD.match(text) else text).rstrip(".") + "."


def escape(text: str) -> str:
    """Plain text as LaTeX text."""
    return "".join(_character(c) for c in text)


def _character(char: str) -> str:
    if char.isascii():
        return ESCAPED.get(char, char)
    if char in TYPOGRAPHIC:
        return TYPOGRAPHIC[char]
    if char in SYMBOLS:
        return f"${SYMBOLS[char].strip()}$"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if len(marks) == 1 and marks[0] in ACCENTS and base.isascii():
        return rf"\{ACCENTS[marks[0]]}{{{base}}}"
    raise ValueError(f"no LaTeX for the character {char!r}; add it to derive/emit/prose.py")
