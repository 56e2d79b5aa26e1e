"""Declaring: strangers to the company, and conflicts that are no double submit (A1, C8)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError

from foundation.refusals import Refusal
from sla.enums import Severity
from tests.factories.accounts import make_company, make_contact, make_engineer, make_membership
from tests.factories.files import make_stored_file
from tests.factories.licences import make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import Copy, Ticket

pytestmark = pytest.mark.django_db


def test_a1_a_stranger_cannot_be_put_in_copy() -> None:
    with pytest.raises(Refusal):
        make_ticket(copies=[make_contact(make_company())])
    assert (Ticket.objects.count(), Copy.objects.count()) == (0, 0)


def test_a1_a_call_of_a_stranger_is_refused() -> None:
    with pytest.raises(Refusal):
        operations.declare(
            actor=make_engineer(), requester=make_contact(make_company()), company=make_company(),
            product=make_product(), severity=Severity.IMPAIRING, title="Panne", body="Panne",
            at=TUESDAY_10, form_token=uuid4(),
        )  # fmt: skip


def test_a_file_that_already_has_an_owner_is_no_double_submit() -> None:
    file = make_stored_file()
    make_ticket(files=[file])
    with pytest.raises(IntegrityError, match="file"):
        make_ticket(files=[file])


def test_a_form_sent_again_for_another_company_is_refused() -> None:
    token, first, second = uuid4(), make_company(), make_company()
    person = make_contact(first)
    make_membership(person, second)
    product = make_product()

    def declare(company_index: int) -> Ticket:
        return operations.declare(
            actor=person, company=(first, second)[company_index], product=product,
            severity=Severity.IMPAIRING, title="Panne", body="Panne", at=TUESDAY_10,
            form_token=token,
        )  # fmt: skip

    declare(0)
    with pytest.raises(Refusal):
        declare(1)
    assert Ticket.objects.count() == 1
