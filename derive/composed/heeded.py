"""What is said beside the stages of a network: who heeds it, and that somebody does."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from derive import catalogue
from derive.asked import Asked, Given, Number, is_name
from derive.catalogue.names import KINDS, seek, shortened
from derive.model import Activation, BadInput, Loss
from derive.subjects import LETTER, rows_of


@dataclass(kw_only=True)
class Heeded:
    """The numbers and conditions that are given, and those of them that an activation or the loss took."""

    asked: Asked
    numbers: set[str] = field(default_factory=set)
    conditions: set[str] = field(default_factory=set)

    @cached_property
    def rows(self) -> catalogue.Rows:
        """The rows that names are looked up in."""
        return rows_of(self.asked)

    def of(self, *names: Given, bound: tuple[tuple[str, Number], ...] = ()) -> Asked:
        """What is asked for by an activation, or by it and a loss, with what is said of these alone."""
        letters = {
            letter for noun, name in zip(KINDS, names, strict=False) for letter in self._letters(name, noun)
        }
        mine = tuple(one for one in self.asked.parameters if one[0] in letters - {name for name, _ in bound})
        where = tuple(text for text in self.asked.where if self._is_about(text, names))
        self.numbers |= {name for name, _ in mine}
        self.conditions |= set(where)
        return replace(self.asked, names=names, parameters=(*bound, *mine), where=where)

    def all_of_it(self) -> None:
        """Refuse a number or a condition that nothing heeds."""
        for name, _ in self.asked.parameters:
            if name not in self.numbers:
                raise BadInput(
                    f"no activation of the network, nor its loss, has a parameter {shortened(name)!r}"
                )
        for text in self.asked.where:
            if text not in self.conditions:
                raise BadInput(f"condition {shortened(text)!r} is for an expression, and there is none")

    def _letters(self, name: Given, noun: str) -> tuple[str, ...]:
        """The letters of an expression, or the parameters of a row."""
        if isinstance(name, str) and is_name(name):
            row = seek(name, self.rows[KINDS.index(noun)], noun)
        elif isinstance(name, Activation | Loss):
            row = name
        else:
            from derive.own.activations import letters_of

            return letters_of(name)
        return tuple(p.name for p in row.parameters) if row else ()

    def _is_about(self, condition: str, names: tuple[Given, ...]) -> bool:
        """Whether a condition is on z and the activation is an expression, or on a or y and the loss is."""
        place = 0 if "z" in LETTER.findall(condition) else 1
        name = names[place] if place < len(names) else "name"
        return not isinstance(name, Activation | Loss) and not (isinstance(name, str) and is_name(name))
