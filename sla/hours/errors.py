"""What the clock refuses, each refusal with a French sentence fit for a page."""

from __future__ import annotations


class ClockRefusal(ValueError):
    """Base of everything the clock refuses; `str()` of it is a French sentence."""

    sentence = "Ce calcul d’horaire est impossible."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)


class InvalidCalendar(ClockRefusal):
    """The dict of a calendar is wrong; `field` is the path of the culprit (`weekly.mon[0]`)."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field

    def __reduce__(self) -> tuple[type[InvalidCalendar], tuple[str, str]]:
        return type(self), (self.field, str(self))


class NaiveInstant(ClockRefusal):
    """An instant without a time zone (C7)."""

    sentence = "La date et l’heure doivent préciser leur fuseau horaire."


class NegativeDuration(ClockRefusal):
    """A duration below zero (C7)."""

    sentence = "La durée ne peut pas être négative."


class NeverOpens(ClockRefusal):
    """The calendar has no opening to count in (C6)."""

    sentence = "Ce calendrier n’ouvre jamais : aucune échéance ne peut être calculée."


class OpeningsRunOut(NeverOpens):
    """The calendar has openings, but not enough of them after this instant (C6)."""

    sentence = "Ce calendrier n’a plus assez d’ouvertures pour calculer l’échéance."


class NeverCloses(ClockRefusal):
    """The desk is open day and night, so there is no closing to give."""

    sentence = "Ce calendrier est ouvert jour et nuit : il ne ferme jamais."


class OutOfReach(ClockRefusal):
    """More than a century between two instants, or one outside the years 5 to 9995."""

    sentence = "Ce calcul dépasse un siècle : vérifiez la date et la durée."
