"""Refusals: what an operation raises when the domain says no."""

from __future__ import annotations


class Refusal(Exception):
    """The act is not allowed. Nothing was written.

    `sentence` is French, complete, and fit for the page: it says why and what to do next.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Conflict(Refusal):
    """Somebody else acted first: the sentence says who and when (G3, G4)."""
