"""What the filters of the customers’ list and of the engineers’ queue share: a value, a choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from foundation.text import refuse_unstorable, tidy_line
from tickets.queries.customer import SEARCH_MAX


class WrongError(ValueError):
    """What is wrong with a value of an address, as a French sentence."""


@dataclass(frozen=True)
class Select:
    """One filter as a list of choices: value, words, whether it is the one that holds."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Chip:
    """A filter that holds, in words, and the address without it."""

    words: str
    without: str


def select_of(
    name: str, label: object, nothing: str, words: Mapping[str, object], held: str
) -> Select:
    """The choices of a filter, headed by that of no filter at all."""
    options = [(value, str(text), value == held) for value, text in words.items()]
    return Select(name, str(label), [("", nothing, not held), *options])


def valid_among(
    data: Mapping[str, str], names: Iterable[str], read: Callable[[str, str], str]
) -> tuple[dict[str, str], list[str]]:
    """The values that can be applied, by name; a sentence for each that cannot.

    `read(name, value)` gives the value as it is understood, or raises WrongError.
    """
    chosen, faults = {}, []
    for name in names:
        value = data.get(name, "")
        if not value.strip():
            continue
        try:
            found = read(name, value)
        except WrongError as wrong:
            faults.append(str(wrong))
            continue
        if found:
            chosen[name] = found
    return chosen, faults


def words_asked(value: str) -> str:
    """The text that is looked for. Raises WrongError for what no database holds (D5)."""
    try:
        refuse_unstorable(value)
    except ValidationError as error:
        raise WrongError(str(error.messages[0])) from None
    return tidy_line(value[:SEARCH_MAX])
