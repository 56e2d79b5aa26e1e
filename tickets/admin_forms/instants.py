"""The field in which the desk types an instant of the Paris wall clock."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime


class InstantInput(forms.DateTimeInput):
    """The browser's own picker, to the second or to the minute.

    A picker shows nothing that it cannot read: what was typed wrongly comes back in a plain field,
    so that it can be seen and mended.
    """

    def __init__(self, *, seconds: bool = True) -> None:
        shown = "%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M"
        super().__init__(attrs={"step": "1"} if seconds else None, format=shown)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        if _is_readable(widget["value"]):
            widget["type"] = "datetime-local"
        else:
            widget["attrs"].pop("step", None)
        return context


def _is_readable(text: str | None) -> bool:
    if not text:
        return True
    try:
        return "T" in text and parse_datetime(text) is not None
    except ValueError:
        return False
