"""« Appel »: the caller found, the incident typed, the same clocks as by the web (P7, S3, S4)."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from freezegun import freeze_time
from pytest_django import DjangoAssertNumQueries

from accounts.models import Company, Membership, User
from notifications.messages import compose
from sla.enums import CommitmentKind, Severity
from tests.factories.accounts import make_agency, make_company, make_membership, make_user
from tests.factories.cast import Cast
from tests.factories.licences import make_contract, make_licence, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket, promise
from tests.tickets.pages import body, signed_in
from tickets.enums import Act, Origin, Status
from tickets.models import Ticket, TicketEvent
from tickets.queries.callers import SHOWN, callers

pytestmark = pytest.mark.django_db
# The engineer types at 10:20 a call that began at 10:05.
NOW = TUESDAY_10 + timedelta(minutes=20)
BEGAN = datetime(2026, 9, 15, 8, 5, tzinfo=UTC)


def membership_of(person: User) -> Membership:
    return Membership.objects.get(user=person)


def typed(cast: Cast, **changes: object) -> dict[str, object]:
    return {
        "appelant": membership_of(cast.alice).pk,
        "form_token": uuid4(),
        "title": "Revit ne s’ouvre plus",
        "body": "Depuis la mise à jour de ce matin.",
        "product": make_product().pk,
        "severity": "blocking",
        "began_at": "2026-09-15T10:05",
        "acknowledged_on_call": "on",
        **changes,
    }


def log(cast: Cast, **changes: object) -> HttpResponse:
    return log_as(cast.ines, cast, **changes)


def log_as(person: User, cast: Cast, **changes: object) -> HttpResponse:
    client = Client()
    client.force_login(person)
    with freeze_time(NOW):
        response: HttpResponse = client.post(reverse("desk:call"), typed(cast, **changes))  # type: ignore[assignment]
    return response


def page(cast: Cast, **query: str | int) -> str:
    client = Client()
    client.force_login(cast.ines)
    with freeze_time(NOW):
        return client.get(reverse("desk:call"), query, follow=True).content.decode()


# --- the caller ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["benoit", "BENOÎT", "benoit girard", "girard", "b.girard@", "menuiserie", "06 12 34",
              "+33612345678", "0612345678"],
)  # fmt: skip
def test_e14_a_caller_is_found_by_name_number_address_or_company(words: str) -> None:
    company = make_company(name="Menuiserie Girard")
    person = make_user(
        first_name="Benoît",
        last_name="Girard",
        phone="06.12.34.56.78",
        email="b.girard@menuis.test",
    )
    wanted = make_membership(person, company)
    make_membership(make_user(phone="0499999999"), make_company())
    assert callers(words, NOW).people == [wanted]


@pytest.mark.parametrize("stored", ["06 12 34 56 78", "+33 6 12 34 56 78", "+33 (0)6.12.34.56.78",
                                    "0033612345678", "06-12-34-56-78"])  # fmt: skip
@pytest.mark.parametrize("spoken", ["0612", "06 12 34 56 78", "+33 6 12 34", "+33(0)612345678",
                                    "0033 6 12", "33612345678", "34 56 78", "5678"])  # fmt: skip
def test_e14_any_spelling_of_a_number_finds_any_other(stored: str, spoken: str) -> None:
    wanted = make_membership(make_user(phone=stored), make_company())
    make_membership(make_user(phone="04 99 99 99 99"), make_company())
    assert callers(spoken, NOW).people == [wanted]


def test_e14_the_switchboard_of_a_company_finds_its_people(cast: Cast) -> None:
    Company.objects.filter(pk=cast.company.pk).update(phone="04 72 20 68 90")
    found = callers("+33 4 72 20 68 90", NOW).people
    assert {member.user for member in found} == {cast.alice, cast.bob, cast.rejane}


@pytest.mark.parametrize("words", ["alice acier", "acier alice", "al acier", "ALICE a"])
def test_e14_each_word_may_be_of_the_person_or_of_the_company(cast: Cast, words: str) -> None:
    assert callers(words, NOW).people == [membership_of(cast.alice)]


def test_e14_two_letters_are_the_beginning_of_a_word(cast: Cast) -> None:
    found = callers("ch", NOW).people
    # Neither « Durand-Richard » nor any other word that only holds them.
    make_membership(make_user(last_name="Richard"), make_company())
    assert found == callers("ch", NOW).people == [membership_of(cast.charlie)]


@pytest.mark.parametrize("words", ["a", "0", "06", "+33", "+33 (0)"])
def test_too_little_is_not_looked_for(cast: Cast, words: str) -> None:
    assert (callers(words, NOW).people, callers(words, NOW).is_short) == ([], True)


@pytest.mark.parametrize("words", ["%%%", "___", "\\\\\\", "'||'"])
def test_signs_of_a_pattern_are_taken_literally(cast: Cast, words: str) -> None:
    assert callers(words, NOW).people == []


def test_a_list_that_is_too_long_says_so() -> None:
    company = make_company(name="Grande Maison")
    for _number in range(SHOWN + 1):
        make_membership(make_user(), company)
    found = callers("grande", NOW)
    assert (len(found.people), found.has_more) == (SHOWN, True)


def crowd() -> None:
    """Enough people and companies that reading them all would cost more than an index."""
    agency = make_agency()
    numbers = [f"{number:05d}" for number in range(5_000)]
    User.objects.bulk_create(
        User(email=f"{n}@foule.test", first_name="Ana", last_name=n, phone=f"06{n}")
        for n in numbers
    )
    Company.objects.bulk_create(
        Company(name=f"Foule {n}", code=n, phone=f"04{n}", agency=agency) for n in numbers
    )


@pytest.mark.parametrize(
    ("words", "indexes"),
    [("menuiserie", {"user_named", "company_named"}), ("me", {"user_named", "company_named"}),
     ("06 12 34 56", {"user_phoned", "company_phoned"})],
)  # fmt: skip
def test_e14_the_search_goes_by_indexes(words: str, indexes: set[str]) -> None:
    crowd()
    with CaptureQueriesContext(connection) as asked:
        callers(words, NOW)
    (query,) = asked.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query['sql']}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert {name for name in indexes if name in plan} == indexes


# --- as one types -------------------------------------------------------------------------------


def part_of(cast: Cast, **query: str) -> HttpResponse:
    client = signed_in(cast.ines)
    with freeze_time(NOW):
        return client.get(reverse("desk:call"), query, headers={"HX-Request": "true"})  # type: ignore[return-value]


def test_e14_as_one_types_only_the_list_comes(cast: Cast) -> None:
    shown = part_of(cast, q="alice", debut=BEGAN.isoformat()).content.decode()
    member = membership_of(cast.alice).pk
    assert ("<html" in shown, f"appelant={member}" in shown) == (False, True)
    assert f"debut={quote(BEGAN.isoformat())}" in shown


def test_e14_the_list_says_the_contract_and_the_open_incidents(cast: Cast) -> None:
    make_ticket(requester=cast.bob, at=TUESDAY_10)
    make_ticket(requester=cast.rejane, at=TUESDAY_10)
    make_contract(cast.other_company)
    alice, charlie = (part_of(cast, q=name).content.decode() for name in ("alice", "charlie"))
    assert ("2\u00a0incidents ouverts" in alice, "sans contrat" in alice) == (True, True)
    assert ("ouvert" in charlie, "sans contrat" in charlie) == (False, False)


def test_the_list_of_callers_takes_four_queries(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(cast.ines)
    with django_assert_max_num_queries(4), freeze_time(NOW):
        client.get(reverse("desk:call"), {"q": "acier"}, headers={"HX-Request": "true"})


def test_appel_is_one_key_away_on_every_page_of_the_desk(cast: Cast) -> None:
    ines = signed_in(cast.ines)
    link = f'data-key="a" href="{reverse("desk:call")}"'
    pages = [reverse("admin:index"), reverse("admin:accounts_company_changelist"),
             reverse("desk:calculator")]  # fmt: skip
    assert [link in body(ines.get(page)) for page in pages] == [True] * len(pages)


def test_a4_who_lost_access_is_not_found() -> None:
    person = make_user(last_name="Parti")
    make_membership(person, make_company(), is_active=False)
    assert callers("parti", NOW).people == []


def test_a_search_with_one_answer_opens_its_form(cast: Cast) -> None:
    assert f'name="appelant" value="{membership_of(cast.charlie).pk}"' in page(cast, q="charlie")


def test_a_search_without_an_answer_says_so(cast: Cast) -> None:
    assert "Personne ne correspond." in page(cast, q="inconnu")


@pytest.mark.parametrize("value", ["", "x", "0", "99999999999999999999999", "١"])
def test_a_wrong_caller_in_the_address_is_ignored(cast: Cast, value: str) -> None:
    assert "Qui appelle" in page(cast, appelant=value)


@pytest.mark.parametrize("value", ["demain", "2026-09-15", "2099-01-01T10:00:00+00:00"])
def test_a_wrong_start_in_the_address_is_now(cast: Cast, value: str) -> None:
    caller = membership_of(cast.alice).pk
    assert 'value="2026-09-15T10:20"' in page(cast, appelant=caller, debut=value)


def test_the_start_of_the_call_follows_while_the_caller_is_looked_up(cast: Cast) -> None:
    caller = membership_of(cast.alice).pk
    assert 'value="2026-09-15T10:05"' in page(cast, appelant=caller, debut=BEGAN.isoformat())


def test_e14_a_call_about_an_open_incident_knows_the_caller_and_the_start(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, copies=[cast.bob])
    shown = html.unescape(page(cast, appelant=membership_of(cast.bob).pk, debut=BEGAN.isoformat()))
    address = shown.split('href="')
    (link,) = [part.split('"')[0] for part in address if "/acte/log-call/" in part.split('"')[0]]
    client = Client()
    client.force_login(cast.ines)
    with freeze_time(NOW):
        form = body(client.get(link))
    assert f'<option value="{cast.bob.pk}" selected>' in form
    assert 'value="2026-09-15T10:05:00"' in form
    assert ticket.reference in link


@pytest.mark.parametrize("who", ["charlie", "x", "9" * 30])
def test_a1_a_caller_who_does_not_see_the_incident_is_not_filled_in(cast: Cast, who: str) -> None:
    ticket = make_ticket(requester=cast.alice)
    stranger = str(cast.charlie.pk) if who == "charlie" else who
    address = reverse("desk:pane", args=[ticket.reference, "log-call"])
    client = Client()
    client.force_login(cast.ines)
    form = body(client.get(address, {"appelant": stranger, "debut": "hier"}))
    offered = form.split('name="caller"')[1].split("</select>")[0]
    assert f'value="{stranger}"' not in offered
    assert " selected>" not in offered.replace(" selected>---------<", "")


def test_the_park_of_the_caller_is_offered_first(cast: Cast) -> None:
    held, other = make_product(name="Zbrush"), make_product(name="AutoCAD")
    make_licence(cast.company, product=held)
    text = page(cast, appelant=membership_of(cast.alice).pk)
    assert text.index(held.name) < text.index(other.name)


@pytest.mark.parametrize(("held", "chosen"), [(1, True), (2, False)])
def test_e14_the_only_product_of_the_caller_is_chosen(cast: Cast, held: int, chosen: bool) -> None:
    for number in range(held):
        make_licence(cast.company, product=make_product(name=f"Produit {number}"))
    text = page(cast, appelant=membership_of(cast.alice).pk)
    assert (" selected>Produit 0<" in text) is chosen


# --- the incident -------------------------------------------------------------------------------


def test_p7_a_call_is_an_incident_of_its_caller(cast: Cast) -> None:
    log(cast)
    ticket = Ticket.objects.get()
    found = (ticket.requester, ticket.company, ticket.severity, ticket.origin)
    assert found == (cast.alice, cast.company, Severity.BLOCKING, Origin.PHONE)


def test_p7_what_the_caller_said_is_theirs_on_both_pages(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(first_name="Odile", last_name="Roux")
    log(cast)
    ticket = Ticket.objects.get()
    pages = {
        f"Votre appel, noté par {cast.ines.full_name}": signed_in(cast.alice).get(
            ticket.get_absolute_url()
        ),
        f"Appel d’Odile Roux, noté par {cast.ines.full_name}": signed_in(cast.ines).get(
            reverse("desk:ticket", args=[ticket.reference])
        ),
    }
    for said, shown in pages.items():
        head = body(shown).partition(said)[2].partition("entry-body")[0]
        assert head
        assert "support" not in head
        assert "entry-ours" not in body(shown).partition(said)[0].rpartition("<li")[2]


@pytest.mark.parametrize("name", ["alice", "rejane"])
def test_p7_the_mail_of_a_call_says_who_spoke_and_who_noted(cast: Cast, name: str) -> None:
    log(cast)
    event = TicketEvent.objects.get(act=Act.DECLARE)
    reader = getattr(cast, name)
    mail = compose(event, reader)
    said = f"Appel d’{cast.alice.full_name}, noté par {cast.ines.full_name}\u00a0:"
    for part in (mail.text, mail.html):
        assert said in html.unescape(part)
        assert ("noté votre appel" in part) == (reader == cast.alice)


def test_no_severity_is_chosen_for_the_engineer(cast: Cast) -> None:
    form = page(cast, appelant=membership_of(cast.alice).pk)
    severities = form.partition('id="div_id_severity"')[2].partition('id="div_id_body"')[0]
    assert 'value="impairing"' in severities
    assert "checked" not in severities
    response = log(cast, severity="")
    assert "Choisissez l’une des trois criticités." in response.content.decode()


def test_s3_both_promises_start_when_the_call_began(cast: Cast) -> None:
    log(cast)
    ticket = Ticket.objects.get()
    started = {promise(ticket, kind).started_at for kind in CommitmentKind}
    assert (ticket.received_at, started) == (BEGAN, {BEGAN})


def test_s4_taken_during_the_call_is_effective_at_its_start(cast: Cast) -> None:
    log(cast)
    ticket = Ticket.objects.get()
    met_at = promise(ticket, CommitmentKind.ACKNOWLEDGEMENT).met_at
    assert (ticket.state, ticket.assignee, met_at) == (Status.IN_PROGRESS, cast.ines, BEGAN)


def test_s4_without_the_tick_somebody_still_has_to_take_charge(cast: Cast) -> None:
    log(cast, acknowledged_on_call="")
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.assignee) == (Status.DECLARED, None)


def test_a_call_sent_twice_is_one_incident(cast: Cast) -> None:
    token = uuid4()
    log(cast, form_token=token)
    log(cast, form_token=token)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"appelant": ""}, "Choisissez d’abord la personne"),
        ({"began_at": "2026-09-15T11:00"}, "dans le futur"),
        ({"began_at": "2026-08-01T10:00"}, "demandez à un responsable"),
        ({"began_at": "hier"}, "date"),
        ({"title": ""}, "obligatoire"),
        ({"title": "x" * 300}, "200"),
        ({"body": "\x00"}, "caractère nul"),
        ({"severity": "enorme"}, "choix"),
        ({"product": "0"}, "choix"),
        ({"product": "x"}, "choix"),
    ],
)
def test_a_bad_call_gives_the_form_again_with_its_text(
    cast: Cast, changes: dict[str, str], sentence: str
) -> None:
    response = log(cast, **changes)
    text = response.content.decode()
    kept = "body" in changes or "Depuis la mise à jour de ce matin." in text
    assert (response.status_code, sentence in text, kept) == (400, True, True)
    assert Ticket.objects.count() == 0


def test_a1_the_site_of_another_company_is_refused(cast: Cast) -> None:
    assert (log(cast, site=cast.other_site.pk).status_code, Ticket.objects.count()) == (400, 0)


def test_s3_a_manager_may_log_an_old_call(cast: Cast) -> None:
    log_as(cast.marc, cast, began_at="2026-08-03T10:00")
    assert Ticket.objects.count() == 1


def test_a_customer_logs_no_call(cast: Cast) -> None:
    assert (log_as(cast.alice, cast).status_code, Ticket.objects.count()) == (404, 0)
