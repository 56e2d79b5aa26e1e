"""D3, D10, D12, D13: what people read is French, true today, and says one thing in one way."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext

from accounts import messages
from notifications.models import Delivery
from reports.charts import marks
from tests.factories.cast import Cast, make_cast
from tests.tickets.pages import main_text, signed_in, text

ROOT = Path(__file__).resolve().parents[2]
# A word of ours in code or markup around it is no text: {{ mail.subject }}, "layout/mail.html".
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|<[^>]+>|{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
_QUOTED = re.compile(r'(?:translate|title=|text=|count_fr:) ?"([^"]*)"')


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Add %s", "Ajouter\u00a0: %s"),
        ("Change %s", "Modifier\u00a0: %s"),
        ("View %s", "Consulter\u00a0: %s"),
        ("Delete selected %(verbose_name_plural)s",
         "Supprimer la sélection (%(verbose_name_plural)s)"),
    ],
)  # fmt: skip
def test_d10_the_admin_puts_no_de_before_a_name(english: str, french: str) -> None:
    assert gettext(english) == french


def test_d10_the_admins_titles_read_so(cast: Cast) -> None:
    client = signed_in(cast.adele)
    assert "Ajouter : agence" in text(client.get(reverse("admin:accounts_agency_add")))


def test_d10_the_admin_writes_dates_in_figures() -> None:
    first = datetime(2026, 1, 1, 8, 5, tzinfo=UTC)
    assert formats.date_format(date(2026, 1, 1)) == "01/01/2026"
    assert formats.date_format(first, "DATETIME_FORMAT") == "01/01/2026 à 8\u00a0h\u00a005"


def test_d10_the_date_picker_of_the_admin_has_our_apostrophe(cast: Cast) -> None:
    words = signed_in(cast.adele).get(reverse("admin:jsi18n")).content.decode()
    assert ('"Today": "Aujourd\\u2019hui"' in words, "Aujourd'hui" in words) == (True, False)


def test_mail_has_one_name() -> None:
    """« E-mail » everywhere people read it."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        source = path.read_text(encoding="utf-8")
        source = re.sub(r"{% comment %}.*?{% endcomment %}", "", source, flags=re.DOTALL)
        read = _TAGS.sub(" ", source) + " ".join(_QUOTED.findall(source))
        if re.search(r"(?<![-\w/])(mails?|courriels?)\b", read, re.IGNORECASE):
            found.append(path.name)
    assert found == []


def test_d12_the_charter_promises_no_answer_that_does_not_exist(cast: Cast) -> None:
    page = main_text(Client().get("/charte/"))
    assert "L’ancienne adresse de messagerie du support est fermée" in page
    assert "réponse automatique" not in page


def test_d3_the_charter_says_whom_an_act_is_not_mailed_to(cast: Cast) -> None:
    page = main_text(Client().get("/charte/"))
    assert "Seule la personne qui vient d’agir ne reçoit rien de son propre geste, hormis" in page


def test_a_mail_gives_the_hours_of_the_phone(cast: Cast) -> None:
    messages.company_access(user=cast.alice, company=cast.company)
    mail = Delivery.objects.get()
    hours = "du lundi au vendredi, de 9\u00a0h à 18\u00a0h."
    assert (hours in mail.body_text, hours in unescape(mail.body_html)) == (True, True)


@pytest.mark.parametrize(("percent", "shown"), [(99.6, 99), (100.0, 100), (50.9, 50)])
def test_a_point_of_the_chart_never_rounds_a_miss_away(percent: float, shown: int) -> None:
    assert marks([percent], ["sem."])[0].percent == shown


def test_d13_a_long_address_reaches_the_portal_and_its_words_are_cut(cast: Cast) -> None:
    page = signed_in(cast.alice).get("/incidents/", {"q": "x" * 7_000})
    assert (page.status_code, 'maxlength="100"' in page.content.decode()) == (200, True)


def test_d13_gunicorn_takes_the_longest_address_it_can() -> None:
    deployed: dict[str, object] = {}
    exec((ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8"), deployed)  # noqa: S102  (our own file)
    launcher = (ROOT / "portal/demo/launcher_services.py").read_text(encoding="utf-8")
    assert deployed["limit_request_line"] == 8190
    assert '"--limit-request-line", "8190"' in launcher
