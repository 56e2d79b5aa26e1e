"""/incidents/export.csv and .xlsx: the rows of the person's screen, typed, and nothing of ours."""

from __future__ import annotations

import csv
import gc
import io
import tracemalloc
import weakref
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import IO
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import User
from foundation.spreadsheets import csv_lines, workbook
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.licences import make_contract, make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, signed_in
from tickets import operations
from tickets.models import Ticket
from tickets.queries import exports

pytestmark = pytest.mark.django_db
NOW = TUESDAY_10 + timedelta(minutes=20)

HEADER = [
    "Numéro", "Titre", "Société", "Site", "Logiciel", "Version", "Criticité déclarée",
    "Criticité retenue", "Statut", "À qui le tour", "Déclaré par", "Privé", "Reçu le",
    "Prise en charge promise (min ouvrées)", "Prise en charge utilisée (min ouvrées)",
    "Échéance de prise en charge", "Pris en charge le", "Délai de prise en charge",
    "Résolution promise (min ouvrées)", "Résolution utilisée (min ouvrées)",
    "Échéance de résolution", "Résolu le", "Délai de résolution", "Clos le", "Contrat",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with at(NOW):
        yield


def content_of(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def csv_of(user: User, query: str = "") -> list[list[str]]:
    made = content_of(signed_in(user), f"/incidents/export.csv{query}").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(made, newline=""), delimiter=";"))


def xlsx_of(user: User, query: str = "") -> list[tuple[object, ...]]:
    made = content_of(signed_in(user), f"/incidents/export.xlsx{query}")
    sheet = load_workbook(io.BytesIO(made)).worksheets[0]
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def declare(cast: Cast, title: str, requester: User | None = None, **facts: object) -> Ticket:
    return make_ticket(
        company=cast.company, requester=requester or cast.alice, title=title,
        **facts,  # type: ignore[arg-type]  # the factory's own keywords
    )  # fmt: skip


@pytest.fixture
def story(cast: Cast) -> Cast:
    """One incident taken in charge and noted on, in a contract, about a licence."""
    product = make_product(name="Revit")
    licence = make_licence(cast.company, product=product, version="2027")
    make_contract(cast.company, number="C-42")
    ticket = operations.declare(
        actor=cast.alice, company=cast.company, product=product, licence=licence, site=cast.site,
        severity=Severity.IMPAIRING, title="Éclairage figé", body="x", at=TUESDAY_10,
        form_token=uuid4(),
    )  # fmt: skip
    operations.acknowledge(
        ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + timedelta(minutes=10)
    )
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI interne", at=NOW, form_token=uuid4()
    )
    return cast


def test_the_columns_are_those_that_people_build_on(story: Cast) -> None:
    assert csv_of(story.alice)[0] == HEADER
    assert list(xlsx_of(story.alice)[0]) == HEADER


def test_b2_a_row_says_what_the_page_says(story: Cast) -> None:
    ticket = Ticket.objects.get()
    (row,) = csv_of(story.alice)[1:]
    assert row[:13] == [
        ticket.reference, "Éclairage figé", "Acier & Fils", "Usine de Vénissieux", "Revit", "2027",
        "Gênant", "Gênant", "En cours", "À nous", story.alice.full_name, "non", "2026-09-15 10:00",
    ]  # fmt: skip
    assert row[13:18] == ["60", "10", "2026-09-15 11:00", "2026-09-15 10:10", "tenu"]
    assert row[19:20] + row[21:] == ["20", "", "en cours", "", "C-42"]


def test_xlsx_cells_are_typed(story: Cast) -> None:
    row = xlsx_of(story.alice)[1]
    assert row[12] == datetime(2026, 9, 15, 10, 0)  # noqa: DTZ001 (Paris, as sheets know no zone)
    assert (row[13], row[14]) == (60, 10)
    assert row[21] is None


def test_b1_no_byte_of_a_note_leaves(story: Cast) -> None:
    for name in ("csv", "xlsx"):
        before = content_of(signed_in(story.alice), f"/incidents/export.{name}")
        assert b"CANARI" not in before
    assert "CANARI" not in str(xlsx_of(story.alice))


def test_s17_a_deadline_that_passed_is_told_before_the_sweep_has_seen_it(cast: Cast) -> None:
    declare(cast, "Oublié", at=TUESDAY_10 - timedelta(minutes=59))
    late = NOW + timedelta(hours=1)
    with at(late):
        assert csv_of(cast.alice)[1][17] == "dépassé"


# --- whose rows -----------------------------------------------------------------------------------


def test_e1_the_rows_are_those_of_the_screen(cast: Cast) -> None:
    declare(cast, "Figé")
    declare(cast, "Perdu")
    declare(cast, "De Bob", cast.bob)
    assert [row[1] for row in csv_of(cast.alice)[1:]] == ["Perdu", "Figé"]
    assert [row[1] for row in csv_of(cast.alice, "?q=fige")[1:]] == ["Figé"]
    assert [row[1] for row in xlsx_of(cast.rejane)[1:]] == ["De Bob", "Perdu", "Figé"]


def test_e1_the_filters_of_the_last_visit_change_no_export(cast: Cast) -> None:
    declare(cast, "Figé")
    declare(cast, "Perdu")
    client = signed_in(cast.alice)
    client.get("/incidents/?q=fige")
    made = content_of(client, "/incidents/export.csv").decode()
    assert "Figé" in made
    assert "Perdu" in made


def test_e1_a2_no_foreign_company_and_no_private_incident_of_others(cast: Cast) -> None:
    declare(cast, "Privé d’Alice", is_private=True)
    make_ticket(company=cast.other_company, requester=cast.charlie, title="De Charlie")
    for export in (csv_of, xlsx_of):
        assert export(cast.rejane)[1:] == []
        assert "Privé d’Alice" in str(export(cast.alice))


def test_a4_a_closed_access_exports_nothing(cast: Cast) -> None:
    declare(cast, "À moi")
    client = signed_in(cast.alice)
    cast.alice.memberships.update(is_active=False)
    assert "À moi" not in content_of(client, "/incidents/export.csv").decode()


def test_a3_wrong_filters_count_as_none(cast: Cast) -> None:
    declare(cast, "À moi")
    assert len(csv_of(cast.alice, "?statut=xx&produit=9&q=%00&company__name=x")) == 2


def test_e1_titles_are_texts(cast: Cast) -> None:
    declare(cast, '=HYPERLINK("http://mal.test";"x")')
    assert csv_of(cast.alice)[1][1].startswith("'=")
    made = content_of(signed_in(cast.alice), "/incidents/export.xlsx")
    sheet = load_workbook(io.BytesIO(made)).worksheets[0]
    assert (sheet["B2"].data_type, str(sheet["B2"].value)[:1]) == ("s", "=")


# --- the answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_e1_an_export_is_private_and_kept_nowhere(cast: Cast, name: str) -> None:
    declare(cast, "À moi")
    response = signed_in(cast.alice).get(f"/incidents/export.{name}")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith(
        f'attachment; filename="incidents-2026-09-15-1020.{name}"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_a1_a_stranger_is_sent_to_the_sign_in(client: Client, name: str) -> None:
    assert "/connexion/" in client.get(f"/incidents/export.{name}")["Location"]


def test_a_cut_export_says_so_on_its_last_row_and_on_the_page(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "EXPORT_MAX", 2)
    for number in range(3):
        declare(cast, f"n° {number}")
    rows = csv_of(cast.alice)
    assert [row[1] for row in rows[1:3]] == ["n° 2", "n° 1"]
    assert rows[3] == [
        "Export arrêté aux 2 premiers incidents de la liste\u00a0: filtrez pour avoir les autres."
    ]
    assert "10\u202f000\u00a0incidents au plus" in body(signed_in(cast.alice).get("/incidents/"))


def _statements(user: User) -> int:
    client = signed_in(user)
    with CaptureQueriesContext(connection) as captured:
        content_of(client, "/incidents/export.csv")
    return len(captured)


def test_q1_as_many_queries_for_nine_as_for_one(cast: Cast) -> None:
    declare(cast, "Un")
    alone = _statements(cast.alice)
    for number in range(8):
        declare(cast, f"n° {number}", product=make_product())
    assert _statements(cast.alice) == alone <= 6


def test_chunks_follow_one_another_in_order(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 2)
    for number in range(5):
        declare(cast, f"n° {number}")
    assert [row[1] for row in csv_of(cast.alice)[1:]] == [f"n° {n}" for n in (4, 3, 2, 1, 0)]


def test_rows_are_read_a_chunk_at_a_time_as_they_are_asked_for(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two statements at the first row of each chunk, none between, none ahead."""
    monkeypatch.setattr(exports, "CHUNK", 3)
    for number in range(7):
        declare(cast, f"n° {number}")
    rows = exports.export_of(Ticket.objects.visible_to(cast.alice).order_by("-pk"), NOW).rows
    asked = []
    for _row in range(7):
        with CaptureQueriesContext(connection) as captured:
            next(rows)
        asked.append(len(captured))
    assert asked == [2, 0, 0, 2, 0, 0, 2]


def test_the_incidents_of_a_chunk_are_let_go_with_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 3)
    seen: list[weakref.ref[Ticket]] = []
    subject = exports._subject

    def watched(ticket: Ticket, at: datetime) -> exports._Subject:
        seen.append(weakref.ref(ticket))
        return subject(ticket, at)

    monkeypatch.setattr(exports, "_subject", watched)
    for number in range(9):
        declare(cast, f"n° {number}")
    for _row in exports.export_of(Ticket.objects.visible_to(cast.alice), NOW).rows:
        gc.collect()
        assert sum(one() is not None for one in seen) <= 3
    assert len(seen) == 9


@pytest.mark.parametrize("form", [csv_lines, partial(workbook, "Incidents")], ids=["csv", "xlsx"])
def test_neither_file_holds_its_rows_in_memory(
    form: Callable[..., Generator[str] | IO[bytes]],
) -> None:
    """Ten times as many rows, each with a text of its own: less than a megabyte more.

    A workbook waits on the disk; the first two megabytes of what is sent may stay in memory.
    """
    few, many = (_peak(form, number) for number in (500, 5_000))
    assert many < few + 1_000_000


def _peak(form: Callable[..., Generator[str] | IO[bytes]], number: int) -> int:
    rows = ([f"n° {turn} {'é' * 500}", turn, NOW.replace(tzinfo=None)] for turn in range(number))
    tracemalloc.start()
    made = form(["Titre", "Nombre", "Date"], rows)
    for _piece in made:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    made.close()
    return peak
