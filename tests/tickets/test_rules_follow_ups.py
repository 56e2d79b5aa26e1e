"""S9 after the window: a new incident linked to the old one, under that day’s service level."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from foundation.refusals import Refusal
from licences.models import Product
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.licences import make_contract
from tests.factories.sla import make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.tickets.pages import at, body, main_text, signed_in
from tickets import operations
from tickets.models import Commitment, Ticket

pytestmark = pytest.mark.django_db
# Ten working days after the solution are over; another contract is in force.
MUCH_LATER = TUESDAY_10 + timedelta(days=30)


@pytest.fixture
def old(cast: Cast, revit: Product) -> Ticket:
    """Solved and accepted under « Niveau ancien », replaced by « Niveau neuf » since."""
    make_contract(
        cast.company, service_level=make_service_level(name="Niveau ancien"),
        ends_on=date(2026, 9, 30),
    )  # fmt: skip
    make_contract(
        cast.company, service_level=make_service_level(name="Niveau neuf"),
        starts_on=date(2026, 10, 1),
    )  # fmt: skip
    ticket = make_ticket(company=cast.company, requester=cast.alice, product=revit)
    operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10)
    operations.resolve(ticket_id=ticket.pk, actor=cast.ines, solution="Fait.", at=TUESDAY_10)
    return operations.accept(ticket_id=ticket.pk, actor=cast.alice, at=TUESDAY_10)


def follow(cast: Cast, old: Ticket, revit: Product) -> Ticket:
    """As Alice does: from the page of the closed incident, thirty days later."""
    alice = signed_in(cast.alice)
    with at(MUCH_LATER):
        page = body(alice.get(old.get_absolute_url()))
        way = f"{reverse('tickets:declare')}?societe={cast.company.pk}&amp;suite={old.reference}"
        assert f'href="{way}"' in page
        typed = {
            "product": revit.pk, "severity": "blocking", "title": "Revenu", "body": "Encore.",
            "form_token": str(uuid4()),
        }  # fmt: skip
        response = alice.post(way.replace("&amp;", "&"), typed)
    return Ticket.objects.get(reference=response["Location"].split("/")[-2])


def test_s9_after_the_window_a_new_incident_is_linked(
    cast: Cast, old: Ticket, revit: Product
) -> None:
    new = follow(cast, old, revit)
    before = Ticket.objects.get(pk=old.pk)
    assert (new.follows, new.cycle, before.status, before.cycle) == (old, 1, "closed", 1)


def test_s9_the_new_one_is_under_the_service_level_of_that_day(
    cast: Cast, old: Ticket, revit: Product
) -> None:
    new = follow(cast, old, revit)
    levels = [
        {row.service_level_version.service_level.name for row in ticket.commitments.all()}
        for ticket in (old, new)
    ]
    assert levels == [{"Niveau ancien"}, {"Niveau neuf"}]


def test_s9_the_promises_of_the_old_one_do_not_move(
    cast: Cast, old: Ticket, revit: Product
) -> None:
    before = list(Commitment.objects.filter(ticket=old).values())
    follow(cast, old, revit)
    assert list(Commitment.objects.filter(ticket=old).values()) == before


def test_s9_the_customers_pages_lead_to_each_other(cast: Cast, old: Ticket, revit: Product) -> None:
    new, alice = follow(cast, old, revit), signed_in(cast.alice)
    with at(MUCH_LATER):
        pages = [body(alice.get(ticket.get_absolute_url())) for ticket in (new, old)]
    links = [f'href="{ticket.get_absolute_url()}"' for ticket in (old, new)]
    assert [link in page for link, page in zip(links, pages, strict=True)] == [True, True]


def test_s9_the_workspaces_lead_to_each_other(cast: Cast, old: Ticket, revit: Product) -> None:
    new, ines = follow(cast, old, revit), signed_in(cast.ines)
    with at(MUCH_LATER):
        pages = [
            main_text(ines.get(reverse("desk:ticket", args=[ticket.reference])))
            for ticket in (new, old)
        ]
    assert f"Fait suite à {old.reference}" in pages[0]
    assert f"Suite déclarée {new.reference}" in pages[1]


def test_a2_a_private_sequel_is_not_named_to_others(
    cast: Cast, old: Ticket, revit: Product
) -> None:
    new = follow(cast, old, revit)
    Ticket.objects.filter(pk=new.pk).update(is_private=True)
    with at(MUCH_LATER):
        page = main_text(signed_in(cast.rejane).get(old.get_absolute_url()))
    assert new.reference not in page


def test_s9_an_engineer_declares_the_sequel_on_the_phone(
    cast: Cast, old: Ticket, revit: Product
) -> None:
    ines = signed_in(cast.ines)
    with at(MUCH_LATER):
        page = body(ines.get(reverse("desk:ticket", args=[old.reference])))
        member = str(cast.alice.memberships.get().pk)
        assert f"?appelant={member}&amp;suite={old.reference}" in page
        form = body(ines.get(reverse("desk:call"), {"appelant": member, "suite": old.reference}))
        assert f'name="suite" value="{old.reference}"' in form
        ines.post(
            reverse("desk:call"),
            {"appelant": member, "suite": old.reference, "form_token": str(uuid4()),
             "product": revit.pk, "severity": "blocking", "title": "Revenu", "body": "Encore.",
             "began_at": MUCH_LATER.strftime("%Y-%m-%dT10:00")},
        )  # fmt: skip
    assert Ticket.objects.get(title="Revenu").follows == old


def test_a1_a_sequel_in_another_company_is_refused(cast: Cast, old: Ticket, revit: Product) -> None:
    with pytest.raises(Refusal, match="société"):
        operations.declare(
            actor=cast.charlie, company=cast.other_company, product=revit, follows=old,
            severity=Severity.BLOCKING, title="Revenu", body="…", at=MUCH_LATER,
            form_token=uuid4(),
        )  # fmt: skip


def test_g2_an_incident_that_goes_on_has_no_sequel(cast: Cast, revit: Product) -> None:
    going_on = make_ticket(company=cast.company, requester=cast.alice, product=revit)
    with pytest.raises(Refusal, match="suite"):
        operations.declare(
            actor=cast.alice, company=cast.company, product=revit, follows=going_on,
            severity=Severity.BLOCKING, title="Revenu", body="…", at=MUCH_LATER,
            form_token=uuid4(),
        )  # fmt: skip
