"""The icons: drawn for eyes, silent or named for ears, nothing that the policy would refuse."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from foundation.templatetags.icons import ICONS, icon
from sla.enums import Severity
from tickets.enums import Outcome, Status


@pytest.mark.parametrize("name", ICONS)
def test_each_icon_is_well_formed(name: str) -> None:
    assert ET.fromstring(icon(name)).tag == "svg"  # noqa: S314 (our own constants)


@pytest.mark.parametrize("name", ICONS)
def test_k1_no_icon_styles_itself_inline(name: str) -> None:
    assert "style=" not in icon(name)


def test_beside_a_word_an_icon_is_silent() -> None:
    assert 'aria-hidden="true"' in icon("clock")


def test_alone_an_icon_has_a_name_and_escapes_it() -> None:
    assert 'role="img" aria-label="&lt;b&gt;"' in icon("clock", "<b>")


def test_an_unknown_icon_is_a_fault() -> None:
    with pytest.raises(KeyError):
        icon("nowhere")


@pytest.mark.parametrize("code", [*Severity.values, *Status.values])
def test_each_severity_and_status_has_its_shape(code: str) -> None:
    assert code in ICONS


def test_shapes_of_severities_differ() -> None:
    assert len({ICONS[code] for code in Severity.values}) == len(Severity.values)


def test_outcomes_that_a_clock_shows_are_all_known() -> None:
    assert set(Outcome.values) == {"running", "paused", "met", "breached", "void"}
