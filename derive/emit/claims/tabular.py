"""Tables in LaTeX that need no package: wide columns are broken into lines, and set smaller if need be."""

from collections.abc import Sequence

from derive.emit.measure import width

# A size, and how much wider a line is in its em.
SIZES = (("", 1.0), (r"\small", 1.08), (r"\footnotesize", 1.17))
LETTER = 0.5  # em; of words, on average with blanks
BOLDEST = 0.55  # em; of the letters of a word that stands alone
GAP = 1.2  # em; between two columns
LEAST = 10.0  # em; of a column that is broken into lines, if there is room


def table(head: Sequence[str], rows: Sequence[Sequence[str]], line: float) -> str:
    """A table no wider than `line` em: few columns are broken, and it is as large as fits."""
    columns = list(zip(head, *rows, strict=True))
    natural, breaks = [max(map(_width, column)) for column in columns], [_breaks(c) for c in columns]
    words = [max(map(_longest, column)) for column in columns]
    rooms = [(size, more * (line - GAP * (len(columns) - 1))) for size, more in SIZES]
    choices = [(size, _fitted(natural, breaks, room), room) for size, room in rooms]
    fitting = (choice for choice in choices if _fits(choice[1], natural, words, choice[2]))
    size, wide, _ = next(fitting, choices[-1])
    layout = "".join(f"p{{{given:.1f}em}}" if given else "l" for given in wide)
    lines = [" & ".join(_cell(text, w) for text, w in zip(row, wide, strict=True)) for row in (head, *rows)]
    body = "\\tabularnewline\n".join(lines).replace("\\tabularnewline\n", "\\tabularnewline\\hline\n", 1)
    # Not the environment center, in front of which a page may end: the title of the table stands there.
    top = rf"\par\nobreak\smallskip{{{size}\renewcommand{{\arraystretch}}{{1.3}}\centering"
    return "\n".join([top, rf"\begin{{tabular}}{{@{{}}{layout}@{{}}}}", body, r"\end{tabular}\par}\medskip"])


def _cell(text: str, wide: float) -> str:
    return rf"\raggedright {text}" if wide else text


def _width(text: str) -> float:
    """The width of a cell of words and formulas between dollar signs."""
    parts = text.split("$")
    return sum(width(part) if n % 2 else LETTER * len(part) for n, part in enumerate(parts))


def _longest(text: str) -> float:
    """The width of the longest word or formula of a cell."""
    parts = text.split("$")
    words = [width(part) for part in parts[1::2]]
    return max([0.0, *words, *(BOLDEST * len(word) for part in parts[::2] for word in part.split())])


def _breaks(column: Sequence[str]) -> bool:
    """Whether a column holds words that can be broken."""
    return any(" " in part for text in column for part in text.split("$")[::2])


def _fitted(wide: list[float], breaks: list[bool], room: float) -> list[float]:
    """The width of each column that must be broken, 0 for the others: the widest, and as few as will do."""
    broken: list[int] = []
    for n in sorted(range(len(wide)), key=lambda n: -wide[n]):
        rest = room - sum(w for m, w in enumerate(wide) if m not in broken)
        if (not broken and rest >= 0) or (broken and rest >= LEAST * len(broken)):
            break
        broken += [n] if breaks[n] else []
    rest = room - sum(w for m, w in enumerate(wide) if m not in broken)
    share = rest / (sum(wide[n] for n in broken) or 1.0)
    return [max(4.0, wide[n] * share) if n in broken else 0.0 for n in range(len(wide))]


def _fits(wide: list[float], natural: list[float], words: list[float], room: float) -> bool:
    """Whether the table fits the line, and every word its column."""
    total = sum(w or n for w, n in zip(wide, natural, strict=True))
    return total <= room + 0.1 and all(not w or w >= word for w, word in zip(wide, words, strict=True))
